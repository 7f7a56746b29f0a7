// The discriminator as a judge of what a robot is doing, one step at a time and without a tensor engine. Every score in
// this folder is HIGH WHERE ALL IS WELL, as the logit is: a drop is the warning.
import { type Trajectory, trajectoryLength } from '../data/types.ts';
import type { Action } from '../envs/types.ts';
import type { Discriminator } from '../models/discriminator.ts';
import { standardizeRow } from '../models/standardizer.ts';
import { rowFunction } from '../nn/mlp.ts';

/** A number for one observation, [D] in simulator units, and the action taken there: high where all is well. */
export type Score = (obs: ArrayLike<number>, action: Action) => number;

/** P(expert) at even odds for a logit: 1 / (1 + exp(-logit)). */
export function sigmoid(logit: number): number {
  return 1 / (1 + Math.exp(-logit));
}

/** The discriminator's logit of one pair, nats: `expertLogits` for a single row, in plain arithmetic. */
export function logitScore(discriminator: Discriminator): Score {
  const net = rowFunction(discriminator);
  const input = pairRow(discriminator);
  return (obs, action) => net(input(obs, action))[0]!;
}

/** One pair as the discriminator takes it, [D + A]: a row of `pairInputs`. The array is reused by the next call. */
export function pairRow({
  obsNorm,
  actMean_A,
  actScale_A,
  actBound,
}: Discriminator): (obs: ArrayLike<number>, action: Action) => Float64Array {
  const D = obsNorm.mean_D.length;
  const row = new Float64Array(D + actMean_A.length);
  const [obs_D, act_A] = [row.subarray(0, D), row.subarray(D)];
  return (obs, action) => {
    standardizeRow(obsNorm, obs, obs_D);
    writeAction(act_A, action, actBound);
    for (let i = 0; i < act_A.length; i++) act_A[i] = (act_A[i]! - actMean_A[i]!) / actScale_A[i]!;
    return row;
  };
}

/**
 * An action as networks take it, written into `out`, [A]: a vector clipped to +-bound, a number (alone, or as the one
 * entry of a trajectory's row) as one-hot.
 * @throws RangeError if the action has neither that length nor one of those numbers
 */
export function writeAction(out: Float64Array, action: Action, bound: number): void {
  const A = out.length;
  const row = typeof action === 'number' ? [action] : action;
  if (row.length === A) {
    for (let i = 0; i < A; i++) out[i] = Math.max(-bound, Math.min(bound, row[i]!));
    return;
  }
  const chosen = row[0]!;
  if (row.length !== 1 || !Number.isInteger(chosen) || chosen < 0 || chosen >= A)
    throw new RangeError(
      `Cannot score the action [${Array.from(row)}]: expected ${A} entries or a number from 0 to ${A - 1}`,
    );
  out.fill(0);
  out[chosen] = 1;
}

/** The score of every step of a trajectory, [T]. */
export function scoreSteps(score: Score, trajectory: Trajectory): Float64Array {
  const { obs_Tp1D, act_TA } = trajectory;
  const T = trajectoryLength(trajectory);
  const D = obs_Tp1D.length / (T + 1);
  const A = act_TA.length / T;
  return Float64Array.from({ length: T }, (_, t) =>
    score(obs_Tp1D.subarray(t * D, (t + 1) * D), act_TA.subarray(t * A, (t + 1) * A)),
  );
}

/**
 * Exponentially weighted mean as it stands after each value,
 *   r_t = sum_i w^(t-i) x_i / sum_i w^(t-i),   w = 2^(-1 / halfLife),
 * divided by the weights given so far, so that the first values count in full and are not pulled to 0. Computed as
 * r_t = r_(t-1) + (x_t - r_(t-1)) / (sum of weights): a constant stays itself to the last bit, where a quotient of two
 * sums would wobble, and an AUROC would take the wobble for information.
 * @param halfLife steps after which a value weighs half; 0 keeps only the latest
 * @throws RangeError if it is negative or not finite
 */
export function runningMean(halfLife: number): (value: number) => number {
  if (!(halfLife >= 0 && halfLife < Number.POSITIVE_INFINITY))
    throw new RangeError(`Cannot average with a half-life of ${halfLife} steps: give 0 or more`);
  const keep = halfLife === 0 ? 0 : 2 ** (-1 / halfLife);
  let mean = 0;
  let weight = 0;
  return (value) => {
    weight = keep * weight + 1;
    mean = weight === 1 ? value : mean + (value - mean) / weight;
    return mean;
  };
}

/** Running mean of each moment of a series, [T]. */
export function runningMeans(value_T: ArrayLike<number>, halfLife: number): Float64Array {
  return Float64Array.from(value_T, runningMean(halfLife));
}

/** How logits become a running confidence. */
export interface ConfidenceOptions {
  /** Steps after which a step's logit weighs half in the running estimate. Default 10; 0: no memory. */
  readonly halfLife?: number;
  /** Logits are divided by it before they become probabilities: `calibration` finds it. Default 1. */
  readonly temperature?: number;
}

/** What a meter reads at one step. */
export interface ConfidenceReading {
  /** Of this pair, as the network gives it. */
  readonly logit: number;
  /** P(expert) of this pair alone. */
  readonly probability: number;
  /** P(expert) for the running mean of the logits: what to watch. */
  readonly running: number;
}

/**
 * Watches a robot while it acts: call it at every step with what the policy saw and did. One meter an episode.
 * Logits are averaged and not probabilities: a saturated probability no longer says how sure the network was.
 * @returns a function of the observation, [D] in simulator units, and the action taken there
 * @throws RangeError if the half-life is negative or not finite
 */
export function confidenceMeter(
  discriminator: Discriminator,
  { halfLife = 10, temperature = 1 }: ConfidenceOptions = {},
): (obs: ArrayLike<number>, action: Action) => ConfidenceReading {
  const score = logitScore(discriminator);
  const smooth = runningMean(halfLife);
  return (obs, action) => {
    const logit = score(obs, action);
    return {
      logit,
      probability: sigmoid(logit / temperature),
      running: sigmoid(smooth(logit) / temperature),
    };
  };
}

/** What the meter's `running` would have shown at each step of a trajectory, 0 to 1, [T]: the player's `confidence_T`. */
export function confidenceOf(
  discriminator: Discriminator,
  trajectory: Trajectory,
  { halfLife = 10, temperature = 1 }: ConfidenceOptions = {},
): Float32Array {
  const logit_T = scoreSteps(logitScore(discriminator), trajectory);
  return Float32Array.from(runningMeans(logit_T, halfLife), (logit) => sigmoid(logit / temperature));
}

/** A whole episode in three numbers. */
export interface EpisodeConfidence {
  /**
   * Mean logit, nats a pair. At the optimum of the discriminator's loss the logit is ln (expert density / agent density),
   * so this is the evidence for "expert" per step.
   */
  readonly meanLogit: number;
  /** Mean of each pair's probability. */
  readonly meanProbability: number;
  /** Lowest value of the running confidence. */
  readonly lowest: number;
}

/** Scores a whole episode. */
export function episodeConfidence(
  discriminator: Discriminator,
  trajectory: Trajectory,
  { halfLife = 10, temperature = 1 }: ConfidenceOptions = {},
): EpisodeConfidence {
  const logit_T = scoreSteps(logitScore(discriminator), trajectory);
  const T = logit_T.length;
  return {
    meanLogit: logit_T.reduce((sum, logit) => sum + logit, 0) / T,
    meanProbability: logit_T.reduce((sum, logit) => sum + sigmoid(logit / temperature), 0) / T,
    lowest: sigmoid(Math.min(...runningMeans(logit_T, halfLife)) / temperature),
  };
}
