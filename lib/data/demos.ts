// Preparing demonstrations: which trajectories, which of their pairs, and how those are distributed.
// Pure functions; every one returns new arrays and leaves its argument alone.
import { checkPositiveInteger } from '../backend/positive-integer.ts';
import { integer, permutation, type Rng } from '../backend/rng.ts';
import { type Demos, type Pairs, type Trajectory, trajectoryLength, trajectoryReturn } from './types.ts';

/** Mean and population standard deviation per column of a set of pairs, in simulator units. */
export interface PairStatistics {
  readonly obsMean_D: Float64Array;
  readonly obsStd_D: Float64Array;
  readonly actMean_A: Float64Array;
  readonly actStd_A: Float64Array;
}

/** What a set of demonstrations holds, in numbers. */
export interface DemosSummary {
  readonly trajectories: number;
  /** Observation-action pairs over all trajectories. */
  readonly steps: number;
  /** Undiscounted, [E]. */
  readonly returns_E: readonly number[];
  /** Number of actions, [E]. */
  readonly lengths_E: readonly number[];
  readonly returnMean: number;
  /** Population standard deviation over the trajectories. */
  readonly returnStd: number;
  readonly returnMin: number;
  readonly returnMax: number;
  /** Trajectories that the task's own rule ended, and those that were cut off. */
  readonly terminated: number;
  readonly truncated: number;
}

/**
 * The first `n` trajectories, in the set's own order.
 *
 * @throws RangeError if `n` is not a positive integer or the set holds fewer
 */
export function keepTrajectories(demos: Demos, n: number): Demos {
  checkPositiveInteger('n', n);
  const held = demos.trajectories.length;
  if (n > held)
    throw new RangeError(
      `Cannot keep ${n} trajectories of ${demos.env} as the set holds ${held}: ask for at most ${held}`,
    );
  return { ...demos, trajectories: demos.trajectories.slice(0, n) };
}

/**
 * One pair in `every` of each trajectory: pairs o, o + every, o + 2 every, ... where the offset o is drawn from
 * {0, ..., every - 1} for each trajectory apart (the protocol of Ho and Ermon 2016). A trajectory that is not
 * longer than its offset gives none. With `every` = 1 this is `allPairs`.
 *
 * @param options.every pairs of which one is kept, >= 1 (the paper: 20)
 * @param options.rng stream for the offsets, one draw a trajectory
 * @throws RangeError if `every` is not a positive integer or no pair is left
 */
export function subsamplePairs(demos: Demos, options: { readonly every: number; readonly rng: Rng }): Pairs {
  checkPositiveInteger('every', options.every);
  const offsets_E = demos.trajectories.map(() => integer(options.rng, options.every));
  return pairsAt(demos, offsets_E, options.every);
}

/**
 * Every pair of every trajectory, in order. The observation after the last action belongs to no pair.
 *
 * @throws RangeError if the set holds no pair
 */
export function allPairs(demos: Demos): Pairs {
  const offsets_E = demos.trajectories.map(() => 0);
  return pairsAt(demos, offsets_E, 1);
}

/**
 * Splits pairs at random into a part to train on and a part to validate on. Each pair lands in exactly one.
 *
 * @param options.validation share of the pairs to hold out, in (0, 1); round(share * n) pairs are
 * @throws RangeError if the share is outside (0, 1) or either part would be empty
 */
export function splitPairs(
  pairs: Pairs,
  options: { readonly validation: number; readonly rng: Rng },
): { readonly train: Pairs; readonly validation: Pairs } {
  const { validation, rng } = options;
  if (!(validation > 0 && validation < 1))
    throw new RangeError(`Cannot hold out a share of ${validation} for validation: give a number in (0, 1)`);
  const held = Math.round(validation * pairs.n);
  if (held < 1 || held >= pairs.n)
    throw new RangeError(
      `Cannot hold out a share of ${validation} of ${pairs.n} pairs as that leaves ${held} for validation and ${pairs.n - held} for training: change the share or use more pairs`,
    );
  const order = permutation(rng, pairs.n);
  return { train: pairsOf(pairs, order.subarray(held)), validation: pairsOf(pairs, order.subarray(0, held)) };
}

/**
 * The pairs with these row numbers, [N], in their order; a row may occur more than once.
 *
 * @throws RangeError if a row number is outside the set
 */
export function pairsOf(pairs: Pairs, rows: ArrayLike<number>): Pairs {
  const D = columns('obs_ND', pairs.obs_ND, pairs.n);
  const A = columns('act_NA', pairs.act_NA, pairs.n);
  const obs_ND = new Float32Array(rows.length * D);
  const act_NA = new Float32Array(rows.length * A);
  for (let i = 0; i < rows.length; i++) {
    const row = rows[i]!;
    if (!Number.isInteger(row) || row < 0 || row >= pairs.n)
      throw new RangeError(
        `Cannot take pair ${row} of ${pairs.n}: give row numbers from 0 to ${pairs.n - 1}`,
      );
    obs_ND.set(pairs.obs_ND.subarray(row * D, (row + 1) * D), i * D);
    act_NA.set(pairs.act_NA.subarray(row * A, (row + 1) * A), i * A);
  }
  return { n: rows.length, obs_ND, act_NA };
}

/**
 * Mean and population standard deviation of each observation and action column, accumulated in float64 in two
 * passes (the textbook sum of squares loses all digits on a column with a large mean).
 *
 * @param options.actions number of actions of a discrete task: its action numbers are one-hot encoded first, so
 *   `actMean_A` is [actions]; 0 (the default) takes the action columns as they are
 * @throws RangeError if there is no pair
 */
export function pairStatistics(pairs: Pairs, options: { readonly actions?: number } = {}): PairStatistics {
  const { actions = 0 } = options;
  if (pairs.n < 1) throw new RangeError('Cannot take the statistics of 0 pairs: give at least 1');
  const act_NA = actions > 0 ? oneHot(pairs.act_NA, actions) : pairs.act_NA;
  const obs = columnStatistics('obs_ND', pairs.obs_ND, pairs.n);
  const act = columnStatistics('act_NA', act_NA, pairs.n);
  return { obsMean_D: obs.mean, obsStd_D: obs.std, actMean_A: act.mean, actStd_A: act.std };
}

/**
 * Action numbers [N] as rows [N, n] that hold 1 at the action and 0 elsewhere.
 *
 * @throws RangeError if an entry is not one of 0, ..., n - 1
 */
export function oneHot(act: ArrayLike<number>, n: number): Float32Array {
  checkPositiveInteger('n', n);
  const out = new Float32Array(act.length * n);
  for (let i = 0; i < act.length; i++) {
    const action = act[i]!;
    if (!Number.isInteger(action) || action < 0 || action >= n)
      throw new RangeError(
        `Cannot encode action ${action} (entry ${i}) of ${n} actions: expected an integer from 0 to ${n - 1}`,
      );
    out[i * n + action] = 1;
  }
  return out;
}

/**
 * Returns, lengths and counts of a set.
 *
 * @throws RangeError if the set is empty
 */
export function summary(demos: Demos): DemosSummary {
  const { trajectories } = demos;
  if (trajectories.length < 1)
    throw new RangeError(`Cannot sum up 0 trajectories of ${demos.env}: give at least 1`);
  const returns_E = trajectories.map(trajectoryReturn);
  const lengths_E = trajectories.map(trajectoryLength);
  const { mean, std } = columnStatistics('returns_E', Float64Array.from(returns_E), returns_E.length);
  return {
    trajectories: trajectories.length,
    steps: lengths_E.reduce((sum, length) => sum + length, 0),
    returns_E,
    lengths_E,
    returnMean: mean[0]!,
    returnStd: std[0]!,
    returnMin: Math.min(...returns_E),
    returnMax: Math.max(...returns_E),
    terminated: trajectories.filter((trajectory) => trajectory.terminated).length,
    truncated: trajectories.filter((trajectory) => trajectory.truncated).length,
  };
}

/** Pairs offset, offset + every, ... of each trajectory, one after the other. */
function pairsAt(demos: Demos, offsets_E: readonly number[], every: number): Pairs {
  const { obsSize: D, actSize: A, trajectories } = demos;
  const counts_E = trajectories.map((trajectory, e) => {
    checkShapes(demos, trajectory, e);
    return Math.max(0, Math.ceil((trajectoryLength(trajectory) - offsets_E[e]!) / every));
  });
  const n = counts_E.reduce((sum, count) => sum + count, 0);
  if (n === 0)
    throw new RangeError(
      `Cannot draw 1 in ${every} pairs of ${demos.env} as none of its ${trajectories.length} trajectories is long enough: lower every or load more trajectories`,
    );
  const obs_ND = new Float32Array(n * D);
  const act_NA = new Float32Array(n * A);
  let row = 0;
  for (const [e, trajectory] of trajectories.entries())
    for (let i = 0; i < counts_E[e]!; i++, row++) {
      const t = offsets_E[e]! + i * every;
      obs_ND.set(trajectory.obs_Tp1D.subarray(t * D, (t + 1) * D), row * D);
      act_NA.set(trajectory.act_TA.subarray(t * A, (t + 1) * A), row * A);
    }
  return { n, obs_ND, act_NA };
}

function checkShapes(demos: Demos, trajectory: Trajectory, e: number): void {
  const T = trajectoryLength(trajectory);
  const { obs_Tp1D, act_TA } = trajectory;
  if (obs_Tp1D.length !== (T + 1) * demos.obsSize || act_TA.length !== T * demos.actSize)
    throw new RangeError(
      `Cannot use trajectory ${e} of ${demos.env} with ${T} rewards, ${obs_Tp1D.length} observation and ${act_TA.length} action entries: expected ${(T + 1) * demos.obsSize} and ${T * demos.actSize}`,
    );
}

function columnStatistics(
  name: string,
  x_NC: Float32Array | Float64Array,
  n: number,
): { readonly mean: Float64Array; readonly std: Float64Array } {
  const C = columns(name, x_NC, n);
  const mean = new Float64Array(C);
  const std = new Float64Array(C);
  for (let i = 0; i < x_NC.length; i++) mean[i % C]! += x_NC[i]!;
  for (let c = 0; c < C; c++) mean[c]! /= n;
  for (let i = 0; i < x_NC.length; i++) std[i % C]! += (x_NC[i]! - mean[i % C]!) ** 2;
  for (let c = 0; c < C; c++) std[c] = Math.sqrt(std[c]! / n);
  return { mean, std };
}

function columns(name: string, x_NC: ArrayLike<number>, n: number): number {
  const C = n > 0 ? x_NC.length / n : 0;
  if (!Number.isInteger(C))
    throw new RangeError(
      `Cannot read ${name} with ${x_NC.length} entries as ${n} rows: expected a multiple of ${n}`,
    );
  return C;
}
