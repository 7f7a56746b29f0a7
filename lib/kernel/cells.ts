// Runs cells one after another in one scope: compile, execute, and turn the outcome into what Jupyter wants to know.
import { createRequire, isBuiltin } from 'node:module';
import path from 'node:path';
import { inspect } from 'node:util';
import vm from 'node:vm';
import { GUARDS } from './await-guards.ts';
import type { Compiler, Completeness } from './compiler.ts';
import type { MimeBundle } from './display.ts';
import { type ErrorReport, InterruptedError, reportDiagnostics, reportThrown } from './errors.ts';
import type { Interrupts, Run } from './interrupts.ts';
import type { SourceMaps } from './source-maps.ts';
import { PREFIX_LINES } from './typescript-hooks.ts';

/** The loader of the project's sources (sources.cjs). */
export interface Sources {
  readonly maps: ReadonlyMap<string, { readonly map: string; readonly source: string }>;
  loaded(): Set<string>;
  anyChanged(keep: ReadonlySet<string>): boolean;
  forget(keep: ReadonlySet<string>): void;
}

/** How a cell ended. */
export type Outcome =
  | { readonly status: 'ok'; readonly result?: MimeBundle }
  | { readonly status: 'error'; readonly report: ErrorReport };

/** A notebook's code: run, completed, explained. */
export interface Cells {
  /** Runs a cell under its execution count. Never throws what the cell throws. */
  run(code: string, count: number): Promise<Outcome>;
  complete(code: string, position: number): { start: number; end: number; matches: string[] };
  hover(code: string, position: number): string | undefined;
  completeness(code: string): Completeness;
  close(): void;
}

interface Parts {
  readonly root: string;
  readonly sources: Sources;
  readonly compiler: Compiler;
  readonly maps: SourceMaps;
  readonly interrupts: Interrupts;
}

/** A value with a method of this name decides itself how it is shown. The same hook as in Deno's kernel. */
const DISPLAY_METHOD = Symbol.for('Jupyter.display');
const HEAD = `(async function (exports, require, ${GUARDS}) { `;

/**
 * Runs cells one after the other in a scope of their own, which keeps what they declare. What a cell throws is its
 * outcome.
 */
export function createCells({ root, sources, compiler, maps, interrupts }: Parts): Cells {
  const scope = createScope();
  const cellRequire = createCellRequire(root, sources);
  let declarations = '';

  async function run(code: string, count: number): Promise<Outcome> {
    const name = `cell [${count}]`;
    const current = interrupts.begin();
    try {
      maps.addCell(name, { map: EMPTY_MAP, source: code, linesBefore: 0 });
      const compiled = compiler.compile(declarations, code);
      if (compiled.diagnostics.length > 0)
        return { status: 'error', report: reportDiagnostics(compiled.diagnostics, name, maps) };
      maps.addCell(name, { map: compiled.map, source: code, linesBefore: PREFIX_LINES });
      if (current.interrupted) throw new InterruptedError();
      const result = await current.perform(() => execute(name, compiled.code, compiled.lastExpression));
      await strayErrors(current);
      declarations = compiled.declarations;
      return result ? { status: 'ok', result } : { status: 'ok' };
    } catch (thrown) {
      const error = current.interrupted && isAbort(thrown) ? new InterruptedError() : thrown;
      return { status: 'error', report: reportThrown(error, maps) };
    } finally {
      current.finish();
    }
  }

  async function execute(
    name: string,
    code: string,
    last: string | undefined,
  ): Promise<MimeBundle | undefined> {
    const script = new vm.Script(`${HEAD}${code}\n})`, { filename: name, columnOffset: -HEAD.length });
    await script.runInThisContext()(scope, cellRequire, interrupts.guards);
    if (last === undefined) return undefined;
    const value = scope[last];
    delete scope[last];
    return toBundle(isThenable(value) ? await value : value);
  }

  return {
    run,
    complete: (code, position) => compiler.complete(declarations, code, position),
    hover: (code, position) =>
      compiler.hover(declarations, code, position) ?? compiler.hover(declarations, code, position - 1),
    completeness: (code) => compiler.completeness(code),
    close: () => compiler.close(),
  };
}

const EMPTY_MAP = JSON.stringify({ version: 3, sources: [], names: [], mappings: '' });

/** Lets a rejection that nobody handles surface before the cell counts as done. */
async function strayErrors(run: Run): Promise<void> {
  await new Promise((resolve) => setImmediate(resolve));
  if (run.failure) throw run.failure.error;
}

/** How a value is shown: by its own bundle, else as text. Undefined and null are not shown. */
async function toBundle(value: unknown): Promise<MimeBundle | undefined> {
  if (value === undefined || value === null) return undefined;
  const method = (value as Record<symbol, unknown>)[DISPLAY_METHOD];
  if (typeof method === 'function') return (await method.call(value)) ?? undefined;
  return { 'text/plain': inspect(value, { depth: 4, breakLength: 100, maxStringLength: 10_000 }) };
}

/**
 * The object that holds the variables of all cells. TypeScript exports imported names as getters; a later cell may declare
 * the same name anew, so the value is taken once and stays assignable.
 */
function createScope(): Record<string, unknown> {
  const variables: Record<string, unknown> = {};
  return new Proxy(variables, {
    defineProperty(_target, name, { get, value }) {
      if (name !== '__esModule') variables[name as string] = get ? get() : value;
      return true;
    },
  });
}

/** The `require` behind the imports of cells: from the project root, and with sources that changed read again. */
function createCellRequire(root: string, sources: Sources): NodeJS.Require {
  const base = createRequire(path.join(root, 'cell.cjs'));
  const kernel = sources.loaded();
  const cellRequire = (id: string): unknown => {
    if (!isBuiltin(id) && sources.anyChanged(kernel)) sources.forget(kernel);
    return base(id);
  };
  return Object.assign(cellRequire, base);
}

function isThenable(value: unknown): value is PromiseLike<unknown> {
  return typeof (value as { then?: unknown } | null | undefined)?.then === 'function';
}

function isAbort(thrown: unknown): boolean {
  return (thrown as { name?: unknown } | null)?.name === 'AbortError';
}
