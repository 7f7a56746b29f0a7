// An experiment's records, for notebooks, tables and figures (Node side).
import { dataFrame } from '../stats/data-frame.ts';
import { learntReturn } from '../stats/expert-share.ts';
import { type RunSummary, summarize } from '../stats/run-summary.ts';
import { type Experiment, expandExperiment, type PlannedRun, type Profile } from './experiment.ts';
import { plannedIdentity } from './identity.ts';
import type { RecordLine } from './record.ts';
import { indexRecords } from './record-index.ts';
import { expertCard, readingKey } from './run-key.ts';

/** A planned run and its record, where there is one. */
export interface ExperimentRun extends PlannedRun {
  /** Equal for equal runs, whichever engine computes them. */
  readonly key: string;
  readonly path?: string;
  readonly lines?: readonly RecordLine[];
}

/**
 * Every run of an experiment, in the order of the plan, with its record if it has been made.
 * @param folders where records are looked for, whatever they are called there; default: results/
 * @throws Error if the experiment cannot be expanded; FormatError if a file there is not a record
 */
export function experimentRuns(
  experiment: Experiment,
  profile: Profile,
  folders: readonly string[] = ['results'],
): ExperimentRun[] {
  const index = indexRecords(...folders);
  return expandExperiment(experiment, profile).map((planned) => {
    const key = readingKey(plannedIdentity(planned.spec, expertCard(planned.spec.env).sha256));
    const found = index.withReadingKey(key);
    return { ...planned, key, ...(found ? { path: found.path, lines: found.lines } : {}) };
  });
}

/** A run in a table: its labels and its summary. */
export type ExperimentRow = Readonly<Record<string, string | number | null>> & RunSummary;

/**
 * One row for each run that has been made: its labels and its summary.
 * @param share of the expert's mean return, which is reached at `stepsToThreshold` (`learntReturn`)
 */
export function experimentRows(runs: readonly ExperimentRun[], share = 0.9): ExperimentRow[] {
  return runs.flatMap(({ labels, spec, lines }) =>
    lines ? [{ ...labels, ...summarize(lines, learntReturn(expertCard(spec.env).returns.mean, share)) }] : [],
  );
}

/** Those rows as a danfojs DataFrame, where NaN stands for what there is not. @throws Error if danfojs cannot be loaded */
export async function experimentFrame(
  runs: readonly ExperimentRun[],
  share?: number,
): ReturnType<typeof dataFrame> {
  const rows = experimentRows(runs, share).map((row) =>
    Object.fromEntries(Object.entries(row).map(([name, value]) => [name, value ?? Number.NaN])),
  );
  return dataFrame(rows);
}
