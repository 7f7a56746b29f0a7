// A figure as plain data: traces and layout in Plotly's vocabulary (the part of it that both Plotly and our own
// static drawing understand), a caption that stands alone, and the hook by which a notebook shows it.
// Free of Node: how a figure becomes MIME types is decided by whoever calls `setFigureBundler` (bundle.ts).
import { DISPLAY_METHOD } from '../kernel/display.ts';
import { type Dash, FONT, FONT_SIZE, FRAME, GRID, INK, textWidth, WIDTH } from './style.ts';

/** MIME type to content, as Jupyter's display messages carry it. */
export type MimeBundle = Readonly<Record<string, unknown>>;

/** Name of the method by which an object shows itself in a notebook. */
export const DISPLAY: typeof DISPLAY_METHOD = DISPLAY_METHOD;

interface TraceBase {
  readonly name?: string;
  readonly showlegend?: boolean;
  readonly legendgroup?: string;
  readonly opacity?: number;
  readonly xaxis?: string;
  readonly yaxis?: string;
  readonly hoverinfo?: 'skip' | 'all';
  readonly hovertemplate?: string;
}

/** Lines, points, or a filled band (`fill: 'toself'` around a closed outline). A null in `y` breaks the line. */
export interface ScatterTrace extends TraceBase {
  readonly type: 'scatter';
  readonly mode: 'lines' | 'markers' | 'lines+markers';
  readonly x: readonly number[];
  readonly y: readonly (number | null)[];
  readonly line?: {
    readonly color?: string;
    readonly width?: number;
    readonly dash?: Dash;
    readonly shape?: 'linear' | 'hv';
  };
  readonly marker?: { readonly color?: string; readonly size?: number };
  readonly fill?: 'toself';
  readonly fillcolor?: string;
}

/** Upright bars; names under them are `ticktext` of the axis. */
export interface BarTrace extends TraceBase {
  readonly type: 'bar';
  readonly x: readonly number[];
  readonly y: readonly number[];
  readonly width?: number;
  readonly marker?: { readonly color?: string | readonly string[] };
}

/** A grid of coloured cells with a text in each; `<br>` starts a new line. A null in `z` is an empty cell. */
export interface HeatmapTrace extends TraceBase {
  readonly type: 'heatmap';
  readonly x: readonly number[];
  readonly y: readonly number[];
  /** [y][x] */
  readonly z: readonly (readonly (number | null)[])[];
  readonly text: readonly (readonly string[])[];
  readonly texttemplate: '%{text}';
  /** Colours at shares of the way from `zmin` to `zmax`. */
  readonly colorscale: readonly (readonly [number, string])[];
  readonly zmin: number;
  readonly zmax: number;
  readonly xgap: number;
  readonly ygap: number;
  readonly showscale: false;
}

/** One thing that is drawn. */
export type Trace = ScatterTrace | BarTrace | HeatmapTrace;

/** An axis, with Plotly's own keys. */
export interface Axis {
  readonly title?: { readonly text: string };
  readonly type?: 'linear' | 'log';
  /** Limits; for a log axis their base-10 logarithms, as Plotly has it. */
  readonly range?: readonly [number, number];
  readonly rangemode?: 'normal' | 'tozero' | 'nonnegative';
  /** Part of the drawing area that it takes, from 0 to 1. */
  readonly domain?: readonly [number, number];
  readonly anchor?: string;
  /** d3 format: `,d` and `,~r` give 20,000, `~s` gives 20k. */
  readonly tickformat?: string;
  /** Places and names of the ticks, where they are not to be chosen by value. */
  readonly tickvals?: readonly number[];
  readonly ticktext?: readonly string[];
  readonly nticks?: number;
}

/** What stands around the traces. */
export interface Layout {
  readonly title?: { readonly text: string };
  readonly height?: number;
  readonly showlegend?: boolean;
  readonly margin?: { readonly l?: number; readonly r?: number; readonly t?: number; readonly b?: number };
  /** `xaxis`, `xaxis2`, `yaxis`, ...: keys as in Plotly. */
  readonly axes: Readonly<Record<string, Axis>>;
}

/** What a figure is, without how it is shown. */
export interface FigureSpec {
  /** Name of the element on the page: letters, digits and dashes, the same at every run. */
  readonly id: string;
  readonly data: readonly Trace[];
  readonly layout: Layout;
  /** What, task, method, seeds, demonstrations, episodes, what the band is: readable without the notebook. */
  readonly caption: string;
}

/** A figure that a notebook shows when it is the last expression of a cell or is given to `display`. */
export interface Figure extends FigureSpec {
  [DISPLAY_METHOD](): MimeBundle;
}

let bundler: ((figure: FigureSpec) => MimeBundle) | undefined;

/** Sets how figures become MIME bundles. Called once by the module that knows files and rasterisers. */
export function setFigureBundler(toBundle: (figure: FigureSpec) => MimeBundle): void {
  bundler = toBundle;
}

/** Gives a description the hook that shows it. Without a bundler only the caption is shown, as text. */
export function figure(spec: FigureSpec): Figure {
  return { ...spec, [DISPLAY_METHOD]: () => bundler?.(spec) ?? { 'text/plain': spec.caption } };
}

/** `Return on Hopper-v5` -> `return-on-hopper-v5`: an element id that does not change from run to run. */
export function slug(text: string): string {
  return (
    text
      .toLowerCase()
      .replace(/[^a-z0-9]+/g, '-')
      .replace(/^-+|-+$/g, '') || 'figure'
  );
}

/** Position of the legend row above the drawing area, CSS pixels. */
export const LEGEND_ROW = 24;
const DEFAULT_MARGIN = { l: 64, r: 28, t: 16, b: 48 };

/** Margins in CSS pixels: room for a title and for a legend row is added at the top. */
export function marginsOf({ layout, data }: FigureSpec): { l: number; r: number; t: number; b: number } {
  const title = layout.title === undefined ? 0 : 30;
  const margin = { ...DEFAULT_MARGIN, ...layout.margin };
  return { ...margin, t: margin.t + title + legendOf({ layout, data }).height };
}

/** Width of a legend entry's line and gaps, CSS pixels. */
const LEGEND_LINE = 54;

/** Names in the legend row; where they do not fit into one, columns of equal width, as Plotly does it. */
export function legendOf({ layout, data }: Pick<FigureSpec, 'layout' | 'data'>): {
  readonly height: number;
  readonly entries: readonly {
    readonly trace: Trace;
    readonly i: number;
    readonly x: number;
    readonly row: number;
  }[];
} {
  const named = data
    .map((trace, i) => ({ trace, i }))
    .filter(({ trace }) => trace.name !== undefined && trace.showlegend !== false);
  if (!hasLegend(layout, data) || named.length === 0) return { height: 0, entries: [] };
  const margin = { ...DEFAULT_MARGIN, ...layout.margin };
  const room = WIDTH - margin.l - margin.r;
  const widths = named.map(({ trace }) => LEGEND_LINE + textWidth(trace.name!));
  const total = widths.reduce((a, b) => a + b, 0);
  const widest = Math.max(...widths);
  const columns = total <= room ? named.length : Math.max(1, Math.floor(room / widest));
  const entries = named.map((entry, k) => ({
    ...entry,
    x: total <= room ? widths.slice(0, k).reduce((a, b) => a + b, 0) : (k % columns) * widest,
    row: Math.floor(k / columns),
  }));
  return { height: LEGEND_ROW * Math.ceil(named.length / columns), entries };
}

/** Whether a legend row is drawn: on request, or when two series have names. */
function hasLegend(layout: Layout, data: readonly Trace[]): boolean {
  return layout.showlegend ?? data.filter((t) => t.name !== undefined && t.showlegend !== false).length > 1;
}

/** What Plotly's MIME type carries. */
export interface PlotlyJson {
  readonly data: readonly Readonly<Record<string, unknown>>[];
  readonly layout: Readonly<Record<string, unknown>>;
  readonly config: Readonly<Record<string, unknown>>;
}

/**
 * The figure for Plotly (3 to 4): our style filled in, numbers rounded to five significant digits so that the text
 * is short. Backgrounds are clear, so the page's theme shows through.
 */
export function plotlyJson(spec: FigureSpec): PlotlyJson {
  const { axes, title, height = 400, showlegend: _, margin: __, ...rest } = spec.layout;
  const margin = marginsOf(spec);
  const axis = (given: Axis) => ({
    gridcolor: GRID,
    linecolor: FRAME,
    zeroline: false,
    showline: true,
    ticks: 'outside',
    tickcolor: FRAME,
    ticklen: 4,
    ...(given.type === 'log' ? { exponentformat: 'power' } : {}),
    ...given,
    ...(given.title === undefined ? {} : { title: { ...given.title, standoff: 8 } }),
  });
  const drawn = height - margin.t - margin.b;
  return {
    data: spec.data.map((trace) => rounded(trace) as Record<string, unknown>),
    layout: {
      ...rest,
      ...(title === undefined
        ? {}
        : {
            title: {
              ...title,
              x: 0,
              xanchor: 'left',
              xref: 'paper',
              y: 1,
              yanchor: 'bottom',
              yref: 'paper',
              pad: { b: 10 + legendOf(spec).height },
              font: { size: 15 },
            },
          }),
      ...Object.fromEntries(Object.entries(axes).map(([key, given]) => [key, axis(given)])),
      height,
      margin,
      font: { family: FONT, size: FONT_SIZE, color: INK },
      paper_bgcolor: 'rgba(0,0,0,0)',
      plot_bgcolor: 'rgba(0,0,0,0)',
      showlegend: hasLegend(spec.layout, spec.data),
      legend: { orientation: 'h', x: 0, xanchor: 'left', y: 1 + 4 / drawn, yanchor: 'bottom' },
      hovermode: 'closest',
    },
    config: { displaylogo: false, responsive: true },
  };
}

/** Numbers in arrays rounded to five significant digits; typed arrays become lists; NaN and infinities become null. */
function rounded(value: unknown): unknown {
  if (typeof value === 'number') return Number.isFinite(value) ? Number(value.toPrecision(5)) : null;
  if (Array.isArray(value)) return value.map(rounded);
  if (ArrayBuffer.isView(value)) return Array.from(value as Float64Array, rounded);
  if (value !== null && typeof value === 'object')
    return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, rounded(inner)]));
  return value;
}
