// Draws a figure as SVG without a browser, for the PNG that stays readable where scripts are stripped. It knows the
// part of Plotly's vocabulary that figure.ts declares, and lays out exactly as `plotlyJson` asks Plotly to.
import {
  type Axis,
  type BarTrace,
  type FigureSpec,
  type HeatmapTrace,
  LEGEND_ROW,
  legendOf,
  marginsOf,
  type ScatterTrace,
  type Trace,
} from './figure.ts';
import {
  colour,
  colourAt,
  type Dash,
  FONT_SIZE,
  FRAME,
  GRID,
  INK,
  luminance,
  textWidth,
  WIDTH,
  wrap,
} from './style.ts';

const DASH_ARRAY: Readonly<Record<Dash, string>> = {
  solid: '',
  dash: '7 4',
  dot: '2 3',
  dashdot: '7 3 2 3',
  longdash: '11 4',
};
const CAPTION_LINE = 16;

/** One axis turned into numbers: data value to pixel, and its ticks. */
interface Scale {
  readonly axis: Axis;
  readonly start: number;
  readonly end: number;
  readonly ticks: readonly { readonly at: number; readonly label: string }[];
  pixel(value: number): number;
}

/** The figure with its caption as a complete SVG document, `WIDTH` CSS pixels wide. */
export function svgOf(spec: FigureSpec): string {
  const { height = 400 } = spec.layout;
  const margin = marginsOf(spec);
  const caption = wrap(spec.caption, WIDTH - 16);
  const total = height + (caption.length === 0 ? 0 : caption.length * CAPTION_LINE + 12);
  const area = { left: margin.l, right: WIDTH - margin.r, top: margin.t, bottom: height - margin.b };
  const parts: string[] = [];
  if (spec.layout.title !== undefined)
    parts.push(text(spec.layout.title.text, margin.l, 26, { size: 15, anchor: 'start' }));
  parts.push(legend(spec, area.left, area.top));

  const scales = new Map(
    Object.entries(spec.layout.axes).map(([key, axis]) => [
      key,
      scale(
        axis,
        valuesOn(key, spec.data),
        key[0] === 'x' ? [area.left, area.right] : [area.bottom, area.top],
      ),
    ]),
  );
  for (const [key, y] of scales) {
    if (key[0] !== 'y') continue;
    const x = scales.get(axisKey(y.axis.anchor ?? 'x'));
    if (x !== undefined) {
      // An x axis that several panels share has its names under the panel that it is anchored to.
      const named = x.axis.anchor === undefined || axisKey(x.axis.anchor) === key;
      parts.push(frame(x, y, { id: spec.id + key, traces: tracesOn(key, spec.data), named }));
    }
  }
  caption.forEach((line, i) => {
    parts.push(text(line, 8, height + 12 + i * CAPTION_LINE, { anchor: 'start' }));
  });
  return `<svg xmlns="http://www.w3.org/2000/svg" width="${WIDTH}" height="${total}" viewBox="0 0 ${WIDTH} ${total}" font-family="Inter" font-size="${FONT_SIZE}" fill="${INK}">${parts.join('')}</svg>`;
}

/** Plotly's short name of an axis (`y2`) as the key in the layout (`yaxis2`). */
function axisKey(name: string): string {
  return `${name[0]}axis${name.slice(1)}`;
}

function tracesOn(key: string, data: readonly Trace[]): Trace[] {
  const side = key[0] === 'x' ? 'xaxis' : 'yaxis';
  return data.filter((trace) => axisKey(trace[side] ?? side[0]!) === key);
}

function valuesOn(key: string, data: readonly Trace[]): number[] {
  const side = key[0] as 'x' | 'y';
  return tracesOn(key, data).flatMap((trace) => {
    const values: readonly (number | null)[] = trace[side];
    const zero = trace.type === 'bar' && side === 'y' ? [0] : [];
    return [...values.filter((v): v is number => v !== null && Number.isFinite(v)), ...zero];
  });
}

function scale(axis: Axis, values: readonly number[], [from, to]: readonly [number, number]): Scale {
  const [low, high] = axis.domain ?? [0, 1];
  const start = from + (to - from) * low;
  const end = from + (to - from) * high;
  const log = axis.type === 'log';
  const shown = log ? values.filter((v) => v > 0).map(Math.log10) : values;
  const [min, max] = axis.range ?? padded(shown, axis);
  const pixel = (v: number) => start + (((log ? Math.log10(v) : v) - min) / (max - min)) * (end - start);
  const count = Math.max(
    2,
    Math.min(axis.nticks ?? 8, Math.round(Math.abs(end - start) / (from < to ? 80 : 36))),
  );
  const at = axis.tickvals ?? (log ? logTicks(min, max) : linearTicks(min, max, count));
  const ticks = at.map((value, i) => ({
    at: pixel(value),
    label: axis.ticktext?.[i] ?? formatted(value, axis),
  }));
  return { axis, start, end, pixel, ticks };
}

function padded(values: readonly number[], axis: Axis): [number, number] {
  let min = values.reduce((a, b) => Math.min(a, b), Number.POSITIVE_INFINITY);
  let max = values.reduce((a, b) => Math.max(a, b), Number.NEGATIVE_INFINITY);
  if (!(min <= max)) [min, max] = [0, 1];
  if (axis.rangemode !== undefined && axis.rangemode !== 'normal')
    [min, max] = [Math.min(0, min), Math.max(0, max)];
  if (min === max) [min, max] = [min - 0.5, max + 0.5];
  const pad = (max - min) * 0.05;
  const pinned = axis.rangemode === 'tozero' || axis.rangemode === 'nonnegative';
  return [pinned && min === 0 ? 0 : min - pad, pinned && max === 0 ? 0 : max + pad];
}

/**
 * Multiples of 1, 2 or 5 times a power of ten between two ends, about `count` of them and two at least; descending where the
 * axis runs backwards.
 */
export function linearTicks(min: number, max: number, count: number): number[] {
  if (min > max) return linearTicks(max, min, count).reverse();
  const rough = (max - min) / count;
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = power * ([1, 2, 5, 10].find((m) => m * power >= rough * 0.999) ?? 10);
  const ticks: number[] = [];
  for (let i = Math.ceil(min / step - 1e-9); i * step <= max + step * 1e-9; i++)
    ticks.push(Number((i * step).toPrecision(12)));
  return ticks.length < 2 && count < 10 ? linearTicks(min, max, count + 1) : ticks;
}

/** Powers of ten between 10^min and 10^max; also twice and five times them where few powers fit. */
export function logTicks(min: number, max: number): number[] {
  const every = Math.max(1, Math.ceil((max - min) / 6));
  const factors = max - min < 1 ? [1, 2, 3, 4, 5, 6, 8] : max - min < 2 ? [1, 2, 5] : [1];
  const ticks: number[] = [];
  for (let power = Math.floor(min / every) * every; power <= max; power += every)
    for (const factor of factors) {
      const at = power + Math.log10(factor);
      if (at >= min - 1e-9 && at <= max + 1e-9) ticks.push(Number((factor * 10 ** power).toPrecision(12)));
    }
  return ticks;
}

function formatted(value: number, { type, tickformat }: Axis): string {
  const power = Math.log10(Math.abs(value));
  if (type === 'log' && Math.abs(power) >= 3 && Number.isInteger(Math.round(power * 1e9) / 1e9))
    return `10${[...String(Math.round(power))].map((c) => (c === '-' ? '⁻' : '⁰¹²³⁴⁵⁶⁷⁸⁹'[+c]!)).join('')}`;
  if (tickformat === '~s' && Math.abs(value) >= 1000)
    return value >= 1e6 ? `${value / 1e6}M` : `${Number((value / 1e3).toPrecision(6))}k`;
  return value.toLocaleString('en-US', { maximumSignificantDigits: 6 }).replace('-', '−');
}

/** Grid, frame, ticks, titles and traces of one pair of axes. */
function frame(
  x: Scale,
  y: Scale,
  { id, traces, named }: { id: string; traces: readonly Trace[]; named: boolean },
): string {
  const [left, right, bottom, top] = [x.start, x.end, y.start, y.end];
  const clip = `clip-${id}`;
  const out: string[] = [];
  for (const { at, label } of y.ticks) {
    out.push(line(left, at, right, at, GRID), line(left - 4, at, left, at, FRAME));
    out.push(text(label, left - 7, at + 4, { anchor: 'end' }));
  }
  for (const { at, label } of x.ticks) {
    out.push(line(at, bottom, at, top, GRID), line(at, bottom, at, bottom + 4, FRAME));
    if (named) out.push(text(label, at, bottom + 18, { anchor: 'middle' }));
  }
  out.push(line(left, bottom, right, bottom, FRAME), line(left, bottom, left, top, FRAME));
  if (named && x.axis.title !== undefined)
    out.push(text(x.axis.title.text, (left + right) / 2, bottom + 37, { anchor: 'middle' }));
  if (y.axis.title !== undefined) {
    const widest = Math.max(...y.ticks.map(({ label }) => textWidth(label)), 0);
    out.push(
      text(y.axis.title.text, left - 17 - widest, (top + bottom) / 2, { anchor: 'middle', turned: true }),
    );
  }
  const drawn = traces.map((trace, i) => {
    if (trace.type === 'bar') return bars(trace, x, y, i);
    return trace.type === 'heatmap' ? cells(trace, x, y) : scatter(trace, x, y, i);
  });
  out.push(
    `<clipPath id="${clip}"><rect x="${left}" y="${top - 2}" width="${right - left + 3}" height="${bottom - top + 4}"/></clipPath>`,
    `<g clip-path="url(#${clip})">${drawn.join('')}</g>`,
  );
  return out.join('');
}

function scatter(trace: ScatterTrace, x: Scale, y: Scale, i: number): string {
  const stroke = trace.line?.color ?? trace.marker?.color ?? colour(i);
  const points = trace.x.map((value, k) => {
    const height = trace.y[k];
    const py = height === null || height === undefined ? Number.NaN : y.pixel(height);
    return Number.isFinite(py) ? ([x.pixel(value), py] as const) : null;
  });
  let path = '';
  let pen: 'M' | 'L' = 'M';
  let previous = 0;
  for (const point of points) {
    if (point === null) {
      pen = 'M';
      continue;
    }
    if (pen === 'L' && trace.line?.shape === 'hv') path += `L${px(point[0])} ${px(previous)}`;
    path += `${pen}${px(point[0])} ${px(point[1])}`;
    previous = point[1];
    pen = 'L';
  }
  const opacity = trace.opacity === undefined ? '' : ` opacity="${trace.opacity}"`;
  let out = '';
  if (trace.fill !== undefined) out += `<path d="${path}Z" fill="${trace.fillcolor ?? stroke}"${opacity}/>`;
  const width = trace.line?.width ?? 2;
  if (trace.mode !== 'markers' && width > 0) {
    const dash = DASH_ARRAY[trace.line?.dash ?? 'solid'];
    out += `<path d="${path}" fill="none" stroke="${stroke}" stroke-width="${width}" stroke-linejoin="round"${dash === '' ? '' : ` stroke-dasharray="${dash}"`}${opacity}/>`;
  }
  if (trace.mode !== 'lines') {
    const r = (trace.marker?.size ?? 6) / 2;
    const fill = trace.marker?.color ?? stroke;
    for (const point of points)
      if (point !== null)
        out += `<circle cx="${px(point[0])}" cy="${px(point[1])}" r="${r}" fill="${fill}"${opacity}/>`;
  }
  return out;
}

function bars(trace: BarTrace, x: Scale, y: Scale, i: number): string {
  const width = Math.abs(x.pixel(trace.width ?? 0.8) - x.pixel(0));
  const zero = y.pixel(0);
  return trace.x
    .map((value, k) => {
      const end = y.pixel(trace.y[k]!);
      const given = trace.marker?.color;
      const fill = typeof given === 'string' ? given : (given?.[k] ?? colour(i));
      return `<rect x="${px(x.pixel(value) - width / 2)}" y="${px(Math.min(zero, end))}" width="${px(width)}" height="${px(Math.abs(end - zero))}" fill="${fill}" opacity="${trace.opacity ?? 1}"/>`;
    })
    .join('');
}

function cells(trace: HeatmapTrace, x: Scale, y: Scale): string {
  const width = Math.abs(x.pixel(1) - x.pixel(0)) - trace.xgap;
  const height = Math.abs(y.pixel(1) - y.pixel(0)) - trace.ygap;
  return trace.z
    .flatMap((row, r) =>
      row.map((value, c) => {
        if (value === null) return '';
        const [cx, cy] = [x.pixel(trace.x[c]!), y.pixel(trace.y[r]!)];
        const share = Math.min(1, Math.max(0, (value - trace.zmin) / (trace.zmax - trace.zmin)));
        const fill = colourAt(trace.colorscale, share);
        const lines = trace.text[r]![c]!.split('<br>');
        const first = cy + 4 - ((lines.length - 1) * CAPTION_LINE) / 2;
        return (
          `<rect x="${px(cx - width / 2)}" y="${px(cy - height / 2)}" width="${px(width)}" height="${px(height)}" fill="${fill}"/>` +
          `<g fill="${luminance(fill) > 0.18 ? '#111111' : '#ffffff'}">${lines.map((line, i) => text(line, cx, first + i * CAPTION_LINE, { anchor: 'middle' })).join('')}</g>`
        );
      }),
    )
    .join('');
}

function legend(spec: FigureSpec, left: number, top: number): string {
  const { height, entries } = legendOf(spec);
  return entries
    .map(({ trace, i, x, row }) => {
      const [from, middle] = [left + x, top - height + row * LEGEND_ROW + LEGEND_ROW / 2 - 2];
      return (
        legendKey(trace, i, from, middle) + text(trace.name!, from + 34, middle + 4, { anchor: 'start' })
      );
    })
    .join('');
}

/** What a trace looks like, before its name in the legend. */
function legendKey(trace: Trace, i: number, x: number, y: number): string {
  if (trace.type === 'heatmap') return '';
  if (trace.type === 'bar') {
    const fill = typeof trace.marker?.color === 'string' ? trace.marker.color : colour(i);
    return `<rect x="${px(x + 8)}" y="${y - 5}" width="12" height="10" fill="${fill}"/>`;
  }
  const dot = (fill: string) => `<circle cx="${px(x + 14)}" cy="${y}" r="4" fill="${fill}"/>`;
  if (trace.mode === 'markers') return dot(trace.marker?.color ?? colour(i));
  const dash = DASH_ARRAY[trace.line?.dash ?? 'solid'];
  const stroke = trace.line?.color ?? colour(i);
  const stroked = `<line x1="${px(x)}" x2="${px(x + 28)}" y1="${y}" y2="${y}" stroke="${stroke}" stroke-width="${trace.line?.width ?? 2}" stroke-dasharray="${dash}"/>`;
  return trace.mode === 'lines' ? stroked : stroked + dot(trace.marker?.color ?? stroke);
}

interface TextOptions {
  readonly anchor: 'start' | 'middle' | 'end';
  readonly size?: number;
  readonly turned?: boolean;
}

function text(content: string, x: number, y: number, { anchor, size, turned = false }: TextOptions): string {
  const turn = turned ? ` transform="rotate(-90 ${px(x)} ${px(y)})"` : '';
  const font = size === undefined ? '' : ` font-size="${size}"`;
  return `<text x="${px(x)}" y="${px(y)}" text-anchor="${anchor}"${font}${turn}>${escapeXml(content)}</text>`;
}

function line(x1: number, y1: number, x2: number, y2: number, stroke: string): string {
  return `<line x1="${px(x1)}" y1="${px(y1)}" x2="${px(x2)}" y2="${px(y2)}" stroke="${stroke}"/>`;
}

function px(value: number): string {
  return String(Math.round(value * 10) / 10);
}

/** Text made safe inside XML and HTML, attributes included. */
export function escapeXml(text: string): string {
  const entities: Record<string, string> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' };
  return text.replace(/[&<>"]/g, (character) => entities[character]!);
}
