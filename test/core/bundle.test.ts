import assert from 'node:assert/strict';
import { isBuiltin } from 'node:module';
import { before, describe, test } from 'node:test';
import { build, type Metafile } from 'esbuild';
import { libImports, root } from './sources.ts';

/** Folders that the core stands for: all of their modules but those that need Node. */
const coreFolders = 'agents backend confidence data envs estimators experiment models nn simd theory'.split(
  ' ',
);

describe('the core, bundled for a browser', () => {
  let meta: Metafile;
  let ours: readonly string[];
  before(async () => {
    const result = await build({
      absWorkingDir: root,
      entryPoints: ['lib/core.ts'],
      bundle: true,
      write: false,
      metafile: true,
      format: 'esm',
      platform: 'browser',
      logLevel: 'silent',
      plugins: [
        {
          // Packages bring Node branches that a browser never takes. Ours have none: a built-in there fails the build.
          name: 'built-ins of packages only',
          setup(builder) {
            builder.onResolve({ filter: /.*/ }, ({ path, importer }) =>
              isBuiltin(path) && importer.includes('node_modules') ? { path, external: true } : undefined,
            );
          },
        },
      ],
    });
    meta = result.metafile;
    ours = Object.keys(meta.inputs).filter((path) => path.startsWith('lib/'));
  });

  test('has no Node built-in in any file of ours', () => {
    const modules = libImports();
    const found = ours.flatMap((path) =>
      modules
        .get(path.slice('lib/'.length))!
        .filter((imported) => isBuiltin(imported))
        .map((it) => `${path} imports ${it}`),
    );
    assert.deepEqual(found, []);
    assert.ok(ours.includes('lib/backend/native-absent.ts'), 'the native engine has its place-holder');
    assert.ok(!ours.includes('lib/backend/native.ts'));
  });

  test('has nothing that draws or talks to a notebook, and none of the packages that do', () => {
    assert.deepEqual(
      ours.filter((path) => /^lib\/(plots|kernel|index|stats\/(data-frame|table))/.test(path)),
      [],
    );
    const nodeOnly =
      /^node_modules\/(@tensorflow\/tfjs-node|danfojs-node|plotly\.js-dist|tslab|@resvg|esbuild|tsx)\//;
    assert.deepEqual(
      Object.keys(meta.inputs).filter((path) => nodeOnly.test(path)),
      [],
    );
  });

  test('has every module of its folders that needs no Node: a new one belongs into lib/core.ts', () => {
    const modules = libImports();
    // Types may refer to each other in a circle.
    const needsNode = (path: string, seen = new Set<string>()): boolean =>
      !seen.has(path) &&
      seen.add(path) &&
      modules.get(path)!.some((it) => isBuiltin(it) || (modules.has(it) && needsNode(it, seen)));
    const missing = [...modules.keys()].filter(
      (path) =>
        coreFolders.includes(path.split('/')[0]!) && !ours.includes(`lib/${path}`) && !needsNode(path),
    );
    assert.deepEqual(missing, []);
  });

  test('has no modules that import each other in a circle', () => {
    const state = new Map<string, 'open' | 'done'>();
    const circles: string[] = [];
    function visit(path: string, trail: readonly string[]): void {
      if (state.get(path) === 'open') circles.push([...trail, path].join(' > '));
      if (state.has(path)) return;
      state.set(path, 'open');
      for (const imported of meta.inputs[path]!.imports)
        if (ours.includes(imported.path)) visit(imported.path, [...trail, path]);
      state.set(path, 'done');
    }
    visit('lib/core.ts', []);
    assert.deepEqual(circles, []);
  });
});
