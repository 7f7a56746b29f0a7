// Exact tests: if the labels meant nothing, how often would a reshuffle look as extreme as what was seen? They hold for
// five seeds as for fifty and assume no distribution.
import { integer, permutation, type Rng } from '../backend/rng.ts';
import { mean } from './aggregate.ts';
import type { Samples } from './bootstrap.ts';

/** How a test reshuffles, and against what. */
export interface TestOptions {
  /** Draws reshuffles where there are too many to go through. */
  readonly rng: Rng;
  /** Most reshuffles to look at, default 20,000. With no more than that all of them are: the test is exact. */
  readonly resamples?: number;
  /** What would surprise: another value in either direction (default), a greater one, a smaller one. */
  readonly alternative?: 'two-sided' | 'greater' | 'less';
}

/** What a test came to. */
export interface TestResult {
  readonly statistic: number;
  /** Two-sided: twice the smaller one-sided p, at most 1, as in SciPy's `permutation_test`. */
  readonly pValue: number;
  /** All reshuffles were gone through. */
  readonly exact: boolean;
}

/**
 * Whether two or more independent samples come from one distribution: the values are dealt out anew in samples of the
 * same sizes, every way once or `resamples` times at random (SciPy's `permutation_test`, 'independent').
 * @throws RangeError if there are fewer than two samples or one is empty
 */
export function permutationTest<T>(
  samples: Samples<T>,
  statistic: (samples: Samples<T>) => number,
  { rng, resamples = 20_000, alternative = 'two-sided' }: TestOptions,
): TestResult {
  if (samples.length < 2 || samples.some((sample) => sample.length === 0))
    throw new RangeError(
      `Cannot compare ${samples.length} samples of ${samples.map((s) => s.length).join(', ')} values: give two or more with at least one each`,
    );
  const pool = samples.flat();
  const label_N = samples.flatMap((sample, s) => sample.map(() => s));
  const observed = statistic(samples);
  const exact = arrangements(samples.map((sample) => sample.length)) <= resamples;
  const dealt = (): T[][] => {
    const out = samples.map((): T[] => []);
    for (let i = 0; i < pool.length; i++) out[label_N[i]!]!.push(pool[i]!);
    return out;
  };
  const null_B: number[] = [];
  if (exact)
    do null_B.push(statistic(dealt()));
    while (nextArrangement(label_N));
  else
    while (null_B.length < resamples) {
      const order = permutation(rng, pool.length);
      const shuffled = Array.from(order, (i) => label_N[i]!);
      label_N.splice(0, label_N.length, ...shuffled);
      null_B.push(statistic(dealt()));
    }
  return { statistic: observed, pValue: pValue(null_B, { observed, exact, alternative }), exact };
}

/**
 * Whether paired differences are centred at zero: the sign of each is flipped, every way once or `resamples` times at
 * random (SciPy's `permutation_test`, 'samples'). With n pairs the two-sided p is 2^(1 - n) or more: 0.0625 for five.
 * @param statistic default the mean
 * @throws RangeError if there is no difference
 */
export function signFlipTest(
  difference_R: readonly number[],
  {
    rng,
    resamples = 20_000,
    alternative = 'two-sided',
    statistic = mean,
  }: TestOptions & { readonly statistic?: (values: readonly number[]) => number },
): TestResult {
  const n = difference_R.length;
  if (n === 0) throw new RangeError('Cannot test 0 differences: give at least one pair');
  const observed = statistic(difference_R);
  const exact = 2 ** n <= resamples;
  const null_B = Array.from({ length: exact ? 2 ** n : resamples }, (_, b) =>
    statistic(
      difference_R.map((difference, i) =>
        (exact ? Math.floor(b / 2 ** i) % 2 : integer(rng, 2)) === 0 ? difference : -difference,
      ),
    ),
  );
  return { statistic: observed, pValue: pValue(null_B, { observed, exact, alternative }), exact };
}

/**
 * p values corrected for being several (Holm 1979): those below 0.05 then have at most a 5 % chance to hold any false
 * alarm, however the tests depend on each other. In the order given.
 */
export function holm(pValue_K: readonly number[]): number[] {
  const order = pValue_K.map((_, k) => k).sort((a, b) => pValue_K[a]! - pValue_K[b]!);
  const adjusted = [...pValue_K];
  let least = 0;
  order.forEach((k, rank) => {
    least = Math.max(least, Math.min(1, pValue_K[k]! * (order.length - rank)));
    adjusted[k] = least;
  });
  return adjusted;
}

function pValue(
  null_B: readonly number[],
  {
    observed,
    exact,
    alternative,
  }: {
    readonly observed: number;
    readonly exact: boolean;
    readonly alternative: NonNullable<TestOptions['alternative']>;
  },
): number {
  // Equal but for the order of additions counts as equal.
  const slack = 1e-12 * Math.abs(observed);
  // What was seen is one of the random reshuffles too, so p is never 0 (Phipson and Smyth 2010).
  const share = (count: number) => (exact ? count / null_B.length : (count + 1) / (null_B.length + 1));
  const greater = share(null_B.filter((value) => value >= observed - slack).length);
  const less = share(null_B.filter((value) => value <= observed + slack).length);
  if (alternative === 'greater') return greater;
  if (alternative === 'less') return less;
  return Math.min(1, 2 * Math.min(greater, less));
}

/** Number of ways to deal all values into samples of these sizes: (n1 + n2 + ...)! / (n1! n2! ...). */
function arrangements(sizes: readonly number[]): number {
  let [ways, total] = [1, 0];
  for (const size of sizes) for (let i = 1; i <= size; i++) ways = (ways * ++total) / i;
  return Math.round(ways);
}

/** Puts the labels into the next of their distinct orders, in place; false after the last (Knuth 7.2.1.2, algorithm L). */
function nextArrangement(labels: number[]): boolean {
  let i = labels.length - 2;
  while (i >= 0 && labels[i]! >= labels[i + 1]!) i--;
  if (i < 0) return false;
  let j = labels.length - 1;
  while (labels[j]! <= labels[i]!) j--;
  [labels[i], labels[j]] = [labels[j]!, labels[i]!];
  labels.push(...labels.splice(i + 1).reverse());
  return true;
}
