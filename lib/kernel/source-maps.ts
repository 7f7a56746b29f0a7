// Positions in the text that a person wrote. Cells and library files run as compiled JavaScript; every stack trace is written here,
// with TypeScript lines, paths from the project root, and without the frames of the kernel and of Node.
import path from 'node:path';
import { originalPositionFor, TraceMap } from '@jridgewell/trace-mapping';

/** A place in a cell or file. Lines and columns count from 1. */
export interface Place {
  /** `cell [3]` or a path from the project root. */
  readonly file: string;
  readonly line: number;
  readonly column: number;
}

/** A compiled text: its source map (JSON text), the original text, and how many lines precede that text in the map's source. */
interface Compiled {
  readonly map: string;
  readonly source: string;
  readonly linesBefore: number;
}

/** The way from the JavaScript that runs to the lines that were written. */
export interface SourceMaps {
  /** Makes a cell's positions known. `name` is the file name that its script has. */
  addCell(name: string, cell: { map: string; source: string; linesBefore: number }): void;
  /** The lines of a cell or library file, or undefined. `file` as in `Place`. */
  linesOf(file: string): readonly string[] | undefined;
  /** Any text with the project's absolute paths made relative. */
  relative(text: string): string;
}

/** Cells whose positions are remembered: old stack traces stay right, and memory does not grow without end. */
const CELLS_KEPT = 500;
const KERNEL_FILES_SHOWN = new Set(['lib/kernel/display.ts', 'lib/kernel/interrupt.ts']);

/** Installs the stack trace writer (Error.prepareStackTrace). `files` are the maps of the loaded library files. */
export function createSourceMaps(
  root: string,
  files: ReadonlyMap<string, { readonly map: string; readonly source: string }>,
): SourceMaps {
  const cells = new Map<string, Compiled>();
  const traced = new WeakMap<object, TraceMap>();
  Error.stackTraceLimit = 50;

  function traceOf(file: string): { trace: TraceMap; linesBefore: number } | undefined {
    const entry = cells.get(file) ?? files.get(file);
    if (!entry) return undefined;
    const trace = traced.get(entry) ?? new TraceMap(entry.map);
    traced.set(entry, trace);
    return { trace, linesBefore: cells.get(file)?.linesBefore ?? 0 };
  }

  function place(file: string, line: number, column: number): Place {
    const known = traceOf(file);
    const shown = cells.has(file) ? file : relative(file);
    if (!known) return { file: shown, line, column };
    const at = originalPositionFor(known.trace, { line, column: column - 1 });
    if (at.line === null) return { file: shown, line, column };
    return { file: shown, line: Math.max(1, at.line - known.linesBefore), column: at.column + 1 };
  }

  function relative(text: string): string {
    return text.replaceAll(`file://${root}/`, '').replaceAll(`${root}${path.sep}`, '').replaceAll(root, '.');
  }

  function frame(site: NodeJS.CallSite): string | undefined {
    const file = site.getFileName() ?? (site.isEval() ? site.getEvalOrigin() : undefined);
    if (!file || file.startsWith('node:')) return undefined;
    const at = place(file.replace(/^file:\/\//, ''), site.getLineNumber() ?? 1, site.getColumnNumber() ?? 1);
    if (at.file.startsWith('lib/kernel/') && !KERNEL_FILES_SHOWN.has(at.file)) return undefined;
    if (at.file.startsWith('node_modules/tslab/')) return undefined;
    const name = /^(.*) \(/.exec(site.toString())?.[1]?.replace(/^(async )?(?:Object|Proxy)\./, '$1');
    // The cell's own wrapper has no name that means anything to a reader.
    const where = formatPlace(at);
    return name && !/^(eval|<anonymous>|async <anonymous>)$/.test(name) ? `${name} (${where})` : where;
  }

  Error.prepareStackTrace = (error, sites) => {
    const frames = sites.map(frame).filter((text) => text !== undefined);
    return [headline(error), ...frames.map((text) => `    at ${text}`)].join('\n');
  };

  return {
    addCell(name, cell) {
      cells.delete(name);
      cells.set(name, cell);
      if (cells.size > CELLS_KEPT) cells.delete(cells.keys().next().value as string);
    },
    linesOf(file) {
      const entry = cells.get(file) ?? files.get(path.join(root, file));
      return entry?.source.split('\n');
    },
    relative,
  };
}

/** `cell [3] line 5:11` or `lib/nn/mlp.ts:42:7`. */
export function formatPlace({ file, line, column }: Place): string {
  return file.startsWith('cell [') ? `${file} line ${line}:${column}` : `${file}:${line}:${column}`;
}

function headline(error: unknown): string {
  try {
    return String(error);
  } catch {
    return 'Error';
  }
}
