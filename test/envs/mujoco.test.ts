// The engine's door: errors of models, memory on the WASM side, views across heap growth.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { HOPPER_MJCF } from '../../lib/envs/hopper-mjcf.ts';
import { makeEnv } from '../../lib/envs/make.ts';
import { createSimulation, loadMujoco } from '../../lib/envs/mujoco.ts';

const BALL = `<mujoco><worldbody><body><freejoint/><geom size="0.1"/></body></worldbody></mujoco>`;

test('the engine is loaded once', async () => {
  assert.equal(await loadMujoco(), await loadMujoco());
});

test("a model that MuJoCo rejects gives MuJoCo's reason", async () => {
  await assert.rejects(
    createSimulation('<mujoco><wheel/></mujoco>'),
    /Cannot compile the MuJoCo model.*wheel/,
  );
  await assert.rejects(createSimulation('<mujoco>'), /Cannot compile the MuJoCo model.*XML/);
});

test('a falling ball obeys z = z0 - g t^2 / 2 as semi-implicit Euler has it', async () => {
  const sim = await createSimulation(BALL);
  sim.advance(50);
  const h = sim.timestep;
  assert.ok(Math.abs(sim.view('qpos')[2]! + (9.81 * h * h * 50 * 51) / 2) < 1e-12);
  assert.ok(Math.abs(sim.getTime() - 50 * h) < 1e-12);
  sim.close();
});

test('views stay right when the heap grows under them', async () => {
  const sim = await createSimulation(BALL);
  const before = sim.view('qpos');
  sim.view('qpos')[2] = 7;
  const bytes = sim.heapBytes();
  const large = await createSimulation(BALL.replace('<worldbody>', '<size memory="80M"/><worldbody>'));
  assert.ok(sim.heapBytes() > bytes, 'the heap has grown');
  assert.equal(before.length, 0, 'the old view is detached');
  assert.equal(sim.view('qpos')[2], 7);
  large.close();
  sim.close();
});

test('a state that MuJoCo discards is an error, not a silent restart', async () => {
  const sim = await createSimulation(BALL);
  sim.advance(10);
  sim.view('qvel')[2] = 1e11;
  assert.throws(() => sim.advance(4), /became unstable/);
  sim.close();
});

test('a closed simulation says so and closes twice without harm', async () => {
  const sim = await createSimulation(BALL);
  sim.close();
  sim.close();
  assert.throws(() => sim.view('qpos'), /after close/);
});

test('a field that holds no numbers is refused by name', async () => {
  const sim = await createSimulation(BALL);
  assert.throws(() => sim.modelField('nothing'), /Cannot read the model field nothing/);
  sim.close();
});

test('200 environments made and closed leave the WASM heap as it was', async () => {
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
  for (let i = 0; i < 200; i++) await cycle();
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
