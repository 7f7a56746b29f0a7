// What to draw of a state: outlines in the plane, by plain forward kinematics, without a simulator.

/** A point of the picture, [x to the right, z up], m. */
export type Point = readonly [number, number];

/** A stick with round ends. */
export interface Capsule {
  readonly name: string;
  readonly from: Point;
  readonly to: Point;
  readonly radius: number;
}

/** A planar limb: it turns about its anchor, which sits on its parent. */
interface Link {
  readonly name: string;
  /** Index of the link that carries it; -1 for the root, whose anchor is the position in qpos. */
  readonly parent: number;
  /** Where the anchor is, seen from the parent's anchor in the parent's own axes. */
  readonly anchor: Point;
  /** Ends of the capsule, seen from the link's own anchor in its own axes. */
  readonly from: Point;
  readonly to: Point;
  readonly radius: number;
  /** Which entry of qpos turns it, and by which sign about the axis into the picture (+y). */
  readonly angle: number;
  readonly sign: 1 | -1;
}

const HOPPER_LINKS: readonly Link[] = [
  {
    name: 'torso',
    parent: -1,
    anchor: [0, 0],
    from: [0, 0.2],
    to: [0, -0.2],
    radius: 0.05,
    angle: 2,
    sign: 1,
  },
  {
    name: 'thigh',
    parent: 0,
    anchor: [0, -0.2],
    from: [0, 0],
    to: [0, -0.45],
    radius: 0.05,
    angle: 3,
    sign: -1,
  },
  {
    name: 'leg',
    parent: 1,
    anchor: [0, -0.45],
    from: [0, 0],
    to: [0, -0.5],
    radius: 0.04,
    angle: 4,
    sign: -1,
  },
  {
    name: 'foot',
    parent: 2,
    anchor: [0, -0.5],
    from: [-0.13, 0],
    to: [0.26, 0],
    radius: 0.06,
    angle: 5,
    sign: -1,
  },
];

/**
 * The four capsules of Hopper: torso, thigh, leg, foot.
 * @param qpos [6]: x, height, angle of the torso, of thigh, leg and foot joint (m, rad)
 * @throws RangeError if qpos has another length
 */
export function hopperSkeleton(qpos: ArrayLike<number>): Capsule[] {
  return planarSkeleton(HOPPER_LINKS, { task: 'Hopper-v5', qpos, nq: 6 });
}

/** The positions that an observation of Hopper holds, at a given x: qpos for `hopperSkeleton`, [6]. */
export function hopperPosition(obs: ArrayLike<number>, x = 0): number[] {
  if (obs.length !== 11)
    throw new RangeError(`Cannot read Hopper's position from ${obs.length} numbers: expected 11`);
  return [x, ...Array.from(obs).slice(0, 5)];
}

/** Cart and pole: the cart's rectangle by its corners, in order, and the pole. Axle at height 0, m. */
export interface CartPoleSkeleton {
  readonly cart: readonly [Point, Point, Point, Point];
  readonly pole: Capsule;
}

/**
 * CartPole's picture. The pole is 1 m long (the task knows half of it); the cart has no size in the task, and is
 * drawn 0.5 m by 0.3 m.
 * @param state [4], the observation: x, velocity, angle from upright, angular velocity
 */
export function cartPoleSkeleton(state: ArrayLike<number>): CartPoleSkeleton {
  if (state.length !== 4)
    throw new RangeError(`Cannot draw CartPole from ${state.length} numbers: expected 4`);
  const x = state[0]!;
  const angle = state[2]!;
  return {
    cart: [
      [x - 0.25, -0.3],
      [x + 0.25, -0.3],
      [x + 0.25, 0],
      [x - 0.25, 0],
    ],
    pole: { name: 'pole', from: [x, 0], to: [x + Math.sin(angle), Math.cos(angle)], radius: 0.04 },
  };
}

function planarSkeleton(
  links: readonly Link[],
  { task, qpos, nq }: { task: string; qpos: ArrayLike<number>; nq: number },
): Capsule[] {
  if (qpos.length !== nq)
    throw new RangeError(`Cannot draw ${task} from ${qpos.length} positions: expected ${nq}`);
  const placed: { origin: Point; angle: number }[] = [];
  return links.map((link) => {
    const parent = placed[link.parent] ?? { origin: [qpos[0]!, qpos[1]!] as const, angle: 0 };
    const origin = place(parent, link.anchor);
    const frame = { origin, angle: parent.angle + link.sign * qpos[link.angle]! };
    placed.push(frame);
    return { name: link.name, from: place(frame, link.from), to: place(frame, link.to), radius: link.radius };
  });
}

/** A point given in a frame, in world coordinates. A turn about +y moves z towards x. */
function place({ origin, angle }: { origin: Point; angle: number }, [x, z]: Point): Point {
  const cos = Math.cos(angle);
  const sin = Math.sin(angle);
  return [origin[0] + cos * x + sin * z, origin[1] - sin * x + cos * z];
}
