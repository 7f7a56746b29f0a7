// Does the outcome rise or fall with the level of a factor? Only the order counts, not the shape of the curve.
import { type BootstrapOptions, bootstrap, type Estimate } from './bootstrap.ts';
import { permutationTest, type TestOptions, type TestResult } from './permutation.ts';
import { shareAbove } from './scores.ts';

/** One level of a factor and the scores of its runs. */
export interface Dose {
  readonly level: number;
  readonly scores: readonly number[];
}

/** Ranks from 1; equal values share the mean of theirs (SciPy's `rankdata`). */
export function ranks(values: readonly number[]): number[] {
  const order = values.map((_, i) => i).sort((a, b) => values[a]! - values[b]!);
  const out = new Array<number>(values.length);
  for (let i = 0; i < order.length; ) {
    let end = i;
    while (end < order.length && values[order[end]!] === values[order[i]!]) end++;
    for (let k = i; k < end; k++) out[order[k]!] = (i + 1 + end) / 2;
    i = end;
  }
  return out;
}

/**
 * Spearman's rank correlation, from -1 to 1: the correlation of the ranks (SciPy's `spearmanr`). NaN if all of one side are
 * equal.
 */
export function spearman(pairs: readonly (readonly [x: number, y: number])[]): number {
  const x = ranks(pairs.map(([first]) => first));
  const y = ranks(pairs.map(([, second]) => second));
  const middle = (pairs.length + 1) / 2;
  const product = (a: readonly number[], b: readonly number[]) =>
    a.reduce((sum, rank, i) => sum + (rank - middle) * (b[i]! - middle), 0);
  return product(x, y) / Math.sqrt(product(x, x) * product(y, y));
}

/** Spearman's correlation of pairs that were drawn together, with its interval over pairs. */
export function spearmanInterval(
  pairs: readonly (readonly [x: number, y: number])[],
  options: BootstrapOptions,
): Estimate {
  return bootstrap([pairs], ([drawn]) => spearman(drawn!), { limits: [-1, 1], ...options });
}

/** Spearman's correlation of level and score with its interval: levels are fixed, runs are drawn within each. */
export function doseCorrelation(doses: readonly Dose[], options: BootstrapOptions): Estimate {
  return bootstrap(
    doses.map(({ scores }) => scores),
    (samples) => spearman(samples.flatMap((scores, i) => scores.map((y) => [doses[i]!.level, y] as const))),
    { limits: [-1, 1], ...options },
  );
}

/**
 * Whether scores rise (statistic above 1/2) or fall with the level: Jonckheere (1954) and Terpstra (1952). `statistic` is the
 * share of the pairs from two levels in which the higher level scores higher, ties as half; p by permutation of all runs.
 * An inverted U is no trend: look at the levels as well.
 * @throws RangeError if there are fewer than two levels, or one has no run
 */
export function trendTest(doses: readonly Dose[], options: TestOptions): TestResult {
  const sorted = [...doses].sort((a, b) => a.level - b.level);
  return permutationTest(
    sorted.map(({ scores }) => scores),
    (samples) => {
      let [rising, pairs] = [0, 0];
      for (let j = 1; j < samples.length; j++)
        for (let i = 0; i < j; i++) {
          const n = samples[i]!.length * samples[j]!.length;
          rising += n * shareAbove(samples[j]!, samples[i]!);
          pairs += n;
        }
      return rising / pairs;
    },
    options,
  );
}
