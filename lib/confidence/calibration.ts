// Whether "70 % expert" means that 70 % of such pairs are the expert's: reliability bins, errors, temperature scaling.
import { softplus } from '../models/imitation-reward.ts';
import { sigmoid } from './score.ts';

/** One bin of a reliability diagram. A flat record: a table's row, a plot's point. */
export interface ReliabilityBin {
  /** Probabilities from `low` up to `high`; the last bin includes 1. */
  readonly low: number;
  readonly high: number;
  readonly count: number;
  readonly meanProbability: number;
  /** Share of the bin's pairs that are the expert's. */
  readonly expertShare: number;
}

/** How far probabilities are from shares. */
export interface Calibration {
  readonly temperature: number;
  /** The bins that hold a pair. */
  readonly bins: readonly ReliabilityBin[];
  /** Mean over pairs of their bin's |expertShare - meanProbability| (Guo et al. 2017, eq. 3). */
  readonly expectedError: number;
  /** Mean of (probability - label)^2 (Brier 1950). */
  readonly brier: number;
  /** Mean of -ln probability of the true label, nats. */
  readonly logLoss: number;
}

/** Logits of pairs that training did not see, and whose they are: 1 the expert's, 0 the agent's. Both [N]. */
export interface LabelledLogits {
  readonly logit_N: ArrayLike<number>;
  readonly expert_N: ArrayLike<number>;
}

/**
 * Calibration of sigmoid(logit / temperature). The discriminator is trained at even odds, so give as many expert as
 * agent pairs: another mixture moves every bin by the log of its odds, which is no fault of the network. A result holds
 * for the agent that the pairs are from, and for no other.
 * @param options.bins equal-width bins, default 10
 * @param options.temperature default 1
 * @throws RangeError if there is no pair or the arrays differ in length
 */
export function calibration(
  { logit_N, expert_N }: LabelledLogits,
  { bins = 10, temperature = 1 }: { readonly bins?: number; readonly temperature?: number } = {},
): Calibration {
  const N = assertPairs({ logit_N, expert_N });
  const [count, probability, expert] = [
    new Float64Array(bins),
    new Float64Array(bins),
    new Float64Array(bins),
  ];
  let [brier, logLoss] = [0, 0];
  for (let n = 0; n < N; n++) {
    const scaled = logit_N[n]! / temperature;
    const p = sigmoid(scaled);
    const bin = Math.min(bins - 1, Math.floor(p * bins));
    count[bin]! += 1;
    probability[bin]! += p;
    expert[bin]! += expert_N[n]!;
    brier += (p - expert_N[n]!) ** 2 / N;
    logLoss += softplus(expert_N[n] === 1 ? -scaled : scaled) / N;
  }
  const filled = Array.from({ length: bins }, (_, b) => ({
    low: b / bins,
    high: (b + 1) / bins,
    count: count[b]!,
    meanProbability: probability[b]! / count[b]!,
    expertShare: expert[b]! / count[b]!,
  })).filter((bin) => bin.count > 0);
  const expectedError = filled.reduce(
    (sum, bin) => sum + (bin.count / N) * Math.abs(bin.expertShare - bin.meanProbability),
    0,
  );
  return { temperature, bins: filled, expectedError, brier, logLoss };
}

/**
 * The temperature with the least log loss (Guo et al. 2017, section 4.2), between 0.01 and 100. An end of that range says
 * that the pairs do not fix it: the logits separate them without a mistake, or do not point the right way. Fit on one
 * half of the held-out pairs, judge on the other. The order of scores, and so every AUROC, stays as it is.
 *
 * The loss is convex in b = 1 / temperature; its slope, the mean of (sigmoid(b logit) - label) logit, is halved to 0.
 * @throws RangeError if there is no pair or the arrays differ in length
 */
export function fitTemperature({ logit_N, expert_N }: LabelledLogits): number {
  const N = assertPairs({ logit_N, expert_N });
  const slope = (b: number) => {
    let sum = 0;
    for (let n = 0; n < N; n++) sum += (sigmoid(b * logit_N[n]!) - expert_N[n]!) * logit_N[n]!;
    return sum;
  };
  let [low, high] = [Math.log(0.01), Math.log(100)];
  if (slope(Math.exp(low)) >= 0) return 100;
  if (slope(Math.exp(high)) <= 0) return 0.01;
  for (let i = 0; i < 60; i++) {
    const middle = (low + high) / 2;
    if (slope(Math.exp(middle)) > 0) high = middle;
    else low = middle;
  }
  return Math.exp(-(low + high) / 2);
}

function assertPairs({ logit_N, expert_N }: LabelledLogits): number {
  if (logit_N.length === 0 || logit_N.length !== expert_N.length)
    throw new RangeError(
      `Cannot calibrate ${logit_N.length} logits by ${expert_N.length} labels: give as many of each, at least 1`,
    );
  return logit_N.length;
}
