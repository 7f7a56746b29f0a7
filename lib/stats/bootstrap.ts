// Percentile bootstrap: how far a number would move if the experiment were repeated with other seeds.
import { integer, type Rng } from '../backend/rng.ts';
import { sortedQuantile } from './aggregate.ts';

/** A number and its interval. The ends are NaN where there is but one seed, which says nothing about others. */
export interface Estimate {
  readonly value: number;
  readonly low: number;
  readonly high: number;
}

/** How an interval is drawn. */
export interface BootstrapOptions {
  readonly rng: Rng;
  /** Default 50,000, as in rliable. */
  readonly resamples?: number;
  /** Share of resamples inside the interval, default 0.95. */
  readonly level?: number;
  /** Limits of the statistic, default without. An undefined resample (NaN) counts as one for each end. */
  readonly limits?: readonly [number, number];
}

/** Independent samples of anything: scores, curves, lifetimes. */
export type Samples<T> = readonly (readonly T[])[];

/**
 * A statistic of independent samples with its percentile interval: each sample is drawn anew from itself, apart from the
 * others. One sample: the interval of any statistic. Two: of their difference or ratio. One a task: rliable's stratified
 * bootstrap. The ends are quantiles of the resampled statistic, as in `arch` and so in rliable. With five seeds such
 * intervals are too narrow: fewer than 95 % of them hold the true value.
 *
 * @param statistic of samples as long as those given; what it gets is overwritten by the next resample
 * @throws RangeError if a sample is empty
 */
export function bootstrap<T>(
  samples: Samples<T>,
  statistic: (samples: Samples<T>) => number,
  options: BootstrapOptions,
): Estimate {
  return bootstrapEach(samples, (resampled) => [statistic(resampled)], options)[0]!;
}

/**
 * As `bootstrap`, of several numbers computed from the same resamples, for example the points of a curve. The intervals
 * hold point by point, not for all points together.
 * @throws RangeError as `bootstrap`
 */
export function bootstrapEach<T>(
  samples: Samples<T>,
  statistics: (samples: Samples<T>) => readonly number[],
  {
    rng,
    resamples = 50_000,
    level = 0.95,
    limits: [least, most] = [Number.NEGATIVE_INFINITY, Number.POSITIVE_INFINITY],
  }: BootstrapOptions,
): Estimate[] {
  if (samples.length === 0 || samples.some((sample) => sample.length === 0))
    throw new RangeError(
      `Cannot resample ${samples.length} samples of ${samples.map((sample) => sample.length).join(', ')} values: give at least one of each`,
    );
  const values = [...statistics(samples)];
  if (samples.every((sample) => sample.length === 1))
    return values.map((value) => ({ value, low: Number.NaN, high: Number.NaN }));
  const drawn = values.map(() => new Float64Array(resamples));
  const resampled = samples.map((sample) => [...sample]);
  for (let b = 0; b < resamples; b++) {
    for (let s = 0; s < samples.length; s++) {
      const [from, to] = [samples[s]!, resampled[s]!];
      for (let i = 0; i < to.length; i++) to[i] = from[integer(rng, from.length)]!;
    }
    const row = statistics(resampled);
    for (let k = 0; k < drawn.length; k++) drawn[k]![b] = row[k]!;
  }
  // An undefined resample must not make an interval narrower.
  const end = (draws: Float64Array, q: number, undefinedAs: number) =>
    sortedQuantile(draws.map((x) => (Number.isNaN(x) ? undefinedAs : x)).sort(), q);
  return values.map((value, k) => ({
    value,
    low: end(drawn[k]!, (1 - level) / 2, least),
    high: end(drawn[k]!, (1 + level) / 2, most),
  }));
}
