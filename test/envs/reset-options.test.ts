// reset({ options }): Gymnasium's options of the classic tasks, and starting from a state.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { stream } from '../../lib/backend/rng.ts';
import { fixedHorizon } from '../../lib/envs/horizon.ts';
import { ENV_IDS, makeEnv } from '../../lib/envs/make.ts';
import { sample } from '../../lib/envs/spaces.ts';
import type { Env, StartOptions } from '../../lib/envs/types.ts';
import { makeVectorEnv } from '../../lib/envs/vector.ts';
import { fixture } from './fixture.ts';

interface Recording {
  readonly cases: readonly {
    readonly task: string;
    readonly options: StartOptions;
    readonly refused?: boolean;
    /** Least and largest of each entry of the observation over 2,000 resets. */
    readonly low: readonly number[];
    readonly high: readonly number[];
  }[];
}

for (const { task, options, refused, low, high } of fixture<Recording>('reset-options').cases) {
  test(`${task} with ${JSON.stringify(options)} ${refused ? 'is refused' : 'starts where Gymnasium does'}`, async () => {
    const env = await makeEnv(task);
    if (refused) {
      assert.throws(
        () => env.reset({ options }),
        /Cannot reset .* (expected low <= high|expected at least 0)/,
      );
      return;
    }
    const starts = Array.from({ length: 2000 }, () => env.reset({ options }).obs);
    for (const [i, least] of low.entries()) {
      const [from, to] = [
        Math.min(...starts.map((obs) => obs[i]!)),
        Math.max(...starts.map((obs) => obs[i]!)),
      ];
      // The end of 2,000 draws is within 1 % of the width, or two are; without width, all are the same float32.
      const slack = 0.02 * (high[i]! - least) + 1e-7;
      assert.ok(Math.abs(from - least) <= slack, `least of entry ${i}: ${from}, Gymnasium's ${least}`);
      assert.ok(Math.abs(to - high[i]!) <= slack, `largest of entry ${i}: ${to}, Gymnasium's ${high[i]}`);
    }
  });
}

test('an unknown option is refused by every task, with the known ones named', async () => {
  for (const id of ENV_IDS) {
    const env = await makeEnv(id);
    const options = { loww: 1 } as StartOptions;
    assert.throws(
      () => env.reset({ options }),
      new RegExp(`Cannot reset ${id} with the option loww: it knows .*state`),
    );
    assert.throws(() => env.step(0), /before its first reset/);
    env.close();
  }
  const pendulum = await makeEnv('Pendulum-v1');
  assert.throws(() => pendulum.reset({ options: { low: 0 } }), /it knows x_init, y_init, state/);
  assert.throws(() => pendulum.reset({ options: { x_init: Number.NaN } }), /x_init = NaN: expected a finite/);
});

/** Two steps into an episode, which no task ends so soon. */
function underWay(env: Env): void {
  const rng = stream(0, 'under way');
  env.reset({ seed: 0 });
  for (let t = 0; t < 2; t++) env.step(sample(env.actSpace, rng));
}

for (const id of ENV_IDS) {
  test(`${id} starts an episode from a state with the whole time ahead, drawing nothing`, async () => {
    const [env, twin] = [await makeEnv(id), await makeEnv(id)];
    underWay(env);
    const state = env.getState();
    const following = env.reset().obs;
    underWay(env);
    const { obs, info } = env.reset({ options: { state } });
    assert.deepEqual(obs, twin.setState(state));
    assert.deepEqual(env.getState(), { ...state, elapsed: 0 });
    assert.deepEqual(Object.keys(info), Object.keys(twin.reset().info));
    const action = sample(env.actSpace, stream(1, 'action'));
    twin.setState(state);
    assert.deepEqual(env.step(action), twin.step(action));
    assert.deepEqual(env.reset().obs, following, 'the stream stayed where it was');
    env.close();
    twin.close();
  });
}

test('a state of another task and a state that ends an episode are refused', async () => {
  const env = await makeEnv('Hopper-v5');
  underWay(env);
  const state = env.getState();
  const qpos = [...state.vectors.qpos!];
  qpos[1] = 0.5;
  const fallen = { ...state, vectors: { ...state.vectors, qpos } };
  assert.throws(() => env.reset({ options: { state: fallen } }), /to a state that ends an episode/);
  assert.throws(() => env.step([0, 0, 0]), /after the end of an episode/);
  const other = { ...state, env: 'Walker2d-v5' };
  assert.throws(() => env.reset({ options: { state: other } }), /to one of Walker2d-v5/);
  env.close();
});

test('wrapped and vectorised environments pass the options on', async () => {
  const wrapped = fixedHorizon(await makeEnv('CartPole-v1'));
  assert.equal(wrapped.reset({ options: { low: 0.03, high: 0.03 } }).obs[2], Math.fround(0.03));
  wrapped.step(1);
  const state = wrapped.getState();
  const { obs } = wrapped.reset({ options: { state } });
  assert.deepEqual(obs, wrapped.setState(state));
  const vector = await makeVectorEnv('MountainCar-v0', { size: 3 });
  const options = { low: -1, high: -0.9 };
  const first = Array.from(vector.reset({ seed: 4, options }).obs_BD);
  assert.ok([0, 2, 4].every((i) => first[i]! >= -1 && first[i]! < -0.9));
  assert.equal(new Set([first[0], first[2], first[4]]).size, 3);
  const { obs_BD } = vector.reset({ options: { low: -0.5, high: -0.5 }, mask: [0, 1, 0] });
  assert.deepEqual(Array.from(obs_BD), [first[0], first[1], -0.5, 0, first[4], first[5]]);
});
