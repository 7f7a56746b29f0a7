// What we change about the TypeScript inside tslab. tslab takes its compiler by `require`, so a changed copy is put in its place
// before tslab loads: stricter options, source maps, and files that are looked at when a cell runs instead of being watched.
import fs from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import remapping from '@jridgewell/remapping';
import type TypeScript from '@tslab/typescript-for-tslab';
import { guardAwaits } from './await-guards.ts';
import { settlePropertyNames } from './property-names.ts';
import type { Ts } from './typescript.ts';

/** tslab puts `export {};` and a line break before each cell. */
export const PREFIX_LINES = 1;

/** Handles to the changed compiler. */
export interface TypeScriptHooks {
  readonly ts: Ts;
  /** Tells the compiler which of the project's files have changed since it last read them. */
  refresh(): void;
  /** The source map of the text that was compiled last, from the JavaScript that runs to the TypeScript of the cell. */
  lastMap(): string;
}

interface WatchedFile {
  readonly changed: TypeScript.FileWatcherCallback;
  stamp: string;
}

const INLINE_MAP = /\n?\/\/# sourceMappingURL=data:application\/json;base64,([\w+/=]+)\s*$/;
const MAP_COMMENT = /\n?\/\/# sourceMappingURL=.*\s*$/;

/**
 * Puts the changed compiler in place and returns the handles to it. Call once, before tslab is loaded.
 * @throws Error if tslab's compiler was not loaded the way that Node caches modules
 */
export function hookTypeScript(root: string): TypeScriptHooks {
  const load = createRequire(path.join(root, 'lib', 'kernel', 'main.ts'));
  const file = load.resolve('@tslab/typescript-for-tslab');
  const ts: Ts = load(file);
  const watched = new Map<string, WatchedFile>();
  let map = '';

  const hooked = {
    ...ts,
    sys: watchOnDemand(ts.sys, root, watched),
    createWatchCompilerHost: (rootFiles: string[], options: TypeScript.CompilerOptions, ...rest: never[]) =>
      checkCellsOnly(
        ts,
        (
          ts.createWatchCompilerHost as unknown as (
            ...args: unknown[]
          ) => TypeScript.WatchCompilerHost<Builder>
        )(rootFiles, { ...options, ...cellOptions(ts, root) }, ...rest),
      ),
    // tslab's second step, from ECMAScript modules to CommonJS.
    transpileModule: (js: string, { compilerOptions = {} }: TypeScript.TranspileOptions) => {
      const inline = INLINE_MAP.exec(js);
      const out = ts.transpileModule(js.replace(INLINE_MAP, ''), {
        fileName: 'cell.js',
        compilerOptions: { ...compilerOptions, sourceMap: true },
        transformers: { before: [guardAwaits(ts)] },
      });
      const first = inline ? Buffer.from(inline[1]!, 'base64').toString('utf8') : null;
      const second = out.sourceMapText ?? '';
      map = first ? remapping(second, (name) => (name === 'cell.js' ? first : null)).toString() : second;
      return { ...out, outputText: out.outputText.replace(MAP_COMMENT, '\n') };
    },
  };
  const cached = load.cache[file];
  if (!cached) throw new Error(`Cannot hook the compiler as ${file} is not in the module cache`);
  cached.exports = hooked;

  return {
    ts,
    lastMap: () => map,
    refresh() {
      for (const [name, entry] of watched) {
        const now = stampOf(name);
        if (now === entry.stamp) continue;
        entry.stamp = now;
        const kind = now === 'absent' ? ts.FileWatcherEventKind.Deleted : ts.FileWatcherEventKind.Changed;
        entry.changed(name, kind);
      }
    },
  };
}

/** The options of the project's tsconfig.json that matter to a reader of a notebook, on top of tslab's own. */
function cellOptions(ts: Ts, root: string): TypeScript.CompilerOptions {
  return {
    strict: true,
    lib: ['lib.es2023.d.ts', 'lib.dom.d.ts', 'lib.dom.iterable.d.ts'],
    moduleResolution: ts.ModuleResolutionKind.Bundler,
    allowImportingTsExtensions: true,
    resolveJsonModule: true,
    types: ['node'],
    paths: { 'mail-lab': [`${root}/lib/index.ts`], 'mail-lab/core': [`${root}/lib/core.ts`] },
    pathsBasePath: root,
    inlineSourceMap: true,
    // Off: with it on, `await (x)` at the top level of a cell is read as a call of a function named await.
    disableTopLevelAwait: false,
  };
}

type Builder = TypeScript.EmitAndSemanticDiagnosticsBuilderProgram & {
  getAllDependencies(file: TypeScript.SourceFile): readonly string[];
};

/**
 * Lets tslab check and emit the cell alone. It would do the same to every file that the cell imports, at each change: the library
 * is checked by `tsc` with its own compiler version, and is loaded from its sources (sources.cjs), not from tslab's emit.
 */
function checkCellsOnly(
  ts: Ts,
  host: TypeScript.WatchCompilerHost<Builder>,
): TypeScript.WatchCompilerHost<Builder> {
  let afterCreate: ((program: Builder) => void) | undefined;
  Object.defineProperty(host, 'afterProgramCreate', {
    get: () => (program: Builder) => {
      program.getAllDependencies = (file) => [file.fileName];
      const emit = program.emit.bind(program);
      program.emit = (file, writeFile, cancellation, declarationsOnly, transformers) => {
        const before = [
          settlePropertyNames(ts, program.getProgram().getTypeChecker()),
          ...(transformers?.before ?? []),
        ];
        return emit(file, writeFile, cancellation, declarationsOnly, { ...transformers, before });
      };
      afterCreate?.(program);
    },
    set(callback) {
      afterCreate = callback;
    },
  });
  return host;
}

/** The compiler's file system, with the project's files in `watched` and no watchers of the operating system. */
function watchOnDemand(
  sys: TypeScript.System,
  root: string,
  watched: Map<string, WatchedFile>,
): TypeScript.System {
  const own = (name: string) => name.startsWith(`${root}/`) && !name.includes('/node_modules/');
  return {
    ...sys,
    watchFile(name, changed) {
      if (own(name)) watched.set(name, { changed, stamp: stampOf(name) });
      return { close: () => watched.delete(name) };
    },
    watchDirectory: () => ({ close() {} }),
  };
}

function stampOf(name: string): string {
  const stat = fs.statSync(name, { throwIfNoEntry: false });
  return stat ? `${stat.mtimeMs} ${stat.size}` : 'absent';
}
