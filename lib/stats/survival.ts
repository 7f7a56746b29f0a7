// How many env steps until a return is reached, when some runs ended before they reached it. Such a run is censored: it
// says "later than here", and is neither dropped nor counted as reached.
import { type BootstrapOptions, bootstrap, type Estimate, type Samples } from './bootstrap.ts';
import type { Pair } from './compare.ts';
import { permutationTest, type TestOptions, type TestResult } from './permutation.ts';
import type { RunSummary } from './run-summary.ts';

/** When a run reached the threshold, or when it ended without. */
export interface Lifetime {
  /** Env steps. */
  readonly steps: number;
  readonly reached: boolean;
}

/** A run's env steps to the threshold that it was summarised with. */
export function lifetime({ stepsToThreshold, envSteps }: RunSummary): Lifetime {
  return { steps: stepsToThreshold ?? envSteps, reached: stepsToThreshold !== null };
}

/** From `steps` on, this share of the runs has not reached the threshold. */
export interface SurvivalPoint {
  readonly steps: number;
  readonly share: number;
}

/**
 * Share of runs that have not reached the threshold, by Kaplan and Meier (1958): at each number of steps where d of the n
 * runs that are still under way reach it, the share falls by the factor 1 - d / n. Starts at 0 steps with 1.
 * @throws RangeError if there is no run
 */
export function kaplanMeier(runs: readonly Lifetime[]): SurvivalPoint[] {
  if (runs.length === 0) throw new RangeError('Cannot estimate survival from 0 runs: give at least one');
  const points: SurvivalPoint[] = [{ steps: 0, share: 1 }];
  let share = 1;
  for (const steps of eventTimes(runs)) {
    const { atRisk, events } = countAt(runs, steps);
    share *= 1 - events / atRisk;
    points.push({ steps, share });
  }
  return points;
}

/** Fewest env steps by which half of the runs had reached the threshold; infinite if more than half of them never did. */
export function medianSteps(runs: readonly Lifetime[]): number {
  // Not exactly a half: products such as (4/5) (3/4) (2/3) (1/2) come out a little above.
  return kaplanMeier(runs).find(({ share }) => share <= 0.5 + 1e-12)?.steps ?? Number.POSITIVE_INFINITY;
}

/**
 * Mean env steps to the threshold or to `horizon`, whichever comes first: the area under the survival curve (Royston and
 * Parmar 2013). Always finite, so two groups can be compared by it where a median does not exist.
 * @param horizon env steps that all runs were given; past a run that ended earlier the curve goes on flat
 */
export function restrictedMean(runs: readonly Lifetime[], horizon: number): number {
  const points = kaplanMeier(runs).filter(({ steps }) => steps < horizon);
  return points.reduce(
    (area, { steps, share }, i) => area + share * ((points[i + 1]?.steps ?? horizon) - steps),
    0,
  );
}

/** `medianSteps` with its interval over runs; an end may be infinite. */
export function medianStepsInterval(runs: readonly Lifetime[], options: BootstrapOptions): Estimate {
  return bootstrap([runs], ([drawn]) => medianSteps(drawn!), options);
}

/**
 * How many times as many env steps the baseline needs: the ratio of the median steps, with its interval. A run that never
 * reached the threshold is later than every other. Resamples in which neither side has a median are undecided: they
 * count as 0 for the lower and as infinite for the upper end. With a median on neither side the value is NaN.
 */
export function stepsRatio({ tried, baseline }: Pair<Lifetime>, options: BootstrapOptions): Estimate {
  return bootstrap([tried, baseline], ([x, y]) => medianSteps(y!) / medianSteps(x!), {
    limits: [0, Number.POSITIVE_INFINITY],
    ...options,
  });
}

/** Restricted mean of the baseline minus that of what was tried: env steps saved up to `horizon`, with its interval. */
export function stepsSaved(
  { tried, baseline }: Pair<Lifetime>,
  { horizon, ...options }: BootstrapOptions & { readonly horizon: number },
): Estimate {
  return bootstrap(
    [tried, baseline],
    ([x, y]) => restrictedMean(y!, horizon) - restrictedMean(x!, horizon),
    options,
  );
}

/**
 * Log-rank statistic of two groups (Mantel 1966), chi-squared with one degree of freedom in the limit: (O - E)^2 / V of the
 * runs of the first group that reached the threshold. 0 where nothing was reached.
 */
export function logRank([first, second]: Samples<Lifetime>): number {
  const all = [...first!, ...second!];
  let [excess, variance] = [0, 0];
  for (const steps of eventTimes(all)) {
    const [of, both] = [countAt(first!, steps), countAt(all, steps)];
    const share = of.atRisk / both.atRisk;
    excess += of.events - both.events * share;
    if (both.atRisk > 1)
      variance += (both.events * share * (1 - share) * (both.atRisk - both.events)) / (both.atRisk - 1);
  }
  return variance === 0 ? 0 : excess ** 2 / variance;
}

/**
 * Whether two groups differ in when they reach the threshold: the log-rank statistic, p by permutation, since its limit
 * distribution is no guide for a handful of seeds. Needs that runs of both groups were cut off for the same reason (an
 * equal budget).
 */
export function logRankTest(
  { tried, baseline }: Pair<Lifetime>,
  options: Omit<TestOptions, 'alternative'>,
): TestResult {
  return permutationTest([tried, baseline], logRank, { ...options, alternative: 'greater' });
}

/** Numbers of steps at which a run reached the threshold, ascending, each once. */
function eventTimes(runs: readonly Lifetime[]): number[] {
  const times = runs.filter(({ reached }) => reached).map(({ steps }) => steps);
  return [...new Set(times)].sort((a, b) => a - b);
}

/** Runs still under way at that many steps (one cut off just there included), and those of them that reached it then. */
function countAt(runs: readonly Lifetime[], steps: number): { atRisk: number; events: number } {
  let [atRisk, events] = [0, 0];
  for (const run of runs) {
    if (run.steps >= steps) atRisk++;
    if (run.reached && run.steps === steps) events++;
  }
  return { atRisk, events };
}
