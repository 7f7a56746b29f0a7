// Changing demonstrations on purpose: noise, mixtures of qualities, trajectories held out. Pure functions.
import { integer, normals, permutation, type Rng, uniform } from '../backend/rng.ts';
import { allPairs, keepTrajectories, pairStatistics } from './demos.ts';
import type { Demos } from './types.ts';

/**
 * Demonstrations with noise: N(0, (scale x std)^2) on every entry, where std is the population standard deviation of its
 * column over all pairs of the set, so that one scale means the same for every entry of every task.
 *
 * On a discrete task `act` is the share of the actions that are replaced by one drawn uniformly (it may be the same).
 * Noisy actions are not clipped to the task's bounds. States are left out, as they belong to the record without noise.
 *
 * @param options.obs scale for the observations, in standard deviations of the data, >= 0
 * @param options.act scale for the actions, likewise, or the share of discrete actions, in [0, 1]
 * @param options.rng stream for the noise. It advances by the same number of draws whatever the scales are, so that the
 *   same seed gives the same noise, only larger
 * @throws RangeError if a scale is negative or not finite, or a share beyond 1
 */
export function addNoise(
  demos: Demos,
  options: { readonly obs?: number; readonly act?: number; readonly rng: Rng },
): Demos {
  const { obs = 0, act = 0, rng } = options;
  const { obsSize: D, actSize: A, actions } = demos;
  for (const [name, scale] of Object.entries({ obs, act }))
    if (!(scale >= 0 && scale < Number.POSITIVE_INFINITY))
      throw new RangeError(`Cannot add noise with ${name} = ${scale}: give a number from 0`);
  if (actions > 0 && act > 1)
    throw new RangeError(`Cannot replace a share of ${act} of discrete actions: give a number from 0 to 1`);
  const { obsStd_D, actStd_A } = pairStatistics(allPairs(demos));
  const trajectories = demos.trajectories.map(({ state_Tp1: _, start: __, ...trajectory }) => {
    const obsNoise = normals(rng, trajectory.obs_Tp1D.length, obs);
    const obs_Tp1D = trajectory.obs_Tp1D.map((x, i) => x + obsNoise[i]! * obsStd_D[i % D]!);
    if (actions > 0) {
      const act_TA = trajectory.act_TA.map((action) => {
        const [replaced, other] = [uniform(rng) < act, integer(rng, actions)];
        return replaced ? other : action;
      });
      return { ...trajectory, obs_Tp1D, act_TA };
    }
    const actNoise = normals(rng, trajectory.act_TA.length, act);
    const act_TA = trajectory.act_TA.map((x, i) => x + actNoise[i]! * actStd_A[i % A]!);
    return { ...trajectory, obs_Tp1D, act_TA };
  });
  return { ...demos, trajectories };
}

/** A mixture, and where each of its trajectories is from. */
export interface MixedDemos {
  readonly demos: Demos;
  /** Number of the part that trajectory e is from, [E]. */
  readonly part_E: readonly number[];
}

/**
 * The first `n` trajectories of every part, in one set: for example 5 of an expert and 20 of a beginner.
 *
 * @param parts sets of one task, and how many trajectories of each
 * @param options.rng stream for a random order, so that `keepTrajectories` of the mixture is a mixture; without it they
 *   come part by part
 * @throws RangeError if there is no part, the tasks or sizes differ, or a part holds fewer than `n`
 */
export function mixDemos(
  parts: readonly { readonly demos: Demos; readonly n: number }[],
  options: { readonly rng?: Rng } = {},
): MixedDemos {
  const [first] = parts;
  if (!first) throw new RangeError('Cannot mix 0 sets: give at least 1');
  const layout = ({ env, obsSize, actSize, actions }: Demos) =>
    `${env} with ${obsSize} observation and ${actSize} action entries, ${actions} discrete actions`;
  for (const [i, { demos }] of parts.entries())
    if (layout(demos) !== layout(first.demos))
      throw new RangeError(
        `Cannot mix set ${i} of ${layout(demos)} with one of ${layout(first.demos)}: take sets of one task`,
      );
  const all = parts.flatMap(({ demos, n }, part) =>
    keepTrajectories(demos, n).trajectories.map((trajectory) => ({ trajectory, part })),
  );
  const order = options.rng ? [...permutation(options.rng, all.length)] : [...all.keys()];
  return {
    demos: { ...first.demos, trajectories: order.map((i) => all[i]!.trajectory) },
    part_E: order.map((i) => all[i]!.part),
  };
}

/**
 * Splits a set by trajectory, at random, into one to train on and one to validate on. Neighbouring pairs of one episode
 * are nearly equal, so pairs held out of it (`splitPairs`) say less about new states than whole episodes do.
 *
 * @param options.validation share of the trajectories to hold out, in (0, 1); round(share x E) are
 * @throws RangeError if the share is outside (0, 1) or either part would be empty
 */
export function splitTrajectories(
  demos: Demos,
  options: { readonly validation: number; readonly rng: Rng },
): { readonly train: Demos; readonly validation: Demos } {
  const { validation, rng } = options;
  const E = demos.trajectories.length;
  const held = Math.round(validation * E);
  if (!(validation > 0 && validation < 1) || held < 1 || held >= E)
    throw new RangeError(
      `Cannot hold out a share of ${validation} of ${E} trajectories: give a share in (0, 1) that leaves at least one on either side`,
    );
  const order = permutation(rng, E);
  const part = (rows: Int32Array): Demos => ({
    ...demos,
    trajectories: Array.from(rows.sort(), (e) => demos.trajectories[e]!),
  });
  return { train: part(order.slice(held)), validation: part(order.slice(0, held)) };
}
