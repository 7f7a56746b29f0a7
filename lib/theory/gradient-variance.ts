// How noisy is a policy gradient? The slides' claims that a model-free learner "has to resort to high-variance gradient
// estimations" and that re-parameterising gives "a Monte-Carlo estimator of the derivative", as tables.
import { integer, type Rng, stream } from '../backend/rng.ts';
import {
  drawTrajectories,
  type EstimatorName,
  type GradientProblem,
  gradientSamples,
  linearQuadraticProblem,
} from './gradient-samples.ts';
import { learnedProblem } from './learned-system.ts';
import { randomLinearQuadratic } from './linear-quadratic.ts';
import { addScaled, recursion } from './recursion.ts';

/** Bootstrap resamples of every interval. */
const resamples = 400;

/** What `gradientVariance` tabulates; everything but the seed has a default. */
export interface GradientVarianceOptions {
  readonly seed: number;
  /** A known linear system, or networks learnt from data. Default 'linear-quadratic'. */
  readonly problem?: 'linear-quadratic' | 'learned-networks';
  readonly horizons?: readonly number[];
  readonly actSizes?: readonly number[];
  readonly obsSize?: number;
  /** Trajectories in one gradient estimate. */
  readonly samples?: number;
  /** Independent estimates that every number is taken over. */
  readonly estimates?: number;
}

/** One estimator in one setting. */
export interface GradientVarianceRow {
  readonly problem: string;
  readonly horizon: number;
  readonly actSize: number;
  readonly estimator: EstimatorName;
  /** Trajectories in one gradient estimate. */
  readonly samples: number;
  /** |g|, g the true gradient. */
  readonly gradientNorm: number;
  /** E|g_i - g|^2 of the estimate g_i from one trajectory. */
  readonly variance: number;
  /** |g| / sqrt(variance / samples). */
  readonly signalToNoise: number;
  /** Mean cosine between an estimate and g. */
  readonly cosine: number;
  /** Distance of the mean over all trajectories from g in its standard errors: about 1 if there is no bias. */
  readonly bias: number;
  /** Variance over that of the pathwise estimator, with its 95 % bootstrap interval. */
  readonly varianceRatio: number;
  readonly varianceRatioLow: number;
  readonly varianceRatioHigh: number;
  /** Trajectories that this estimator needs for the error that the pathwise one has with `samples`. */
  readonly samplesForEqualError: number;
}

/**
 * The variance of every estimator against horizon and action dimension, from the same trajectories: one row an estimator
 * and setting. The model is taken to be right: this is about estimators, `jacobianErrorTable` about models.
 */
export function gradientVariance({
  seed,
  problem: kind = 'linear-quadratic',
  horizons = kind === 'linear-quadratic' ? [1, 2, 5, 10, 20, 40] : [1, 5, 20],
  actSizes = kind === 'linear-quadratic' ? [1, 2, 4, 8] : [1, 4],
  obsSize = 4,
  samples = 32,
  estimates = kind === 'linear-quadratic' ? 24 : 12,
}: GradientVarianceOptions): GradientVarianceRow[] {
  return actSizes.flatMap((actSize) => {
    // One stream for all sizes: a system with more action entries is the smaller one with some more.
    const init = stream(seed, 'gradient-variance', kind);
    const problem =
      kind === 'linear-quadratic'
        ? linearQuadraticProblem(randomLinearQuadratic({ obsSize, actSize }, init))
        : learnedProblem({ obsSize, actSize }, init);
    return horizons.flatMap((horizon) => {
      const rng = stream(seed, 'gradient-variance', kind, `${actSize}`, `${horizon}`);
      return rowsOf(problem, { horizon, samples, estimates, rng });
    });
  });
}

function rowsOf(
  problem: GradientProblem,
  {
    horizon,
    samples,
    estimates,
    rng,
  }: {
    readonly horizon: number;
    readonly samples: number;
    readonly estimates: number;
    readonly rng: Rng;
  },
): GradientVarianceRow[] {
  const n = samples * estimates;
  const [trajectories, pilots] = [0, 1].map(() => drawTrajectories(problem, { n, horizon, rng })) as [
    never[],
    never[],
  ];
  const truth_P = trueGradient(problem, { horizon, n: 4 * n, rng });
  const estimators: EstimatorName[] = ['pathwise', 'score', 'score-baseline'];
  if (problem.closedForm) estimators.push('score-value');
  const inEstimate = (k: number) => [k * samples, (k + 1) * samples] as const;
  let pathwise_E: number[] | undefined;
  return estimators.map((estimator) => {
    const each = gradientSamples(problem, estimator, { trajectories, pilots });
    const mean_P = meanOf(each);
    const deviation_N = each.map((g_P) => squaredDistance(g_P, mean_P) / (n - 1));
    const deviation_E = Array.from({ length: estimates }, (_, k) =>
      total(deviation_N.slice(...inEstimate(k))),
    );
    pathwise_E ??= deviation_E;
    const variance = total(deviation_E);
    const cosines = Array.from({ length: estimates }, (_, k) =>
      cosineBetween(meanOf(each.slice(...inEstimate(k))), truth_P),
    );
    const varianceRatio = variance / total(pathwise_E);
    const [varianceRatioLow, varianceRatioHigh] = ratioInterval(deviation_E, pathwise_E, rng);
    return {
      problem: problem.name,
      horizon,
      actSize: problem.system.actSize,
      estimator,
      samples,
      gradientNorm: norm(truth_P),
      variance,
      signalToNoise: norm(truth_P) / Math.sqrt(variance / samples),
      cosine: total(cosines) / estimates,
      bias: Math.sqrt(squaredDistance(mean_P, truth_P) / (variance / n)),
      varianceRatio,
      varianceRatioLow,
      varianceRatioHigh,
      samplesForEqualError: samples * varianceRatio,
    };
  });
}

/** The gradient over `horizon` steps, [P]: the closed form, or the mean of `n` fresh pathwise estimates. */
export function trueGradient(
  problem: GradientProblem,
  { horizon, n, rng }: { readonly horizon: number; readonly n: number; readonly rng: Rng },
): Float64Array {
  if (problem.closedForm) return problem.closedForm(horizon).gradient_P;
  let sum_P = new Float64Array(problem.theta_P.length);
  for (let i = 0; i < n; i++) {
    const [trajectory] = drawTrajectories(problem, { n: 1, horizon, rng });
    sum_P = addScaled(sum_P, recursion(problem.system, trajectory!).J_theta, 1 / n);
  }
  return sum_P;
}

/** Root mean square error of an estimator at several sample counts, and the slope of its logarithm. */
export interface MonteCarloError {
  readonly rows: readonly { readonly samples: number; readonly error: number }[];
  /** d ln error / d ln samples, by least squares, with its 95 % bootstrap interval over repeats; -0.5 for 1/sqrt(N). */
  readonly slope: number;
  readonly slopeLow: number;
  readonly slopeHigh: number;
}

/**
 * |estimate - g| / |g| (root mean square over estimates) against the number of trajectories in an estimate, on a
 * linear-quadratic problem with g in closed form. Each of `repeats` draws max(samples) trajectories.
 * @param options.samples trajectories in one estimate: the points of the curve
 * @param options.horizon steps of a trajectory
 */
export function monteCarloError({
  seed,
  estimator = 'pathwise',
  samples = [1, 4, 16, 64, 256],
  repeats = 100,
  horizon = 10,
  obsSize = 4,
  actSize = 2,
}: {
  readonly seed: number;
  readonly estimator?: EstimatorName;
  readonly samples?: readonly number[];
  readonly repeats?: number;
  readonly horizon?: number;
  readonly obsSize?: number;
  readonly actSize?: number;
}): MonteCarloError {
  const rng = stream(seed, 'monte-carlo-error');
  const problem = linearQuadraticProblem(randomLinearQuadratic({ obsSize, actSize }, rng));
  const truth_P = trueGradient(problem, { horizon, n: 0, rng });
  const pilots = drawTrajectories(problem, { n: 500, horizon, rng });
  const squares_RN = Array.from({ length: repeats }, () => {
    const trajectories = drawTrajectories(problem, { n: Math.max(...samples), horizon, rng });
    const each = gradientSamples(problem, estimator, { trajectories, pilots });
    // Every count splits the repeat's trajectories into as many disjoint estimates as they make.
    return samples.map((n) => {
      const count = Math.floor(each.length / n);
      const squares = Array.from({ length: count }, (_, k) =>
        squaredDistance(meanOf(each.slice(k * n, (k + 1) * n)), truth_P),
      );
      return total(squares) / count / norm(truth_P) ** 2;
    });
  });
  const errors = (chosen: readonly (readonly number[])[]) =>
    samples.map((_, i) => Math.sqrt(chosen.reduce((sum, row) => sum + row[i]!, 0) / chosen.length));
  const slopeOf = (chosen: readonly (readonly number[])[]) =>
    leastSquaresSlope(samples.map(Math.log), errors(chosen).map(Math.log));
  const [slopeLow, slopeHigh] = interval(
    Array.from({ length: resamples }, () =>
      slopeOf(squares_RN.map(() => squares_RN[integer(rng, repeats)]!)),
    ),
  );
  return {
    rows: errors(squares_RN).map((error, i) => ({ samples: samples[i]!, error })),
    slope: slopeOf(squares_RN),
    slopeLow,
    slopeHigh,
  };
}

/** 95 % percentile bootstrap of sum(x) / sum(y), x and y drawn together. */
function ratioInterval(x_E: readonly number[], y_E: readonly number[], rng: Rng): [number, number] {
  const ratios = Array.from({ length: resamples }, () => {
    const drawn = x_E.map(() => integer(rng, x_E.length));
    return total(drawn.map((e) => x_E[e]!)) / total(drawn.map((e) => y_E[e]!));
  });
  return interval(ratios);
}

/** The middle 95 %. */
function interval(values: readonly number[]): [number, number] {
  const sorted = [...values].sort((a, b) => a - b);
  const at = (share: number) => sorted[Math.round(share * (sorted.length - 1))]!;
  return [at(0.025), at(0.975)];
}

function leastSquaresSlope(x: readonly number[], y: readonly number[]): number {
  const [meanX, meanY] = [total(x) / x.length, total(y) / y.length];
  const along = x.reduce((sum, xi, i) => sum + (xi - meanX) * (y[i]! - meanY), 0);
  return along / x.reduce((sum, xi) => sum + (xi - meanX) ** 2, 0);
}

/** Mean of vectors, [P]. */
export function meanOf(vectors: readonly Float64Array[]): Float64Array {
  const mean = new Float64Array(vectors[0]!.length);
  for (const vector of vectors) for (let i = 0; i < mean.length; i++) mean[i]! += vector[i]! / vectors.length;
  return mean;
}

/** Cosine of the angle between two vectors, both [P]; NaN if one is 0. */
export function cosineBetween(a: Float64Array, b: Float64Array): number {
  return a.reduce((sum, x, i) => sum + x * b[i]!, 0) / (norm(a) * norm(b));
}

function squaredDistance(a: Float64Array, b: Float64Array): number {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += (a[i]! - b[i]!) ** 2;
  return sum;
}

/** Euclidean length of a vector, [P]. */
export function norm(a: Float64Array): number {
  return Math.sqrt(a.reduce((sum, x) => sum + x * x, 0));
}

function total(x: ArrayLike<number>): number {
  let sum = 0;
  for (let i = 0; i < x.length; i++) sum += x[i]!;
  return sum;
}
