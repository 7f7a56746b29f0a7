// Two factors at once: a number in every cell, its colour the same number again.
import { type Figure, figure, slug } from './figure.ts';
import { HEAT } from './style.ts';

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
  const written = (value: number) =>
    value.toLocaleString('en-US', { minimumFractionDigits: digits, maximumFractionDigits: digits });
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
              return written(value) + (note === undefined ? '' : `<br>${note}`);
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
