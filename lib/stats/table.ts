// Small tables with aligned numbers and a caption, for notebooks: HTML where it is drawn, plain text elsewhere.
import { DISPLAY_METHOD, type Displayable } from '../kernel/display.ts';

/** One row: column names to what stands there. */
export type TableRow = Readonly<Record<string, string | number>>;

/** How a table is written. */
export interface TableOptions {
  /** What the table shows, readable without the text around it. */
  readonly caption: string;
  /** Decimal places of numbers that are not whole. */
  readonly digits?: number;
}

/**
 * A table that shows itself as the last expression of a cell or through `display`.
 * @throws Error if there is no row, or rows have different columns
 */
export function table(rows: readonly TableRow[], { caption, digits = 1 }: TableOptions): Displayable {
  const columns = Object.keys(rows[0] ?? {});
  if (columns.length === 0) throw new Error('Cannot show a table without rows: give at least one');
  rows.forEach((row, i) => {
    if (Object.keys(row).join() !== columns.join())
      throw new Error(
        `Row ${i} has the columns ${Object.keys(row).join(', ')}, expected ${columns.join(', ')}`,
      );
  });
  const numeric = columns.map((column) => rows.every((row) => typeof row[column] === 'number'));
  const cells = rows.map((row) => columns.map((column) => written(row[column]!, digits)));
  return {
    [DISPLAY_METHOD]: () => ({
      'text/html': html(columns, cells, numeric, caption),
      'text/plain': plain(columns, cells, numeric, caption),
    }),
  };
}

function written(value: string | number, digits: number): string {
  if (typeof value === 'string') return value;
  if (Number.isNaN(value)) return '–';
  const places = Number.isInteger(value) ? 0 : digits;
  return value.toLocaleString('en-US', { minimumFractionDigits: places, maximumFractionDigits: places });
}

function html(columns: string[], cells: string[][], numeric: boolean[], caption: string): string {
  const side = (i: number) => `style="text-align:${numeric[i] ? 'right' : 'left'};padding:2px 12px"`;
  const head = columns.map((column, i) => `<th ${side(i)}>${escaped(column)}</th>`).join('');
  const body = cells
    .map((row) => `<tr>${row.map((cell, i) => `<td ${side(i)}>${escaped(cell)}</td>`).join('')}</tr>`)
    .join('');
  return (
    `<table style="border-collapse:collapse;font-variant-numeric:tabular-nums"><thead><tr>${head}</tr></thead>` +
    `<tbody>${body}</tbody></table><p style="max-width:46em"><em>${escaped(caption)}</em></p>`
  );
}

function plain(columns: string[], cells: string[][], numeric: boolean[], caption: string): string {
  const widths = columns.map((column, i) => Math.max(column.length, ...cells.map((row) => row[i]!.length)));
  const line = (row: string[]) =>
    row.map((cell, i) => (numeric[i] ? cell.padStart(widths[i]!) : cell.padEnd(widths[i]!))).join('  ');
  return [line(columns), ...cells.map(line), '', caption].join('\n');
}

function escaped(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}
