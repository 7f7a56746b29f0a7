// What an ablation shows: score against the level of a factor, every seed a dot.
import { interquartileMean } from '../stats/aggregate.ts';
import { type BootstrapOptions, bootstrap } from '../stats/bootstrap.ts';
import type { Dose } from '../stats/rank.ts';
import { type References, referenceTraces } from './curves.ts';
import { type Figure, figure, type ScatterTrace, slug, type Trace } from './figure.ts';
import { colour, DASHES, percent, seedCounts, translucent } from './style.ts';

/** What `doseResponse` shows. */
export interface DoseResponseOptions {
  readonly title: string;
  /** Name of the factor with its unit, under the x axis. */
  readonly factor: string;
  /** What is scored, with its unit. Default: 'return per episode'. */
  readonly score?: string;
  /** Limits of the y axis. Default: from 0 to the highest. */
  readonly range?: readonly [number, number];
  /** Horizontal lines, for example `{expert: 3571}`. */
  readonly references?: References;
  /** Draws the intervals. */
  readonly bootstrap: BootstrapOptions;
  /** 'ordinal': levels side by side in the order of their size (default); else placed by size. */
  readonly scale?: 'ordinal' | 'linear' | 'log';
  /** Names of levels, where the number is not enough: `{0.5: 'half'}`. */
  readonly names?: Readonly<Record<number, string>>;
  /** What the figure shows: task, method, demonstrations, episodes. What is drawn, and seeds, are added. */
  readonly caption: string;
  readonly height?: number;
}

/**
 * Interquartile mean over seeds with its interval at every level, single seeds as dots; several series side by side.
 * @param series name to levels, for example the decays of a learning rate
 * @throws RangeError if there is no level, one has no run, or one of 0 or less is to stand on a logarithmic axis
 */
export function doseResponse(
  series: Readonly<Record<string, readonly Dose[]>>,
  {
    title,
    factor,
    score = 'return per episode',
    range,
    references = {},
    bootstrap: options,
    scale = 'ordinal',
    names = {},
    caption,
    height = 400,
  }: DoseResponseOptions,
): Figure {
  const groups = Object.entries(series);
  const levels = [...new Set(groups.flatMap(([, doses]) => doses.map(({ level }) => level)))].sort(
    (a, b) => a - b,
  );
  if (levels.length === 0)
    throw new RangeError('Cannot draw a response to no level: give at least one with its scores');
  if (scale === 'log' && levels[0]! <= 0)
    throw new RangeError(
      `Cannot place the level ${levels[0]} on a logarithmic axis: use scale 'ordinal' or 'linear'`,
    );
  const inside = scale === 'log' ? Math.log10 : (level: number) => level;
  const at = (level: number) => (scale === 'ordinal' ? levels.indexOf(level) : inside(level));
  const gaps = levels.slice(1).map((level, i) => at(level) - at(levels[i]!));
  // Series, and seeds within one, stand side by side within this part of the least gap between levels.
  const slot = (0.45 * Math.min(...gaps, 1)) / groups.length;
  const place = (x: number) => (scale === 'log' ? 10 ** x : x);
  const data: Trace[] = groups.flatMap(([name, doses], g) => {
    const color = colour(g);
    const middle = (level: number) => at(level) + slot * (g - (groups.length - 1) / 2);
    const sorted = [...doses].sort((a, b) => a.level - b.level);
    const points = sorted.map(({ level, scores }) => ({
      x: place(middle(level)),
      ...bootstrap([scores], ([drawn]) => interquartileMean(drawn!), options),
    }));
    const dots: ScatterTrace = {
      type: 'scatter',
      mode: 'markers',
      x: sorted.flatMap(({ level, scores }) =>
        scores.map((_, k) => place(middle(level) + 0.7 * slot * ((k + 0.5) / scores.length - 0.5))),
      ),
      y: sorted.flatMap(({ scores }) => scores),
      marker: { color: translucent(color, 0.6), size: 6 },
      name: `${name}, one seed`,
      showlegend: false,
    };
    const bars: ScatterTrace = {
      type: 'scatter',
      mode: 'lines',
      x: points.flatMap(({ x }) => [x, x, x]),
      y: points.flatMap(({ low, high }) => (Number.isNaN(low) ? [null, null, null] : [low, high, null])),
      line: { color, width: 2.5 },
      hoverinfo: 'skip',
      showlegend: false,
    };
    const line: ScatterTrace = {
      type: 'scatter',
      mode: 'lines+markers',
      x: points.map(({ x }) => x),
      y: points.map(({ value }) => value),
      line: { color, width: 2, dash: DASHES[g % DASHES.length]! },
      marker: { color, size: 9 },
      name,
      hovertemplate: `${name}: %{y:,.4~g}<extra></extra>`,
    };
    return [dots, bars, line];
  });
  const ends = [at(levels[0]!) - 0.5 * Math.min(...gaps, 1), at(levels.at(-1)!) + 0.5 * Math.min(...gaps, 1)];
  data.push(...referenceTraces(references, 0).map((line) => ({ ...line, x: ends.map(place) })));
  return figure({
    id: slug(title),
    data,
    layout: {
      title: { text: title },
      height,
      axes: {
        xaxis: {
          title: { text: factor },
          range: ends as [number, number],
          ...(scale === 'log' ? { type: 'log' as const } : {}),
          tickvals: scale === 'ordinal' ? levels.map((_, i) => i) : levels,
          ticktext: levels.map((level) => names[level] ?? String(level)),
        },
        yaxis: {
          title: { text: score },
          tickformat: ',~r',
          ...(range ? { range } : { rangemode: 'tozero' as const }),
        },
      },
    },
    caption: `${caption} Large dots: interquartile mean over seeds; bars: ${percent(options)} bootstrap interval; small dots: single seeds (${seedCounts(groups.flatMap(([, doses]) => doses.map(({ scores }) => scores.length)))} a level).`,
  });
}
