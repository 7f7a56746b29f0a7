// Groups of runs side by side, one row each: what the README's table and the notebooks compare methods by.
import { interquartileMean, median } from './aggregate.ts';
import { type BootstrapOptions, bootstrap } from './bootstrap.ts';
import type { RunSummary } from './run-summary.ts';
import { type Anchors, normalizedScore } from './scores.ts';

/** One group of runs. Flat, so that it is a table's row. */
export interface ComparisonRow {
  readonly label: string;
  readonly seeds: number;
  /** Interquartile mean over seeds of the score of a run's last three evaluations: 0 random, 1 the expert. */
  readonly score: number;
  /** 95 % bootstrap interval of the score over seeds; NaN with one seed. */
  readonly low: number;
  readonly high: number;
  /** Interquartile mean over seeds of the return of the last three evaluations. */
  readonly return: number;
  /** Median over seeds of the mean episode length in the last evaluation. */
  readonly length: number;
  /** Median over seeds of all env steps taken. */
  readonly envSteps: number;
  /** Median over seeds of the seconds of training, evaluation left out. */
  readonly seconds: number;
}

/**
 * A row for every group, in the order given.
 * @param options.anchors returns of the random policy and the expert on this task
 * @throws RangeError if a group has no run
 */
export function comparisonRows(
  groups: Readonly<Record<string, readonly RunSummary[]>>,
  { anchors, ...options }: BootstrapOptions & { readonly anchors: Anchors },
): ComparisonRow[] {
  return Object.entries(groups).map(([label, runs]) => {
    const scores = runs.map(({ lastThree }) => normalizedScore(lastThree, anchors));
    const { value, low, high } = bootstrap([scores], ([drawn]) => interquartileMean(drawn!), options);
    return {
      label,
      seeds: runs.length,
      score: value,
      low,
      high,
      return: interquartileMean(runs.map(({ lastThree }) => lastThree)),
      length: median(runs.map(({ lastLength }) => lastLength)),
      envSteps: median(runs.map(({ envSteps }) => envSteps)),
      seconds: median(runs.map(({ seconds }) => seconds)),
    };
  });
}
