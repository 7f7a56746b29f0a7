// When runs learnt the task: the share that has reached a threshold against env steps, runs that never did included.
import { kaplanMeier, type Lifetime } from '../stats/survival.ts';
import { type Figure, figure, type ScatterTrace, slug } from './figure.ts';
import { colour, DASHES } from './style.ts';

/** What `reachedCurves` writes around its lines. */
export interface ReachedOptions {
  readonly title: string;
  /** What is reached, for example '90 % of the expert'. */
  readonly threshold: string;
  /** What the figure shows: task, methods, demonstrations, episodes. What is drawn, and runs, are added. */
  readonly caption: string;
  readonly height?: number;
}

/**
 * For each method one minus Kaplan and Meier's estimate, as steps, to the end of its longest run. A dot marks the end of runs
 * that had not got there: they count until then, and their line goes on flat.
 * @param groups name to lifetimes, one for each run
 * @throws RangeError if a group has no run
 */
export function reachedCurves(
  groups: Readonly<Record<string, readonly Lifetime[]>>,
  { title, threshold, caption, height = 380 }: ReachedOptions,
): Figure {
  const entries = Object.entries(groups);
  const data = entries.flatMap(([name, runs], g): ScatterTrace[] => {
    const color = colour(g);
    const points = kaplanMeier(runs).map(({ steps, share }) => ({ x: steps, y: 1 - share }));
    const end = { x: Math.max(...runs.map(({ steps }) => steps)), y: points.at(-1)!.y };
    const line = [...points, end];
    const cut = runs.filter(({ reached }) => !reached).map(({ steps }) => steps);
    const reachedAt = (steps: number) => points.findLast(({ x }) => x <= steps)!.y;
    return [
      {
        type: 'scatter',
        mode: 'lines',
        x: line.map(({ x }) => x),
        y: line.map(({ y }) => y),
        name: `${name} (${runs.length - cut.length} of ${runs.length})`,
        line: { color, width: 2.5, dash: DASHES[g % DASHES.length]!, shape: 'hv' },
        hovertemplate: `${name}: %{y:.0%} by %{x:,d} steps<extra></extra>`,
      },
      {
        type: 'scatter',
        mode: 'markers',
        x: cut,
        y: cut.map(reachedAt),
        name: `${name}, ended without`,
        marker: { color, size: 8 },
        showlegend: false,
      },
    ];
  });
  return figure({
    id: slug(title),
    data,
    layout: {
      title: { text: title },
      height,
      showlegend: true,
      axes: {
        xaxis: { title: { text: 'environment steps' }, rangemode: 'tozero', tickformat: ',d' },
        yaxis: { title: { text: `share of runs at ${threshold}` }, range: [-0.04, 1.04] },
      },
    },
    caption: `${caption} Lines: share of runs that have reached ${threshold}, by Kaplan and Meier; dots: runs that ended without; in brackets: how many got there.`,
  });
}
