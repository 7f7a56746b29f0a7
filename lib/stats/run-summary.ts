// One run in numbers: when it first reached a share of the expert's return, its best evaluation, and how it ended.
import type { EvaluationLine, RecordLine } from '../experiment/record.ts';
import { mean } from './aggregate.ts';

/** A run in numbers; returns are undiscounted means over the episodes of an evaluation. */
export interface RunSummary {
  readonly algorithm: string;
  readonly env: string;
  readonly seed: number;
  /** Env steps when the return first reached the threshold; null if it never did (censored, not dropped). */
  readonly stepsToThreshold: number | null;
  /** Training seconds then, evaluation left out; null if it never did or no clock line stands there. */
  readonly secondsToThreshold: number | null;
  readonly best: number;
  /** Mean of the last three evaluations by mean action. */
  readonly lastThree: number;
  /** The last evaluation with sampled actions; null where there is none. */
  readonly lastSampled: number | null;
  /** Mean episode length of the last evaluation by mean action. */
  readonly lastLength: number;
  readonly envSteps: number;
  readonly seconds: number;
}

/**
 * Summarises one run. Returns are means over an evaluation's episodes, of the averaged policy where it was evaluated,
 * else of the raw one.
 * @param threshold return that counts as having learnt the task, for example 90 % of the expert's
 * @throws Error if the record has no header or no evaluation by mean action
 */
export function summarize(lines: readonly RecordLine[], threshold: number): RunSummary {
  const header = lines.find((line) => line.kind === 'header');
  const evaluations = lines.filter((line): line is EvaluationLine => line.kind === 'evaluation');
  const weights = evaluations.some((line) => line.weights === 'averaged') ? 'averaged' : 'raw';
  const of = (actions: 'mean' | 'sampled') =>
    evaluations.filter((line) => line.weights === weights && line.actions === actions);
  const byMean = of('mean');
  if (header?.kind !== 'header' || byMean.length === 0)
    throw new Error('Cannot summarise a record without a header and an evaluation by mean action');
  const returns = byMean.map((line) => mean(line.returns_E));
  const first = byMean[returns.findIndex((value) => value >= threshold)];
  const clocks = lines.flatMap((line) => (line.kind === 'clock' ? [line] : []));
  const last = byMean.at(-1)!;
  const sampled = of('sampled').at(-1);
  return {
    algorithm: header.algorithm,
    env: header.env,
    seed: header.seed,
    stepsToThreshold: first?.envSteps ?? null,
    secondsToThreshold: clocks.find((line) => line.envSteps === first?.envSteps)?.wallSeconds ?? null,
    best: Math.max(...returns),
    lastThree: mean(returns.slice(-3)),
    lastSampled: sampled ? mean(sampled.returns_E) : null,
    lastLength: mean(last.lengths_E),
    envSteps: last.envSteps,
    seconds: clocks.at(-1)?.wallSeconds ?? 0,
  };
}
