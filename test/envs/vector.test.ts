// Copies stepped together: three ways of starting over, streams of their own, no arrays per step.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { makeEnv } from '../../lib/envs/make.ts';
import { makeVectorEnv, type VectorEnv, vectorize } from '../../lib/envs/vector.ts';
import { delegate, normalizeObservation } from '../../lib/envs/wrappers.ts';
import { makePointMass } from './point-mass-example.ts';

const row = (obs_BD: Float64Array, copy: number, D: number) => obs_BD.slice(copy * D, (copy + 1) * D);

/** Runs `steps` steps of one copy alone, from the same start, by hand. */
async function alone(vector: VectorEnv, copy: number, action: number) {
  const env = await makeEnv(vector.id);
  env.setState(vector.getState(copy));
  return (steps: number) => {
    let result = env.step(action);
    for (let t = 1; t < steps; t++) result = env.step(action);
    return result;
  };
}

test('copies move as they would alone', async () => {
  const vector = await makeVectorEnv('Hopper-v5', { size: 3 });
  const { obs_BD } = vector.reset({ seed: 1 });
  const singles = [];
  for (let i = 0; i < 3; i++) {
    const env = await makeEnv('Hopper-v5');
    assert.deepEqual(env.setState(vector.getState(i)), row(obs_BD, i, 11));
    singles.push(env);
  }
  for (let t = 0; t < 5; t++) {
    const actions = Array.from({ length: 9 }, (_, i) => Math.sin(t + i));
    const step = vector.step(actions);
    for (const [i, env] of singles.entries()) {
      const expected = env.step(actions.slice(3 * i, 3 * i + 3));
      assert.deepEqual(row(step.obs_BD, i, 11), expected.obs);
      assert.equal(step.reward_B[i], expected.reward);
      assert.deepEqual(step.infos[i], expected.info);
    }
  }
  vector.close();
  for (const env of singles) env.close();
});

test('one seed gives each copy a stream of its own, the same every time', async () => {
  const starts = async (seed: number) => {
    const vector = await makeVectorEnv('CartPole-v1', { size: 4 });
    const first = Array.from(vector.reset({ seed }).obs_BD);
    const second = Array.from(vector.reset().obs_BD);
    vector.close();
    return [...first, ...second];
  };
  const zero = await starts(0);
  assert.deepEqual(await starts(0), zero);
  assert.equal(new Set(zero).size, zero.length, 'no two copies or resets start alike');
  // Neighbouring seeds share no stream either, as seed + i would.
  assert.ok((await starts(1)).every((value) => !zero.includes(value)));
});

test('a copy has the same stream whatever the number of copies', async () => {
  const [two, five] = [
    await makeVectorEnv('CartPole-v1', { size: 2 }),
    await makeVectorEnv('CartPole-v1', { size: 5 }),
  ];
  const few = Array.from(two.reset({ seed: 3 }).obs_BD);
  assert.deepEqual(Array.from(five.reset({ seed: 3 }).obs_BD.subarray(0, 8)), few);
  two.close();
  five.close();
});

test('next-step: an ended copy keeps its last observation, and the next step only resets it', async () => {
  const vector = await makeVectorEnv('CartPole-v1', { size: 2 });
  assert.equal(vector.mode, 'next-step');
  vector.reset({ seed: 0 });
  // Copy 0 is pushed over, copy 1 is kept up for as long.
  const run = await alone(vector, 0, 1);
  let steps = 0;
  let step = vector.step([1, 0]);
  for (steps = 1; step.terminated_B[0] === 0; steps++) step = vector.step([1, steps % 2]);
  const last = run(steps);
  assert.equal(last.terminated, true);
  assert.deepEqual(row(step.obs_BD, 0, 4), last.obs);
  assert.equal(step.reward_B[0], 1);
  assert.equal(step.reset_B[0], 0);
  step = vector.step([1, 0]);
  assert.deepEqual([step.reset_B[0], step.reward_B[0], step.terminated_B[0]], [1, 0, 0]);
  assert.equal(step.reset_B[1], 0);
  assert.equal(step.reward_B[1], 1);
  assert.ok(row(step.obs_BD, 0, 4).every((value) => Math.abs(value) <= Math.fround(0.05)));
  assert.equal(vector.getState(0).elapsed, 0);
  step = vector.step([1, 0]);
  assert.deepEqual([step.reset_B[0], step.reward_B[0]], [0, 1]);
  assert.equal(vector.getState(0).elapsed, 1);
  vector.close();
});

test('same-step: an ended copy shows its new start, and its last observation apart', async () => {
  const vector = await makeVectorEnv('CartPole-v1', { size: 2, mode: 'same-step' });
  vector.reset({ seed: 0 });
  const run = await alone(vector, 0, 1);
  let steps = 1;
  let step = vector.step([1, 0]);
  for (; step.terminated_B[0] === 0; steps++) {
    assert.deepEqual(Array.from(step.reset_B), [0, 0]);
    assert.deepEqual(step.finalInfos, [undefined, undefined]);
    step = vector.step([1, steps % 2]);
  }
  const last = run(steps);
  assert.deepEqual(row(step.finalObs_BD, 0, 4), last.obs);
  assert.deepEqual(step.finalInfos[0], last.info);
  assert.deepEqual(step.infos[0], {});
  assert.deepEqual([step.reward_B[0], step.terminated_B[0], step.reset_B[0]], [1, 1, 1]);
  assert.ok(row(step.obs_BD, 0, 4).every((value) => Math.abs(value) <= Math.fround(0.05)));
  assert.equal(vector.getState(0).elapsed, 0);
  step = vector.step([1, 0]);
  assert.deepEqual([step.reset_B[0], step.terminated_B[0], step.reward_B[0]], [0, 0, 1]);
  vector.close();
});

test('disabled: stepping past an end is an error until the copy is reset by a mask', async () => {
  const vector = await makeVectorEnv('Pendulum-v1', { size: 3, mode: 'disabled', maxSteps: 4 });
  vector.reset({ seed: 0 });
  // Copy 1 starts two steps ahead.
  vector.setState(1, { ...vector.getState(1), elapsed: 2 });
  vector.step([0, 0, 0]);
  const { truncated_B, obs_BD } = vector.step([0, 0, 0]);
  assert.deepEqual(Array.from(truncated_B), [0, 1, 0]);
  assert.throws(
    () => vector.step([0, 0, 0]),
    /Cannot step copy 1 of Pendulum-v1 after the end.*reset\({ mask }\)/,
  );
  const kept = Array.from(obs_BD);
  const after = vector.reset({ mask: [false, true, false] }).obs_BD;
  assert.deepEqual(Array.from(row(after, 0, 3)), kept.slice(0, 3));
  assert.notDeepEqual(Array.from(row(after, 1, 3)), kept.slice(3, 6));
  assert.deepEqual(
    [0, 1, 2].map((i) => vector.getState(i).elapsed),
    [2, 0, 2],
  );
  vector.step([0, 0, 0]);
  vector.close();
});

test('a time limit resets like an end, and says truncated', async () => {
  const vector = await makeVectorEnv('Pendulum-v1', { size: 2, mode: 'same-step', maxSteps: 3 });
  vector.reset({ seed: 0 });
  vector.step([0, 0]);
  vector.step([0, 0]);
  const { truncated_B, terminated_B, reset_B } = vector.step([0, 0]);
  assert.deepEqual([...truncated_B, ...terminated_B, ...reset_B], [1, 1, 0, 0, 1, 1]);
  vector.close();
});

test('steps reuse their arrays, and write observations in place', async () => {
  const vector = await makeVectorEnv('HalfCheetah-v5', { size: 2 });
  const { obs_BD } = vector.reset({ seed: 0 });
  const before = Array.from(obs_BD);
  const first = vector.step(new Float64Array(12));
  const second = vector.step(new Float64Array(12));
  assert.equal(first, second);
  assert.equal(first.obs_BD, obs_BD);
  assert.notDeepEqual(Array.from(obs_BD), before);
  vector.close();
});

test('the actions given are left alone and not kept', async () => {
  const vector = await makeVectorEnv('Pendulum-v1', { size: 2 });
  vector.reset({ seed: 0 });
  const actions = Float64Array.of(5, -5);
  vector.step(actions);
  assert.deepEqual(actions, Float64Array.of(5, -5));
  vector.close();
});

test("environments of one's own, wrapped or without `out`, are stepped together", () => {
  const simple = () => {
    const env = makePointMass();
    return {
      ...delegate(env),
      reset: ({ seed = 0 } = {}) => env.reset({ seed }),
      step: (action: never) => env.step(action),
    };
  };
  const vector = vectorize([simple(), simple()]);
  const single = makePointMass();
  vector.reset({ seed: 0 });
  single.setState(vector.getState(1));
  const { obs_BD } = vector.step([0.1, 0.2, 0.3, 0.4]);
  assert.deepEqual(row(obs_BD, 1, 4), single.step([0.3, 0.4]).obs);
  vector.close();
  const normalised = vectorize([normalizeObservation(makePointMass())], { mode: 'same-step' });
  assert.notEqual(normalised.reset({ seed: 0 }).obs_BD[0], normalised.step([1, 1]).obs_BD[0]);
  normalised.close();
});

test('a copy whose episode has ended is still to be reset after its own state is put back', async () => {
  const vector = await makeVectorEnv('CartPole-v1', { size: 1, mode: 'next-step' });
  vector.reset({ seed: 0 });
  let step = vector.step([1]);
  while (step.terminated_B[0] === 0) step = vector.step([1]);
  vector.setState(0, vector.getState(0));
  assert.equal(vector.step([1]).reset_B[0], 1);
  assert.equal(vector.getState(0).elapsed, 0);
  vector.close();
});

test('setState puts one copy elsewhere and wakes it', async () => {
  const vector = await makeVectorEnv('CartPole-v1', { size: 2, mode: 'disabled' });
  vector.reset({ seed: 0 });
  const state = vector.getState(1);
  let step = vector.step([1, 1]);
  while (step.terminated_B[1] === 0) step = vector.step([0, 1]);
  const obs = vector.setState(1, state);
  assert.deepEqual(row(step.obs_BD, 1, 4), obs);
  if (step.terminated_B[0] === 0) vector.step([0, 1]);
  vector.close();
});

test('what cannot be stepped is refused before anything moves', async () => {
  const vector = await makeVectorEnv('Pendulum-v1', { size: 2 });
  vector.reset({ seed: 0 });
  const states = [vector.getState(0), vector.getState(1)];
  assert.throws(() => vector.step([0]), /2 copies of Pendulum-v1 with 1 numbers: expected 2/);
  assert.throws(
    () => vector.step([0, Number.NaN]),
    /copy 1 of Pendulum-v1 with NaN: expected finite numbers/,
  );
  assert.deepEqual([vector.getState(0), vector.getState(1)], states);
  assert.throws(() => vector.reset({ mask: [true] }), /mask of 1 entries/);
  assert.throws(() => vector.getState(2), /copy 2 of Pendulum-v1: there are 0 to 1/);
  vector.close();
  const poles = await makeVectorEnv('CartPole-v1', { size: 2 });
  poles.reset({ seed: 0 });
  assert.throws(() => poles.step([1, 2]), /copy 1 of CartPole-v1 with 2: expected an integer from 0 to 1/);
  poles.close();
});

test('no copies, odd copies and unknown tasks are refused', async () => {
  await assert.rejects(makeVectorEnv('CartPole-v1', { size: 0 }), /Cannot make 0 copies/);
  await assert.rejects(makeVectorEnv('Swimmer-v5', { size: 2 }), /Cannot make the environment Swimmer-v5/);
  assert.throws(() => vectorize([]), /give at least one/);
  const cart = await makeEnv('CartPole-v1');
  assert.throws(
    () => vectorize([cart, makePointMass()]),
    /CartPole-v1 and PointMass-v0 together: their spaces/,
  );
  cart.close();
});
