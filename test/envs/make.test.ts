// Names of environments, and the three ways in which the files are loaded: ESM, require, a browser's bundle.
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { builtinModules } from 'node:module';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { build } from 'esbuild';
import { ENV_IDS, makeEnv } from '../../lib/envs/make.ts';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));

test('an unknown name is refused, with the known ones', async () => {
  for (const id of ['Hopper-v3', 'hopper-v5', '', 'toString']) {
    await assert.rejects(makeEnv(id), (error: Error) => {
      assert.ok(error.message.startsWith(`Cannot make the environment ${id}: known are `));
      return ENV_IDS.every((known) => error.message.includes(known));
    });
  }
});

for (const maxSteps of [0, -1, 2.5, Number.NaN, Number.POSITIVE_INFINITY]) {
  test(`a time limit of ${maxSteps} is refused`, async () => {
    await assert.rejects(makeEnv('CartPole-v1', { maxSteps }), /expected a positive integer/);
  });
}

for (const id of ENV_IDS) {
  test(`${id} is made under its own name`, async () => {
    const env = await makeEnv(id);
    assert.equal(env.id, id);
    env.close();
  });
}

test('the tasks of the paper are all there, under v5 and v4 rules where both exist', () => {
  const robots = ['InvertedPendulum', 'Reacher', 'Hopper', 'Walker2d', 'HalfCheetah', 'Ant', 'Humanoid'];
  assert.deepEqual(ENV_IDS, [
    ...['CartPole-v0', 'CartPole-v1', 'MountainCar-v0', 'Acrobot-v1', 'Pendulum-v1'],
    ...robots.map((name) => `${name}-v5`),
    ...robots.map((name) => `${name}-v4`),
  ]);
});

test('loaded by require, Hopper gives the same numbers as loaded by import', async () => {
  const program = `
    require('tsx/cjs');
    require('./lib/envs/make.ts').makeEnv('Hopper-v5').then((env) => {
      env.reset({ seed: 4 });
      console.log(JSON.stringify(Array.from(env.step([0.1, 0.2, 0.3]).obs)));
    });`;
  const { stdout } = await promisify(execFile)(process.execPath, ['-e', program], { cwd: ROOT });
  const env = await makeEnv('Hopper-v5');
  env.reset({ seed: 4 });
  assert.deepEqual(JSON.parse(stdout), Array.from(env.step([0.1, 0.2, 0.3]).obs));
  env.close();
});

test("the environments bundle for a browser; only MuJoCo's own Node branch names a Node module", async () => {
  const { metafile } = await build({
    entryPoints: [`${ROOT}lib/envs/make.ts`],
    bundle: true,
    write: false,
    metafile: true,
    platform: 'browser',
    format: 'esm',
    external: [...builtinModules, 'node:*'],
    logLevel: 'silent',
    absWorkingDir: ROOT,
  });
  for (const [file, { imports }] of Object.entries(metafile.inputs)) {
    const external = imports.filter((entry) => entry.external).map((entry) => entry.path);
    if (!file.startsWith('node_modules/@mujoco/')) assert.deepEqual(external, [], `imports of ${file}`);
  }
  assert.ok(Object.keys(metafile.inputs).includes('lib/envs/hopper.ts'));
});
