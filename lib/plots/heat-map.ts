// Two factors at once: a number in every cell, its colour the same number again.
import { interquartileMean } from '../stats/aggregate.ts';
import { type BootstrapOptions, bootstrap, type Estimate } from '../stats/bootstrap.ts';
import { type Figure, figure, slug } from './figure.ts';
import { HEAT, percent, textWidth } from './style.ts';

/** What `heatMap` shows. */
export interface HeatMapOptions {
  readonly title: string;
  /** Names of columns and rows, and what the two factors are called, with units. */
  readonly columns: readonly (string | number)[];
  readonly rows: readonly (string | number)[];
  readonly xTitle: string;
  readonly yTitle: string;
  /** Decimal places of the numbers, default 0. */
  readonly digits?: number;
  /** Values at the ends of the colours. Default: least and greatest in the table. */
  readonly range?: readonly [number, number];
  /** Second line of each cell, [row][column], for example the interval. */
  readonly notes?: readonly (readonly string[])[];
  /** What the figure shows: number in the cells with its unit, task, seeds. What the colours mean is added. */
  readonly caption: string;
  readonly height?: number;
}

/**
 * A table as a heat map, the first row on top. NaN is an empty cell: not measured.
 * @param values [row][column]
 * @throws RangeError if the values do not fit the names of rows and columns, or none is a number
 */
export function heatMap(
  values: readonly (readonly number[])[],
  { title, columns, rows, xTitle, yTitle, digits = 0, range, notes, caption, height }: HeatMapOptions,
): Figure {
  if (values.length !== rows.length || values.some((row) => row.length !== columns.length))
    throw new RangeError(
      `Cannot draw values of ${values.length} rows with ${[...new Set(values.map((row) => row.length))].join(', ')} columns under ${rows.length} row and ${columns.length} column names: give a name for each`,
    );
  const numbers = values.flat().filter(Number.isFinite);
  if (numbers.length === 0) throw new RangeError('Cannot draw a heat map without a number in it');
  const [zmin, zmax] = range ?? [Math.min(...numbers), Math.max(...numbers)];
  // Left of the drawing stand the rows' names, a tick, and the title upright.
  const widest = Math.max(...rows.map((row) => textWidth(String(row))));
  // Plotly counts rows from below.
  const up = <T>(given: readonly T[]) => [...given].reverse();
  return figure({
    id: slug(title),
    data: [
      {
        type: 'heatmap',
        x: columns.map((_, i) => i),
        y: rows.map((_, i) => i),
        z: up(values).map((row) => row.map((value) => (Number.isFinite(value) ? value : null))),
        text: up(
          values.map((row, r) =>
            row.map((value, c) => {
              if (!Number.isFinite(value)) return '';
              const note = notes?.[r]?.[c];
              return written(value, digits) + (note === undefined ? '' : `<br>${note}`);
            }),
          ),
        ),
        texttemplate: '%{text}',
        hoverinfo: 'skip',
        colorscale: HEAT.map((color, i) => [i / (HEAT.length - 1), color] as const),
        zmin,
        zmax: zmax > zmin ? zmax : zmin + 1,
        xgap: 2,
        ygap: 2,
        showscale: false,
      },
    ],
    layout: {
      title: { text: title },
      height: height ?? 130 + 62 * rows.length,
      margin: { l: Math.max(64, Math.ceil(widest) + 38) },
      axes: {
        xaxis: {
          title: { text: xTitle },
          range: [-0.5, columns.length - 0.5],
          tickvals: columns.map((_, i) => i),
          ticktext: columns.map(String),
        },
        yaxis: {
          title: { text: yTitle },
          range: [-0.5, rows.length - 0.5],
          tickvals: rows.map((_, i) => i),
          ticktext: up(rows).map(String),
        },
      },
    },
    caption: `${caption} The brighter the cell, the higher the number; empty: not measured.`,
  });
}

/** As for `heatMap`; the second line of a cell is made from its seeds. */
export interface SeedHeatMapOptions extends Omit<HeatMapOptions, 'notes'> {
  /** Draws the intervals. */
  readonly bootstrap: BootstrapOptions;
}

/**
 * As `heatMap`, of several seeds in every cell: their interquartile mean, and below it its interval and how many there are.
 * @param scores [row][column][seed]; a cell without seeds is empty
 * @throws RangeError as `heatMap`
 */
export function seedHeatMap(
  scores: readonly (readonly (readonly number[])[])[],
  { bootstrap: options, digits = 0, caption, ...rest }: SeedHeatMapOptions,
): Figure {
  const cells = scores.map((row) =>
    row.map((values) =>
      values.length === 0
        ? { value: Number.NaN, note: '' }
        : cellOf(
            values,
            bootstrap([values], ([drawn]) => interquartileMean(drawn!), options),
            digits,
          ),
    ),
  );
  return heatMap(
    cells.map((row) => row.map(({ value }) => value)),
    {
      ...rest,
      digits,
      notes: cells.map((row) => row.map(({ note }) => note)),
      caption: `${caption} In a cell: interquartile mean over seeds, its ${percent(options)} bootstrap interval, and how many seeds.`,
    },
  );
}

function cellOf(values: readonly number[], { value, low, high }: Estimate, digits: number) {
  const seeds = `${values.length} seed${values.length === 1 ? '' : 's'}`;
  const interval = Number.isNaN(low) ? '' : `${written(low, digits)} to ${written(high, digits)}, `;
  return { value, note: interval + seeds };
}

function written(value: number, digits: number): string {
  return value.toLocaleString('en-US', { minimumFractionDigits: digits, maximumFractionDigits: digits });
}
