// Rules that recordings from a given state cannot show: sizes, start states, names and sums of reward terms.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { stream, uniform } from '../../lib/backend/rng.ts';
import { ENV_IDS, MUJOCO_TASKS, makeEnv } from '../../lib/envs/make.ts';

interface Spec {
  readonly obs: readonly [v5: number, v4: number];
  readonly act: number;
  readonly bound: number;
  readonly maxSteps: number;
  /** The model's own positions; velocities are 0. */
  readonly rest: readonly number[];
  readonly qpos: number;
  readonly qvel: number;
  readonly normalVelocities?: boolean;
}

const zeros = (n: number): number[] => Array.from({ length: n }, () => 0);

// From Gymnasium's documentation of each task.
const SPECS: Record<string, Spec> = {
  InvertedPendulum: {
    obs: [4, 4],
    act: 1,
    bound: 3,
    maxSteps: 1000,
    rest: [0, 0],
    qpos: 0.01,
    qvel: 0.01,
  },
  Hopper: {
    obs: [11, 11],
    act: 3,
    bound: 1,
    maxSteps: 1000,
    rest: [0, 1.25, ...zeros(4)],
    qpos: 0.005,
    qvel: 0.005,
  },
  Walker2d: {
    obs: [17, 17],
    act: 6,
    bound: 1,
    maxSteps: 1000,
    rest: [0, 1.25, ...zeros(7)],
    qpos: 0.005,
    qvel: 0.005,
  },
  HalfCheetah: {
    obs: [17, 17],
    act: 6,
    bound: 1,
    maxSteps: 1000,
    rest: zeros(9),
    qpos: 0.1,
    qvel: 0.1,
    normalVelocities: true,
  },
  Ant: {
    obs: [105, 27],
    act: 8,
    bound: 1,
    maxSteps: 1000,
    rest: [0, 0, 0.75, 1, ...zeros(11)],
    qpos: 0.1,
    qvel: 0.1,
    normalVelocities: true,
  },
  Humanoid: {
    obs: [348, 376],
    act: 17,
    bound: 0.4,
    maxSteps: 1000,
    rest: [0, 0, 1.4, 1, ...zeros(20)],
    qpos: 0.01,
    qvel: 0.01,
  },
};

for (const [name, spec] of Object.entries(SPECS)) {
  for (const [i, version] of (['v5', 'v4'] as const).entries()) {
    const id = `${name}-${version}`;

    test(`${id}: sizes, bounds and time limit`, async () => {
      const env = await makeEnv(id);
      assert.equal(env.obsSpace.size, spec.obs[i]);
      assert.ok(env.obsSpace.low.every((bound) => bound === -Infinity));
      assert.ok(env.obsSpace.high.every((bound) => bound === Infinity));
      const high = new Float64Array(spec.act).fill(spec.bound);
      assert.deepEqual(env.actSpace, { type: 'box', size: spec.act, low: high.map((x) => -x), high });
      assert.equal(env.maxSteps, spec.maxSteps);
      env.close();
    });

    test(`${id}: start states spread around rest as documented`, async () => {
      const env = await makeEnv(id);
      const positions: number[] = [];
      const velocities: number[] = [];
      for (let n = 0; n < 100; n++) {
        env.reset();
        const { qpos, qvel, time } = env.getState().vectors;
        positions.push(...qpos!.map((value, k) => value - spec.rest[k]!));
        velocities.push(...qvel!);
        assert.deepEqual(time, [0]);
      }
      assertSpread(positions, spec.qpos, false);
      assertSpread(velocities, spec.qvel, spec.normalVelocities ?? false);
      env.close();
    });
  }
}

/** Standard deviation within 4 standard errors, and for uniform noise the range kept and nearly filled. */
function assertSpread(values: readonly number[], scale: number, isNormal: boolean): void {
  const variance = values.reduce((sum, value) => sum + value * value, 0) / values.length;
  const expected = isNormal ? scale ** 2 : scale ** 2 / 3;
  const fourthMoment = isNormal ? 3 * scale ** 4 : scale ** 4 / 5;
  const error = Math.sqrt((fourthMoment - expected ** 2) / values.length);
  assert.ok(Math.abs(variance - expected) < 4 * error, `variance ${variance}, expected ${expected}`);
  const widest = Math.max(...values.map(Math.abs));
  if (!isNormal) assert.ok(widest <= scale * (1 + 1e-12) && widest > 0.95 * scale, `widest ${widest}`);
  else assert.ok(widest > 2.5 * scale);
}

for (const id of ['Reacher-v5', 'Reacher-v4']) {
  test(`${id}: 2 actions, 50 steps, a target uniform in a disc of 0.2 m, and an arm near 0`, async () => {
    const env = await makeEnv(id);
    assert.deepEqual(
      [env.obsSpace.size, env.actSpace.type === 'box' && env.actSpace.size, env.maxSteps],
      [id.endsWith('v5') ? 10 : 11, 2, 50],
    );
    let inner = 0;
    const arms: number[] = [];
    const speeds: number[] = [];
    for (let n = 0; n < 400; n++) {
      const { obs } = env.reset();
      const { qpos, qvel } = env.getState().vectors;
      arms.push(qpos![0]!, qpos![1]!);
      speeds.push(qvel![0]!, qvel![1]!);
      const distance = Math.hypot(qpos![2]!, qpos![3]!);
      assert.ok(distance < 0.2);
      assert.deepEqual(qvel!.slice(2), [0, 0]);
      assert.deepEqual(Array.from(obs.subarray(4, 6)), qpos!.slice(2));
      if (distance < 0.1) inner++;
    }
    assertSpread(arms, 0.1, false);
    assertSpread(speeds, 0.005, false);
    // A quarter of the area lies within half the radius: 100 +- 4 * 8.7.
    assert.ok(Math.abs(inner - 100) < 35, `${inner} of 400`);
    env.close();
  });
}

test('start states of the classic tasks fill their ranges', async () => {
  const ranges: Record<string, readonly (readonly [number, number])[]> = {
    'CartPole-v1': Array.from({ length: 4 }, () => [-0.05, 0.05] as const),
    'MountainCar-v0': [
      [-0.6, -0.4],
      [0, 0],
    ],
    'Acrobot-v1': Array.from({ length: 4 }, () => [-0.1, 0.1] as const),
    'Pendulum-v1': [
      [-Math.PI, Math.PI],
      [-1, 1],
    ],
  };
  for (const [id, range] of Object.entries(ranges)) {
    const env = await makeEnv(id);
    const states = Array.from({ length: 300 }, () => {
      env.reset();
      return env.getState().vectors.state!;
    });
    for (const [k, [low, high]] of range.entries()) {
      const values = states.map((state) => state[k]!);
      const slack = 0.03 * (high - low);
      assert.ok(Math.min(...values) >= low && Math.min(...values) <= low + slack, `${id} ${k}`);
      assert.ok(Math.max(...values) <= high && Math.max(...values) >= high - slack, `${id} ${k}`);
    }
    env.close();
  }
});

for (const id of ENV_IDS) {
  test(`${id}: the reward terms in info sum to the reward`, async () => {
    const env = await makeEnv(id);
    const rng = stream(0, 'actions', id);
    env.reset({ seed: 1 });
    for (let t = 0; t < 40; t++) {
      const { actSpace } = env;
      const action =
        actSpace.type === 'discrete'
          ? t % actSpace.n
          : actSpace.high.map((bound) => uniform(rng, -2 * bound, 2 * bound));
      const { reward, info, terminated, truncated } = env.step(action);
      const terms = Object.entries(info).filter(([name]) => name.startsWith('reward_'));
      assert.ok(terms.length > 0);
      const sum = terms.reduce((total, [, value]) => total + value, 0);
      assert.ok(Math.abs(sum - reward) < 1e-12);
      if (terminated || truncated) env.reset();
    }
    env.close();
  });
}

for (const id of Object.keys(MUJOCO_TASKS)) {
  test(`${id}: the simulator clamps the action, the control cost does not`, async () => {
    const env = await makeEnv(id);
    env.reset({ seed: 2 });
    const { high } = env.actSpace as { high: Float64Array };
    const state = env.getState();
    const far = env.step(high.map((bound) => 3 * bound));
    env.setState(state);
    const near = env.step(high);
    assert.deepEqual(far.obs, near.obs);
    const cost = far.info.reward_ctrl ?? far.info.reward_quadctrl;
    const bounded = near.info.reward_ctrl ?? near.info.reward_quadctrl;
    if (cost !== undefined) assert.ok(Math.abs(cost - 9 * bounded!) < 1e-12);
    else assert.match(id, /InvertedPendulum/);
    env.close();
  });
}

for (const name of ['InvertedPendulum', 'Hopper', 'Walker2d', 'Ant', 'Humanoid']) {
  test(`${name}: the step that ends the episode pays the bonus in v4 and not in v5`, async () => {
    for (const version of ['v5', 'v4']) {
      const env = await makeEnv(`${name}-${version}`);
      env.reset({ seed: 0 });
      const { qpos, qvel } = env.getState().vectors;
      // Thrown so that the next step ends the episode: tilted fast, or flying off.
      const [height, up] = name === 'Hopper' || name === 'Walker2d' ? [1, 1] : [2, 2];
      const vectors =
        name === 'InvertedPendulum'
          ? { qpos: [0, 0.199], qvel: [0, 2] }
          : name === 'Hopper'
            ? { qpos: replaced(qpos!, 2, 0.19), qvel: replaced(qvel!, 2, 8) }
            : { qpos: replaced(qpos!, height, name === 'Ant' ? 0.99 : 1.99), qvel: replaced(qvel!, up, 5) };
      env.setState({ env: env.id, vectors, elapsed: 0 });
      const bonus = name === 'Humanoid' ? 5 : 1;
      const { info, terminated } = env.step(new Float64Array(SPECS[name]!.act));
      assert.equal(terminated, true);
      assert.equal(info.reward_survive ?? info.reward_alive, version === 'v4' ? bonus : 0);
      env.close();
    }
  });
}

function replaced(vector: readonly number[], at: number, value: number): number[] {
  return vector.map((old, i) => (i === at ? value : old));
}
