// The conditions of an experiment side by side (Node side): what the README's table and notebook 08 show.
import { stream } from '../backend/rng.ts';
import { type ComparisonRow, comparisonRow } from '../stats/comparison.ts';
import { learntReturn } from '../stats/expert-share.ts';
import { type RunSummary, summarize } from '../stats/run-summary.ts';
import type { Labels } from './experiment.ts';
import type { ExperimentRun } from './experiment-runs.ts';
import { expertCard } from './run-key.ts';

/** The runs that have been made of one condition. */
export interface ComparedRuns {
  readonly labels: Labels;
  readonly env: string;
  /** One for each seed. */
  readonly summaries: readonly RunSummary[];
  /** All of them in one row; its score is the share of the expert's mean return (0: a return of 0), NaN where that is negative. */
  readonly row: ComparisonRow;
}

/**
 * Runs with equal labels together, in the order in which they come; those that have not been made are left out.
 * @param share of the expert's mean return at which the task counts as learnt (`learntReturn`)
 */
export function compareExperiment(runs: readonly ExperimentRun[], share = 0.9): ComparedRuns[] {
  const byLabels = new Map<string, { labels: Labels; env: string; summaries: RunSummary[] }>();
  for (const { labels, spec, lines } of runs) {
    if (!lines) continue;
    const name = JSON.stringify(labels);
    const group = byLabels.get(name) ?? { labels, env: spec.env, summaries: [] };
    group.summaries.push(summarize(lines, learntReturn(expertReturn(spec.env), share)));
    byLabels.set(name, group);
  }
  return [...byLabels].map(([name, group]) => {
    const expert = expertReturn(group.env);
    const row = comparisonRow(Object.values(group.labels).join(', '), group.summaries, {
      // A share of a negative return says nothing; everything else in the row does.
      anchors: { random: 0, expert: expert > 0 ? expert : Number.NaN },
      rng: stream(0, 'results', name),
    });
    return { ...group, row };
  });
}

/** Mean return of the demonstrations of a task. @throws FormatError if there are none */
export function expertReturn(env: string): number {
  return expertCard(env).returns.mean;
}
