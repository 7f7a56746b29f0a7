// What a Jupyter `error` message says about something that was thrown, or about a cell that does not compile.
import { inspect } from 'node:util';
import type { Diagnostic } from 'tslab/dist/converter.js';
import { formatPlace, type SourceMaps } from './source-maps.ts';

/** The content of a Jupyter `error` message. */
export interface ErrorReport {
  readonly ename: string;
  readonly evalue: string;
  readonly traceback: readonly string[];
}

/** What interrupting a cell throws in it. */
export class InterruptedError extends Error {
  override name = 'Interrupted';
  constructor() {
    super('The cell was interrupted');
  }
}

const CAUSES_SHOWN = 5;
const OWN_LISTED = new Set(['stack', 'message', 'name', 'cause', 'errors']);

/** The report of anything that was thrown: name, message, the line of the innermost cell frame, frames, causes. */
export function reportThrown(thrown: unknown, maps: SourceMaps): ErrorReport {
  if (!isError(thrown)) {
    const evalue = maps.relative(inspect(thrown, { depth: 3, breakLength: 100 }));
    return { ename: 'Thrown', evalue, traceback: [`Thrown: ${evalue}`] };
  }
  const ename = nameOf(thrown);
  const evalue = maps.relative(String(thrown.message));
  return { ename, evalue, traceback: describe(thrown, maps, 0) };
}

/** The report of a cell that does not compile; `cell` is its display name. */
export function reportDiagnostics(
  diagnostics: readonly Diagnostic[],
  cell: string,
  maps: SourceMaps,
): ErrorReport {
  const lines: string[] = [];
  let previous: Diagnostic | undefined;
  let count = 0;
  for (const diagnostic of diagnostics) {
    const { start, messageText, code } = diagnostic;
    // tslab flattens an explanation into entries at the same place.
    if (previous && previous.start.offset === start.offset && previous.end.offset === diagnostic.end.offset) {
      lines.push(`    ${messageText}`);
    } else {
      count += 1;
      const place = { file: diagnostic.fileName ?? cell, line: start.line + 1, column: start.character + 1 };
      lines.push(`${formatPlace(place)} - TS${code}: ${messageText}`);
      if (!diagnostic.fileName) lines.push(...excerpt(place.file, place.line, place.column, maps));
    }
    previous = diagnostic;
  }
  const evalue = maps.relative(lines[0] ?? 'The cell does not compile');
  const heading = count === 1 ? 'TypeScriptError' : `TypeScriptError: ${count} errors`;
  return { ename: 'TypeScriptError', evalue, traceback: [heading, ...lines.map(maps.relative)] };
}

function describe(error: Error, maps: SourceMaps, depth: number): string[] {
  const stack = typeof error.stack === 'string' ? error.stack : '';
  const frames = stack.split('\n').filter((line) => /^ {4}at /.test(line));
  const lines = [`${nameOf(error)}: ${error.message}`, ...excerptOfFirstCell(frames, maps), ...frames];
  const details = Object.fromEntries(Object.entries(error).filter(([key]) => !OWN_LISTED.has(key)));
  if (Object.keys(details).length > 0) lines.push(`    ${inspect(details, { depth: 2, breakLength: 100 })}`);
  if (depth < CAUSES_SHOWN) {
    for (const inner of (error as AggregateError).errors ?? [])
      lines.push(...cause('One of its errors', inner, maps, depth));
    if (error.cause !== undefined) lines.push(...cause('Caused by', error.cause, maps, depth));
  }
  return lines.map(maps.relative);
}

function cause(label: string, inner: unknown, maps: SourceMaps, depth: number): string[] {
  const [first = '', ...rest] = isError(inner) ? describe(inner, maps, depth + 1) : [inspect(inner)];
  return [`${label}: ${first}`, ...rest];
}

function excerptOfFirstCell(frames: readonly string[], maps: SourceMaps): string[] {
  for (const frame of frames) {
    const at = /(cell \[[^\]]*\]) line (\d+):(\d+)/.exec(frame);
    if (at) return excerpt(at[1]!, Number(at[2]), Number(at[3]), maps);
  }
  return [];
}

/** The line in question, the one before it, and a caret under the column. */
function excerpt(file: string, line: number, column: number, maps: SourceMaps): string[] {
  const text = maps.linesOf(file);
  const target = text?.[line - 1];
  if (text === undefined || target === undefined) return [];
  const width = String(line).length;
  const show = (n: number) => `  ${String(n).padStart(width)} | ${text[n - 1]}`;
  const before = line > 1 && text[line - 2]!.trim() !== '' ? [show(line - 1)] : [];
  return [...before, show(line), `  ${' '.repeat(width)} | ${' '.repeat(Math.max(0, column - 1))}^`];
}

function isError(value: unknown): value is Error {
  return value instanceof Error || Object.prototype.toString.call(value) === '[object Error]';
}

/** The error's name; a subclass that does not set one is known by its class. */
function nameOf(error: Error): string {
  const name = String(error.name || 'Error');
  const className = error.constructor?.name;
  return name === 'Error' && className ? className : name;
}
