// Memory on the WASM side. A file of its own, as each runs in a process of its own: a heap that another test has
// let grow would hide a leak. Wrong by one model of the hopper (14 kB) per cycle, the heap grows.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { HOPPER_MJCF } from '../../lib/envs/hopper-mjcf.ts';
import { makeEnv } from '../../lib/envs/make.ts';
import { createSimulation } from '../../lib/envs/mujoco.ts';

const BALL = `<mujoco><worldbody><body><freejoint/><geom size="0.1"/></body></worldbody></mujoco>`;

test('1,000 environments made and closed leave the WASM heap as it was', async () => {
  const sim = await createSimulation(HOPPER_MJCF);
  const cycle = async () => {
    const env = await makeEnv('Hopper-v5');
    env.reset({ seed: 1 });
    env.step([1, -1, 0.5]);
    env.setState(env.getState());
    env.close();
  };
  for (let i = 0; i < 10; i++) await cycle();
  const bytes = sim.heapBytes();
  for (let i = 0; i < 1000; i++) await cycle();
  assert.equal(sim.heapBytes(), bytes);
  sim.close();
});

test('200 rejected models leave the WASM heap as it was', async () => {
  const sim = await createSimulation(BALL);
  const broken = HOPPER_MJCF.replace('joint="foot"', 'joint="missing"');
  for (let i = 0; i < 10; i++) await assert.rejects(createSimulation(broken));
  const bytes = sim.heapBytes();
  for (let i = 0; i < 200; i++) await assert.rejects(createSimulation(broken));
  assert.equal(sim.heapBytes(), bytes);
  sim.close();
});

test('10,000 resets and 2,000 steps leave the WASM heap as it was', async () => {
  const sim = await createSimulation(BALL);
  const env = await makeEnv('Hopper-v5');
  env.reset({ seed: 1 });
  const bytes = sim.heapBytes();
  for (let i = 0; i < 10_000; i++) env.reset();
  for (let i = 0; i < 2000; i++) {
    const { terminated, truncated } = env.step([0.1, 0.1, 0.1]);
    if (terminated || truncated) env.reset();
  }
  assert.equal(sim.heapBytes(), bytes);
  env.close();
  sim.close();
});
