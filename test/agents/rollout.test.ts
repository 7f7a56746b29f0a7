import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import {
  type Collection,
  collect,
  evaluate,
  rollEpisode,
  rollTrajectories,
  startCollector,
} from '../../lib/agents/rollout.ts';
import { rngState, stream } from '../../lib/backend/rng.ts';
import { trajectoryReturn } from '../../lib/data/types.ts';
import { makeEnv } from '../../lib/envs/make.ts';
import { actor, initCategoricalPolicy } from '../../lib/models/policy.ts';
import { standardizer } from '../../lib/models/standardizer.ts';
import { balance } from './cartpole.ts';

const D = 4;
const policy = initCategoricalPolicy(
  {
    obsNorm: standardizer(new Float32Array(D), new Float32Array(D).fill(1)),
    actions: 2,
    hidden: [8],
    activation: 'tanh',
    lastGain: 1,
  },
  stream(1, 'policy'),
);
const alwaysRight = () => 1;

describe('evaluating', () => {
  test('needs a whole number of episodes', async () => {
    const env = await makeEnv('CartPole-v1');
    for (const episodes of [0, 2.5, Number.NaN])
      assert.throws(
        () => evaluate(policy, env, { episodes, seed: 3, actions: 'mean' }),
        /Cannot use episodes/,
      );
    env.close();
  });

  for (const actions of ['mean', 'sampled'] as const)
    test(`gives the same episodes twice, whatever the environment did before: ${actions} actions`, async () => {
      const env = await makeEnv('CartPole-v1');
      const options = { episodes: 5, seed: 3, actions };
      const first = evaluate(policy, env, options);
      env.reset({ seed: 99 });
      env.step(0);
      assert.deepEqual(evaluate(policy, env, options), first);
      assert.equal(first.returns_E.length, 5);
      assert.notDeepEqual(evaluate(policy, env, { ...options, seed: 4 }), first);
      env.close();
    });

  test('more episodes go on where fewer stopped: the first ones stay', async () => {
    const env = await makeEnv('CartPole-v1');
    const five = evaluate(policy, env, { episodes: 5, seed: 3, actions: 'sampled' });
    const three = evaluate(policy, env, { episodes: 3, seed: 3, actions: 'sampled' });
    assert.deepEqual(five.returns_E.slice(0, 3), three.returns_E);
    env.close();
  });

  test('counts what CartPole pays, 1 a step, and the balancing controller gets all of it', async () => {
    const env = await makeEnv('CartPole-v1');
    const { returns_E, lengths_E } = evaluate(balance, env, { episodes: 10, seed: 1, actions: 'mean' });
    assert.deepEqual(returns_E, new Array(10).fill(500));
    assert.deepEqual(lengths_E, returns_E);
    env.close();
  });

  test('does not disturb a collection that goes on elsewhere', async () => {
    const collected = async (meanwhile: () => Promise<void>) => {
      const env = await makeEnv('CartPole-v1');
      const collector = startCollector(env, 7);
      const rng = stream(7, 'noise');
      const first = collect(collector, actor(policy), 60, rng);
      await meanwhile();
      const second = collect(collector, actor(policy), 60, rng);
      env.close();
      return [first, second];
    };
    const evaluation = async () => {
      const env = await makeEnv('CartPole-v1');
      evaluate(policy, env, { episodes: 3, seed: 7, actions: 'sampled' });
      env.close();
    };
    assert.deepEqual(await collected(evaluation), await collected(async () => {}));
  });
});

describe('collecting', () => {
  /** The collections one after the other, as if they had been one. */
  function joined(parts: readonly Collection[]): Collection {
    const floats = (of: (part: Collection) => Float32Array) =>
      Float32Array.from(parts.flatMap((part) => [...of(part)]));
    const bytes = (of: (part: Collection) => Uint8Array) =>
      Uint8Array.from(parts.flatMap((part) => [...of(part)]));
    return {
      steps: parts.reduce((sum, part) => sum + part.steps, 0),
      obs_TD: floats((part) => part.obs_TD),
      nextObs_TD: floats((part) => part.nextObs_TD),
      act_TA: floats((part) => part.act_TA),
      reward_T: Float64Array.from(parts.flatMap((part) => [...part.reward_T])),
      terminated_T: bytes((part) => part.terminated_T),
      truncated_T: bytes((part) => part.truncated_T),
      ended: parts.flatMap((part) => part.ended),
    };
  }

  test('in pieces gives what one long collection gives, episodes that cross the seams included', async () => {
    const run = async (lengths: readonly number[]) => {
      const env = await makeEnv('CartPole-v1', { maxSteps: 25 });
      const collector = startCollector(env, 5);
      const rng = stream(5, 'noise');
      const parts = lengths.map((steps) => collect(collector, actor(policy), steps, rng));
      env.close();
      return { all: joined(parts), rng: rngState(rng) };
    };
    const whole = await run([200]);
    assert.ok(whole.all.ended.length > 5);
    assert.deepEqual(await run([1, 7, 92, 100]), whole);
  });

  test('keeps what followed an action, not the first state of the next episode', async () => {
    const env = await makeEnv('CartPole-v1');
    const { obs_TD, nextObs_TD, terminated_T, truncated_T } = collect(
      startCollector(env, 2),
      alwaysRight,
      50,
      stream(2),
    );
    let ends = 0;
    for (let t = 0; t + 1 < 50; t++) {
      const next = [...nextObs_TD.subarray(t * D, (t + 1) * D)];
      const seen = [...obs_TD.subarray((t + 1) * D, (t + 2) * D)];
      if (!terminated_T[t]) assert.deepEqual(seen, next);
      else {
        ends++;
        assert.ok(Math.abs(next[2]!) > 0.2094, 'the pole is beyond 12 degrees');
        assert.ok(
          seen.every((x) => Math.abs(x) <= 0.05),
          'a fresh start follows',
        );
      }
    }
    assert.ok(ends > 3);
    assert.ok(truncated_T.every((flag) => flag === 0));
    env.close();
  });

  test('tells a cut-off episode from one that ended by the rule', async () => {
    const env = await makeEnv('CartPole-v1', { maxSteps: 30 });
    const { terminated_T, truncated_T, ended } = collect(startCollector(env, 2), balance, 100, stream(2));
    assert.deepEqual(
      [...truncated_T].flatMap((flag, t) => (flag ? [t] : [])),
      [29, 59, 89],
    );
    assert.ok(terminated_T.every((flag) => flag === 0));
    assert.deepEqual(ended, new Array(3).fill({ return: 30, length: 30 }));
    env.close();
  });
});

describe('whole episodes', () => {
  test('hold one observation more than actions, and how they ended', async () => {
    const env = await makeEnv('CartPole-v1', { maxSteps: 40 });
    const fallen = rollEpisode(env, alwaysRight, { seed: 1 });
    const T = fallen.reward_T.length;
    assert.deepEqual([fallen.obs_Tp1D.length, fallen.act_TA.length], [(T + 1) * D, T]);
    assert.deepEqual([fallen.terminated, fallen.truncated], [true, false]);
    const balanced = rollEpisode(env, balance, { seed: 1, keepStates: true });
    assert.deepEqual([balanced.terminated, balanced.truncated], [false, true]);
    assert.equal(balanced.state_Tp1?.length, 41);
    const seen = env.setState(balanced.state_Tp1![20]!);
    assert.deepEqual(
      [...seen],
      [...balanced.obs_Tp1D.subarray(20 * D, 21 * D)],
      'a kept state shows what was seen',
    );
    env.close();
  });

  test('as demonstrations: the same set twice, each from its own start', async () => {
    const env = await makeEnv('CartPole-v1');
    const options = { n: 4, seed: 2, actions: 'sampled' as const };
    const trajectories = rollTrajectories(policy, env, options);
    assert.deepEqual(rollTrajectories(policy, env, options), trajectories);
    assert.equal(new Set(trajectories.map(({ obs_Tp1D }) => obs_Tp1D[0])).size, 4);
    const evaluated = evaluate(policy, env, { episodes: 4, seed: 2, actions: 'mean' });
    const byMean = rollTrajectories(policy, env, { ...options, actions: 'mean' });
    assert.deepEqual(
      byMean.map(trajectoryReturn),
      evaluated.returns_E,
      'starts are those of an evaluation with this seed',
    );
    env.close();
  });
});
