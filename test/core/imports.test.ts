import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { libImports } from './sources.ts';

/** What every folder may use: shared nouns, and the engine and its streams. */
const open = [
  'backend/',
  'data/types.ts',
  'data/format-error.ts',
  'envs/types.ts',
  'experiment/record.ts',
  'models/standardizer.ts',
];

/**
 * The direction of imports: demonstrations, networks and estimators know no agent, agents do not know how runs are
 * stored, figures and tables know no algorithm. A folder may always import from itself, and what is open to all.
 */
const mayImport: Readonly<Record<string, readonly string[]>> = {
  backend: [],
  envs: [],
  data: [],
  nn: [],
  // kernel/display.ts is the protocol by which a value says how it is shown; nothing of the kernel comes with it.
  stats: ['kernel/display.ts'],
  models: ['nn/'],
  estimators: ['models/', 'nn/'],
  theory: ['envs/jacobian.ts', 'models/', 'nn/', 'estimators/'],
  simd: ['models/', 'nn/', 'estimators/'],
  agents: ['envs/', 'data/', 'models/', 'estimators/', 'nn/', 'simd/'],
  confidence: ['envs/', 'data/', 'models/', 'nn/', 'agents/rollout.ts', 'stats/'],
  experiment: ['agents/', 'envs/', 'data/', 'models/', 'stats/'],
  scorecard: ['confidence/', 'experiment/', 'stats/', 'theory/'],
  plots: ['stats/', 'envs/skeleton.ts', 'kernel/display.ts'],
  kernel: ['plots/figure.ts'],
};

/** The entry points re-export the folders; no folder imports them. */
const entryPoints = ['index.ts', 'core.ts'];

/** Imports that point the wrong way, in words. */
function wrongImports(modules: ReadonlyMap<string, readonly string[]>): string[] {
  return [...modules].flatMap(([path, imports]) => {
    if (entryPoints.includes(path)) return [];
    const [folder] = path.split('/') as [string];
    const allowed = mayImport[folder];
    if (!allowed) return [`${path}: the folder ${folder} is not in the table`];
    const fine = [`${folder}/`, ...open, ...allowed];
    return imports
      .filter((imported) => imported.endsWith('.ts'))
      .filter((imported) => !fine.some((prefix) => imported.startsWith(prefix)))
      .map((imported) => `${path} imports ${imported}`);
  });
}

describe('imports between the folders of lib/', () => {
  const modules = libImports();

  test('point one way', () => {
    assert.deepEqual(wrongImports(modules), []);
  });

  test('lead to modules that are there', () => {
    const missing = [...modules].flatMap(([path, imports]) =>
      imports
        .filter((imported) => imported.endsWith('.ts') && !modules.has(imported))
        .map((imported) => `${path} imports ${imported}`),
    );
    assert.deepEqual(missing, []);
  });

  test('are found: an import that points the wrong way is named with its file', () => {
    const made = new Map([
      ['nn/mlp.ts', ['agents/mail.ts', 'backend/rng.ts', 'zod']],
      ['plots/curves.ts', ['experiment/store.ts', 'experiment/record.ts', 'index.ts']],
      ['elsewhere/x.ts', []],
    ]);
    assert.deepEqual(wrongImports(made), [
      'nn/mlp.ts imports agents/mail.ts',
      'plots/curves.ts imports experiment/store.ts',
      'plots/curves.ts imports index.ts',
      'elsewhere/x.ts: the folder elsewhere is not in the table',
    ]);
    assert.deepEqual(modules.get('nn/mlp.ts'), ['backend/rng.ts']);
  });

  test('of each outside engine go through one door', () => {
    const doors: Readonly<Record<string, readonly string[]>> = {
      '@tensorflow/tfjs-core': ['backend/engine.ts'],
      '@mujoco/mujoco': ['envs/mujoco.ts'],
      h5wasm: ['data/hdf5.ts', 'data/hdf5-booleans.ts'],
      'pure-rand': ['backend/rng.ts'],
      'danfojs-node': ['stats/data-frame.ts'],
    };
    const found = [...modules].flatMap(([path, imports]) =>
      Object.entries(doors)
        .filter(
          ([name, door]) =>
            !door.includes(path) && imports.some((it) => it === name || it.startsWith(`${name}/`)),
        )
        .map(([name]) => `${path} imports ${name}`),
    );
    assert.deepEqual(found, []);
  });
});
