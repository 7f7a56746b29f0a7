// Environments made of environments: statistics, observations and actions in other units.
import { unboundedBox } from './episodic.ts';
import type { Action, Box, Env, StepResult } from './types.ts';

/** The same environment under an object of its own, for a wrapper to replace what it changes. */
export function delegate(env: Env): Env {
  const { id, obsSpace, actSpace, maxSteps } = env;
  return {
    id,
    obsSpace,
    actSpace,
    maxSteps,
    reset: (options) => env.reset(options),
    step: (action, out) => env.step(action, out),
    getState: () => env.getState(),
    setState: (state) => env.setState(state),
    close: () => env.close(),
  };
}

/** One episode that has ended. */
export interface EpisodeSummary {
  /** Undiscounted sum of rewards. */
  readonly episodeReturn: number;
  /** Steps. */
  readonly length: number;
}

/**
 * Sums up episodes: the `info` of an episode's last step holds `episode_return` and `episode_length`, and `episodes`
 * the last `keep` of them. An episode that `setState` starts counts from there.
 */
export function episodeStatistics(
  env: Env,
  { keep = 100 }: { readonly keep?: number } = {},
): Env & { readonly episodes: readonly EpisodeSummary[] } {
  const episodes: EpisodeSummary[] = [];
  let episodeReturn = 0;
  let length = 0;
  const begin = () => {
    episodeReturn = 0;
    length = 0;
  };
  return {
    ...delegate(env),
    episodes,
    reset(options) {
      begin();
      return env.reset(options);
    },
    step(action, out) {
      const result = env.step(action, out);
      episodeReturn += result.reward;
      length++;
      if (!result.terminated && !result.truncated) return result;
      episodes.push({ episodeReturn, length });
      if (episodes.length > keep) episodes.shift();
      const info = { ...result.info, episode_return: episodeReturn, episode_length: length };
      return { ...result, info };
    },
    setState(state) {
      begin();
      return env.setState(state);
    },
  };
}

/** Mean and variance of the observations so far, per dimension [D], and how many there were. */
export interface Moments {
  readonly mean: readonly number[];
  readonly variance: readonly number[];
  readonly count: number;
}

/** An environment whose observations are scaled by running moments. */
export interface NormalizedEnv extends Env {
  /** The moments at this moment, copied out; hand them to another wrapper to go on, or to evaluate. */
  moments(): Moments;
  /** Whether observations leave the moments as they are. Freeze them for evaluation. */
  freeze(frozen: boolean): void;
}

/**
 * Observations as (obs - mean) / sqrt(variance + epsilon), by Gymnasium's NormalizeObservation: the running moments
 * take each observation in before they are applied to it, and start from mean 0, variance 1 with a weight of 1e-4.
 * `setState` applies them without learning from the state.
 *
 * @param options.epsilon inside the square root, default 1e-8
 * @param options.moments where to start, from another wrapper's `moments()`
 * @param options.frozen default false
 * @throws RangeError if epsilon is not positive or the moments have another length
 */
export function normalizeObservation(
  env: Env,
  options: { readonly epsilon?: number; readonly moments?: Moments; readonly frozen?: boolean } = {},
): NormalizedEnv {
  const { size } = env.obsSpace;
  const { epsilon = 1e-8, moments: given } = options;
  if (!(epsilon > 0))
    throw new RangeError(`Cannot normalise with epsilon ${epsilon}: expected a positive number`);
  if (given && (given.mean.length !== size || given.variance.length !== size))
    throw new RangeError(
      `Cannot normalise ${env.id} with moments of ${given.mean.length} dimensions: expected ${size}`,
    );
  const mean = Float64Array.from(given?.mean ?? new Float64Array(size));
  const variance = Float64Array.from(given?.variance ?? new Float64Array(size).fill(1));
  let count = given?.count ?? 1e-4;
  let frozen = options.frozen ?? false;

  /** A batch of one: its own variance is 0 (Chan, Golub and LeVeque 1979). */
  function learn(obs: Float64Array): void {
    const total = count + 1;
    for (let i = 0; i < size; i++) {
      const delta = obs[i]! - mean[i]!;
      mean[i] = mean[i]! + delta / total;
      variance[i] = (variance[i]! * count + (delta * delta * count) / total) / total;
    }
    count = total;
  }

  function normalize(obs: Float64Array, out: Float64Array = new Float64Array(size)): Float64Array {
    for (let i = 0; i < size; i++) out[i] = (obs[i]! - mean[i]!) / Math.sqrt(variance[i]! + epsilon);
    return out;
  }

  function take(obs: Float64Array, out?: Float64Array): Float64Array {
    if (!frozen) learn(obs);
    return normalize(obs, out);
  }

  return {
    ...delegate(env),
    obsSpace: unboundedBox(size),
    reset(resetOptions = {}) {
      const { obs, info } = env.reset(resetOptions);
      return { obs: take(obs, resetOptions.out), info };
    },
    step(action, out) {
      const result = env.step(action, out);
      return { ...result, obs: take(result.obs, out) };
    },
    setState: (state) => normalize(env.setState(state)),
    moments: () => ({ mean: Array.from(mean), variance: Array.from(variance), count }),
    freeze: (value) => {
      frozen = value;
    },
  };
}

/**
 * Actions of any size, clipped to the environment's bounds before it sees them; a cost on the action then counts the
 * clipped one.
 * @throws Error if the actions are discrete
 */
export function clipAction(env: Env): Env {
  const { low, high, size } = boxOf(env, 'clip');
  return {
    ...delegate(env),
    actSpace: unboundedBox(size),
    step: mapAction(env, size, (value, i) => Math.min(Math.max(value, low[i]!), high[i]!)),
  };
}

/**
 * Actions between `low` and `high` (default -1 and 1) in every dimension, spread linearly over the environment's
 * bounds. Actions beyond them are not clipped.
 * @throws Error if the actions are discrete or unbounded
 * @throws RangeError if low is not below high
 */
export function scaleAction(
  env: Env,
  { low = -1, high = 1 }: { readonly low?: number; readonly high?: number } = {},
): Env {
  const box = boxOf(env, 'scale');
  if (!(low < high)) throw new RangeError(`Cannot scale actions from [${low}, ${high}]: expected low < high`);
  if (![...box.low, ...box.high].every(Number.isFinite))
    throw new Error(`Cannot scale the actions of ${env.id}: its action space is unbounded`);
  const rate = box.low.map((bound, i) => (box.high[i]! - bound) / (high - low));
  return {
    ...delegate(env),
    actSpace: {
      type: 'box',
      size: box.size,
      low: new Float64Array(box.size).fill(low),
      high: new Float64Array(box.size).fill(high),
    },
    step: mapAction(env, box.size, (value, i) => box.low[i]! + rate[i]! * (value - low)),
  };
}

function boxOf({ id, actSpace }: Env, what: string): Box {
  if (actSpace.type !== 'box')
    throw new Error(`Cannot ${what} the actions of ${id}: they are one of ${actSpace.n}, expected a vector`);
  return actSpace;
}

/** A `step` that changes the action entry by entry; an action of another shape goes through for the env to refuse. */
function mapAction(
  env: Env,
  size: number,
  change: (value: number, i: number) => number,
): (action: Action, out?: Float64Array) => StepResult {
  const changed = new Float64Array(size);
  return (action, out) => {
    if (typeof action === 'number' || action?.length !== size) return env.step(action, out);
    for (let i = 0; i < size; i++) changed[i] = change(action[i]!, i);
    return env.step(changed, out);
  };
}
