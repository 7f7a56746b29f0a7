// Episodes of one length: standing still, and the absorbing state.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { absorbingState, fixedHorizon } from '../../lib/envs/horizon.ts';
import { makeEnv } from '../../lib/envs/make.ts';
import type { Env, EnvState } from '../../lib/envs/types.ts';

/** Steps to the right until the pole falls, in the bare task. */
async function fallAt(): Promise<{ steps: number; obs: Float64Array }> {
  const env = await makeEnv('CartPole-v1');
  env.reset({ seed: 0 });
  for (let steps = 1; ; steps++) {
    const { obs, terminated } = env.step(1);
    if (terminated) return { steps, obs };
  }
}

const wraps: readonly (readonly [string, (env: Env) => Env])[] = [
  ['fixed horizon', fixedHorizon],
  ['absorbing state', absorbingState],
];
for (const [name, wrap] of wraps) {
  test(`${name}: every episode has maxSteps steps and none terminates`, async () => {
    const env = wrap(await makeEnv('CartPole-v1', { maxSteps: 40 }));
    for (let episode = 0; episode < 3; episode++) {
      env.reset(episode === 0 ? { seed: 0 } : {});
      let rewards = 0;
      let over = false;
      for (let t = 1; t <= 40; t++) {
        const { terminated, truncated, reward, info } = env.step(1);
        assert.equal(terminated, false);
        assert.equal(truncated, t === 40);
        // The step that would have terminated still pays.
        assert.equal(reward, over ? 0 : 1, `step ${t}`);
        over = info.ended === 1;
        rewards += reward;
      }
      assert.ok(rewards < 40);
      assert.throws(() => env.step(1), /after the end of an episode \(step 40\)/);
    }
    env.close();
  });

  test(`${name}: a state saved after the end goes on the same`, async () => {
    const env = wrap(await makeEnv('CartPole-v1', { maxSteps: 30 }));
    const other = wrap(await makeEnv('CartPole-v1', { maxSteps: 30 }));
    let { obs } = env.reset({ seed: 0 });
    for (let t = 0; t < 30; t++) {
      const state = JSON.parse(JSON.stringify(env.getState())) as EnvState;
      assert.deepEqual(other.setState(state), obs);
      const result = env.step(1);
      assert.deepEqual(other.step(1), result);
      obs = result.obs;
    }
    env.close();
    other.close();
  });

  test(`${name}: a state saved without it starts a running episode`, async () => {
    const bare = await makeEnv('CartPole-v1');
    bare.reset({ seed: 0 });
    bare.step(1);
    const env = wrap(await makeEnv('CartPole-v1'));
    env.setState(bare.getState());
    const result = env.step(1);
    assert.deepEqual(Array.from(result.obs.subarray(0, 4)), Array.from(bare.step(1).obs));
    assert.equal(result.info.ended, 0);
    bare.close();
    env.close();
  });

  test(`${name}: closing works after the end as well`, async () => {
    const env = wrap(await makeEnv('CartPole-v1'));
    env.reset({ seed: 0 });
    while (env.step(1).info.ended === 0);
    env.close();
    assert.throws(() => env.step(1), /after close/);
  });
}

test('with a fixed horizon the last observation stays', async () => {
  const { steps, obs } = await fallAt();
  const env = fixedHorizon(await makeEnv('CartPole-v1'));
  env.reset({ seed: 0 });
  for (let t = 1; t < steps; t++) assert.notDeepEqual(env.step(1).obs, obs);
  for (let t = 0; t < 5; t++) {
    const step = env.step(1);
    assert.deepEqual(step.obs, obs);
    assert.equal(step.info.ended, 1);
    step.obs.fill(7);
  }
  env.close();
});

test('the absorbing state is zeros and a 1, after the observation of the end', async () => {
  const { steps, obs } = await fallAt();
  const env = absorbingState(await makeEnv('CartPole-v1'));
  assert.equal(env.obsSpace.size, 5);
  assert.deepEqual([env.obsSpace.low[4], env.obsSpace.high[4]], [0, 1]);
  assert.equal(env.reset({ seed: 0 }).obs[4], 0);
  for (let t = 1; t < steps; t++) assert.equal(env.step(1).obs[4], 0);
  assert.deepEqual(Array.from(env.step(1).obs), [...obs, 0]);
  for (let t = 0; t < 3; t++) assert.deepEqual(Array.from(env.step(1).obs), [0, 0, 0, 0, 1]);
  env.close();
});
