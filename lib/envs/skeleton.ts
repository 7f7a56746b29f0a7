// What to draw of an episode: every task as capsules in space. MuJoCo itself places the parts of its robots, all by the
// same few lines; a classic task is a few lines of geometry.
import { checkPositiveInteger } from '../backend/positive-integer.ts';
import type { Trajectory } from '../data/types.ts';
import { MUJOCO_TASKS } from './make.ts';
import { createSimulation, type Simulation } from './mujoco.ts';
import type { MujocoTask } from './mujoco-task.ts';

/** A place in the world, [x, y, z], m; z is up. Tasks in the plane have y = 0. */
export type Point = readonly [number, number, number];

/** A stick with round ends, or a ball where both ends are one point. */
export interface Part {
  /** m */
  readonly radius: number;
  /** Strength of its colour: 1 for the first body, less along a limb and on the far side, 0 for what is fixed. */
  readonly shade: number;
  /** What the robot is to reach. */
  readonly goal?: true;
}

/** A line that stands in the world. */
export interface SceneryLine {
  readonly points: readonly Point[];
  readonly dashed?: true;
}

/** A task's parts, and where they are at the kept moments of an episode. */
export interface Skeleton {
  readonly parts: readonly Part[];
  /** Seconds per env step, as the task is to be watched (MountainCar knows no seconds). */
  readonly stepSeconds: number;
  /** A moment is kept every so many steps, and the last one. */
  readonly every: number;
  /** For each kept moment both ends of every part, m, [N, 6]: x1 y1 z1 x2 y2 z2, parts in order. Far ones come first. */
  readonly ends: readonly Float64Array[];
  readonly scenery: readonly SceneryLine[];
}

/**
 * The skeleton of an episode.
 * @param env one of `ENV_IDS`
 * @param options.every keep one moment every so many steps; default: about 30 a second
 * @throws Error if there is no drawing of the task, or the trajectory is not one of it; RangeError if `every` is not a
 * positive integer
 */
export async function skeletonOf(
  env: string,
  trajectory: Trajectory,
  options: { readonly every?: number } = {},
): Promise<Skeleton> {
  if (options.every !== undefined) checkPositiveInteger('every', options.every);
  const { classic, robot } = drawn(env);
  const steps = trajectory.reward_T.length;
  const film = (stepSeconds: number, place: (t: number) => Float64Array) => {
    const every = options.every ?? Math.max(1, Math.round(1 / 30 / stepSeconds));
    const moments = Math.ceil(steps / every) + 1;
    return {
      stepSeconds,
      every,
      ends: Array.from({ length: moments }, (_, i) => place(Math.min(i * every, steps))),
    };
  };
  if (classic) {
    const obs = rowsOf(env, trajectory, classic.obsSize);
    const { parts, scenery } = classic;
    return { parts, scenery, ...film(classic.stepSeconds, (t) => inPlane(classic.place(obs(t)))) };
  }
  const sim = await createSimulation(robot.mjcf);
  try {
    const { behind = [], goals = [] } = ROBOTS[family(env)]!;
    const geoms = drawnGeoms(sim).sort((a, b) => Number(behind.includes(b)) - Number(behind.includes(a)));
    const shades = shadesOf(sim);
    const sizes = sim.modelField('geom_size');
    const endsNow = geomEnds(sim, { geoms, sizes });
    const qposAt = positions(env, trajectory, { robot, sim });
    return {
      parts: geoms.map((g) => ({
        radius: sizes[3 * g]!,
        shade: behind.includes(g) ? 0.45 * shades[g]! : shades[g]!,
        ...(goals.includes(g) ? { goal: true } : {}),
      })),
      scenery: [],
      ...film(sim.timestep * robot.frameSkip, (t) => {
        sim.view('qpos').set(qposAt(t));
        sim.forward();
        return endsNow();
      }),
    };
  } finally {
    sim.close();
  }
}

// ---- MuJoCo's robots ------------------------------------------------------------------------------------------------

/** `mjtGeom` of MuJoCo. */
const PLANE = 0;
const SPHERE = 2;

interface Robot {
  /** How many leading entries of qpos (x, or x and y) the observation leaves out. Reacher's holds angles by their sines. */
  readonly unseen: number;
  /** Geoms by number: the far leg of a flat robot, and what is to be reached. */
  readonly behind?: readonly number[];
  readonly goals?: readonly number[];
}

const ROBOTS: Readonly<Record<string, Robot>> = {
  InvertedPendulum: { unseen: 0 },
  Reacher: { unseen: 0, goals: [9] },
  Hopper: { unseen: 1 },
  Walker2d: { unseen: 1, behind: [5, 6, 7] },
  HalfCheetah: { unseen: 1 },
  Ant: { unseen: 2 },
  Humanoid: { unseen: 2 },
};

/** All but the floor: spheres, capsules, and Reacher's base, a cylinder that is drawn with round ends. */
function drawnGeoms(sim: Simulation): number[] {
  return sim.modelField('geom_type').flatMap((type, g) => (type === PLANE ? [] : [g]));
}

/** By how many joints away from the world a geom's body is. */
function shadesOf(sim: Simulation): number[] {
  const parents = sim.modelField('body_parentid');
  const depth = (body: number): number => (body === 0 ? 0 : 1 + depth(parents[body]!));
  return sim
    .modelField('geom_bodyid')
    .map((body) => (body === 0 ? 0 : Math.max(0.45, 1 - 0.17 * (depth(body) - 1))));
}

/** Reads where geoms are. A capsule lies along the z axis of its own frame, half of it on either side. */
function geomEnds(
  sim: Simulation,
  { geoms, sizes }: { readonly geoms: readonly number[]; readonly sizes: readonly number[] },
): () => Float64Array {
  const types = sim.modelField('geom_type');
  const halves = geoms.map((g) => (types[g] === SPHERE ? 0 : sizes[3 * g + 1]!));
  return () => {
    const center = sim.view('geom_xpos');
    const turn = sim.view('geom_xmat');
    const ends = new Float64Array(6 * geoms.length);
    geoms.forEach((g, k) => {
      for (let axis = 0; axis < 3; axis++) {
        const reach = halves[k]! * turn[9 * g + 3 * axis + 2]!;
        ends[6 * k + axis] = center[3 * g + axis]! + reach;
        ends[6 * k + 3 + axis] = center[3 * g + axis]! - reach;
      }
    });
    return ends;
  };
}

/**
 * qpos at every moment: from saved states, else from the observations. Those leave out how far the robot has come, which
 * is then summed up from the observed velocity: good enough to look at.
 */
function positions(
  env: string,
  trajectory: Trajectory,
  { robot, sim }: { readonly robot: MujocoTask; readonly sim: Simulation },
): (t: number) => readonly number[] {
  const { state_Tp1 } = trajectory;
  if (state_Tp1 !== undefined) {
    const saved = state_Tp1.map(({ vectors }) => vectors.qpos ?? []);
    const wrong = saved.findIndex((qpos) => qpos.length !== sim.nq);
    if (wrong >= 0)
      throw new Error(
        `Cannot draw ${env} from ${saved[wrong]!.length} positions (state ${wrong}): expected ${sim.nq}`,
      );
    return (t) => saved[t]!;
  }
  const obs = rowsOf(env, trajectory, robot.obsSize);
  if (family(env) === 'Reacher')
    return (t) => {
      const [cos1, cos2, sin1, sin2, x, y] = obs(t) as [number, number, number, number, number, number];
      return [Math.atan2(sin1, cos1), Math.atan2(sin2, cos2), x, y];
    };
  const { unseen } = ROBOTS[family(env)]!;
  const seen = sim.nq - unseen;
  const dt = sim.timestep * robot.frameSkip;
  const travelled: number[][] = [new Array<number>(unseen).fill(0)];
  for (let t = 0; t < trajectory.reward_T.length; t++)
    travelled.push(travelled[t]!.map((x, axis) => x + dt * obs(t)[seen + axis]!));
  return (t) => [...travelled[t]!, ...obs(t).slice(0, seen)];
}

// ---- Classic tasks: ends of the parts in the plane, x1 z1 x2 z2 a part ------------------------------------------------

interface Classic {
  readonly obsSize: number;
  readonly stepSeconds: number;
  readonly parts: readonly Part[];
  readonly scenery: readonly SceneryLine[];
  place(obs: readonly number[]): readonly number[];
}

const CLASSICS: Readonly<Record<string, Classic>> = {
  // The pole is 1 m long (the task knows half of it). The cart has no size in the task.
  CartPole: {
    obsSize: 4,
    stepSeconds: 0.02,
    parts: [
      { radius: 0.15, shade: 0.6 },
      { radius: 0.04, shade: 1 },
    ],
    scenery: [-2.4, 2.4].map((x) => upright(x, -0.3, 1.3)),
    place: ([x, , angle]) => [
      ...[x! - 0.1, -0.15, x! + 0.1, -0.15],
      ...[x!, 0, x! + Math.sin(angle!), Math.cos(angle!)],
    ],
  },
  MountainCar: {
    obsSize: 2,
    stepSeconds: 1 / 30,
    parts: [
      { radius: 0.028, shade: 0.45 },
      { radius: 0.028, shade: 0.45 },
      { radius: 0.03, shade: 1 },
    ],
    scenery: [
      { points: Array.from({ length: 61 }, (_, i) => [-1.2 + 0.03 * i, 0, hill(-1.2 + 0.03 * i)]) },
      upright(-1.2, hill(-1.2), hill(-1.2) + 0.12),
      upright(0.5, hill(0.5), hill(0.5) + 0.18),
    ],
    place([x]) {
      const slope = Math.atan(3 * 0.45 * Math.cos(3 * x!));
      const at = (along: number, above: number) => [
        x! + along * Math.cos(slope) - above * Math.sin(slope),
        hill(x!) + along * Math.sin(slope) + above * Math.cos(slope),
      ];
      const wheels = [-0.045, 0.045].flatMap((along) => [...at(along, 0.028), ...at(along, 0.028)]);
      return [...wheels, ...at(-0.05, 0.07), ...at(0.05, 0.07)];
    },
  },
  // Both links are 1 m long, and the free end is to rise above the dashed line.
  Acrobot: {
    obsSize: 6,
    stepSeconds: 0.2,
    parts: [
      { radius: 0.08, shade: 1 },
      { radius: 0.08, shade: 0.6 },
    ],
    scenery: [
      {
        points: [
          [-2.1, 0, 1],
          [2.1, 0, 1],
        ],
        dashed: true,
      },
    ],
    place([cos1, sin1, cos2, sin2]) {
      const first = Math.atan2(sin1!, cos1!);
      const both = first + Math.atan2(sin2!, cos2!);
      const [x, z] = [Math.sin(first), -Math.cos(first)];
      return [0, 0, x, z, x, z, x + Math.sin(both), z - Math.cos(both)];
    },
  },
  Pendulum: {
    obsSize: 3,
    stepSeconds: 0.05,
    parts: [
      { radius: 0.1, shade: 1 },
      { radius: 0.03, shade: 0 },
    ],
    scenery: [],
    place: ([cos, sin]) => [0, 0, -sin!, cos!, 0, 0, 0, 0],
  },
};

/** Height of the mountain in MountainCar at x. */
function hill(x: number): number {
  return 0.55 + 0.45 * Math.sin(3 * x);
}

function upright(x: number, low: number, high: number): SceneryLine {
  return {
    points: [
      [x, 0, low],
      [x, 0, high],
    ],
    dashed: true,
  };
}

function inPlane(xz: readonly number[]): Float64Array {
  const xyz = new Float64Array((xz.length / 2) * 3);
  xz.forEach((value, i) => {
    xyz[3 * (i >> 1) + 2 * (i % 2)] = value;
  });
  return xyz;
}

// ---- Both -------------------------------------------------------------------------------------------------------------

/** `Hopper` of `Hopper-v5`: all versions of a task look alike. */
function family(env: string): string {
  return env.replace(/-v\d+$/, '');
}

function drawn(
  env: string,
):
  | { readonly classic: Classic; readonly robot?: never }
  | { readonly classic?: never; readonly robot: MujocoTask } {
  const name = family(env);
  if (Object.hasOwn(CLASSICS, name)) return { classic: CLASSICS[name]! };
  if (Object.hasOwn(ROBOTS, name) && Object.hasOwn(MUJOCO_TASKS, env)) return { robot: MUJOCO_TASKS[env]! };
  throw new Error(
    `Cannot draw ${env}: there are drawings of ${[...Object.keys(CLASSICS), ...Object.keys(ROBOTS)].join(', ')}`,
  );
}

/** Observations by moment. */
function rowsOf(env: string, { obs_Tp1D, reward_T }: Trajectory, width: number): (t: number) => number[] {
  const moments = reward_T.length + 1;
  if (obs_Tp1D.length !== moments * width)
    throw new Error(
      `Cannot draw ${env} from ${obs_Tp1D.length} observation entries at ${moments} moments: expected ${width} at each`,
    );
  return (t) => Array.from(obs_Tp1D.subarray(t * width, (t + 1) * width));
}
