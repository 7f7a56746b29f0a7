// Scores of several runs on several tasks in one number, as rliable has them (Agarwal et al. 2021, "Deep Reinforcement
// Learning at the Edge of the Statistical Precipice").
import { interquartileMean, mean, median } from './aggregate.ts';
import { type BootstrapOptions, bootstrap, bootstrapEach, type Estimate } from './bootstrap.ts';

/** Scores of R runs on M tasks, [R][M]. One task: a matrix with one column (`asColumn`). */
export type Scores = readonly (readonly number[])[];

/** Returns between which a score is counted: 0 at the random policy's, 1 at the expert's. */
export interface Anchors {
  readonly random: number;
  readonly expert: number;
}

/** (return - random) / (expert - random): 0 as bad as random, 1 as good as the expert. */
export function normalizedScore(episodeReturn: number, { random, expert }: Anchors): number {
  return (episodeReturn - random) / (expert - random);
}

/** Runs on one task as a score matrix, [R][1]. */
export function asColumn(scores_R: readonly number[]): Scores {
  return scores_R.map((score) => [score]);
}

/** Interquartile mean over all runs and tasks (`aggregate_iqm`). */
export function aggregateIqm(scores_RM: Scores): number {
  return interquartileMean(scores_RM.flat());
}

/** Mean over tasks of the mean over runs (`aggregate_mean`). */
export function aggregateMean(scores_RM: Scores): number {
  return mean(transposed(scores_RM).map(mean));
}

/** Median over tasks of the mean over runs (`aggregate_median`). With one task it is that task's mean. */
export function aggregateMedian(scores_RM: Scores): number {
  return median(transposed(scores_RM).map(mean));
}

/** By how much scores fall short of `target`, those above it counted as `target` (`aggregate_optimality_gap`). */
export function optimalityGap(scores_RM: Scores, target = 1): number {
  return target - mean(scores_RM.flat().map((score) => Math.min(score, target)));
}

/**
 * P(a run of `better` scores higher than one of `worse`) + P(equal) / 2, the mean over tasks (`probability_of_improvement`).
 * @throws RangeError if the two have not the same number of tasks
 */
export function probabilityOfImprovement({ better, worse }: Record<'better' | 'worse', Scores>): number {
  const [x_MR, y_MR] = [transposed(better), transposed(worse)];
  if (x_MR.length !== y_MR.length)
    throw new RangeError(
      `Cannot compare scores on ${x_MR.length} tasks with scores on ${y_MR.length}: give the same tasks in the same order`,
    );
  return mean(x_MR.map((x_R, m) => shareAbove(x_R, y_MR[m]!)));
}

/** P(x > y) + P(x = y) / 2 over all pairs: Mann and Whitney's U over the number of pairs. */
export function shareAbove(x: readonly number[], y: readonly number[]): number {
  let u = 0;
  for (const a of x) for (const b of y) u += a > b ? 1 : a === b ? 0.5 : 0;
  return u / (x.length * y.length);
}

/**
 * Any of the above with its stratified bootstrap interval: runs are drawn apart in every task (`get_interval_estimates`).
 * @throws RangeError if there is no run
 */
export function scoreInterval(
  scores_RM: Scores,
  statistic: (scores_RM: Scores) => number,
  options: BootstrapOptions,
): Estimate {
  return bootstrap(transposed(scores_RM), (scores_MR) => statistic(transposed(scores_MR)), options);
}

/** `probabilityOfImprovement` with its interval, runs drawn apart in every task and on both sides. */
export function improvementInterval(
  { better, worse }: Record<'better' | 'worse', Scores>,
  options: BootstrapOptions,
): Estimate {
  const value = probabilityOfImprovement({ better, worse });
  const strata = [...transposed(better), ...transposed(worse)];
  const M = strata.length / 2;
  const interval = bootstrap(
    strata,
    (s) => mean(Array.from({ length: M }, (_, m) => shareAbove(s[m]!, s[M + m]!))),
    { ...options, resamples: options.resamples ?? 2000 },
  );
  return { ...interval, value };
}

/** A point of a performance profile: the share of runs whose score is above the threshold. */
export interface ProfilePoint extends Estimate {
  readonly threshold: number;
}

/**
 * Run-score distribution: for each threshold the share of all runs on all tasks that score above it, with a band that
 * holds point by point (`create_performance_profile`; 2000 resamples by default, as there).
 * @throws RangeError if there is no run
 */
export function performanceProfile(
  scores_RM: Scores,
  thresholds: readonly number[],
  options: BootstrapOptions,
): ProfilePoint[] {
  const shares = (scores: Scores) => {
    const all = scores.flat();
    return thresholds.map((threshold) => all.filter((score) => score > threshold).length / all.length);
  };
  const points = bootstrapEach(transposed(scores_RM), shares, { resamples: 2000, ...options });
  return points.map((point, i) => ({ threshold: thresholds[i]!, ...point }));
}

/** [R][M] to [M][R] and back. @throws RangeError if the rows differ in length */
function transposed(rows: Scores): number[][] {
  const M = rows[0]?.length ?? 0;
  for (const row of rows)
    if (row.length !== M)
      throw new RangeError(
        `Cannot read scores with rows of ${M} and of ${row.length} tasks: give every run on every task`,
      );
  return Array.from({ length: M }, (_, m) => rows.map((row) => row[m]!));
}
