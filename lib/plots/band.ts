// A line with a band around it: what curves, profiles and variances over seeds are drawn as.
import type { Estimate } from '../stats/bootstrap.ts';
import type { ScatterTrace, Trace } from './figure.ts';
import { type Dash, translucent } from './style.ts';

/** A place on the x axis, the number there and its interval. */
export interface BandPoint extends Estimate {
  readonly x: number;
}

/** How a curve with its band is drawn. */
export interface BandStyle {
  readonly name: string;
  readonly color: string;
  readonly dash: Dash;
  readonly mode?: 'lines' | 'lines+markers';
  readonly hovertemplate?: string;
}

/** The area between `low` and `high`, where both are known; nothing if they are nowhere. */
export function bandTrace(points: readonly BandPoint[], color: string): ScatterTrace[] {
  const known = points.filter(({ low, high }) => Number.isFinite(low) && Number.isFinite(high));
  if (known.length < 2) return [];
  const back = [...known].reverse();
  return [
    {
      type: 'scatter',
      mode: 'lines',
      x: [...known, ...back].map(({ x }) => x),
      y: [...known.map(({ high }) => high), ...back.map(({ low }) => low)],
      fill: 'toself',
      fillcolor: translucent(color, 0.2),
      line: { width: 0, color },
      hoverinfo: 'skip',
      showlegend: false,
    },
  ];
}

/** The line through the values. */
export function lineTrace(
  points: readonly BandPoint[],
  { name, color, dash, mode = 'lines', hovertemplate }: BandStyle,
): ScatterTrace {
  return {
    type: 'scatter',
    mode,
    x: points.map(({ x }) => x),
    y: points.map(({ value }) => value),
    name,
    line: { color, width: 3, dash },
    ...(mode === 'lines' ? {} : { marker: { color, size: 7 } }),
    ...(hovertemplate === undefined ? {} : { hovertemplate }),
  };
}

/** The same traces with all bands behind all lines, so that no band dulls the line of another series. */
export function bandsBehind(traces: readonly Trace[]): Trace[] {
  const isBand = (trace: Trace) => trace.type === 'scatter' && trace.fill !== undefined;
  return [...traces.filter(isBand), ...traces.filter((trace) => !isBand(trace))];
}
