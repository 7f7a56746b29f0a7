import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { rollTrajectories } from '../../lib/agents/rollout.ts';
import { startEngine } from '../../lib/backend/engine.ts';
import { normals, stream } from '../../lib/backend/rng.ts';
import { episodic, savedVector, unboundedBox } from '../../lib/envs/episodic.ts';
import { observationJacobian, stateAt, stateCoordinates, stepJacobian } from '../../lib/envs/jacobian.ts';
import { makeEnv } from '../../lib/envs/make.ts';
import type { Env, EnvState } from '../../lib/envs/types.ts';
import { pathwiseGradient } from '../../lib/estimators/pathwise.ts';
import { initDiscriminator } from '../../lib/models/discriminator.ts';
import type { ForwardModel } from '../../lib/models/forward-model.ts';
import { initGaussianPolicy } from '../../lib/models/policy.ts';
import { standardizer } from '../../lib/models/standardizer.ts';
import { oracleComparison } from '../../lib/theory/oracle-comparison.ts';
import { oracleSystem } from '../../lib/theory/oracle-system.ts';
import { networkSystem, type PathwiseNetworks } from '../../lib/theory/pathwise-reference.ts';
import { addScaled, recursion, rollReference } from '../../lib/theory/recursion.ts';
import { assertClose, assertRelativelyClose } from '../nn/closeness.ts';

/** A task of one push, with its rules in plain sight: `move` from [state, push], `observe` of a state. */
function plainTask(rules: {
  readonly size: number;
  move(state: readonly number[], push: number): number[];
  observe(state: readonly number[]): number[];
  ended?(state: readonly number[]): boolean;
}): Env {
  const { size, observe, ended = () => false } = rules;
  const box = unboundedBox(observe(new Array(size).fill(0)).length);
  let state: readonly number[] = new Array(size).fill(0);
  const dynamics = {
    obsSpace: box,
    actSpace: unboundedBox(1),
    start: () => {
      state = new Array(size).fill(0.1);
      return {};
    },
    move: (action: number | ArrayLike<number>) => {
      state = rules.move(state, (action as ArrayLike<number>)[0]!);
      return { reward: 0, terminated: ended(state), info: {} };
    },
    observe: (obs: Float64Array) => obs.set(observe(state)),
    ended: () => ended(state),
    save: () => ({ state: [...state] }),
    load: (vectors: EnvState['vectors']) => {
      state = savedVector(vectors, { env: 'Plain', name: 'state', size });
    },
    close: () => {},
  };
  return episodic(dynamics, { id: 'Plain', maxSteps: 1000 });
}

/** x' = x + v / 10, v' = 0.9 v - x / 5 + push / 2: linear, all of it observed. */
const spring = plainTask({
  size: 2,
  move: ([x, v], push) => [x! + v! / 10, 0.9 * v! - x! / 5 + push / 2],
  observe: (state) => [...state],
});

/** A pendulum of which angle and place are seen by their sines and the place's end ends it; [place, angle, speed]. */
const swing = plainTask({
  size: 3,
  move: ([place, angle, speed], push) => [
    place! + 0.1 * speed! * Math.cos(angle!),
    angle! + 0.1 * speed!,
    speed! + Math.sin(angle!) + push * Math.cos(place!),
  ],
  observe: ([place, angle, speed]) => [Math.sin(angle!), speed! + 0.2 * place! ** 2],
  ended: ([place]) => place! >= 1,
});

/** A model of two observations and one push that is linear. */
const linear = (weights: readonly number[]) => ({
  spec: { sizes: [3, 2], activation: 'tanh' as const },
  params_P: Float32Array.from([...weights, 0, 0]),
});

const at = (...state: number[]): EnvState => ({ env: 'Plain', vectors: { state }, elapsed: 0 });

/** Random networks for a task, the policy's std small enough to stay within the simulator's bounds. */
function networksFor(env: Env, members: ForwardModel['members'] = []): PathwiseNetworks & OracleNetworks {
  const rng = stream(3, 'oracle');
  const D = env.obsSpace.size;
  const A = env.actSpace.type === 'box' ? env.actSpace.size : 1;
  const obsNorm = standardizer(normals(rng, D, 0.1), new Float32Array(D).fill(1), { floor: 0 });
  const common = { obsNorm, actMean_A: new Float32Array(A), actScale_A: new Float32Array(A).fill(0.2) };
  const policy = initGaussianPolicy(
    {
      ...common,
      hidden: [8],
      activation: 'tanh',
      lastGain: 1,
      bound: 1.5,
      logStd_A: new Float32Array(A).fill(Math.log(0.1)),
    },
    rng,
  );
  const discriminator = initDiscriminator(
    { ...common, actScale_A: new Float32Array(A).fill(5), actBound: 100, hidden: [8] },
    rng,
  );
  const deltaScale_D = new Float32Array(D).fill(1);
  const model: ForwardModel = { obsNorm, predicts: 'delta', deltaScale_D, actBound: 100, members };
  return {
    policy,
    discriminator,
    model,
    gamma: 0.97,
    saturationWeight: 0.1,
    saturationBeyond: 0.1,
    temperature: 1,
  };
}
type OracleNetworks = { readonly policy: ReturnType<typeof initGaussianPolicy> };

describe("the simulator's Jacobians", () => {
  test('are the derivatives of rules that are known', () => {
    const like = at(0, 0, 0);
    const state_Z = [0.3, 0.5, -0.7];
    const point = { state_Z, act_A: [0.4], like };
    const [c, s] = [Math.cos(0.5), Math.sin(0.5)];
    const rows = [
      [1, 0.07 * s, 0.1 * c, 0],
      [0, 1, 0.1, 0],
      [-0.4 * Math.sin(0.3), c, 1, Math.cos(0.3)],
    ];
    assertClose(stepJacobian(swing, point), rows.flat(), { within: 1e-9 });
    assertClose(observationJacobian(swing, point), [0, c, 0, 0.12, 0, 1], { within: 1e-9 });
  });

  test('are taken from one side where the other is beyond the end of the episode', () => {
    const point = { state_Z: [1 - 1e-9, 0.5, -0.7], act_A: [0.4], like: at(0, 0, 0) };
    const byPlace = [1, 0, -0.4 * Math.sin(1)];
    const jacobian = stepJacobian(swing, point);
    assertClose(
      [0, 1, 2].map((row) => jacobian[row * 4]!),
      byPlace,
      { within: 1e-5 },
    );
  });

  test('pass on why the environment refuses a step', () => {
    const beyond = { state_Z: [2, 0, 0], act_A: [0], like: at(0, 0, 0) };
    assert.throws(() => stepJacobian(swing, beyond), /^Error: Cannot step Plain after the end/);
  });

  test('count all that a MuJoCo state holds but clock and warm start, and give it back', async () => {
    const env = await makeEnv('Hopper-v5');
    env.reset({ seed: 1 });
    for (let t = 0; t < 5; t++) env.step([0.3, -0.2, 0.1]);
    const state = env.getState();
    const state_Z = stateCoordinates(state);
    assert.deepEqual([...state_Z], [...state.vectors.qpos!, ...state.vectors.qvel!]);
    const seen = env.setState(state);
    assert.deepEqual(env.setState(stateAt(state_Z, state)), seen);
    env.close();
  });
});

describe('the oracle system', () => {
  const tasks = {
    spring: { env: spring, steps: 30, within: 1e-8 },
    swing: { env: swing, steps: 12, within: 1e-7 },
    'InvertedPendulum-v5': { steps: 10, within: 1e-6 },
    'Reacher-v5': { steps: 10, within: 1e-6 },
    // Over a foot that lands.
    'Hopper-v5': { steps: 25, within: 1e-5 },
    'HalfCheetah-v5': { steps: 10, within: 1e-5 },
  } as const;
  for (const [id, task] of Object.entries(tasks))
    test(`has the gradient that central differences of its rollouts' cost have, to ${task.within}: ${id}`, async (t) => {
      const env = 'env' in task ? task.env : await makeEnv(id);
      t.after(() => 'env' in task || env.close());
      env.reset({ seed: 2 });
      const like = env.getState();
      const networks = networksFor(env);
      const system = oracleSystem(env, networkSystem(networks, []), {
        like,
        obsNorm: networks.policy.obsNorm,
        differenceStep: 1e-6,
      });
      const noise_TA = Float64Array.from(normals(stream(4), task.steps * system.actSize));
      const chance = { start_D: stateCoordinates(like), noise_TA };
      const theta_P = Float64Array.from(networks.policy.params_P);
      const trajectory = rollReference(system, theta_P, chance);
      assert.equal(trajectory.steps.length, task.steps);
      const { J_theta } = recursion(system, trajectory);
      const size = Math.hypot(...J_theta);
      for (let k = 0; k < 3; k++) {
        const direction_P = Float64Array.from(normals(stream(5, `${k}`), theta_P.length, 1e-6));
        const cost = (sign: number) =>
          rollReference(system, addScaled(theta_P, direction_P, sign), chance).total;
        const along = J_theta.reduce((sum, g, p) => sum + g * direction_P[p]!, 0);
        const gap = Math.abs((cost(1) - cost(-1)) / 2 - along);
        assert.ok(
          gap < task.within * size * Math.hypot(...direction_P),
          `off by ${gap / (size * Math.hypot(...direction_P))}`,
        );
      }
    });

  test('has the gradient of the engine on tensors that is given the same Jacobians', async () => {
    await startEngine();
    const networks = networksFor(swing);
    const like = at(0.1, 0.4, -0.2);
    const { obsNorm } = networks.policy;
    const system = oracleSystem(swing, networkSystem(networks, []), { like, obsNorm });
    const [B, T, D] = [2, 7, 2];
    const noise_TB = normals(stream(6), T * B);
    const start_BD = new Float32Array(B * D);
    const anchor_TBD = new Float32Array(T * B * D);
    const next_TBZI = new Float32Array(T * B * 3 * 4);
    const obs_TBDZ = new Float32Array(T * B * D * 3);
    const theta_P = Float64Array.from(networks.policy.params_P);
    let mean_P = new Float64Array(theta_P.length);
    for (let b = 0; b < B; b++) {
      const noise_TA = Float64Array.from({ length: T }, (_, t) => noise_TB[t * B + b]!);
      const trajectory = rollReference(system, theta_P, { start_D: [0.1, 0.4 - b, -0.2], noise_TA });
      mean_P = addScaled(mean_P, recursion(system, trajectory).J_theta, 1 / (B * T));
      trajectory.steps.forEach(({ s_D: state_Z, policy }, t) => {
        const point = { state_Z, act_A: policy.act_A, like };
        const obs_D = swing.setState(stateAt(state_Z, like));
        if (t === 0) start_BD.set(obs_D, b * D);
        else anchor_TBD.set(obs_D, ((t - 1) * B + b) * D);
        next_TBZI.set(stepJacobian(swing, point), (t * B + b) * 12);
        obs_TBDZ.set(observationJacobian(swing, point), (t * B + b) * 6);
      });
    }
    const problem = {
      ...networks,
      start_BD,
      noise_TBK: noise_TB,
      rowOrder_TB: new Int32Array(0),
      model: { ...networks.model, members: [linear([1, 1, 1, 1, 1, 1])] },
      anchor_TBD,
      jacobians: { next_TBZI, obs_TBDZ },
    };
    assertRelativelyClose(pathwiseGradient(problem).gradient_P, mean_P, 1e-5);
    const { anchor_TBD: _, ...imagined } = problem;
    assert.throws(() => pathwiseGradient(imagined), /^RangeError: The simulator's Jacobians belong to real/);
  });

  test('ends where the episode ends, and nothing beyond counts', () => {
    const networks = networksFor(swing);
    const system = oracleSystem(swing, networkSystem(networks, []), { like: at(0, 0, 0) });
    const theta_P = networks.policy.params_P;
    const roll = (steps: number) =>
      rollReference(system, theta_P, { start_D: [0.9, 0, 0.3], noise_TA: new Float64Array(steps) });
    const long = roll(50);
    assert.ok(long.steps.length < 10, `${long.steps.length} steps`);
    assert.ok(system.perceive(long.steps.at(-1)!.s_D).length === 2);
    const cut = roll(long.steps.length);
    assert.equal(long.total, cut.total);
    assert.deepEqual(recursion(system, long), recursion(system, cut));
  });

  test('takes no discrete actions', async () => {
    const env = await makeEnv('CartPole-v1');
    env.reset({ seed: 0 });
    assert.throws(() => oracleSystem(env, networkSystem(networksFor(spring), []), { like: env.getState() }), {
      name: 'TypeError',
      message: 'Cannot differentiate CartPole-v1 by its actions, which are discrete: take a task of vectors',
    });
    env.close();
  });
});

describe("the comparison with the oracle's gradient", () => {
  const starts = [at(0.5, 0), at(-1, 1), at(0.2, -0.4), at(1, 1)];
  const horizons = [1, 2, 5, 30];
  /** Changes of the spring by [x, v, push], row by input as the networks have it. */
  const truth = [0, -0.2, 0.1, -0.1, 0, 0.5];
  /** The push pulls. */
  const backwards = [...truth.slice(0, 5), -0.5];
  const compare = (weights: readonly number[]) =>
    oracleComparison({
      ...networksFor(spring, [linear(weights)]),
      env: spring,
      starts,
      horizons,
      rng: stream(1),
    });

  test('finds no difference where the model is the truth, at any horizon', () => {
    const rows = compare(truth);
    assert.equal(rows.length, 3 * horizons.length);
    for (const row of rows.filter(({ gradient }) => gradient === 'model')) {
      assertClose([row.cosine, row.lengthRatio, row.cosineLow], [1, 1, 1], { within: 1e-6 });
      assert.equal(row.meanSteps, row.horizon);
    }
  });

  test('finds the partial derivative another one, the more the longer the horizon', () => {
    const partial = compare(truth).filter(({ gradient }) => gradient === 'partial');
    assertClose([partial[0]!.cosine, partial[0]!.lengthRatio], [1, 1], { within: 1e-9, what: 'one step' });
    for (let k = 1; k < partial.length; k++) {
      const gap = (row: { readonly cosine: number; readonly lengthRatio: number }) =>
        Math.hypot(1 - row.cosine, 1 - row.lengthRatio);
      assert.ok(gap(partial[k]!) > gap(partial[k - 1]!), `horizon ${partial[k]!.horizon}`);
    }
  });

  test('finds a model that is badly wrong out, beyond one step, which needs none', () => {
    const wrong = compare(backwards).filter(({ gradient }) => gradient === 'model');
    assertClose([wrong[0]!.cosine], [1], { within: 1e-9 });
    assert.ok(wrong.at(-1)!.cosine < 0, `${wrong.at(-1)!.cosine}`);
  });

  test('runs along real trajectories of a MuJoCo task, up to their ends', async () => {
    const env = await makeEnv('InvertedPendulum-v5');
    const D = 4;
    const networks = networksFor(env, [
      { spec: { sizes: [D + 1, D], activation: 'tanh' as const }, params_P: new Float32Array((D + 2) * D) },
    ]);
    const [trajectory] = rollTrajectories(networks.policy, env, { n: 1, seed: 1, actions: 'sampled' });
    const states = trajectory!.state_Tp1!;
    const rows = oracleComparison({
      ...networks,
      env,
      starts: [states[0]!, states.at(-3)!],
      horizons: [1, 12],
      rng: stream(2),
    });
    env.close();
    assert.ok(rows.every((row) => Number.isFinite(row.cosine) && Math.abs(row.cosine) <= 1 + 1e-12));
    const longest = rows.find(({ horizon }) => horizon === 12)!;
    assert.ok(longest.meanSteps < 12, `${longest.meanSteps} steps`);
  });

  test('needs a start', () => {
    assert.throws(
      () => oracleComparison({ ...networksFor(spring), env: spring, starts: [], rng: stream(1) }),
      {
        name: 'RangeError',
        message: 'Cannot compare gradients over 0 starts: give at least one',
      },
    );
  });
});
