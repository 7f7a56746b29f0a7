// Runs of an experiment, grouped and turned into one number each.
import { mean } from '../stats/aggregate.ts';
import type { SeedScore } from '../stats/compare.ts';
import { expertShare, learntReturn } from '../stats/expert-share.ts';
import { areaUnderCurve, curveOf } from '../stats/learning-curve.ts';
import { type RunSummary, summarize } from '../stats/run-summary.ts';
import type { Evidence, EvidenceRun } from './claim.ts';

type Labels = EvidenceRun['labels'];

/** Runs whose labels are these. */
export function having(runs: readonly EvidenceRun[], labels: Labels): EvidenceRun[] {
  return runs.filter((run) => Object.entries(labels).every(([name, value]) => run.labels[name] === value));
}

/** The values of a label, each once, in the order in which they come. */
export function valuesOf(runs: readonly EvidenceRun[], label: string): (string | number)[] {
  return [...new Set(runs.map(({ labels }) => labels[label]!))];
}

/** Each run in numbers, with 90 % of the expert's return as the threshold (`learntReturn`). */
export function summaries(runs: readonly EvidenceRun[], evidence: Evidence): RunSummary[] {
  return runs.map(({ lines }) => {
    const { env } = summarize(lines, 0);
    return summarize(lines, learntReturn(evidence.expertReturn(env)));
  });
}

/** A run's last three evaluations as a share of the expert's return. @throws RangeError as `expertShare` */
export function finalShares(runs: readonly EvidenceRun[], evidence: Evidence): SeedScore[] {
  return summaries(runs, evidence).map(({ seed, env, lastThree }) => ({
    seed,
    score: expertShare(lastThree, evidence.expertReturn(env)),
  }));
}

/** Mean return over the whole of training, to the end of the shortest run, as a share of the expert's: early counts. @throws RangeError as `expertShare` */
export function areaShares(runs: readonly EvidenceRun[], evidence: Evidence): SeedScore[] {
  const curves = runs.map(({ lines }) => curveOf(lines));
  const until = Math.min(...curves.map(({ envSteps }) => envSteps.at(-1)!));
  return curves.map((curve) => ({
    seed: curve.header.seed,
    score: expertShare(areaUnderCurve(curve, { until }), evidence.expertReturn(curve.header.env)),
  }));
}

/** Mean over training of a metric, run by run; runs that never recorded it are left out. */
export function meanMetric(runs: readonly EvidenceRun[], metric: string): number[] {
  return runs.flatMap(({ lines }) => {
    const values = lines.flatMap((line) =>
      line.kind === 'metrics' && metric in line.metrics ? [line.metrics[metric]!] : [],
    );
    return values.length > 0 ? [mean(values)] : [];
  });
}

/** The scores alone. */
export function scoresOf(scores: readonly SeedScore[]): number[] {
  return scores.map(({ score }) => score);
}
