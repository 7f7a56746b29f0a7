// Two groups of runs against each other: independent seeds, or the same seeds on both sides.
import { interquartileMean, mean, median } from './aggregate.ts';
import { type BootstrapOptions, bootstrap, type Estimate } from './bootstrap.ts';
import { permutationTest, signFlipTest, type TestOptions, type TestResult } from './permutation.ts';
import { shareAbove } from './scores.ts';

/** What is tried, and what it is compared with. */
export interface Pair<T> {
  readonly tried: readonly T[];
  readonly baseline: readonly T[];
}

/**
 * statistic(tried) - statistic(baseline) with its interval, both drawn anew.
 * @param options.statistic default the interquartile mean
 */
export function difference(
  { tried, baseline }: Pair<number>,
  {
    statistic = interquartileMean,
    ...options
  }: BootstrapOptions & { readonly statistic?: (values: readonly number[]) => number },
): Estimate {
  return bootstrap([tried, baseline], ([x, y]) => statistic(x!) - statistic(y!), options);
}

/** median(tried) / median(baseline) of positive numbers, for example variances or seconds, with its interval. */
export function ratioOfMedians({ tried, baseline }: Pair<number>, options: BootstrapOptions): Estimate {
  return bootstrap([tried, baseline], ([x, y]) => median(x!) / median(y!), {
    limits: [0, Number.POSITIVE_INFINITY],
    ...options,
  });
}

/**
 * Whether independent runs of `tried` score other than those of `baseline`. `statistic` is P(tried > baseline) with ties
 * as half, Mann and Whitney's U over the number of pairs; ties need no correction, as values are dealt out anew.
 */
export function mannWhitney({ tried, baseline }: Pair<number>, options: TestOptions): TestResult {
  return permutationTest([tried, baseline], ([x, y]) => shareAbove(x!, y!), options);
}

/** A run's score under its seed. */
export interface SeedScore {
  readonly seed: number;
  readonly score: number;
}

/** Differences on common seeds. */
export interface PairedDifference extends Estimate {
  /** Seeds that both sides have; the others take no part. */
  readonly seeds: readonly number[];
  readonly difference_R: readonly number[];
  /** Of `signFlipTest`, two-sided. */
  readonly pValue: number;
}

/**
 * Mean difference between runs of one seed, tried minus baseline, with its interval over seeds and the p of a sign-flip
 * test. What a seed does to both sides (start states, first weights) cancels, so fewer seeds are needed, if it does the
 * same to both: look at the differences.
 * @throws RangeError if the two have no seed in common, or a seed twice
 */
export function pairedDifference(
  { tried, baseline }: Pair<SeedScore>,
  options: BootstrapOptions,
): PairedDifference {
  const scoreOf = new Map(baseline.map(({ seed, score }) => [seed, score]));
  const common = tried.filter(({ seed }) => scoreOf.has(seed)).sort((a, b) => a.seed - b.seed);
  const seeds = common.map(({ seed }) => seed);
  if (seeds.length === 0 || new Set(seeds).size < seeds.length || scoreOf.size < baseline.length)
    throw new RangeError(
      `Cannot pair runs of the seeds ${tried.map(({ seed }) => seed).join(', ')} with ${baseline.map(({ seed }) => seed).join(', ')}: give each seed once, at least one of them on both sides`,
    );
  const difference_R = common.map(({ seed, score }) => score - scoreOf.get(seed)!);
  return {
    seeds,
    difference_R,
    ...bootstrap([difference_R], ([values]) => mean(values!), options),
    pValue: signFlipTest(difference_R, { rng: options.rng }).pValue,
  };
}
