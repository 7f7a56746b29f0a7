// Learning curves and final comparisons, from the record lines of any algorithm.
import type { HeaderLine, RecordLine } from '../experiment/record.ts';
import { interquartileMean, mean, quantile } from '../stats/aggregate.ts';
import { type BootstrapOptions, bootstrapEach, type Samples } from '../stats/bootstrap.ts';
import { commonSteps, curveOf, type LearningCurve, returnAt } from '../stats/learning-curve.ts';
import { type BandPoint, bandsBehind, bandTrace, lineTrace } from './band.ts';
import { type Figure, figure, type ScatterTrace, slug, type Trace } from './figure.ts';
import { colour, DASHES, type Dash, percent, REFERENCE, translucent } from './style.ts';

/** Returns to compare with, drawn as horizontal lines. Any further name is allowed. */
export type References = Readonly<Record<string, number>>;

/** What `learningCurves` shows. */
export interface CurveOptions {
  /** Heading of the figure. Default: the environments' names. */
  readonly title?: string;
  /** Horizontal lines, for example `{expert: 3571, 'behavioural cloning': 410, random: 18}`. */
  readonly references?: References;
  /** Which weights' evaluations to draw. Default: the averaged policy where a run has evaluated it. */
  readonly weights?: 'raw' | 'averaged';
  /** Series that a run belongs to. Default: its algorithm. */
  readonly by?: (header: HeaderLine) => string;
  /** Draws the band of `learningCurves` by resampling seeds; 2000 resamples by default. */
  readonly bootstrap?: BootstrapOptions;
  /** Replaces the caption that is made from the records. */
  readonly caption?: string;
  readonly height?: number;
}

const REFERENCE_DASHES: readonly Dash[] = ['dash', 'dot', 'dashdot', 'longdash'];

/**
 * Mean return against environment steps. One run: a line. Several seeds of a series: each seed thin, their
 * interquartile mean thick, and a band (interpolated between evaluations): between the quartiles over seeds, or with
 * `bootstrap` the interval of the interquartile mean.
 *
 * @param runs the record lines of each run
 * @throws RangeError if there is no run; Error if one has no header or no evaluation of the weights asked for
 */
export function learningCurves(
  runs: readonly (readonly RecordLine[])[],
  {
    title,
    references = {},
    weights,
    by = (header) => header.algorithm,
    bootstrap,
    caption,
    height = 420,
  }: CurveOptions = {},
): Figure {
  const curves = curvesOf(runs, weights);
  const data: Trace[] = [];
  const series = grouped(curves, by);
  // Many seeds are drawn paler, so that the thick lines stay to be seen.
  const seedOpacity = curves.length > 30 ? 0.2 : 0.45;
  [...series].forEach(([name, group], i) => {
    const dash = DASHES[i % DASHES.length]!;
    data.push(...seriesTraces(name, group, { color: colour(i), dash, bootstrap, seedOpacity }));
  });
  const last = Math.max(...curves.map(({ envSteps }) => envSteps.at(-1)!));
  data.push(...referenceTraces(references, last));
  const envs = [...new Set(curves.map(({ header }) => header.env))].join(', ');
  const heading = title ?? `Learning curve on ${envs}`;
  return figure({
    id: slug(heading),
    data: bandsBehind(data),
    layout: {
      title: { text: heading },
      height,
      axes: {
        xaxis: { title: { text: 'environment steps' }, range: [0, last * 1.01], tickformat: ',d' },
        yaxis: { title: { text: 'return per episode' }, rangemode: 'tozero', tickformat: ',~r' },
      },
    },
    caption:
      caption ??
      describe(curves, series, {
        references,
        band: bootstrap
          ? `${percent(bootstrap)} bootstrap interval of that mean`
          : 'between the quartiles over seeds',
      }),
  });
}

/** What `finalBars` shows. */
export interface BarOptions extends Omit<CurveOptions, 'by' | 'weights' | 'bootstrap'> {
  /** Bar that a run belongs to. Default: its algorithm. */
  readonly by?: (header: HeaderLine) => string;
  readonly weights?: 'raw' | 'averaged';
}

/**
 * The last evaluation of every run: a bar per series at the mean over seeds, a point per seed.
 * @throws as `learningCurves`
 */
export function finalBars(
  runs: readonly (readonly RecordLine[])[],
  {
    title,
    references = {},
    weights,
    by = (header) => header.algorithm,
    caption,
    height = 380,
  }: BarOptions = {},
): Figure {
  const curves = curvesOf(runs, weights);
  const series = grouped(curves, by);
  const names = [...series.keys()];
  const last = [...series.values()].map((group) => group.map(({ meanReturn }) => meanReturn.at(-1)!));
  const data: Trace[] = [
    {
      type: 'bar',
      x: names.map((_, i) => i),
      y: last.map(mean),
      width: 0.5,
      marker: { color: names.map((_, i) => translucent(colour(i), 0.75)) },
      showlegend: false,
    },
    {
      type: 'scatter',
      mode: 'markers',
      x: last.flatMap((values, i) => values.map((_, k) => i + 0.3 * ((k + 0.5) / values.length - 0.5))),
      y: last.flat(),
      marker: { color: REFERENCE, size: 7 },
      name: 'one seed',
    },
    ...Object.entries(references).map(
      ([name, value], i): ScatterTrace => ({
        ...referenceTrace(name, value, i),
        x: [-0.5, names.length - 0.5],
        y: [value, value],
      }),
    ),
  ];
  const envs = [...new Set(curves.map(({ header }) => header.env))].join(', ');
  const heading = title ?? `Return reached on ${envs}`;
  return figure({
    id: slug(heading),
    data,
    layout: {
      title: { text: heading },
      height,
      showlegend: true,
      margin: { b: 32 },
      axes: {
        xaxis: {
          range: [-0.5, names.length - 0.5],
          tickvals: names.map((_, i) => i),
          ticktext: names,
        },
        yaxis: { title: { text: 'return per episode' }, rangemode: 'tozero', tickformat: ',~r' },
      },
    },
    caption:
      caption ??
      `${describe(curves, series, { references })} Bars: mean over seeds of each run's last evaluation.`,
  });
}

function curvesOf(
  runs: readonly (readonly RecordLine[])[],
  weights: 'raw' | 'averaged' | undefined,
): LearningCurve[] {
  if (runs.length === 0) throw new RangeError('Cannot draw the curves of no run: give at least one');
  return runs.map((lines) => curveOf(lines, weights));
}

function grouped(
  curves: readonly LearningCurve[],
  by: (header: HeaderLine) => string,
): Map<string, LearningCurve[]> {
  const series = new Map<string, LearningCurve[]>();
  for (const curve of curves) {
    const name = by(curve.header);
    series.set(name, [...(series.get(name) ?? []), curve]);
  }
  return series;
}

function seriesTraces(
  name: string,
  group: readonly LearningCurve[],
  {
    color,
    dash,
    bootstrap,
    seedOpacity,
  }: { color: string; dash: Dash; bootstrap: BootstrapOptions | undefined; seedOpacity: number },
): Trace[] {
  const hovertemplate = `${name}<br>%{x:,d} steps: %{y:,.0f}<extra></extra>`;
  if (group.length === 1) {
    const [{ envSteps: x, meanReturn: y }] = group as [LearningCurve];
    return [{ type: 'scatter', mode: 'lines', x, y, name, line: { color, width: 2.5, dash }, hovertemplate }];
  }
  const x = commonSteps(group);
  // One seed's curve as its values on the common grid, so that seeds are drawn whole.
  const points = pointsOf(
    group.map((curve) => x.map((at) => returnAt(curve, at))),
    x,
    bootstrap,
  );
  return [
    ...bandTrace(points, color),
    ...group.map(
      (curve): ScatterTrace => ({
        type: 'scatter',
        mode: 'lines',
        x: curve.envSteps,
        y: curve.meanReturn,
        line: { color, width: 1 },
        opacity: seedOpacity,
        name: `${name}, seed ${curve.header.seed}`,
        hovertemplate: `${name}, seed ${curve.header.seed}<br>%{x:,d} steps: %{y:,.0f}<extra></extra>`,
        showlegend: false,
      }),
    ),
    lineTrace(points, { name: `${name} (${group.length} seeds)`, color, dash, hovertemplate }),
  ];
}

/** Interquartile mean over curves at every x, with the quartiles around it or its bootstrap interval. */
function pointsOf(
  curves: readonly (readonly number[])[],
  x: readonly number[],
  bootstrap: BootstrapOptions | undefined,
): BandPoint[] {
  const across = (drawn: readonly (readonly number[])[], k: number) => drawn.map((curve) => curve[k]!);
  if (bootstrap === undefined)
    return x.map((at, k) => {
      const values = across(curves, k);
      const [low, high] = [quantile(values, 0.25), quantile(values, 0.75)];
      return { x: at, value: interquartileMean(values), low, high };
    });
  const means = ([drawn]: Samples<readonly number[]>) =>
    x.map((_, k) => interquartileMean(across(drawn!, k)));
  return bootstrapEach([curves], means, { resamples: 2000, ...bootstrap }).map((point, k) => ({
    x: x[k]!,
    ...point,
  }));
}

/** Horizontal lines from 0 to `last` environment steps. */
export function referenceTraces(references: References, last: number): ScatterTrace[] {
  return Object.entries(references).map(([name, value], i) => ({
    ...referenceTrace(name, value, i),
    x: [0, last],
    y: [value, value],
  }));
}

function referenceTrace(name: string, value: number, i: number): ScatterTrace {
  return {
    type: 'scatter',
    mode: 'lines',
    x: [],
    y: [],
    name: `${name} (${rounded(value)})`,
    line: { color: REFERENCE, width: 1.5, dash: REFERENCE_DASHES[i % REFERENCE_DASHES.length]! },
    hovertemplate: `${name}: ${rounded(value)}<extra></extra>`,
  };
}

/** What the records say about themselves, as sentences. */
function describe(
  curves: readonly LearningCurve[],
  series: ReadonlyMap<string, readonly LearningCurve[]>,
  { references, band }: { readonly references: References; readonly band?: string },
): string {
  const list = (values: readonly string[]) => [...new Set(values)].join(', ');
  const episodes = list(curves.map(({ evaluations }) => String(evaluations[0]!.returns_E.length)));
  const actions = list(curves.map(({ evaluations }) => evaluations[0]!.actions));
  const demos = list(
    curves.flatMap(({ header }) => {
      const { trajectories, pairs } = header.demos ?? {};
      if (typeof trajectories !== 'number') return [];
      return [`${trajectories} trajectories${typeof pairs === 'number' ? ` (${pairs} pairs)` : ''}`];
    }),
  );
  const seeds = [...series]
    .map(([name, group]) => `${name}: ${group.map(({ header }) => header.seed).join(', ')}`)
    .join('; ');
  const several = [...series.values()].some((group) => group.length > 1);
  const weights = list(curves.map((curve) => (curve.weights === 'averaged' ? 'averaged' : 'current')));
  return [
    `${list(curves.map(({ header }) => header.env))}: mean return of the ${weights} policy over ${episodes} evaluation episodes with ${actions} actions.`,
    demos === '' ? '' : `Demonstrations: ${demos}.`,
    `Seeds ${seeds}.`,
    band !== undefined && several
      ? `Thin: single seeds; thick: interquartile mean over seeds; band: ${band}.`
      : '',
    Object.keys(references).length === 0 ? '' : `Grey lines: ${Object.keys(references).join(', ')}.`,
  ]
    .filter((sentence) => sentence !== '')
    .join(' ');
}

function rounded(value: number): string {
  return value.toLocaleString('en-US', { maximumFractionDigits: Math.abs(value) < 10 ? 1 : 0 });
}
