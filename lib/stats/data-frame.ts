// The door to danfojs (Node side): run records as a DataFrame, for those who want to group, filter and join them.
// Loading danfojs takes seconds, so it happens only when a frame is asked for.
import { createRequire } from 'node:module';
import type { DataFrame } from 'danfojs-node';
import type { HeaderLine, RecordLine } from '../experiment/record.ts';
import type { Displayable } from '../kernel/display.ts';
import { mean } from './aggregate.ts';
import { type TableOptions, type TableRow, table } from './table.ts';

/**
 * Every evaluation of the given runs as one row: algorithm, env, seed, env steps, which weights and actions, mean return
 * and length over its episodes.
 * @param options.labels further columns, for example the levels of an experiment's factors:
 *   `({ config }) => ({ rate: Number(config.discriminatorRate) })`
 * @throws Error if a run has no header
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

/** Rows as a danfojs DataFrame. */
export async function dataFrame(rows: readonly TableRow[]): Promise<DataFrame> {
  const { DataFrame } = loadDanfo();
  return new DataFrame(rows.map((row) => ({ ...row })));
}

type Danfo = typeof import('danfojs-node');

let danfo: Danfo | undefined;

/**
 * danfojs-node requires @tensorflow/tfjs-node, which throws where its native addon is missing, for what the plain
 * @tensorflow/tfjs has as well: the tensors of `frame.tensor`. While danfojs loads, the plain package stands in for the
 * native one, unless that is loaded already. Both share the engine that runs, so such tensors belong to its backend.
 */
function loadDanfo(): Danfo {
  if (danfo) return danfo;
  const require = createRequire(import.meta.url);
  const native = createRequire(require.resolve('danfojs-node')).resolve('@tensorflow/tfjs-node');
  const loaded = require.cache[native];
  if (!loaded) require.cache[native] = standIn(native, require('@tensorflow/tfjs'));
  try {
    danfo = require('danfojs-node') as Danfo;
    return danfo;
  } finally {
    // The engine may want the native package later, and must then get it or the true reason why not.
    if (!loaded) delete require.cache[native];
  }
}

/** A module that is in Node's cache under a path without having been read from it. */
function standIn(path: string, exports: unknown): NodeJS.Module {
  const { Module } = createRequire(import.meta.url)('node:module') as typeof import('node:module');
  return Object.assign(new Module(path), { filename: path, loaded: true, exports });
}

/** A DataFrame as a table with a caption. */
export function frameTable(frame: DataFrame, options: TableOptions): Displayable {
  const columns = frame.columns as string[];
  const rows = (frame.values as (string | number)[][]).map((values) =>
    Object.fromEntries(columns.map((column, i) => [column, values[i]!])),
  );
  return table(rows, options);
}
