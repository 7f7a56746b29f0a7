// Performance profiles: not one number a method, but which share of its runs gets how far.
import type { BootstrapOptions } from '../stats/bootstrap.ts';
import { performanceProfile, type Scores } from '../stats/scores.ts';
import { bandsBehind, bandTrace, lineTrace } from './band.ts';
import { type Figure, figure, slug } from './figure.ts';
import { colour, DASHES, percent, seedCounts } from './style.ts';

/** What `performanceProfiles` shows. */
export interface ProfileOptions {
  readonly title: string;
  /** What is scored, with its anchors. Default: 'score (0 random, 1 expert)'. */
  readonly score?: string;
  /** Least and greatest threshold. Default: 0 and 1.2. */
  readonly range?: readonly [number, number];
  readonly bootstrap: BootstrapOptions;
  /** What the figure shows: tasks, methods, demonstrations, episodes. What is drawn, and runs, are added. */
  readonly caption: string;
  readonly height?: number;
}

/**
 * For each method the share of its runs, over all tasks, that score above a threshold, with a bootstrap band.
 * @param groups name to scores, [R][M]
 * @throws RangeError if a group has no run
 */
export function performanceProfiles(
  groups: Readonly<Record<string, Scores>>,
  {
    title,
    score = 'score (0 random, 1 expert)',
    range: [from, to] = [0, 1.2],
    bootstrap,
    caption,
    height = 400,
  }: ProfileOptions,
): Figure {
  const thresholds = Array.from({ length: 101 }, (_, i) => from + ((to - from) * i) / 100);
  const entries = Object.entries(groups);
  const data = entries.flatMap(([name, scores], g) => {
    const points = performanceProfile(scores, thresholds, bootstrap).map(({ threshold, ...point }) => ({
      x: threshold,
      ...point,
    }));
    return [
      ...bandTrace(points, colour(g)),
      lineTrace(points, {
        name,
        color: colour(g),
        dash: DASHES[g % DASHES.length]!,
        hovertemplate: `${name}: %{y:.0%} of runs above %{x:.2f}<extra></extra>`,
      }),
    ];
  });
  return figure({
    id: slug(title),
    data: bandsBehind(data),
    layout: {
      title: { text: title },
      height,
      showlegend: true,
      axes: {
        xaxis: { title: { text: `threshold of the ${score}` }, range: [from, to] },
        yaxis: { title: { text: 'share of runs above it' }, range: [0, 1.02] },
      },
    },
    caption: `${caption} Lines: share of runs with a score above the threshold (${seedCounts(entries.map(([, scores]) => scores.length))} runs a task); bands: ${percent(bootstrap)} bootstrap interval, point by point.`,
  });
}
