// Statistics, normalised observations, clipped and scaled actions.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { makeEnv } from '../../lib/envs/make.ts';
import type { Env } from '../../lib/envs/types.ts';
import {
  clipAction,
  delegate,
  episodeStatistics,
  normalizeObservation,
  scaleAction,
} from '../../lib/envs/wrappers.ts';
import { fixture } from './fixture.ts';
import { makePointMass } from './point-mass-example.ts';

/** An environment that shows a given sequence of observations. */
function showing(rows: readonly number[][]): Env {
  const base = makePointMass();
  let t = 0;
  const size = rows[0]!.length;
  const box = { ...base.obsSpace, size, low: new Float64Array(size), high: new Float64Array(size) };
  return {
    ...delegate(base),
    obsSpace: box,
    reset: () => {
      t = 0;
      return { obs: Float64Array.from(rows[0]!), info: {} };
    },
    step: () => {
      t++;
      return {
        obs: Float64Array.from(rows[t]!),
        reward: 1,
        terminated: false,
        truncated: t === rows.length - 1,
        info: {},
      };
    },
    setState: () => Float64Array.from(rows[0]!),
  };
}

test("observations are normalised as by Gymnasium's wrapper, and frozen as by it", () => {
  const { frozenFrom, steps } = fixture<{
    frozenFrom: number;
    steps: { raw: number[][]; normalized: number[][] };
  }>('normalize-observation');
  const env = normalizeObservation(showing(steps.raw));
  let { obs } = env.reset();
  for (const [t, expected] of steps.normalized.entries()) {
    // Gymnasium rounds to float32, and its very first mean and variance too.
    for (const [i, value] of expected.entries())
      assert.ok(Math.abs(obs[i]! - value) <= 1e-6 * Math.max(1, Math.abs(value)), `step ${t}, entry ${i}`);
    env.freeze(t + 1 >= frozenFrom);
    if (t + 1 < steps.normalized.length) obs = env.step([0, 0]).obs;
  }
  assert.equal(Math.round(env.moments().count), frozenFrom);
});

test('running moments are those of all observations at once', () => {
  const rows = Array.from({ length: 200 }, (_, t) => [Math.sin(t), 5 + 2 * Math.cos(3 * t)]);
  const env = normalizeObservation(showing(rows));
  env.reset();
  for (let t = 1; t < rows.length; t++) env.step([0, 0]);
  const { mean, variance, count } = env.moments();
  assert.ok(Math.abs(count - 200.0001) < 1e-9);
  for (const i of [0, 1]) {
    const exactMean = rows.reduce((sum, row) => sum + row[i]!, 0) / rows.length;
    const exactVariance = rows.reduce((sum, row) => sum + (row[i]! - exactMean) ** 2, 0) / rows.length;
    // The start, mean 0 and variance 1, has a weight of 1e-4 observations.
    assert.ok(Math.abs(mean[i]! - exactMean) < 1e-5);
    assert.ok(Math.abs(variance[i]! - exactVariance) < 1e-4);
  }
});

test('a frozen normaliser, and setState, leave the moments as they are', async () => {
  const env = normalizeObservation(await makeEnv('Pendulum-v1'));
  env.reset({ seed: 1 });
  for (let t = 0; t < 20; t++) env.step([1]);
  const state = env.getState();
  const learnt = env.moments();
  const observed = env.setState(state);
  env.freeze(true);
  const { obs } = env.step([1]);
  assert.deepEqual(env.moments(), learnt);
  const evaluation = normalizeObservation(await makeEnv('Pendulum-v1'), { moments: learnt, frozen: true });
  assert.deepEqual(evaluation.setState(state), observed);
  assert.deepEqual(evaluation.step([1]).obs, obs);
  assert.deepEqual(evaluation.moments(), learnt);
  env.close();
  evaluation.close();
});

test('normalised observations go where the caller wants them', async () => {
  const env = normalizeObservation(await makeEnv('Pendulum-v1'));
  const out = new Float64Array(3);
  assert.equal(env.reset({ seed: 0, out }).obs, out);
  assert.equal(env.step([0], out).obs, out);
  env.close();
});

test('a normaliser refuses an epsilon that is not positive and moments of another task', async () => {
  const env = await makeEnv('Pendulum-v1');
  for (const epsilon of [0, -1, Number.NaN])
    assert.throws(() => normalizeObservation(env, { epsilon }), /expected a positive number/);
  const moments = { mean: [0], variance: [1], count: 1 };
  assert.throws(() => normalizeObservation(env, { moments }), /moments of 1 dimensions: expected 3/);
  env.close();
});

test('the last step of an episode tells its return and length, and no other step does', async () => {
  const env = episodeStatistics(await makeEnv('CartPole-v1'), { keep: 2 });
  for (let episode = 0; episode < 4; episode++) {
    env.reset(episode === 0 ? { seed: 3 } : {});
    for (let steps = 1; ; steps++) {
      const { info, terminated } = env.step(steps % 3 === 0 ? 0 : 1);
      if (!terminated) {
        assert.ok(!('episode_return' in info));
        continue;
      }
      assert.equal(info.episode_return, steps);
      assert.equal(info.episode_length, steps);
      assert.deepEqual(env.episodes.at(-1), { episodeReturn: steps, length: steps });
      break;
    }
  }
  assert.equal(env.episodes.length, 2);
  env.close();
});

test('an episode that setState starts counts from there', async () => {
  const env = episodeStatistics(await makeEnv('Pendulum-v1', { maxSteps: 5 }));
  env.reset({ seed: 0 });
  for (let t = 0; t < 3; t++) env.step([0]);
  const state = env.getState();
  env.setState(state);
  const first = env.step([0]).reward;
  const { reward, info } = env.step([0]);
  assert.equal(info.episode_length, 2);
  assert.equal(info.episode_return, first + reward);
  env.close();
});

test('clipped actions are those at the bounds, for the cost as well', async () => {
  const env = clipAction(await makeEnv('Hopper-v5'));
  assert.equal(env.actSpace.type === 'box' && env.actSpace.high[0], Infinity);
  env.reset({ seed: 0 });
  const state = env.getState();
  const far = env.step([9, -9, 0.5]);
  env.setState(state);
  assert.deepEqual(far, env.step([1, -1, 0.5]));
  env.close();
});

test('scaled actions reach from bound to bound', async () => {
  const env = scaleAction(await makeEnv('Humanoid-v5'));
  const inner = await makeEnv('Humanoid-v5');
  assert.deepEqual(env.actSpace, {
    type: 'box',
    size: 17,
    low: new Float64Array(17).fill(-1),
    high: new Float64Array(17).fill(1),
  });
  const action = Float64Array.from({ length: 17 }, (_, i) => (i - 8) / 8);
  const kept = Float64Array.from(action);
  env.reset({ seed: 0 });
  inner.reset({ seed: 0 });
  const { obs, reward } = env.step(action);
  const expected = inner.step(action.map((value) => 0.4 * value));
  assert.ok(obs.every((value, i) => Math.abs(value - expected.obs[i]!) < 1e-9));
  assert.ok(Math.abs(reward - expected.reward) < 1e-9);
  assert.deepEqual(action, kept, 'the action given is left alone');
  env.close();
  inner.close();
  const odd = scaleAction(makePointMass(), { low: 0, high: 4 });
  odd.reset({ seed: 0 });
  assert.ok(Math.abs(odd.step([3, 2]).info.reward_ctrl! + 0.1 * 0.25) < 1e-12);
});

test('malformed actions reach the environment, which refuses them', () => {
  for (const env of [clipAction(makePointMass()), scaleAction(makePointMass())]) {
    env.reset({ seed: 0 });
    assert.throws(() => env.step([0]), /1 numbers: its action has 2/);
    assert.throws(() => env.step(1), /the number 1/);
    assert.throws(() => env.step([0, Number.NaN]), /expected a finite number/);
  }
});

test('only vectors of actions can be clipped or scaled, and only bounded ones scaled', async () => {
  const env = await makeEnv('CartPole-v1');
  assert.throws(() => clipAction(env), /Cannot clip the actions of CartPole-v1: they are one of 2/);
  assert.throws(() => scaleAction(env), /Cannot scale the actions of CartPole-v1/);
  assert.throws(() => scaleAction(clipAction(makePointMass())), /its action space is unbounded/);
  assert.throws(() => scaleAction(makePointMass(), { low: 1, high: 1 }), /expected low < high/);
  env.close();
});
