// A run as a curve, mean return of every evaluation against env steps, and what can be read off it.
import {
  type EvaluationLine,
  type HeaderLine,
  judgedEvaluations,
  type RecordLine,
} from '../experiment/record.ts';
import { mean } from './aggregate.ts';

/** Mean return of every evaluation, by env steps in ascending order. */
export interface LearningCurve {
  readonly header: HeaderLine;
  /** Whose evaluations these are: of the current policy, or of its running average. */
  readonly weights: 'raw' | 'averaged';
  readonly evaluations: readonly EvaluationLine[];
  readonly envSteps: readonly number[];
  readonly meanReturn: readonly number[];
}

/**
 * The curve of a run.
 * @param weights default: the averaged policy where it was evaluated
 * @throws Error if the run has no header or no evaluation of those weights
 */
export function curveOf(
  lines: readonly RecordLine[],
  weights?: 'raw' | 'averaged' | undefined,
): LearningCurve {
  const header = lines.find((line): line is HeaderLine => line.kind === 'header');
  if (header === undefined)
    throw new Error(
      `Cannot draw a run of ${lines.length} record lines as it has no header line: give whole records`,
    );
  const all = judgedEvaluations(lines);
  const wanted = weights ?? (all.some((line) => line.weights === 'averaged') ? 'averaged' : 'raw');
  const evaluations = all.filter((line) => line.weights === wanted);
  if (evaluations.length === 0)
    throw new Error(
      `Cannot draw ${header.algorithm} on ${header.env}, seed ${header.seed}, as it has no evaluation of the ${wanted} weights: it has ${all.length} evaluations in all`,
    );
  return {
    header,
    weights: wanted,
    evaluations,
    envSteps: evaluations.map((line) => line.envSteps),
    meanReturn: evaluations.map((line) => mean(line.returns_E)),
  };
}

/** Points of a curve, x ascending. */
export type Polyline = Pick<LearningCurve, 'envSteps' | 'meanReturn'>;

/** Return at that many env steps: linear between evaluations, flat before the first and after the last (NumPy's `interp`). */
export function returnAt({ envSteps, meanReturn }: Polyline, at: number): number {
  const right = envSteps.findIndex((value) => value >= at);
  if (right === -1) return meanReturn.at(-1)!;
  if (right === 0) return meanReturn[0]!;
  const share = (at - envSteps[right - 1]!) / (envSteps[right]! - envSteps[right - 1]!);
  return meanReturn[right - 1]! * (1 - share) + meanReturn[right]! * share;
}

/**
 * Area under the learning curve by trapezoids, over the env steps that it spans: the mean return during training, in which
 * learning early counts as much as ending high. Give `normalizedScore` of it to compare tasks.
 * @param options.from env steps to start at, default 0
 * @param options.until env steps to end at: the same for all runs that are compared
 * @throws RangeError if the span is empty
 */
export function areaUnderCurve(
  curve: Polyline,
  { from = 0, until }: { readonly from?: number; readonly until: number },
): number {
  if (!(until > from))
    throw new RangeError(`Cannot average a curve from ${from} until ${until} env steps: end after the start`);
  const x = [from, ...curve.envSteps.filter((at) => at > from && at < until), until];
  const y = x.map((at) => returnAt(curve, at));
  const area = x.slice(1).reduce((sum, at, i) => sum + ((y[i]! + y[i + 1]!) / 2) * (at - x[i]!), 0);
  return area / (until - from);
}

/** All evaluation points of several curves between the latest start and the earliest end, at most 200 of them. */
export function commonSteps(curves: readonly Polyline[]): number[] {
  const from = Math.max(...curves.map(({ envSteps }) => envSteps[0]!));
  const to = Math.min(...curves.map(({ envSteps }) => envSteps.at(-1)!));
  const union = [...new Set(curves.flatMap(({ envSteps }) => envSteps))]
    .filter((at) => at >= from && at <= to)
    .sort((a, b) => a - b);
  const every = Math.ceil(union.length / 200);
  return union.filter((_, i) => i % every === 0 || i === union.length - 1);
}
