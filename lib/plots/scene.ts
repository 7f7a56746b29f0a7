// Episodes as moving shapes in world coordinates, for the player; the kinematics are lib/envs/skeleton.ts. Side view: x to the right, z up, metres.
import type { Trajectory } from '../data/types.ts';
import { trajectoryReturn } from '../data/types.ts';
import { cartPoleSkeleton, hopperPosition, hopperSkeleton } from '../envs/skeleton.ts';

/** A line with round ends (4 numbers a frame: x1 z1 x2 z2) or an upright box (2 numbers a frame: its centre). */
export type Shape =
  | { readonly kind: 'segment'; readonly radius: number; readonly shade: number }
  | { readonly kind: 'box'; readonly halfWidth: number; readonly halfHeight: number; readonly shade: number };

/** An episode as something to look at. */
export interface Scene {
  readonly label: string;
  readonly shapes: readonly Shape[];
  /** Seconds from one kept frame to the next. */
  readonly frameSeconds: number;
  /** Shape coordinates of each kept frame, metres, shapes one after the other. */
  readonly frames: readonly (readonly number[])[];
  /** x that the camera looks at in each kept frame, metres. */
  readonly camera: readonly number[];
  /** Sum of rewards up to each kept frame. */
  readonly returns: readonly number[];
  /** What is seen: metres from side to side, and from the lowest to the highest z. */
  readonly view: { readonly width: number; readonly low: number; readonly high: number };
  /** Height of the ground, metres. */
  readonly ground: number;
  /** Places on the ground that end the episode, metres. */
  readonly limits?: readonly [number, number];
  /** How it ended, for example `fell after 1.2 s`. */
  readonly ending: string;
}

export interface SceneOptions {
  readonly label: string;
  /** Keep every so many steps; the player draws what lies between. */
  readonly every?: number;
}

/** Draws one task: shapes, what is seen, and shape coordinates of all T+1 moments of a trajectory. */
interface Drawing {
  readonly shapes: readonly Shape[];
  readonly stepSeconds: number;
  readonly every: number;
  readonly view: Scene['view'];
  readonly ground: number;
  readonly limits?: readonly [number, number];
  moments(trajectory: Trajectory): readonly { readonly coordinates: number[]; readonly camera: number }[];
}

const HOPPER: Drawing = {
  shapes: [
    { kind: 'segment', radius: 0.05, shade: 1 },
    { kind: 'segment', radius: 0.05, shade: 0.8 },
    { kind: 'segment', radius: 0.04, shade: 0.65 },
    { kind: 'segment', radius: 0.06, shade: 0.5 },
  ],
  stepSeconds: 0.008,
  every: 4,
  view: { width: 3, low: -0.15, high: 1.75 },
  ground: 0,
  moments: (trajectory) =>
    hopperPositions(trajectory).map((qpos) => ({
      coordinates: hopperSkeleton(qpos).flatMap(({ from, to }) => [...from, ...to]),
      camera: qpos[0]!,
    })),
};

const CART_POLE: Drawing = {
  shapes: [
    { kind: 'box', halfWidth: 0.25, halfHeight: 0.15, shade: 0.6 },
    { kind: 'segment', radius: 0.04, shade: 1 },
  ],
  stepSeconds: 0.02,
  every: 2,
  view: { width: 5.6, low: -0.6, high: 1.3 },
  ground: -0.3,
  limits: [-2.4, 2.4],
  moments: ({ obs_Tp1D }) =>
    rows(obs_Tp1D, 4).map((obs) => {
      const { cart, pole } = cartPoleSkeleton(obs);
      const [low, , high] = cart;
      return {
        coordinates: [(low[0] + high[0]) / 2, (low[1] + high[1]) / 2, ...pole.from, ...pole.to],
        camera: 0,
      };
    }),
};

const DRAWINGS: Readonly<Record<string, Drawing>> = { 'Hopper-v5': HOPPER, 'CartPole-v1': CART_POLE };

/**
 * A trajectory as a scene.
 * @param env id of the task: Hopper-v5 or CartPole-v1
 * @throws if there is no drawing of the task
 */
export function sceneOf(env: string, trajectory: Trajectory, { label, every }: SceneOptions): Scene {
  const drawing = DRAWINGS[env];
  if (drawing === undefined)
    throw new Error(`Cannot draw ${env}: there are drawings of ${Object.keys(DRAWINGS).join(', ')}`);
  const moments = drawing.moments(trajectory);
  const step = every ?? drawing.every;
  const last = moments.length - 1;
  const kept = Array.from({ length: Math.floor(last / step) + 1 }, (_, i) => i * step);
  if (kept.at(-1) !== last) kept.push(last);
  const returns = [0];
  for (const reward of trajectory.reward_T) returns.push(returns.at(-1)! + reward);
  const seconds = (last * drawing.stepSeconds).toFixed(1);
  return {
    label,
    shapes: drawing.shapes,
    frameSeconds: step * drawing.stepSeconds,
    frames: kept.map((t) => moments[t]!.coordinates),
    camera: kept.map((t) => moments[t]!.camera),
    returns: kept.map((t) => returns[t]!),
    view: drawing.view,
    ground: drawing.ground,
    ...(drawing.limits === undefined ? {} : { limits: drawing.limits }),
    ending: `${trajectory.terminated ? 'fell after' : 'kept on for'} ${seconds} s, return ${Math.round(trajectoryReturn(trajectory)).toLocaleString('en-US')}`,
  };
}

/**
 * Joint positions at every moment. Hopper's observation leaves x out: without saved states it is summed up from the
 * observed velocity (clipped to 10 m/s there), which is good enough to look at.
 */
function hopperPositions({ obs_Tp1D, state_Tp1 }: Trajectory): number[][] {
  if (state_Tp1 !== undefined) return state_Tp1.map(({ vectors }) => [...vectors.qpos!]);
  let x = 0;
  return rows(obs_Tp1D, 11).map((obs) => {
    const qpos = hopperPosition(obs, x);
    x += obs[5]! * HOPPER.stepSeconds;
    return qpos;
  });
}

function rows(flat: Float32Array, width: number): number[][] {
  if (flat.length % width !== 0)
    throw new Error(`Cannot draw observations of ${flat.length} numbers: expected rows of ${width}`);
  return Array.from({ length: flat.length / width }, (_, i) => [
    ...flat.subarray(i * width, (i + 1) * width),
  ]);
}
