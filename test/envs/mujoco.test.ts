// The engine's door: errors of models, views across heap growth, use after close.
import assert from 'node:assert/strict';
import { test } from 'node:test';
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
