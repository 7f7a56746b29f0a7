// The only writer of run records (Node side). A record grows in `<path>.partial` and gets its name when it is
// closed, so that a file of that name is always a whole run.
import {
  closeSync,
  fsyncSync,
  ftruncateSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  renameSync,
  writeSync,
} from 'node:fs';
import { availableParallelism, cpus, totalmem } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { formatLine, parseRecord } from './read-record.ts';
import type { MachineLine, RecordLine } from './record.ts';

/** An open run record. */
export interface RecordFile {
  /** Where the lines are until `close`. */
  readonly partialPath: string;
  /** Lines written so far: what a checkpoint saves to resume after. */
  readonly lines: () => number;
  /** Appends a line; it is with the operating system when this returns. @throws TypeError as `formatLine` */
  readonly write: (line: RecordLine) => void;
  /** Ends the record and gives it its name, over an older record of that name. */
  readonly close: () => void;
  /** Ends the writing and leaves the partial file, to be resumed another time. */
  readonly suspend: () => void;
}

/** Whether a record is begun or continued. */
export interface OpenRecordOptions {
  /** Goes on with the partial file of an interrupted run after its first so many lines, dropping later ones. */
  readonly resumeAfter?: number;
}

/**
 * Opens the record of a run. Without `resumeAfter` it starts empty, over the partial file of a killed run.
 *
 * @param path final name, `....jsonl`; its folder is made where missing
 * @throws RangeError if there are fewer lines to resume after
 */
export function openRecord(path: string, options: OpenRecordOptions = {}): RecordFile {
  const { resumeAfter } = options;
  const partialPath = `${path}.partial`;
  mkdirSync(dirname(path), { recursive: true });
  const file = openSync(partialPath, resumeAfter === undefined ? 'w' : 'r+');
  let lines = resumeAfter ?? 0;
  let length = 0;
  let open = true;
  if (resumeAfter !== undefined)
    try {
      length = lengthOfLines(partialPath, resumeAfter);
      ftruncateSync(file, length);
    } catch (error) {
      closeSync(file);
      throw error;
    }

  function finish(doing: string): void {
    if (!open) throw new Error(`Cannot ${doing} ${path} as it was closed already`);
    open = false;
    closeSync(file);
  }

  return {
    partialPath,
    lines: () => lines,
    write(line) {
      if (!open) throw new Error(`Cannot write to ${path} as it was closed already`);
      const bytes = new TextEncoder().encode(`${formatLine(line)}\n`);
      for (let done = 0; done < bytes.length; )
        done += writeSync(file, bytes, done, bytes.length - done, length + done);
      length += bytes.length;
      lines += 1;
    },
    close() {
      if (open) fsyncSync(file);
      finish('close');
      renameSync(partialPath, path);
    },
    suspend: () => finish('suspend'),
  };
}

/**
 * Reads a run record.
 *
 * @throws FormatError naming the file and line if it is not one
 */
export function readRecord(path: string): RecordLine[] {
  return parseRecord(readFileSync(path, 'utf8'), basename(path));
}

/** All run records of a folder, by file name. Unfinished ones (`.partial`) are left out. */
export function readRecords(dir: string): RecordLine[][] {
  const files = readdirSync(dir).filter((name) => name.endsWith('.jsonl'));
  return files.sort().map((name) => readRecord(join(dir, name)));
}

/** The machine that this runs on, for a record's machine line. */
export function machineFacts(): MachineLine['facts'] {
  return {
    cpu: cpus()[0]?.model.trim() || 'unknown',
    cores: availableParallelism(),
    memoryGiB: Math.round(totalmem() / 2 ** 30),
    node: process.version,
    platform: `${process.platform}-${process.arch}`,
  };
}

/** Bytes of the first `lines` whole lines of a file. */
function lengthOfLines(path: string, lines: number): number {
  if (!Number.isSafeInteger(lines) || lines < 0)
    throw new RangeError(`Cannot resume after ${lines} lines: give a non-negative integer`);
  const bytes = readFileSync(path);
  let end = 0;
  for (let line = 0; line < lines; line++) {
    const newline = bytes.indexOf(10, end);
    if (newline < 0)
      throw new RangeError(
        `Cannot resume ${path} after ${lines} lines as it holds ${line}: start the run again`,
      );
    end = newline + 1;
  }
  return end;
}
