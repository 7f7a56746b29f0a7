// From the text of a cell to JavaScript, by tslab's converter: type check against the declarations of earlier cells, emit, and the
// declarations for later cells. Completion, hover and the question whether a cell is complete come from the same compiler.
import fs from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import type { Converter, Diagnostic } from 'tslab/dist/converter.js';
import { hookTypeScript, PREFIX_LINES } from './typescript-hooks.ts';

/** A cell as JavaScript, or what is wrong with it. */
export interface CompiledCell {
  /** CommonJS, or '' for a cell without statements. */
  readonly code: string;
  /** From `code` to the text of the cell with `PREFIX_LINES` lines before it. */
  readonly map: string;
  /** What later cells see. */
  readonly declarations: string;
  /** The export that holds the value of the last expression. */
  readonly lastExpression: string | undefined;
  /** Not empty: the cell does not compile and the other fields are empty. */
  readonly diagnostics: readonly Diagnostic[];
}

/** Whether a cell could run as it stands, for consoles that ask before they send it. */
export type Completeness =
  | { readonly status: 'complete' | 'invalid' }
  | { readonly status: 'incomplete'; readonly indent: string };

/** tslab's compiler; `declarations` are what earlier cells have left. */
export interface Compiler {
  readonly typescriptVersion: string;
  compile(declarations: string, code: string): CompiledCell;
  complete(
    declarations: string,
    code: string,
    position: number,
  ): { start: number; end: number; matches: string[] };
  /** Signature and documentation of what stands at `position`, or undefined. */
  hover(declarations: string, code: string, position: number): string | undefined;
  completeness(code: string): Completeness;
  close(): void;
}

/** A compiler of TypeScript cells, with types of the project at `root`. Close it to end its language service. */
export function createCompiler(root: string): Compiler {
  const { ts, refresh, lastMap } = hookTypeScript(root);
  const load = createRequire(path.join(root, 'lib', 'kernel', 'main.ts'));
  const tslab: typeof import('tslab/dist/converter.js') = load('tslab/dist/converter.js');
  const { printQuickInfo }: typeof import('tslab/dist/inspect.js') = load('tslab/dist/inspect.js');
  let converter: Converter = tslab.createConverter();
  let tree = listSources(root);

  /** The converter, having seen all changes. It finds new files only when made afresh (about a second). */
  function current(): Converter {
    const now = listSources(root);
    if (now !== tree) {
      tree = now;
      converter.close();
      converter = tslab.createConverter();
    }
    refresh();
    return converter;
  }

  return {
    typescriptVersion: ts.version,
    compile(declarations, code) {
      const out = current().convert(declarations, code);
      return {
        code: out.output ?? '',
        map: lastMap(),
        declarations: out.declOutput ?? '',
        lastExpression: out.lastExpressionVar,
        diagnostics: out.diagnostics,
      };
    },
    complete(declarations, code, position) {
      const { start, end, candidates } = current().complete(declarations, code, position);
      return { start, end, matches: candidates };
    },
    hover(declarations, code, position) {
      const info = current().inspect(declarations, code, position);
      return info ? printQuickInfo(info) : undefined;
    },
    completeness(code) {
      const prefix = 'export {};\n'.repeat(PREFIX_LINES);
      const file = ts.createSourceFile('cell.ts', prefix + code, ts.ScriptTarget.Latest) as unknown as {
        parseDiagnostics: readonly { start: number; length: number; code: number }[];
      };
      const errors = file.parseDiagnostics;
      if (errors.length === 0) return { status: 'complete' };
      const end = prefix.length + code.trimEnd().length;
      const unfinished = errors.every((error) => error.start >= end || UNTERMINATED.has(error.code));
      if (!unfinished) return { status: 'invalid' };
      const { indent } = tslab.isCompleteCode(code);
      return { status: 'incomplete', indent: indent ?? '' };
    },
    close: () => converter.close(),
  };
}

/** TypeScript's error codes for a template, comment or regular expression that has no end. */
const UNTERMINATED = new Set([1160, 1010, 1161]);

/** The names of the library's source files, as one text to compare. */
function listSources(root: string): string {
  const lib = path.join(root, 'lib');
  if (!fs.existsSync(lib)) return '';
  const names = fs.readdirSync(lib, { recursive: true }) as string[];
  return names
    .filter((name) => name.endsWith('.ts'))
    .sort()
    .join('\n');
}
