// The run records below folders, found by what they are records of and not by their names (Node side).
import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { algorithms } from './algorithms.ts';
import { type RunIdentity, recordedIdentity } from './identity.ts';
import type { RecordLine } from './record.ts';
import { readingKey, runKey } from './run-key.ts';
import { readRecord } from './store.ts';

/** A whole run on disk. */
export interface RecordedRun {
  readonly path: string;
  readonly identity: RunIdentity;
  readonly lines: readonly RecordLine[];
}

/** The records of a folder, found by what they are records of. */
export interface RecordIndex {
  readonly runs: readonly RecordedRun[];
  /** Paths of records with settings that this version does not know, and of runs that were aborted. */
  readonly others: readonly string[];
  /** The record with this key. */
  readonly withKey: (key: string) => RecordedRun | undefined;
  /** The record with this reading key; of several, by different engines, the first by path. */
  readonly withReadingKey: (key: string) => RecordedRun | undefined;
}

/**
 * Reads the records in `<folder>/<algorithm>/` and below, for each algorithm there is. Folders that are not there hold none.
 * @throws FormatError if a file is not a record
 */
export function indexRecords(...folders: readonly string[]): RecordIndex {
  const runs: RecordedRun[] = [];
  const others: string[] = [];
  for (const path of folders.flatMap(recordPaths)) {
    const lines = readRecord(path);
    const [header] = lines;
    const end = lines.at(-1);
    const identity = header?.kind === 'header' ? recordedIdentity(header) : undefined;
    if (identity && end?.kind === 'end' && end.reason === 'finished') runs.push({ path, identity, lines });
    else others.push(path);
  }
  const byKey = firstBy(runs, ({ identity }) => runKey(identity));
  const byReadingKey = firstBy(runs, ({ identity }) => readingKey(identity));
  return {
    runs,
    others,
    withKey: (key) => byKey.get(key),
    withReadingKey: (key) => byReadingKey.get(key),
  };
}

function recordPaths(folder: string): string[] {
  return Object.keys(algorithms)
    .map((algorithm) => join(folder, algorithm))
    .filter((path) => existsSync(path))
    .flatMap((path) =>
      readdirSync(path, { recursive: true, encoding: 'utf8' }).map((name) => join(path, name)),
    )
    .filter((path) => path.endsWith('.jsonl'))
    .sort();
}

function firstBy<T>(items: readonly T[], keyOf: (item: T) => string): Map<string, T> {
  return new Map([...items].reverse().map((item) => [keyOf(item), item]));
}
