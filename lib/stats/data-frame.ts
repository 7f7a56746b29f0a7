// The door to danfojs (Node side): run records as a DataFrame, for those who want to group, filter and join them.
// Loading danfojs takes seconds, so it happens only when a frame is asked for.
import type { DataFrame } from 'danfojs-node';
import { loadNative } from '../backend/native.ts';
import type { HeaderLine, RecordLine } from '../experiment/record.ts';
import type { Displayable } from '../kernel/display.ts';
import { mean } from './aggregate.ts';
import { type TableOptions, type TableRow, table } from './table.ts';

/**
 * Every evaluation of the given runs as one row: algorithm, env, seed, env steps, which weights and actions, mean return
 * and length over its episodes.
 * @param options.labels further columns, for example the levels of an experiment's factors:
 *   `({ config }) => ({ rate: Number(config.discriminatorRate) })`
 * @throws Error if danfojs cannot be loaded (it needs the native engine's package, built by the set-up)
 */
export async function evaluationFrame(
  runs: readonly (readonly RecordLine[])[],
  { labels = () => ({}) }: { readonly labels?: (header: HeaderLine) => TableRow } = {},
): Promise<DataFrame> {
  const rows = runs.flatMap((lines) => {
    const header = lines.find((line) => line.kind === 'header');
    if (header?.kind !== 'header')
      throw new Error('A run record has no header line: read it with readRecord');
    const { algorithm, env, seed } = header;
    return lines.flatMap((line) =>
      line.kind === 'evaluation'
        ? [
            {
              algorithm,
              env,
              seed,
              ...labels(header),
              envSteps: line.envSteps,
              weights: line.weights,
              actions: line.actions,
              meanReturn: mean(line.returns_E),
              meanLength: mean(line.lengths_E),
              episodes: line.returns_E.length,
            },
          ]
        : [],
    );
  });
  return dataFrame(rows);
}

/** Rows as a danfojs DataFrame. @throws Error if danfojs cannot be loaded */
export async function dataFrame(rows: readonly TableRow[]): Promise<DataFrame> {
  const missing = await loadNative();
  if (missing) throw new Error(`danfojs needs the native engine's package (${missing}): run npm run setup`);
  const danfo = await import('danfojs-node');
  return new danfo.DataFrame(rows.map((row) => ({ ...row })));
}

/** A DataFrame as a table with a caption. */
export function frameTable(frame: DataFrame, options: TableOptions): Displayable {
  const columns = frame.columns as string[];
  const rows = (frame.values as (string | number)[][]).map((values) =>
    Object.fromEntries(columns.map((column, i) => [column, values[i]!])),
  );
  return table(rows, options);
}
