// The rules of Hopper-v5 that a reader of the specification would check by hand.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { normal, stream } from '../../lib/backend/rng.ts';
import { makeEnv } from '../../lib/envs/make.ts';
import type { Env, EnvState } from '../../lib/envs/types.ts';

async function withHopper<T>(run: (env: Env) => T): Promise<T> {
  const env = await makeEnv('Hopper-v5');
  try {
    env.reset({ seed: 0 });
    return run(env);
  } finally {
    env.close();
  }
}

/** A state at rest with some entries of qpos and qvel replaced. */
function posture(qpos: Record<number, number>, qvel: Record<number, number> = {}): EnvState {
  const put = (rest: number[], changes: Record<number, number>) =>
    rest.map((value, i) => changes[i] ?? value);
  return {
    env: 'Hopper-v5',
    vectors: { qpos: put([0, 1.25, 0, 0, 0, 0], qpos), qvel: put([0, 0, 0, 0, 0, 0], qvel) },
    elapsed: 0,
  };
}

test('spaces: 11 unbounded observations, 3 actions in [-1, 1], 1000 steps', () =>
  withHopper((env) => {
    assert.equal(env.obsSpace.size, 11);
    assert.ok(env.obsSpace.low.every((bound) => bound === -Infinity));
    assert.deepEqual(env.actSpace, {
      type: 'box',
      size: 3,
      low: Float64Array.of(-1, -1, -1),
      high: Float64Array.of(1, 1, 1),
    });
    assert.equal(env.maxSteps, 1000);
  }));

test('the reward terms sum to the reward', () =>
  withHopper((env) => {
    const rng = stream(0, 'actions');
    for (let t = 0; t < 200; t++) {
      const { reward, info, terminated } = env.step([normal(rng), normal(rng), normal(rng)]);
      assert.equal(reward, info.reward_forward! + info.reward_survive! + info.reward_ctrl!);
      assert.equal(info.reward_forward, info.x_velocity);
      if (terminated) env.reset();
    }
  }));

test('the simulator clamps the action, the control cost does not', () =>
  withHopper((env) => {
    const state = env.getState();
    const far = env.step([5, -7, 2]);
    env.setState(state);
    const near = env.step([1, -1, 1]);
    assert.deepEqual(far.obs, near.obs);
    assert.equal(far.info.reward_ctrl, -1e-3 * (25 + 49 + 4));
    assert.equal(near.info.reward_ctrl, -1e-3 * 3);
  }));

test('the step on which it falls pays no survival bonus', () =>
  withHopper((env) => {
    for (;;) {
      const { terminated, info } = env.step([1, 1, 1]);
      assert.equal(info.reward_survive, terminated ? 0 : 1);
      if (terminated) break;
    }
  }));

test('the observation is qpos without x, then qvel clipped to +-10', () =>
  withHopper((env) => {
    const state = posture({ 0: 3, 1: 1.2, 2: 0.1, 3: -0.1, 4: -0.2, 5: 0.3 }, { 0: 12, 1: -50, 5: 9 });
    assert.deepEqual(Array.from(env.setState(state)), [1.2, 0.1, -0.1, -0.2, 0.3, 10, -10, 0, 0, 0, 9]);
  }));

const ends: readonly [string, EnvState, boolean][] = [
  ['standing', posture({}), false],
  ['height 0.7', posture({ 1: 0.7 }), true],
  ['height just above 0.7', posture({ 1: 0.7001 }), false],
  ['torso angle 0.2', posture({ 2: 0.2 }), true],
  ['torso angle -0.2', posture({ 2: -0.2 }), true],
  ['torso angle 0.19', posture({ 2: 0.19 }), false],
  ['a joint at 100', posture({ 4: -100 }), true],
  ['an unclipped velocity of 100', posture({}, { 3: 100 }), true],
  ['a velocity of 99', posture({}, { 3: 99 }), false],
  ['the x position at 1000', posture({ 0: 1000 }), false],
];
for (const [name, state, ended] of ends) {
  test(`${name} ${ended ? 'ends' : 'does not end'} the episode`, () =>
    withHopper((env) => {
      env.setState(state);
      if (ended) assert.throws(() => env.step([0, 0, 0]), /after the end/);
      else env.step([0, 0, 0]);
    }));
}

test('start states lie within 0.005 of the rest state and fill that range', () =>
  withHopper((env) => {
    const rest = [0, 1.25, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0];
    let widest = 0;
    for (let i = 0; i < 200; i++) {
      const { info } = env.reset();
      const { qpos, qvel, time } = env.getState().vectors;
      const off = [...qpos!, ...qvel!].map((value, k) => Math.abs(value - rest[k]!));
      assert.ok(Math.max(...off) <= 5e-3);
      assert.deepEqual(time, [0]);
      assert.deepEqual(info, { x_position: qpos![0], z_distance_from_origin: qpos![1]! - 1.25 });
      widest = Math.max(widest, ...off);
    }
    assert.ok(widest > 4.9e-3);
  }));

test('a state of qpos and qvel alone is enough to 1e-9 of the full one', () =>
  withHopper((env) => {
    for (let t = 0; t < 8; t++) env.step([0.4, -0.4, 0.4]);
    const full = env.getState();
    const { qpos, qvel } = full.vectors;
    env.setState(full);
    const exact = env.step([0.1, 0.2, 0.3]);
    env.setState({ ...full, vectors: { qpos: qpos!, qvel: qvel! } });
    const near = env.step([0.1, 0.2, 0.3]);
    for (let i = 0; i < 11; i++) assert.ok(Math.abs(exact.obs[i]! - near.obs[i]!) < 1e-9);
  }));

test('any run is repeated bit for bit from its middle, whatever was simulated in between', async () => {
  const env = await makeEnv('Hopper-v5');
  const action = fc.tuple(...[0, 1, 2].map(() => fc.double({ min: -2, max: 2, noNaN: true })));
  fc.assert(
    fc.property(fc.nat(1000), fc.array(action, { minLength: 1, maxLength: 6 }), (seed, actions) => {
      env.reset({ seed });
      const state = env.getState();
      const first = actions.map((act) => env.step(act).obs);
      env.reset();
      env.step([1, 1, 1]);
      env.setState(state);
      assert.deepEqual(
        actions.map((act) => env.step(act).obs),
        first,
      );
    }),
    { numRuns: 50, seed: 5 },
  );
  env.close();
});
