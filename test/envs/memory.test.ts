// What stays in memory after environments are closed: nothing. The WASM heap grows in large steps, so its size alone would
// hide a leak of some hundred models; where the next model is put shows one. A file of its own, as each runs in a process
// of its own.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import v8 from 'node:v8';
import { runInNewContext } from 'node:vm';
import { stream } from '../../lib/backend/rng.ts';
import { HOPPER_MJCF } from '../../lib/envs/hopper-mjcf.ts';
import { ENV_IDS, makeEnv } from '../../lib/envs/make.ts';
import { createSimulation } from '../../lib/envs/mujoco.ts';
import { sample } from '../../lib/envs/spaces.ts';

const BALL = `<mujoco><worldbody><body><freejoint/><geom size="0.1"/></body></worldbody></mujoco>`;
const ids = ENV_IDS.filter((id) => !id.endsWith('-v4'));

v8.setFlagsFromString('--expose-gc');
const collectGarbage = runInNewContext('gc') as () => void;

/** What is in use, bytes: `wasm` by the lowest place at which the engine puts a small model. */
async function inUse(): Promise<{ heap: number; wasm: number; js: number }> {
  let [heap, wasm] = [0, Number.POSITIVE_INFINITY];
  for (let i = 0; i < 8; i++) {
    const sim = await createSimulation(BALL);
    heap = sim.heapBytes();
    wasm = Math.min(wasm, sim.view('qpos').byteOffset);
    sim.close();
  }
  collectGarbage();
  return { heap, wasm, js: process.memoryUsage().heapUsed };
}

/** Fails if `run`, played some times before, leaves anything behind when played `times` more. */
async function assertLeavesNothing(times: number, run: () => void | Promise<void>): Promise<void> {
  for (let i = 0; i < 10; i++) await run();
  const before = await inUse();
  for (let i = 0; i < times; i++) await run();
  const now = await inUse();
  assert.equal(now.heap, before.heap, 'bytes of the WASM heap');
  // Free places lie about, and compiled code comes and goes; the smallest model takes 10 kB, 200 of them 2 MB.
  for (const kind of ['wasm', 'js'] as const) {
    const grown = now[kind] - before[kind];
    assert.ok(grown < 1_000_000, `${grown} bytes more in use: ${kind}`);
  }
}

for (const id of ids) {
  test(`200 environments ${id} made, played and closed leave nothing behind`, async () => {
    const rng = stream(0, id);
    const cycle = async () => {
      const env = await makeEnv(id);
      env.reset({ seed: 1 });
      env.step(sample(env.actSpace, rng));
      env.setState(env.getState());
      env.close();
    };
    await assertLeavesNothing(200, cycle);
  });

  test(`10,000 resets of ${id} leave nothing behind`, async () => {
    const env = await makeEnv(id);
    const run = () => {
      for (let i = 0; i < 100; i++) env.reset();
    };
    await assertLeavesNothing(100, run);
    env.close();
  });
}

test('200 rejected models leave nothing behind', async () => {
  const broken = HOPPER_MJCF.replace('joint="foot"', 'joint="missing"');
  await assertLeavesNothing(200, () => assert.rejects(createSimulation(broken)));
});

test('2,000 steps leave nothing behind', async () => {
  const env = await makeEnv('Hopper-v5');
  env.reset({ seed: 1 });
  const run = () => {
    for (let t = 0; t < 20; t++) {
      const { terminated, truncated } = env.step([0.1, 0.1, 0.1]);
      if (terminated || truncated) env.reset();
    }
  };
  await assertLeavesNothing(100, run);
  env.close();
});
