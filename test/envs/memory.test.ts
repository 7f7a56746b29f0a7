// Memory on the WASM side. A file of its own, as each runs in a process of its own: a heap that another test has
// let grow would hide a leak. Wrong by one small model (some kB) per cycle, the heap grows.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { stream } from '../../lib/backend/rng.ts';
import { HOPPER_MJCF } from '../../lib/envs/hopper-mjcf.ts';
import { ENV_IDS, makeEnv } from '../../lib/envs/make.ts';
import { createSimulation } from '../../lib/envs/mujoco.ts';
import { sample } from '../../lib/envs/spaces.ts';

const BALL = `<mujoco><worldbody><body><freejoint/><geom size="0.1"/></body></worldbody></mujoco>`;
const ids = ENV_IDS.filter((id) => !id.endsWith('-v4'));

/** Bytes by which `run`, played some times before, makes the WASM heap grow. */
async function growth(times: number, run: () => void | Promise<void>): Promise<number> {
  const sim = await createSimulation(BALL);
  for (let i = 0; i < 10; i++) await run();
  const bytes = sim.heapBytes();
  for (let i = 0; i < times; i++) await run();
  const grown = sim.heapBytes() - bytes;
  sim.close();
  return grown;
}

for (const id of ids) {
  test(`200 environments ${id} made, played and closed leave the WASM heap as it was`, async () => {
    const rng = stream(0, id);
    const cycle = async () => {
      const env = await makeEnv(id);
      env.reset({ seed: 1 });
      env.step(sample(env.actSpace, rng));
      env.setState(env.getState());
      env.close();
    };
    assert.equal(await growth(200, cycle), 0);
  });

  test(`10,000 resets of ${id} leave the WASM heap as it was`, async () => {
    const env = await makeEnv(id);
    const run = () => {
      for (let i = 0; i < 100; i++) env.reset();
    };
    assert.equal(await growth(100, run), 0);
    env.close();
  });
}

test('200 rejected models leave the WASM heap as it was', async () => {
  const broken = HOPPER_MJCF.replace('joint="foot"', 'joint="missing"');
  assert.equal(await growth(200, () => assert.rejects(createSimulation(broken))), 0);
});

test('2,000 steps leave the WASM heap as it was', async () => {
  const env = await makeEnv('Hopper-v5');
  env.reset({ seed: 1 });
  const run = () => {
    for (let t = 0; t < 20; t++) {
      const { terminated, truncated } = env.step([0.1, 0.1, 0.1]);
      if (terminated || truncated) env.reset();
    }
  };
  assert.equal(await growth(100, run), 0);
  env.close();
});
