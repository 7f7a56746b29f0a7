// An experiment's runs, level by level: what the notebooks on its claim draw and list.
import type { HeaderLine, RecordLine } from '../experiment/record.ts';
import { interquartileMean, mean, median } from '../stats/aggregate.ts';
import type { Dose } from '../stats/rank.ts';
import { lifetime, medianSteps } from '../stats/survival.ts';
import type { Evidence, EvidenceRun, Judgement } from './claim.ts';
import { areaShares, finalShares, having, meanMetric, scoresOf, summaries, valuesOf } from './groups.ts';

type Labels = EvidenceRun['labels'];

/** The runs that have been made, as evidence: of an experiment's plan, or of `runHere`. */
export function finishedRuns(
  runs: readonly {
    readonly labels: Labels;
    readonly spec: { readonly seed: number };
    readonly lines?: readonly RecordLine[];
  }[],
): EvidenceRun[] {
  return runs.flatMap(({ labels, spec, lines }) => (lines ? [{ labels, seed: spec.seed, lines }] : []));
}

/**
 * The scores at every level of a factor, ascending: what `doseResponse` draws. Levels without a run are left out.
 * @param levelOf the level of a run as a number; undefined for runs that do not belong here
 * @param score of all runs of one level, for example `scoresOf(areaShares(runs, evidence))`
 */
export function dosesOf(
  runs: readonly EvidenceRun[],
  levelOf: (labels: Labels) => number | undefined,
  score: (runs: readonly EvidenceRun[]) => readonly number[],
): Dose[] {
  const levels = runs.flatMap(({ labels }) => levelOf(labels) ?? []);
  return [...new Set(levels)]
    .sort((a, b) => a - b)
    .map((level) => ({ level, scores: score(runs.filter(({ labels }) => levelOf(labels) === level)) }))
    .filter(({ scores }) => scores.length > 0);
}

/**
 * The series of a record by the labels of its run, for `learningCurves({ by })`.
 * @throws Error if it is asked about a record that is not among the runs
 */
export function seriesBy(
  runs: readonly EvidenceRun[],
  nameOf: (labels: Labels) => string,
): (header: HeaderLine) => string {
  const names = new Map<unknown, string>(
    runs.flatMap(({ labels, lines }) => lines.map((line) => [line, nameOf(labels)] as const)),
  );
  return (header) => {
    const name = names.get(header);
    if (name === undefined)
      throw new Error(
        `Cannot name ${header.algorithm} on ${header.env}, seed ${header.seed}, as it is not among the ${runs.length} runs: draw the runs that were named`,
      );
    return name;
  };
}

/** What is on record of a task: levels, planned and recorded runs, and seeds at the levels that have fewest and most. */
export type CoverageRow = {
  readonly task: string;
  readonly levels: number;
  readonly planned: number;
  readonly recorded: number;
  readonly 'seeds at a level': string;
};

/** How much of a plan has been run, one row a task. */
export function coverageRows(
  planned: readonly { readonly labels: Labels }[],
  runs: readonly EvidenceRun[],
): CoverageRow[] {
  const tasks = [...new Set(planned.map(({ labels }) => labels.env!))];
  return tasks.map((task) => {
    const plan = planned.filter(({ labels }) => labels.env === task);
    const levels = [...new Map(plan.map(({ labels }) => [JSON.stringify(labels), labels])).values()];
    const counts = levels.map((labels) => having(runs, labels).length);
    const range = [...new Set([Math.min(...counts), Math.max(...counts)])].join(' to ');
    return {
      task: String(task),
      levels: levels.length,
      planned: plan.length,
      recorded: having(runs, { env: task }).length,
      'seeds at a level': range,
    };
  });
}

/**
 * One level: first a column for each factor, as text, then numbers. Shares are of the expert's return, in whole per cent; IQM
 * is the interquartile mean over seeds.
 */
export interface LevelRow {
  readonly [factor: string]: string | number;
  readonly seeds: number;
  /** IQM of the mean return over the whole of training. */
  readonly 'over training, %': number;
  /** IQM of the last three evaluations. */
  readonly 'at the end, %': number;
  /** Mean over seeds of what was lost from the best evaluation to the last three. */
  readonly 'lost again, %': number;
  /** Seeds that ever reached 90 % of the expert's return. */
  readonly 'reached 90 %': string;
  /** Kaplan and Meier's median of the env steps to it; infinite if more than half of the runs never got there. */
  readonly 'median steps to it': number;
  /** Mean over training and seeds of the discriminator's accuracy on its own batches; NaN without such a metric. */
  readonly "D's accuracy": number;
  /** Median over seeds of the whole seconds of training, evaluation left out. */
  readonly seconds: number;
}

/** What the columns of `levelRows` mean: the end of any caption of such a table. */
export const levelColumns =
  "Shares are of the expert's return. Over training, at the end: interquartile means over seeds; lost again: mean over seeds " +
  'of best evaluation minus last three; median steps to 90 % of the expert with runs that never got there kept (∞: more ' +
  "than half of them); D's accuracy: on its own batches, mean over training; seconds: median, training alone, on cores that did " +
  'other work.';

/** A row for every combination of the factors' values that has runs, in the order in which they come. */
export function levelRows(
  runs: readonly EvidenceRun[],
  evidence: Evidence,
  factors: readonly string[],
): LevelRow[] {
  const combinations = factors.reduce<Labels[]>(
    (found, factor) =>
      found.flatMap((labels) =>
        valuesOf(having(runs, labels), factor).map((value) => ({ ...labels, [factor]: value })),
      ),
    [{}],
  );
  return combinations.map((labels) => levelRow(labels, having(runs, labels), evidence));
}

function levelRow(labels: Labels, runs: readonly EvidenceRun[], evidence: Evidence): LevelRow {
  const found = summaries(runs, evidence);
  const lost = found.map(({ env, best, lastThree }) => (best - lastThree) / evidence.expertReturn(env));
  const accuracies = meanMetric(runs, 'disc/accuracy');
  const reached = found.filter(({ stepsToThreshold }) => stepsToThreshold !== null).length;
  const percent = (share: number) => Math.round(100 * share);
  return {
    ...Object.fromEntries(Object.entries(labels).map(([factor, level]) => [factor, String(level)])),
    seeds: runs.length,
    'over training, %': percent(interquartileMean(scoresOf(areaShares(runs, evidence)))),
    'at the end, %': percent(interquartileMean(scoresOf(finalShares(runs, evidence)))),
    'lost again, %': percent(mean(lost)),
    'reached 90 %': `${reached} of ${runs.length}`,
    'median steps to it': medianSteps(found.map(lifetime)),
    "D's accuracy": accuracies.length > 0 ? mean(accuracies) : Number.NaN,
    seconds: Math.round(median(found.map(({ seconds }) => seconds))),
  };
}

/**
 * What returns on a task are compared with: the expert, and where the imitation table has them, cloning alone from 4
 * demonstrations and random actions. Interquartile means over seeds of the last evaluations.
 */
export function referenceReturns(evidence: Evidence, env: string): Record<string, number> {
  const table = having(evidence.runs('imitation-table'), { env });
  const of = (labels: Labels) => summaries(having(table, labels), evidence).map(({ lastThree }) => lastThree);
  const [cloning, random] = [of({ method: 'cloning alone', trajectories: 4 }), of({ method: 'random' })];
  return {
    expert: evidence.expertReturn(env),
    ...(cloning.length > 0 ? { 'cloning alone': interquartileMean(cloning) } : {}),
    ...(random.length > 0 ? { random: interquartileMean(random) } : {}),
  };
}

/** An effect as a table's row. */
export type EffectRow = {
  readonly setting: string;
  readonly value: number;
  readonly low: number;
  readonly high: number;
  readonly seeds: number;
  readonly holds: string;
};

/** What a verdict rests on, row by row; where nothing was measured, one row that says so. */
export function effectRows({ effects, verdict }: Judgement): EffectRow[] {
  const nothing = { value: Number.NaN, low: Number.NaN, high: Number.NaN, seeds: 0, holds: '–' };
  if (effects.length === 0) return [{ setting: verdict, ...nothing }];
  return effects.map(({ setting, value, low, high, seeds, holds }) => ({
    setting,
    value,
    low,
    high,
    seeds,
    holds: holds ? 'yes' : 'no',
  }));
}
