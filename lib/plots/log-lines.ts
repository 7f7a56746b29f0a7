// Lines with bands on logarithmic axes, for what grows by factors: variance against horizon, error against samples.
import { type BandPoint, bandsBehind, bandTrace, lineTrace } from './band.ts';
import { type Figure, figure, slug } from './figure.ts';
import { colour, DASHES } from './style.ts';

/** What `logLines` shows. */
export interface LogLinesOptions {
  readonly title: string;
  /** What the axes show, with units. */
  readonly xTitle: string;
  readonly yTitle: string;
  /** Default: both. */
  readonly log?: 'both' | 'x' | 'y';
  /** What the figure shows, and what the bands are: nothing is added. */
  readonly caption: string;
  readonly height?: number;
}

/**
 * A line through the values of each series, with a dot at each and a band between `low` and `high` (NaN: no band there).
 * @throws RangeError if a value on a logarithmic axis is not positive
 */
export function logLines(
  series: Readonly<Record<string, readonly BandPoint[]>>,
  { title, xTitle, yTitle, log = 'both', caption, height = 400 }: LogLinesOptions,
): Figure {
  const [logX, logY] = [log !== 'y', log !== 'x'];
  for (const [name, points] of Object.entries(series))
    for (const { x, value } of points)
      if ((logX && !(x > 0)) || (logY && !(value > 0)))
        throw new RangeError(
          `Cannot draw the point (${x}, ${value}) of "${name}" on logarithmic axes: give positive numbers`,
        );
  const data = Object.entries(series).flatMap(([name, points], g) => {
    const [color, dash] = [colour(g), DASHES[g % DASHES.length]!];
    // A lower end at zero or below lies at the bottom of the drawing, wherever that is.
    const floor = Math.min(...points.map(({ value }) => value)) / 1000;
    const shown = points.map((point) => (logY && point.low <= 0 ? { ...point, low: floor } : point));
    return [
      ...bandTrace(shown, color),
      lineTrace(points, {
        name,
        color,
        dash,
        mode: 'lines+markers',
        hovertemplate: `${name}<br>%{x:.4~g}: %{y:.3~g}<extra></extra>`,
      }),
    ];
  });
  const axis = (text: string, isLog: boolean) => ({
    title: { text },
    ...(isLog ? { type: 'log' as const } : {}),
  });
  // A few settings, such as horizons, are named one by one.
  const places = [...new Set(Object.values(series).flatMap((points) => points.map(({ x }) => x)))];
  const ticks =
    places.length > 8 ? {} : { tickvals: places, ticktext: places.map((x) => x.toLocaleString('en-US')) };
  return figure({
    id: slug(title),
    data: bandsBehind(data),
    layout: {
      title: { text: title },
      height,
      showlegend: true,
      axes: { xaxis: { ...axis(xTitle, logX), ...ticks }, yaxis: axis(yTitle, logY) },
    },
    caption,
  });
}
