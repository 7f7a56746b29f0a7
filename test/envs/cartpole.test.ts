// The rules of CartPole that a reader of the specification would check by hand.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { makeEnv } from '../../lib/envs/make.ts';
import type { EnvState } from '../../lib/envs/types.ts';

const at = (state: readonly number[]): EnvState => ({ env: 'CartPole-v1', vectors: { state }, elapsed: 0 });

test('a push from rest: accelerations of the closed form, positions one step behind', async () => {
  const env = await makeEnv('CartPole-v1');
  env.setState(at([0, 0, 0, 0]));
  env.step(1);
  // At rest and upright: spin' = -(F/M) / (l (4/3 - m/M)), x'' = F/M - m l spin' / M.
  const spinRate = -(10 / 1.1) / (0.5 * (4 / 3 - 0.1 / 1.1));
  const expected = [0, 0.02 * (10 / 1.1 - (0.05 * spinRate) / 1.1), 0, 0.02 * spinRate];
  const state = env.getState().vectors.state!;
  for (let i = 0; i < 4; i++) assert.ok(Math.abs(state[i]! - expected[i]!) < 1e-15);
  env.close();
});

test('left and right are mirror images', async () => {
  const env = await makeEnv('CartPole-v1');
  env.setState(at([0.1, -0.2, 0.05, 0.3]));
  const right = env.step(1).obs;
  env.setState(at([-0.1, 0.2, -0.05, -0.3]));
  const left = env.step(0).obs;
  assert.deepEqual(
    left,
    right.map((value) => -value),
  );
  env.close();
});

test('the observation is the float64 state rounded to float32', async () => {
  const env = await makeEnv('CartPole-v1');
  const obs = env.setState(at([0.1, 0.2, 0.01, 0.3]));
  assert.deepEqual(Array.from(obs), [0.1, 0.2, 0.01, 0.3].map(Math.fround));
  assert.deepEqual(env.getState().vectors.state, [0.1, 0.2, 0.01, 0.3]);
  env.close();
});

const limit = (12 * 2 * Math.PI) / 360;
const ends: readonly [string, readonly number[], boolean][] = [
  ['x = 2.4', [2.4, 0, 0, 0], false],
  ['x beyond 2.4', [2.4001, 0, 0, 0], true],
  ['x beyond -2.4', [-2.4001, 0, 0, 0], true],
  ['12 degrees', [0, 0, limit, 0], false],
  ['beyond 12 degrees', [0, 0, limit + 1e-9, 0], true],
  ['beyond -12 degrees', [0, 0, -limit - 1e-9, 0], true],
];
for (const [name, state, ended] of ends) {
  test(`${name} ${ended ? 'is' : 'is not'} the end`, async () => {
    const env = await makeEnv('CartPole-v1');
    env.setState(at(state));
    if (ended) assert.throws(() => env.step(0), /after the end/);
    else env.step(0);
    env.close();
  });
}

test('every step pays 1, the last one too, and the terms sum to it', async () => {
  const env = await makeEnv('CartPole-v1');
  env.reset({ seed: 2 });
  for (;;) {
    const { reward, info, terminated } = env.step(0);
    assert.equal(reward, 1);
    assert.equal(info.reward_survive, reward);
    if (terminated) break;
  }
  env.close();
});

test('v0 and v1 differ in their time limit only', async () => {
  const [v0, v1] = [await makeEnv('CartPole-v0'), await makeEnv('CartPole-v1')];
  assert.deepEqual([v0.maxSteps, v1.maxSteps], [200, 500]);
  v0.setState({ ...at([0.01, 0, 0.02, 0]), env: 'CartPole-v0' });
  v1.setState(at([0.01, 0, 0.02, 0]));
  for (let t = 0; t < 5; t++) assert.deepEqual(v0.step(t % 2), v1.step(t % 2));
  v0.close();
  v1.close();
});

test('spaces are those of Gymnasium', async () => {
  const env = await makeEnv('CartPole-v1');
  assert.deepEqual(env.actSpace, { type: 'discrete', n: 2 });
  const high = [4.8, Infinity, 2 * limit, Infinity].map(Math.fround);
  assert.deepEqual(Array.from(env.obsSpace.high), high);
  assert.deepEqual(
    Array.from(env.obsSpace.low),
    high.map((bound) => -bound),
  );
  env.close();
});

test('start states lie within 0.05 and fill that range', async () => {
  const env = await makeEnv('CartPole-v1');
  let widest = 0;
  for (let i = 0; i < 300; i++) {
    const largest = Math.max(...env.reset().obs.map(Math.abs));
    assert.ok(largest <= Math.fround(0.05));
    widest = Math.max(widest, largest);
  }
  assert.ok(widest > 0.049);
  env.close();
});
