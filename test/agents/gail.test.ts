import assert from 'node:assert/strict';
import { before, describe, test } from 'node:test';
import { type GailOptions, type GailResult, trainGail } from '../../lib/agents/gail.ts';
import {
  agentRows,
  demonstratedDiscriminator,
  expertRows,
  imitationRewardsOf,
  trainDiscriminator,
} from '../../lib/agents/gail-discriminator.ts';
import { absorbedPairs, withoutLastInput } from '../../lib/agents/gail-ends.ts';
import { collect, startCollector } from '../../lib/agents/rollout.ts';
import type { TrainOptions } from '../../lib/agents/training.ts';
import { startEngine, tf } from '../../lib/backend/engine.ts';
import { finish } from '../../lib/backend/pauses.ts';
import { normals, stream } from '../../lib/backend/rng.ts';
import type { Pairs, Trajectory } from '../../lib/data/types.ts';
import { absorbingState } from '../../lib/envs/horizon.ts';
import { makeEnv } from '../../lib/envs/make.ts';
import type { Env } from '../../lib/envs/types.ts';
import type { RecordLine } from '../../lib/experiment/record.ts';
import { actor } from '../../lib/models/policy.ts';
import { initAdam } from '../../lib/nn/adam.ts';
import { categoricalPolicy, D, gaussianPolicy } from '../models/samples.ts';
import { assertClose } from '../nn/closeness.ts';
import { balancedPairs, countedEnvs, lastReturn, timeless } from './cartpole.ts';

/** Enough to balance, in seconds. */
const small: GailOptions = {
  totalSteps: 12_000,
  batchSteps: 1000,
  hidden: [32],
  maxKl: 0.03,
  cgIterations: 8,
  valueEpochs: 5,
  valueBatch: 200,
  discriminatorHidden: [32],
  evalEvery: 12_000,
  evalEpisodes: 10,
};

/** Enough to go through every line. */
const tiny: GailOptions = {
  ...small,
  totalSteps: 600,
  batchSteps: 200,
  hidden: [8],
  discriminatorHidden: [8],
  discriminatorSteps: 2,
  discriminatorBatch: 32,
  evalEvery: 400,
  evalEpisodes: 2,
};

describe('generative adversarial imitation', () => {
  let demos: Pairs;
  before(async () => {
    await startEngine();
    demos = await balancedPairs();
  });
  const { count, newEnv } = countedEnvs();

  async function run(config: GailOptions, seed: number, options: TrainOptions = {}, envs = newEnv) {
    const lines: RecordLine[] = [];
    const onEvent = (line: RecordLine) => {
      lines.push(line);
      options.onEvent?.(line);
    };
    const result = await trainGail({ config, seed, demos, newEnv: envs }, { ...options, onEvent });
    return { lines, result };
  }

  const balanced = ({ lines }: { readonly lines: readonly RecordLine[] }) =>
    lastReturn(lines, { weights: 'raw', actions: 'sampled' });

  test('learns to balance CartPole from one pair in ten of three episodes', async () => {
    const imitated = balanced(await run(small, 1));
    assert.ok(imitated > 100, `${imitated}, where chance gives about 22`);
  });

  test('balances with a constant reward as well, and falls on purpose where every step costs', async () => {
    const paid = balanced(await run({ ...small, reward: 'constant' }, 1));
    assert.ok(paid > 60, `${paid}, from the survival bias alone`);
    const charged = balanced(await run({ ...small, totalSteps: 8000, reward: 'ending' }, 1));
    assert.ok(charged < 15, `${charged}`);
  });

  test('learns nothing from a constant reward where a fall does not end the pay', async () => {
    const paid = balanced(
      await run({ ...small, totalSteps: 8000, reward: 'constant', ends: 'fixed-horizon' }, 1),
    );
    assert.ok(paid < 50, `${paid}`);
  });

  test("never learns from the task's reward: other rewards give the same weights", async () => {
    const otherReward = async (): Promise<Env> => {
      const env = await newEnv();
      let steps = 0;
      const step: Env['step'] = (action, out) => ({ ...env.step(action, out), reward: Math.sin(steps++) });
      return { ...env, step };
    };
    const [one, other] = [await run(tiny, 2), await run(tiny, 2, {}, otherReward)];
    assert.deepEqual(one.result, other.result);
    assert.notDeepEqual(
      one.lines.filter((line) => line.kind === 'evaluation'),
      other.lines.filter((line) => line.kind === 'evaluation'),
    );
  });

  test('writes header, metrics, clock, both evaluations at every stop, and an end; no step exceeds its KL', async () => {
    const { lines } = await run({ ...tiny, evalEvery: 200 }, 3);
    const stop = ['metrics', 'clock', 'evaluation', 'evaluation'];
    assert.deepEqual(
      lines.map((line) => line.kind),
      ['header', ...stop, ...stop, ...stop, 'end'],
    );
    const [header] = lines;
    assert.ok(header?.kind === 'header');
    assert.deepEqual([header.algorithm, header.env, header.seed], ['gail', 'CartPole-v1', 3]);
    assert.deepEqual(header.demos, { pairs: demos.n });
    assert.deepEqual([header.config.gamma, header.config.gaeLambda], [0.995, 0.97]);
    for (const line of lines)
      if (line.kind === 'metrics') {
        assert.ok(line.metrics['policy/kl']! <= 0.03 && line.metrics['policy/kl']! > 0);
        assert.ok(line.metrics['disc/loss']! > 0);
      }
    assert.deepEqual(lines.at(-1), { kind: 'end', envSteps: 600, updates: 3, reason: 'finished' });
  });

  test('gives the same record and networks for the same settings and seed, others for another seed', async () => {
    const [one, two, other] = [await run(tiny, 3), await run(tiny, 3), await run(tiny, 4)];
    assert.deepEqual(timeless(one.lines), timeless(two.lines));
    assert.deepEqual(one.result, two.result);
    assert.notDeepEqual(one.result.policy.params_P, other.result.policy.params_P);
  });

  test('evaluating more often changes nothing in what is learnt', async () => {
    const [often, seldom] = [
      await run({ ...tiny, evalEvery: 200 }, 3),
      await run({ ...tiny, evalEvery: 10_000 }, 3),
    ];
    assert.deepEqual(often.result, seldom.result);
  });

  const kinds: readonly GailOptions[] = [
    { envs: 2, batchSteps: 210 },
    { generator: 'reinforce' },
    { ends: 'absorbing' },
  ];
  for (const kind of kinds)
    test(`goes on from any checkpoint as if it had not stopped: ${JSON.stringify(kind)}`, async () => {
      const config = { ...tiny, totalSteps: 1200, ...kind };
      const saved: { lines: number; state: unknown }[] = [];
      let lines = 0;
      const whole = await run(config, 8, {
        onEvent: () => void lines++,
        checkpoint: { save: (state) => void saved.push({ lines, state: structuredClone(state) }) },
      });
      assert.ok(saved.length >= 3);
      for (const { lines: before, state } of saved) {
        const rest = await run(config, 8, { checkpoint: { from: state, save() {} } });
        assert.deepEqual(timeless(rest.lines), timeless(whole.lines.slice(before)));
        assert.deepEqual(rest.result, whole.result);
      }
    });

  test('stops within one update of being asked, and hands back what it has', async () => {
    const controller = new AbortController();
    const { lines, result } = await run({ ...tiny, totalSteps: 1_000_000, evalEvery: 200 }, 5, {
      signal: controller.signal,
      onEvent: (line) => {
        if (line.kind === 'metrics') controller.abort();
      },
    });
    assert.equal(result.envSteps, 200);
    assert.equal(typeof actor(result.policy)([0, 0, 0, 0]), 'number');
    assert.deepEqual(lines.at(-1), { kind: 'end', envSteps: 200, updates: 1, reason: 'aborted' });
  });

  const long = 1_000_000;
  for (const [phase, config, when] of [
    ['a collection', { batchSteps: long }, 'header'],
    ["the discriminator's steps", { discriminatorSteps: long }, 'header'],
    ["the value network's epochs", { valueEpochs: long }, 'header'],
    ['an evaluation', { evalEpisodes: long }, 'clock'],
  ] as const)
    test(`stops in the middle of ${phase}, and leaves nothing behind`, async () => {
      const controller = new AbortController();
      const tensors = tf.memory().numTensors;
      const { lines, result } = await run({ ...tiny, totalSteps: long, evalEvery: 200, ...config }, 5, {
        signal: controller.signal,
        // Asked from a timer, as a notebook's interrupt is.
        onEvent: (line) => {
          if (line.kind === when) setTimeout(() => controller.abort(), 0);
        },
      });
      const end = lines.at(-1);
      assert.ok(end?.kind === 'end' && end.reason === 'aborted');
      assert.equal(end.updates, when === 'clock' ? 1 : 0);
      assert.ok(!lines.some((line) => line.kind === 'evaluation'));
      assert.equal(typeof actor(result.policy)([0, 0, 0, 0]), 'number');
      assert.equal(tf.memory().numTensors, tensors);
      assert.equal(count.open, 0);
    });

  test('leaves no tensor and no environment behind', async () => {
    await run(tiny, 6);
    const tensors = tf.memory().numTensors;
    await run({ ...tiny, totalSteps: 1200, gradientPenalty: 1 }, 6);
    assert.equal(tf.memory().numTensors, tensors);
    assert.equal(count.open, 0);
  });

  test('trained in absorbing episodes hands back a policy for the task itself', async () => {
    const { result, lines } = await run({ ...tiny, ends: 'absorbing' }, 6);
    assert.deepEqual(result.policy.spec.sizes, [4, 8, 2]);
    assert.deepEqual(result.discriminator.spec.sizes, [7, 8, 1]);
    for (const line of lines)
      if (line.kind === 'evaluation') assert.ok(line.lengths_E.every((length) => length < 500));
  });

  test('takes continuous actions as well, and every reward', async () => {
    const pendulum = countedEnvs('Pendulum-v1');
    const few: Pairs = {
      n: 6,
      obs_ND: Float32Array.from({ length: 18 }, (_, i) => Math.sin(i)),
      act_NA: Float32Array.of(5, -1, 0.5, 0, 1, -5),
    };
    const results: GailResult[] = [];
    for (const reward of ['survival', 'ending', 'airl', 'constant', 'constant-cost'] as const)
      results.push(
        await trainGail({ config: { ...tiny, reward }, seed: 7, demos: few, newEnv: pendulum.newEnv }),
      );
    for (const { policy } of results) {
      assert.equal(policy.kind, 'gaussian');
      assert.ok(policy.params_P.every(Number.isFinite));
    }
    assert.equal(pendulum.count.open, 0);
  });

  test('closes its environments also when the demonstrations are of another task', async () => {
    const wrong: Pairs = { n: 2, obs_ND: new Float32Array(6), act_NA: new Float32Array(2) };
    await assert.rejects(trainGail({ config: tiny, seed: 1, demos: wrong, newEnv }), {
      message:
        'The demonstrations have 3 observation and 1 action entries, but CartPole-v1 has 4 and 1: load a set of this task',
    });
    assert.equal(count.open, 0);
  });

  test('names settings that are wrong before it makes an environment', async () => {
    const made = count.made;
    await assert.rejects(run({ reward: 'logit' as 'airl' }, 1), /- reward = "logit": /);
    assert.equal(count.made, made);
  });
});

describe("GAIL's discriminator", () => {
  before(() => startEngine());
  const task = async () => makeEnv('CartPole-v1');

  test('learns fixed pairs: its loss falls, and the expert earns more than the agent by every shape', async () => {
    const env = await task();
    const demos = await balancedPairs();
    const steps = collect(startCollector(env, 1), (obs) => (obs[2]! > 0 ? 0 : 1), 300, stream(1));
    const options = { hidden: [32], absorbing: false };
    const discriminator = demonstratedDiscriminator(demos, env, options, stream(2));
    const adam = initAdam(discriminator.params_P.length);
    const pairs = {
      expert_NI: expertRows(discriminator, demos, env),
      agent_NI: agentRows(discriminator, steps, env),
    };
    env.close();
    const rng = stream(3);
    const training = {
      discriminatorSteps: 20,
      discriminatorBatch: 64,
      discriminatorRate: 1e-2,
      gradientPenalty: 0,
      logitEntropy: 1e-3,
      rng,
    };
    const losses = [1, 2, 3, 4].map(
      () => finish(trainDiscriminator(discriminator, adam, pairs, training))['disc/loss']!,
    );
    assert.ok(losses[3]! < 0.4 * losses[0]!, `${losses}`);
    const mean = (x: Float64Array) => x.reduce((sum, each) => sum + each, 0) / x.length;
    for (const reward of ['survival', 'ending', 'airl'] as const) {
      const [expert, agent] = [pairs.expert_NI, pairs.agent_NI].map((rows) =>
        mean(imitationRewardsOf(discriminator, rows, reward)),
      ) as [number, number];
      assert.ok(expert > agent + 0.5, `${reward}: ${expert} and ${agent}`);
    }
  });

  test('sees one and the same row at every absorbed step, whoever it belongs to', async () => {
    const bare = await task();
    const env = absorbingState(bare);
    const demos = await balancedPairs();
    const options = { hidden: [4], absorbing: true };
    const discriminator = demonstratedDiscriminator(demos, bare, options, stream(2));
    const steps = collect(startCollector(env, 1), () => 1, 40, stream(1));
    const agent_NI = agentRows(discriminator, steps, bare);
    const expert_NI = expertRows(discriminator, demos, bare, 2);
    bare.close();
    const I = 7;
    const row = (rows: Float32Array, n: number) => [...rows.subarray(n * I, (n + 1) * I)];
    const absorbed = [0, 0, 0, 0, 1, 0, 0];
    assert.deepEqual(row(agent_NI, 39), absorbed);
    assert.deepEqual([row(expert_NI, demos.n), row(expert_NI, demos.n + 1)], [absorbed, absorbed]);
    assert.equal(expert_NI.length, (demos.n + 2) * I);
    assert.equal(row(agent_NI, 0)[4], 0);
    assert.deepEqual(row(agent_NI, 0).slice(5), [0, 1], 'a running step keeps its action');
  });
});

describe('early ends', () => {
  test('amount to the steps that terminated trajectories left over, sub-sampled', () => {
    const trajectory = (length: number, terminated: boolean): Trajectory => ({
      obs_Tp1D: new Float32Array(length + 1),
      act_TA: new Float32Array(length),
      reward_T: new Float64Array(length),
      terminated,
      truncated: !terminated,
    });
    const demos = { env: 'made', obsSize: 1, actSize: 1, actions: 0 };
    const trajectories = [trajectory(100, true), trajectory(150, false), trajectory(170, true)];
    assert.equal(absorbedPairs({ ...demos, trajectories }, { maxSteps: 200, every: 10 }), 13);
  });

  test('a policy without its last input acts as it did where that input is 0', () => {
    for (const policy of [gaussianPolicy(1, { A: 2, bound: 1.5 }), categoricalPolicy(2, { K: 3 })]) {
      const narrow = withoutLastInput(policy);
      const rng = stream(3);
      for (let k = 0; k < 5; k++) {
        const obs = [...normals(rng, D - 1)];
        const [wide, thin] = [actor(policy)([...obs, 0]), actor(narrow)(obs)];
        if (typeof wide === 'number') assert.equal(thin, wide);
        else assertClose(thin as ArrayLike<number>, wide, { within: 1e-5 });
      }
    }
  });
});
