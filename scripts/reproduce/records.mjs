// What runs have reached, read from their records: the table of `npm run reproduce` and of its report.
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';

/**
 * Whole records (not partial ones) below a folder that were written at or after a moment.
 * @param {string} folder
 * @param {number} since milliseconds since 1970
 * @returns {{file: string, lines: object[]}[]} sorted by file name
 */
export function readRecords(folder, since = 0) {
  let entries;
  try {
    entries = readdirSync(folder, { recursive: true, withFileTypes: true });
  } catch (error) {
    if (error.code === 'ENOENT') return [];
    throw error;
  }
  return entries
    .filter((entry) => entry.isFile() && entry.name.endsWith('.jsonl'))
    .map((entry) => join(entry.parentPath ?? entry.path, entry.name))
    .filter((file) => statSync(file).mtimeMs >= since)
    .sort()
    .map((file) => ({ file, lines: parseLines(readFileSync(file, 'utf8'), file) }));
}

function parseLines(text, file) {
  return text
    .split('\n')
    .filter((line) => line.trim() !== '')
    .map((line, i) => {
      try {
        return JSON.parse(line);
      } catch (error) {
        throw new Error(`Cannot read ${file}, line ${i + 1}, as it is not JSON: ${error.message}`);
      }
    });
}

const mean = (values) => values.reduce((a, b) => a + b, 0) / values.length;

/**
 * One run in numbers. Returns and lengths are means over an evaluation's episodes by mean action, of the averaged policy
 * where it was evaluated, else of the raw one.
 */
export function summary({ file, lines }) {
  const header = lines.find(({ kind }) => kind === 'header') ?? {};
  const evaluated = lines.filter(({ kind }) => kind === 'evaluation');
  const byMean = evaluated.filter(({ actions }) => actions === 'mean');
  const all = byMean.length > 0 ? byMean : evaluated;
  const averaged = all.filter(({ weights }) => weights === 'averaged');
  const evaluations = averaged.length > 0 ? averaged : all;
  const points = evaluations.map(({ returns_E, lengths_E }) => ({
    ret: mean(returns_E),
    length: mean(lengths_E),
  }));
  const best = points.reduce((a, b) => (a === undefined || b.ret > a.ret ? b : a), undefined);
  const clocks = lines.filter(({ kind }) => kind === 'clock');
  return {
    file,
    env: header.env ?? '?',
    algorithm: header.algorithm ?? '?',
    seed: header.seed,
    versions: header.versions ?? {},
    weights: averaged.length > 0 ? 'averaged' : 'raw',
    envSteps: Math.max(0, ...lines.map(({ envSteps }) => envSteps ?? 0)),
    best,
    last: points.at(-1),
    wallSeconds: clocks.at(-1)?.wallSeconds,
    reason: lines.findLast(({ kind }) => kind === 'end')?.reason ?? 'not ended',
  };
}

/** Column heads and rows of text, for the terminal and for HTML alike. */
export function table(runs) {
  const whole = (value) => (value === undefined ? '-' : Math.round(value).toLocaleString('en-US'));
  return {
    head: [
      'task',
      'algorithm',
      'seed',
      'env steps',
      'best return',
      'last return',
      'last length',
      'seconds',
      'ended',
    ],
    rows: runs.map((run) => [
      run.env,
      run.algorithm,
      String(run.seed ?? '-'),
      whole(run.envSteps),
      whole(run.best?.ret),
      whole(run.last?.ret),
      whole(run.last?.length),
      run.wallSeconds === undefined ? '-' : run.wallSeconds.toFixed(1),
      run.reason,
    ]),
  };
}

/** A table as aligned lines: the first two columns to the left, numbers to the right. */
export function tableText({ head, rows }) {
  const widths = head.map((name, i) => Math.max(name.length, ...rows.map((row) => row[i].length)));
  const line = (cells) =>
    cells
      .map((cell, i) => (i < 2 ? cell.padEnd(widths[i]) : cell.padStart(widths[i])))
      .join('  ')
      .trimEnd();
  return [line(head), widths.map((width) => '-'.repeat(width)).join('  '), ...rows.map(line)].join('\n');
}
