// The four ways in which a robot is put to the test here, in steps of strength, and episodes under them.
import { rollEpisode } from '../agents/rollout.ts';
import { integer, stream } from '../backend/rng.ts';
import type { Trajectory } from '../data/types.ts';
import { MUJOCO_TASKS, makeEnv } from '../envs/make.ts';
import type { Env } from '../envs/types.ts';
import type { Act } from '../models/policy.ts';
import { makePerturbedEnv, switchingAt, withPush, withSensorNoise } from './perturbed.ts';

/**
 * Levels of each kind, undisturbed first:
 * - push: m/s added once to the speed of the whole robot, backward in every second episode;
 * - mass: factor of every body's mass and inertia;
 * - friction: factor of every sliding friction;
 * - noise: std of the noise on each entry of the observation, in stds of the expert's observations.
 */
export const DISTURBANCES = {
  push: [0, 0.25, 0.5, 1, 1.5, 2],
  mass: [1, 1.05, 1.1, 1.15, 1.2, 1.3],
  friction: [1, 0.95, 0.9, 0.8, 0.7, 0.5],
  noise: [0, 0.05, 0.1, 0.2, 0.3, 0.4],
} as const;
/** One of the four kinds. */
export type DisturbanceKind = keyof typeof DISTURBANCES;
/** The kinds in the order of `DISTURBANCES`. */
export const DISTURBANCE_KINDS = Object.keys(DISTURBANCES) as readonly DisturbanceKind[];

/** One kind at one strength. */
export interface Disturbance {
  readonly kind: DisturbanceKind;
  readonly level: number;
}

/** When a disturbance sets in, and what chance decides in its episode. */
export interface DisturbedEpisode {
  /** Step at which it sets in. */
  readonly at: number;
  /** Draws the start, the noise on the sensors and the direction of a push (backward if odd). */
  readonly seed: number;
  /** Whether the policy samples its actions. Default: it takes the mean. */
  readonly sampled?: boolean;
  readonly keepStates?: boolean;
}

/** A task with all the bodies that it may be given. Has simulators: close it when done. */
export interface TestBench {
  readonly env: Env;
  /** One episode: the same seed gives the same start and the same noise to every policy. Without a disturbance: undisturbed. */
  roll(act: Act, disturbance: Disturbance | null, episode: DisturbedEpisode): Trajectory;
  close(): void;
}

/**
 * Builds what the disturbances need.
 * @param options.obsStd_D std of each entry of the expert's observations, [D]: the unit of sensor noise
 * @param options.maxSteps default the task's own
 * @throws Error if a body is to change in a task that MuJoCo does not simulate, and in `roll` if a body was not named here
 */
export async function testBench(
  id: string,
  disturbances: readonly Disturbance[],
  { obsStd_D, maxSteps }: { readonly obsStd_D: ArrayLike<number>; readonly maxSteps?: number },
): Promise<TestBench> {
  const env = await makeEnv(id, maxSteps === undefined ? {} : { maxSteps });
  const bodies = new Map<string, Env>();
  const keyOf = ({ kind, level }: Disturbance) => `${kind} ${level}`;
  const close = () => {
    for (const body of [env, ...bodies.values()]) body.close();
  };
  try {
    for (const disturbance of disturbances) {
      const { kind, level } = disturbance;
      if ((kind !== 'mass' && kind !== 'friction') || bodies.has(keyOf(disturbance))) continue;
      const task = MUJOCO_TASKS[id];
      if (!task)
        throw new Error(`Cannot change the ${kind} of ${id}: give a task that MuJoCo simulates, or push it`);
      const limited = { ...task, maxSteps: env.maxSteps };
      bodies.set(keyOf(disturbance), await makePerturbedEnv(limited, { [kind]: level }));
    }
  } catch (error) {
    close();
    throw error;
  }

  function disturbed(disturbance: Disturbance, { at, seed }: DisturbedEpisode): Env {
    const { kind, level } = disturbance;
    if (kind === 'push') return withPush(env, { at, change: [seed % 2 === 0 ? level : -level] });
    if (kind === 'noise') {
      const std_D = Array.from(obsStd_D, (std) => level * std);
      return withSensorNoise(env, { std_D, from: at, rng: stream(seed, 'sensor-noise') });
    }
    const body = bodies.get(keyOf(disturbance));
    if (!body)
      throw new Error(`Cannot roll an episode with ${keyOf(disturbance)}: name it when the bench is built`);
    return switchingAt(at, env, body);
  }

  return {
    env,
    close,
    roll(act, disturbance, episode) {
      const { seed, sampled = false, keepStates = false } = episode;
      return rollEpisode(disturbance ? disturbed(disturbance, episode) : env, act, {
        seed,
        keepStates,
        ...(sampled ? { rng: stream(seed, 'disturbed-actions') } : {}),
      });
    },
  };
}

/** A step from `first` on and before `end`, drawn by the episode's seed: no clock can foresee it. */
export function onsetStep(seed: number, [first, end]: readonly [first: number, end: number]): number {
  return first + integer(stream(seed, 'onset'), end - first);
}
