// How well scores foresee trouble: the area under the ROC curve, with intervals that treat an episode as one observation.
import { integer, type Rng } from '../backend/rng.ts';
import { quantile } from '../stats/aggregate.ts';
import type { Outcomes } from './outcomes.ts';

/** The steps of one episode: what came (`Outcomes`), and what each named score said then, [T]. */
export interface ScoredEpisode {
  readonly outcome_T: Outcomes;
  readonly scores: Readonly<Record<string, ArrayLike<number>>>;
}

/**
 * P(score of a step with trouble ahead < score of a step without) + P(equal) / 2, over all pairs of such steps: the
 * Mann-Whitney statistic. 1: every trouble scored lower, 1/2: no information, 0: upside down. Steps whose outcome is
 * unknown (-1) do not count.
 * @throws RangeError if one of the two kinds is missing, a score is NaN, or the lengths differ
 */
export function auroc(score_N: ArrayLike<number>, outcome_N: ArrayLike<number>): number {
  return weightedAuroc(knownSteps(score_N, outcome_N), () => 1);
}

/** One point of a ROC curve: alarm at scores of `threshold` or lower. */
export interface RocPoint {
  readonly threshold: number;
  /** Share of the steps without trouble that raise an alarm. */
  readonly falseAlarms: number;
  /** Share of the steps with trouble that raise an alarm. */
  readonly hits: number;
}

/**
 * The ROC curve, from no alarm to all, one point a distinct score. Its area by trapezoids is `auroc`.
 * @throws RangeError as `auroc`
 */
export function rocCurve(score_N: ArrayLike<number>, outcome_N: ArrayLike<number>): RocPoint[] {
  const steps = knownSteps(score_N, outcome_N);
  const total = steps.filter((step) => step.outcome === 1).length;
  const points: RocPoint[] = [{ threshold: Number.NEGATIVE_INFINITY, falseAlarms: 0, hits: 0 }];
  let hits = 0;
  steps.forEach((step, i) => {
    hits += step.outcome;
    if (steps[i + 1]?.score === step.score) return;
    points.push({
      threshold: step.score,
      falseAlarms: (i + 1 - hits) / (steps.length - total),
      hits: hits / total,
    });
  });
  return points;
}

/** One score's AUROC, and by how much it is ahead of the reference. Flat, so that it is a table's row. */
export interface AurocRow {
  readonly score: string;
  readonly auroc: number;
  readonly low: number;
  readonly high: number;
  /** AUROC minus that of the reference on the same episodes, with its interval. */
  readonly ahead: number;
  readonly aheadLow: number;
  readonly aheadHigh: number;
}

/**
 * The AUROC of every score with percentile intervals from a bootstrap over EPISODES. Steps of one episode resemble each
 * other, so an interval that takes them as independent is far too narrow. Episodes with and without trouble are drawn
 * apart, each kind as often as it is there, and all scores are compared on the same draws.
 * @param options.reference the score that the others are compared with; default: the first
 * @param options.resamples default 1000
 * @param options.level of the intervals, default 0.95
 * @throws RangeError as `auroc`
 */
export function compareAuroc(
  episodes: readonly ScoredEpisode[],
  options: {
    readonly rng: Rng;
    readonly reference?: string;
    readonly resamples?: number;
    readonly level?: number;
  },
): AurocRow[] {
  const names = Object.keys(episodes[0]?.scores ?? {});
  const { rng, reference = names[0]!, resamples = 1000, level = 0.95 } = options;
  if (!names.includes(reference))
    throw new RangeError(
      `Cannot compare with the score "${reference}": the episodes have ${names.join(', ')}`,
    );
  const outcome_N = episodes.flatMap(({ outcome_T }) => [...outcome_T]);
  const owner_N = episodes.flatMap(({ outcome_T }, e) => new Array<number>(outcome_T.length).fill(e));
  const all = names.map((name) =>
    knownSteps(
      episodes.flatMap(({ scores }) => Array.from(scores[name]!)),
      outcome_N,
    ),
  );
  const whole = all.map((steps) => weightedAuroc(steps, () => 1));
  const drawn = all.map((): number[] => []);
  while (drawn[0]!.length < resamples) {
    const weight_E = drawEpisodes(episodes, rng);
    const areas = all.map((steps) => weightedAuroc(steps, (i) => weight_E[owner_N[i]!]!));
    // A draw may lack one kind of step; the kinds are there in the whole, so another draw has them.
    if (!Number.isNaN(areas[0]!)) areas.forEach((area, s) => void drawn[s]!.push(area));
  }
  const at = names.indexOf(reference);
  const interval = (values: readonly number[]) => [
    quantile(values, (1 - level) / 2),
    quantile(values, (1 + level) / 2),
  ];
  return names.map((score, s) => {
    const [low, high] = interval(drawn[s]!) as [number, number];
    const [aheadLow, aheadHigh] = interval(drawn[s]!.map((area, b) => area - drawn[at]![b]!)) as [
      number,
      number,
    ];
    return {
      score,
      auroc: whole[s]!,
      low,
      high,
      ahead: whole[s]! - whole[at]!,
      aheadLow,
      aheadHigh,
    };
  });
}

/** How often each episode is in one resample, [E]. */
function drawEpisodes(episodes: readonly ScoredEpisode[], rng: Rng): Int32Array {
  const weight_E = new Int32Array(episodes.length);
  for (const withTrouble of [true, false]) {
    const kind = episodes.flatMap(({ outcome_T }, e) => (outcome_T.includes(1) === withTrouble ? [e] : []));
    for (let i = 0; i < kind.length; i++) weight_E[kind[integer(rng, kind.length)]!]! += 1;
  }
  return weight_E;
}

interface Step {
  readonly score: number;
  /** 0 or 1. */
  readonly outcome: number;
  /** Place in the arrays given. */
  readonly at: number;
}

/** The steps with a known outcome, from the lowest score up. @throws RangeError as `auroc` */
function knownSteps(score_N: ArrayLike<number>, outcome_N: ArrayLike<number>): Step[] {
  if (score_N.length !== outcome_N.length)
    throw new RangeError(
      `Cannot judge ${score_N.length} scores by ${outcome_N.length} outcomes: give one of each a step`,
    );
  const steps: Step[] = [];
  for (let at = 0; at < score_N.length; at++) {
    const score = score_N[at]!;
    if (Number.isNaN(score))
      throw new RangeError(`Cannot judge scores: score ${at} is NaN, expected a number`);
    if (outcome_N[at] !== -1) steps.push({ score, outcome: outcome_N[at]!, at });
  }
  const trouble = steps.filter((step) => step.outcome === 1).length;
  if (trouble === 0 || trouble === steps.length)
    throw new RangeError(
      `Cannot compute an AUROC from ${trouble} steps with trouble ahead and ${steps.length - trouble} without: both kinds are needed`,
    );
  return steps.sort((a, b) => a.score - b.score);
}

/** The AUROC with a weight for each step; NaN if one of the kinds has no weight. */
function weightedAuroc(steps: readonly Step[], weight: (at: number) => number): number {
  let [area, trouble, calm] = [0, 0, 0];
  for (let i = 0; i < steps.length; ) {
    const { score } = steps[i]!;
    let [tiedTrouble, tiedCalm] = [0, 0];
    for (; i < steps.length && steps[i]!.score === score; i++) {
      const w = weight(steps[i]!.at);
      if (steps[i]!.outcome === 1) tiedTrouble += w;
      else tiedCalm += w;
    }
    // Every calm step here has all the trouble below it, and half of what it is tied with.
    area += tiedCalm * (trouble + tiedTrouble / 2);
    trouble += tiedTrouble;
    calm += tiedCalm;
  }
  return trouble * calm === 0 ? Number.NaN : area / (trouble * calm);
}
