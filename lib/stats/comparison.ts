// Groups of runs side by side, one row each: what the README's table and the notebooks compare methods by.
import { interquartileMean, median } from './aggregate.ts';
import { type BootstrapOptions, bootstrap } from './bootstrap.ts';
import type { RunSummary } from './run-summary.ts';
import { type Anchors, normalizedScore } from './scores.ts';
import { lifetime, medianSteps } from './survival.ts';

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
  /** 95 % bootstrap interval of that return; NaN with one seed. */
  readonly returnLow: number;
  readonly returnHigh: number;
  /** Median over seeds of the mean episode length in the last evaluation. */
  readonly length: number;
  /** Median over seeds of all env steps taken. */
  readonly envSteps: number;
  /** Seeds that reached the threshold with which the runs were summarised. */
  readonly reached: number;
  /** Kaplan and Meier's median of the env steps to it; infinite if more than half of the runs never got there. */
  readonly stepsToThreshold: number;
  /** Median over seeds of the seconds of training, evaluation left out. */
  readonly seconds: number;
}

/** How scores and their intervals are computed. */
export interface ComparisonOptions extends BootstrapOptions {
  /** Returns of the random policy and the expert on this task. `random: 0` makes the score a share of the expert's return. */
  readonly anchors: Anchors;
}

/**
 * A row for every group, in the order given.
 * @throws RangeError if a group has no run
 */
export function comparisonRows(
  groups: Readonly<Record<string, readonly RunSummary[]>>,
  options: ComparisonOptions,
): ComparisonRow[] {
  return Object.entries(groups).map(([label, runs]) => comparisonRow(label, runs, options));
}

/** One group's row. @throws RangeError if it has no run */
export function comparisonRow(
  label: string,
  runs: readonly RunSummary[],
  { anchors, ...options }: ComparisonOptions,
): ComparisonRow {
  const finals = runs.map(({ lastThree }) => lastThree);
  const { value, low, high } = bootstrap([finals], ([drawn]) => interquartileMean(drawn!), options);
  return {
    label,
    seeds: runs.length,
    // The score is linear in the return, and so are its mean and its quantiles.
    score: normalizedScore(value, anchors),
    low: normalizedScore(low, anchors),
    high: normalizedScore(high, anchors),
    return: value,
    returnLow: low,
    returnHigh: high,
    length: median(runs.map(({ lastLength }) => lastLength)),
    envSteps: median(runs.map(({ envSteps }) => envSteps)),
    reached: runs.filter(({ stepsToThreshold }) => stepsToThreshold !== null).length,
    stepsToThreshold: medianSteps(runs.map(lifetime)),
    seconds: median(runs.map(({ seconds }) => seconds)),
  };
}
