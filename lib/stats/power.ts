// How many seeds a difference needs: the experiment is played again and again with seeds drawn from the records.
import { integer, type Rng } from '../backend/rng.ts';
import type { Pair } from './compare.ts';
import { shareAbove } from './scores.ts';

/** Power at one number of seeds. */
export interface PowerRow {
  /** Seeds on each side. */
  readonly seeds: number;
  /** Share of the replayed experiments in which Mann and Whitney's test (two-sided) sees a difference. */
  readonly power: number;
}

/**
 * Power against the number of seeds, if the runs at hand are what runs are like: seeds are drawn from the records of both
 * sides with replacement and put to the test. The observed difference is itself uncertain, and a large one by luck
 * makes this too hopeful: a guide for how many seeds to run next, no result.
 * @param options.seeds numbers of seeds to try
 * @param options.alpha chance of a false alarm that the test allows, default 0.05
 * @param options.replays default 2000
 * @throws RangeError if a side has no run
 */
export function powerBySeeds(
  { tried, baseline }: Pair<number>,
  {
    rng,
    seeds: counts = [3, 4, 5, 6, 8, 10, 15, 20, 30],
    alpha = 0.05,
    replays = 2000,
  }: {
    readonly rng: Rng;
    readonly seeds?: readonly number[];
    readonly alpha?: number;
    readonly replays?: number;
  },
): PowerRow[] {
  if (tried.length === 0 || baseline.length === 0)
    throw new RangeError(
      `Cannot replay an experiment with ${tried.length} and ${baseline.length} runs: give at least one on each side`,
    );
  const drawn = (from: readonly number[], n: number) =>
    Array.from({ length: n }, () => from[integer(rng, from.length)]!);
  return counts.map((seeds) => {
    const critical = criticalU(seeds, alpha);
    let seen = 0;
    for (let i = 0; i < replays; i++) {
      const u = seeds * seeds * shareAbove(drawn(tried, seeds), drawn(baseline, seeds));
      if (Math.min(u, seeds * seeds - u) <= critical) seen++;
    }
    return { seeds, power: seen / replays };
  });
}

/** Fewest seeds of the rows that reach the power asked for, default 0.8; null if none does. */
export function seedsNeeded(rows: readonly PowerRow[], power = 0.8): number | null {
  return rows.find((row) => row.power >= power)?.seeds ?? null;
}

/**
 * P(U <= u), [U] for u = 0, 1, ..., n m, of Mann and Whitney's U, if both samples are of one continuous distribution. The
 * counts are coefficients of the Gaussian binomial [n + m choose n], the product of (1 - q^(m + i)) / (1 - q^i) over i to
 * n.
 */
export function mannWhitneyNull(n: number, m: number): Float64Array {
  const count_U = new Float64Array(n * m + 1);
  count_U[0] = 1;
  for (let i = 1; i <= n; i++) {
    for (let u = n * m; u >= m + i; u--) count_U[u]! -= count_U[u - m - i]!;
    for (let u = i; u <= n * m; u++) count_U[u]! += count_U[u - i]!;
  }
  const total = count_U.reduce((a, b) => a + b, 0);
  let below = 0;
  return count_U.map((count) => {
    below += count;
    return below / total;
  });
}

/** Greatest U at which the two-sided test with n seeds on each side still sees a difference; -1 if there is none. */
function criticalU(n: number, alpha: number): number {
  return mannWhitneyNull(n, n).filter((p) => 2 * p <= alpha).length - 1;
}
