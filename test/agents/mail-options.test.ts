import assert from 'node:assert/strict';
import { before, describe, test } from 'node:test';
import { trainMail } from '../../lib/agents/mail.ts';
import { type MailOptions, parseMailConfig } from '../../lib/agents/mail-config.ts';
import { type MailMode, mailModes } from '../../lib/agents/mail-modes.ts';
import { simdLacks } from '../../lib/agents/mail-networks.ts';
import { cloningGradient } from '../../lib/agents/mail-updates.ts';
import type { TrainOptions } from '../../lib/agents/training.ts';
import { startEngine, tf } from '../../lib/backend/engine.ts';
import { stream } from '../../lib/backend/rng.ts';
import type { Pairs } from '../../lib/data/types.ts';
import type { RecordLine } from '../../lib/experiment/record.ts';
import { actor, initGaussianPolicy } from '../../lib/models/policy.ts';
import { spectralNorm } from '../../lib/models/spectral-norm.ts';
import { standardizer } from '../../lib/models/standardizer.ts';
import { layerViews } from '../../lib/nn/mlp.ts';
import { assertGradient, relativeDistance } from '../nn/closeness.ts';
import { balancedPairs, countedEnvs, lastReturn, timeless } from './cartpole.ts';
import { pendulumPairs, tiny } from './mail-small.ts';

const pendulum = countedEnvs('Pendulum-v1');
const cartPole = countedEnvs('CartPole-v1');
let cartPolePairs: Pairs;

async function run(
  config: MailOptions,
  { task = 'pendulum', ...options }: TrainOptions & { readonly task?: 'pendulum' | 'cartpole' } = {},
) {
  const lines: RecordLine[] = [];
  const { newEnv } = task === 'pendulum' ? pendulum : cartPole;
  const demos = task === 'pendulum' ? pendulumPairs : cartPolePairs;
  const result = await trainMail(
    { config: { ...tiny, ...config }, seed: 1, demos, newEnv },
    {
      ...options,
      onEvent: (line) => {
        lines.push(line);
        options.onEvent?.(line);
      },
    },
  );
  const metrics = Object.assign({}, ...lines.map((line) => (line.kind === 'metrics' ? line.metrics : {})));
  return { lines, result, metrics: metrics as Record<string, number> };
}

before(async () => {
  await startEngine('small-batches');
  cartPolePairs = await balancedPairs();
});

/** What differs between two runs of one collection and a few updates. */
const once: MailOptions = {
  engine: 'tfjs',
  totalSteps: 80,
  updatesPerCollection: 3,
  negatives: 'replay',
  evalEvery: 1000,
};
async function changedBy(option: MailOptions, task: 'pendulum' | 'cartpole' = 'pendulum') {
  const [plain, other] = [await run(once, { task }), await run({ ...once, ...option }, { task })];
  const weights = ({ result }: typeof plain) => ({
    policy: [result.rawPolicy.params_P],
    std: result.rawPolicy.kind === 'gaussian' ? [result.rawPolicy.logStd_A] : [],
    discriminator: [result.discriminator.params_P],
    model: result.model.members.map(({ params_P }) => params_P),
  });
  const [ours, theirs] = [weights(plain), weights(other)];
  return (Object.keys(ours) as (keyof typeof ours)[]).filter((part) => {
    try {
      assert.deepEqual(ours[part], theirs[part]);
      return false;
    } catch {
      return true;
    }
  });
}

describe('an option of MAIL', () => {
  // With replayed negatives the discriminator does not depend on the policy, nor the model on either.
  const all: readonly string[] = ['policy', 'discriminator', 'model'];
  const cases: [string, MailOptions, readonly string[]][] = [
    ['expertNoise', { expertNoise: 0.3 }, ['policy', 'discriminator']],
    ['agentNoise', { agentNoise: 0.3 }, ['policy', 'discriminator']],
    ['labelSmoothing', { labelSmoothing: 0.1 }, ['policy', 'discriminator']],
    ['expertWeight', { expertWeight: 0.5 }, ['policy', 'discriminator']],
    ['spectralNorm', { spectralNorm: 0.5 }, ['policy', 'discriminator']],
    ['discriminatorWeightDecay', { discriminatorWeightDecay: 0.1 }, ['policy', 'discriminator']],
    ['discriminatorDropout', { discriminatorDropout: 0.25 }, ['policy', 'discriminator']],
    [
      'discriminatorScale',
      { discriminatorScale: 0.5, discriminatorHidden: undefined },
      ['policy', 'discriminator'],
    ],
    ['discriminatorSchedule', { discriminatorSchedule: 'constant' }, ['policy', 'discriminator']],
    ['policySchedule', { policySchedule: 'constant' }, ['policy']],
    ['policyWeightDecay', { policyWeightDecay: 0.1 }, ['policy']],
    ['policyDropout', { policyDropout: 0.25 }, ['policy']],
    ['cloningWeight', { cloningWeight: 1 }, ['policy']],
    ['derivative', { derivative: 'partial' }, ['policy']],
    ['cost', { cost: 'belief' }, ['policy']],
    ['jacobianNoise', { jacobianNoise: 1 }, ['policy']],
    ['model', { model: 'gated' }, ['policy', 'model']],
    ['modelPredicts', { modelPredicts: 'absolute' }, ['policy', 'model']],
    ['policyStd', { policyStd: 0.1 }, [...all, 'std']],
    ['policyStdUnit', { policyStdUnit: 'expert' }, [...all, 'std']],
    ['critic', { critic: true }, ['policy']],
    ['rollouts', { rollouts: 'reanchored' }, ['policy']],
    ['initStd', { initStd: 0.15 }, ['policy', 'discriminator', 'model']],
    // The model is not trained then.
    ['model oracle', { rollouts: 'reanchored', model: 'oracle' }, ['policy', 'model']],
    ['ends, where no episode ends early', { ends: 'fixed-horizon' }, []],
  ];
  for (const [name, option, expected] of cases)
    test(`changes what it should and nothing else: ${name}`, async () => {
      assert.deepEqual((await changedBy(option)).sort(), [...expected].sort());
    });

  test('changes what it should and nothing else: gumbel', async () => {
    assert.deepEqual(await changedBy({ gumbel: 'soft' }, 'cartpole'), ['policy']);
  });

  test('changes what it should and nothing else: learnStd', async () => {
    const first = { ...once, updatesPerCollection: 1 };
    const [fixed, learnt] = [await run(first), await run({ ...first, learnStd: true })];
    const { rawPolicy, policy } = learnt.result;
    assert.ok(fixed.result.rawPolicy.kind === 'gaussian' && rawPolicy.kind === 'gaussian');
    assert.deepEqual(rawPolicy.params_P, fixed.result.rawPolicy.params_P);
    assert.notDeepEqual(rawPolicy.logStd_A, fixed.result.rawPolicy.logStd_A);
    assert.ok(policy.kind === 'gaussian' && policy.logStd_A[0] !== rawPolicy.logStd_A[0]);
    assert.ok(learnt.metrics['policy/std']! > 0 && fixed.metrics['policy/std'] === undefined);
    await assert.rejects(
      run({ learnStd: true }, { task: 'cartpole' }),
      /Cannot learn the std of CartPole-v1/,
    );
  });

  test('makes the std a share of the expert', async () => {
    const { result } = await run({ ...once, policyStdUnit: 'expert', policyStd: 0.5 });
    const { rawPolicy } = result;
    assert.ok(rawPolicy.kind === 'gaussian');
    assert.ok(Math.abs(Math.exp(rawPolicy.logStd_A[0]!) - 0.5 * (rawPolicy.actScale_A[0]! + 1e-3)) < 1e-6);
  });

  test('bounds the weights of the discriminator', async () => {
    const { result } = await run({ ...once, spectralNorm: 0.5 });
    const { spec, params_P } = result.discriminator;
    for (const { weight_IO, ...size } of layerViews(spec, params_P))
      assert.ok(spectralNorm(weight_IO, size) < 0.5 + 1e-4);
  });

  test('makes the discriminator a multiple of the policy', async () => {
    const { result, lines } = await run({ ...once, discriminatorScale: 2.5, discriminatorHidden: undefined });
    assert.deepEqual(result.discriminator.spec.sizes.slice(1), [20, 1]);
    assert.deepEqual(lines[0]?.kind === 'header' && lines[0].config.discriminatorHidden, [20]);
  });

  test('takes the Jacobians of the simulator, where actions have them', async () => {
    const oracle: MailOptions = { rollouts: 'reanchored', model: 'oracle' };
    const [true_, guessed] = [
      await run({ ...once, ...oracle }),
      await run({ ...once, rollouts: 'reanchored' }),
    ];
    assert.notDeepEqual(true_.result.rawPolicy.params_P, guessed.result.rawPolicy.params_P);
    assert.ok(Object.keys(true_.metrics).every((name) => !name.startsWith('model/')));
    await assert.rejects(run(oracle, { task: 'cartpole' }), {
      message: 'Cannot differentiate CartPole-v1 by its actions, which are discrete: choose another model',
    });
  });

  test('over one step, trains no model and asks none', async () => {
    const [slow, fast] = [await run({ horizon: 1 }), await run({ horizon: 1, modelRate: 0.5 })];
    assert.deepEqual(slow.result, fast.result);
    assert.ok(Object.keys(slow.metrics).every((name) => !name.startsWith('model/')));
  });

  test('lets time go on after a fall, to the end of the clock', async () => {
    const short = countedEnvs('CartPole-v1', 15);
    const lengths: number[] = [];
    await trainMail(
      { config: { ...tiny, ends: 'fixed-horizon' }, seed: 1, demos: cartPolePairs, newEnv: short.newEnv },
      {
        onEvent: (line) => {
          if (line.kind === 'metrics' && line.metrics['train/length'])
            lengths.push(line.metrics['train/length']);
        },
      },
    );
    assert.ok(lengths.length > 0 && lengths.every((length) => length === 15));
  });

  test('clones first: the mean comes nearer to the expert, also in what the averaged policy does', async () => {
    const none = { ...once, policyRate: 1e-2, updatesPerCollection: 1 };
    const error = ({ result }: Awaited<ReturnType<typeof run>>) => {
      const act = actor(result.policy);
      return pendulumPairs.act_NA.reduce((sum, a, n) => {
        const mean = act(pendulumPairs.obs_ND.subarray(3 * n, 3 * n + 3)) as Float64Array;
        return sum + (mean[0]! - Math.max(-2, Math.min(2, a))) ** 2;
      }, 0);
    };
    const [fresh, cloned] = [await run(none), await run({ ...none, cloningUpdates: 300 })];
    assert.ok(error(cloned) < 0.8 * error(fresh), `${error(cloned)}, at first ${error(fresh)}`);
  });

  const onBoth: [string, MailOptions][] = [
    [
      'noise, smoothing, norms, decay, cloning, courses',
      {
        ...{ expertNoise: 0.1, agentNoise: 0.2, labelSmoothing: 0.1, spectralNorm: 2 },
        ...{ discriminatorWeightDecay: 0.01, policyWeightDecay: 0.01, cloningWeight: 0.5, cloningUpdates: 5 },
        ...{ discriminatorSchedule: 'step', policySchedule: 'exponential', discriminatorScale: 2 },
        discriminatorHidden: undefined,
      },
    ],
    ['re-anchored, absolute', { rollouts: 'reanchored', modelPredicts: 'absolute', negatives: 'imagined' }],
    ['partial derivative, belief', { derivative: 'partial', cost: 'belief' }],
    ['one step', { horizon: 1 }],
  ];
  for (const [name, option] of onBoth)
    test(`is run by the SIMD engine as by tensors where it has code for it: ${name}`, async () => {
      const [simd, tensors] = [
        await run({ ...once, ...option, engine: 'simd' }),
        await run({ ...once, ...option, engine: 'tfjs' }),
      ];
      const engines = [simd, tensors].map(
        ({ lines }) => lines[0]?.kind === 'header' && lines[0].versions.updates,
      );
      assert.deepEqual(engines, ['simd', 'tfjs']);
      for (const part of ['rawPolicy', 'discriminator'] as const) {
        const distance = relativeDistance(simd.result[part].params_P, tensors.result[part].params_P);
        assert.ok(distance < 1e-3, `${part}: ${distance}`);
      }
    });

  test('for which the SIMD engine has no code is run on tensors, and the record says why', async () => {
    const { lines } = await run({ ...once, engine: 'simd', learnStd: true, jacobianNoise: 1 });
    const [header] = lines;
    assert.ok(header?.kind === 'header');
    assert.equal(header.versions.updates, 'tfjs');
    assert.match(header.versions.updatesChosen!, /no code for jacobianNoise, learnStd/);
  });

  const wrong: [MailOptions, RegExp][] = [
    [{ discriminatorDropout: 1 }, /- discriminatorDropout = 1: /],
    [{ labelSmoothing: 0.5 }, /- labelSmoothing = 0.5: /],
    [{ policySchedule: 'fast' as never }, /- policySchedule = "fast": /],
    [{ policyFinalRate: 0 }, /- policyFinalRate = 0: /],
    [{ expertNoise: -1 }, /- expertNoise = -1: /],
    [{ finalRateShare: 0.1 } as never, /- finalRateShare: there is no such setting/],
    [{ starts: 4, modelMembers: 3 }, /starts \(4\) must be a multiple of modelMembers \(3\)/],
    [{ rollouts: 'reanchored', horizon: 51 }, /horizon \(51\) must not exceed collectSteps \(50\)/],
    [{ totalSteps: 500, warmupSteps: 500 }, /totalSteps \(500\) must exceed warmupSteps \(500\)/],
    [{ discriminatorScale: 2, discriminatorHidden: [8] }, /not both/],
    [{ labelSmoothing: 0.1, expertWeight: 0.8 }, /labelSmoothing goes with neither/],
    [{ model: 'oracle' }, /model oracle goes with rollouts 'reanchored'/],
  ];
  for (const [options, message] of wrong)
    test(`out of range is an error that names it: ${JSON.stringify(options)}`, () => {
      assert.throws(() => parseMailConfig(options), message);
    });
});

describe('a run of MAIL that was stopped', () => {
  const kinds: [string, MailOptions, 'pendulum' | 'cartpole'][] = [
    ['simd', { engine: 'simd' }, 'pendulum'],
    ['tfjs', { engine: 'tfjs' }, 'pendulum'],
    ['simd, discrete, replayed negatives', { negatives: 'replay' }, 'cartpole'],
    [
      're-anchored in turns, dropout, learnt std, a metrics line now and then',
      {
        ...{
          rollouts: 'reanchored',
          segmentSteps: 60,
          turnUpdates: 3,
          preparationUpdates: 1,
          recordEvery: 3,
        },
        ...{ policyDropout: 0.2, discriminatorDropout: 0.2, learnStd: true, jacobianNoise: 0.1 },
      },
      'pendulum',
    ],
    [
      "the simulator's own Jacobians",
      { rollouts: 'reanchored', model: 'oracle', segmentSteps: 60 },
      'pendulum',
    ],
    [
      'fixed horizon, cloning, noise',
      { ends: 'fixed-horizon', cloningWeight: 0.1, expertNoise: 0.1 },
      'cartpole',
    ],
    ['a critic', { critic: true }, 'pendulum'],
  ];
  for (const [name, kind, task] of kinds)
    test(`goes on from any checkpoint as if it had not: ${name}`, async () => {
      const config = { ...kind, totalSteps: 320 };
      const saved: { lines: number; state: unknown }[] = [];
      let lines = 0;
      const whole = await run(config, {
        task,
        onEvent: () => void lines++,
        checkpoint: { save: (state) => void saved.push({ lines, state: structuredClone(state) }) },
      });
      assert.ok(saved.length >= 3, `${saved.length} checkpoints`);
      for (const { lines: before, state } of saved) {
        const rest = await run(config, { task, checkpoint: { from: state, save() {} } });
        assert.deepEqual(timeless(rest.lines), timeless(whole.lines.slice(before)));
        assert.deepEqual(rest.result, whole.result);
      }
    });

  for (const [name, options, when] of [
    ['its warm-up', { warmupSteps: 200_000, totalSteps: 300_000 }, 'header'],
    ['a collection', { collectSteps: 100_000, totalSteps: 300_000 }, 'header'],
    ['an evaluation', { evalEpisodes: 10_000 }, 'clock'],
    ['cloning', { cloningUpdates: 100_000 }, 'header'],
    ['the warm-up of the model', { warmupModelUpdates: 100_000 }, 'header'],
  ] as const)
    test(`stops in the middle of ${name} and hands back what it has`, async () => {
      const controller = new AbortController();
      const { lines, result } = await run(options, {
        signal: controller.signal,
        // Asked from a timer, as a notebook's interrupt is.
        onEvent: (line) => {
          if (line.kind === when) setTimeout(() => controller.abort(), 0);
        },
      });
      assert.equal(lines.at(-1)?.kind === 'end' && (lines.at(-1) as { reason: string }).reason, 'aborted');
      assert.ok(!lines.some((line) => line.kind === 'evaluation'));
      assert.ok(result.envSteps < 100_000, `${result.envSteps} env steps`);
      assert.equal((actor(result.policy)([0, 0, 0]) as Float64Array).length, 1);
      assert.equal(pendulum.count.open, 0);
    });

  test('has left no tensor behind, whatever its options', async () => {
    const options: MailOptions = { ...kinds[3]![1], cloningUpdates: 3, expertWeight: 0.8, cost: 'belief' };
    await run(options);
    const tensors = tf.memory().numTensors;
    await run({ ...options, totalSteps: 400 });
    assert.equal(tf.memory().numTensors, tensors);
  });
});

describe('the cloning gradient', () => {
  test('is that of the mean squared error in units of the actions that were shown', () => {
    const policy = initGaussianPolicy(
      {
        obsNorm: standardizer([0, 0, 0], [1, 1, 1]),
        actMean_A: Float32Array.of(0.1),
        actScale_A: Float32Array.of(0.7),
        bound: 3,
        logStd_A: Float32Array.of(-1),
        hidden: [8],
        activation: 'tanh',
        lastGain: 1,
      },
      stream(1),
    );
    // One pair: whichever is drawn, it is that one.
    const one: Pairs = { n: 1, obs_ND: Float32Array.of(0.3, -1, 2), act_NA: Float32Array.of(1.5) };
    const gradient_P = cloningGradient(policy, one, { cloningBatch: 4 }, stream(2));
    const loss = (params_P: Float32Array) => {
      const mean = actor({ ...policy, params_P })(one.obs_ND) as Float64Array;
      return ((mean[0]! - 1.5) / (policy.actScale_A[0]! + 1e-3)) ** 2;
    };
    assertGradient(loss, policy.params_P, gradient_P, { rng: stream(3) });
  });
});

describe('the modes of MAIL', () => {
  const small: MailOptions = {
    ...{ totalSteps: 200, warmupSteps: 40, preparationUpdates: 2, turnUpdates: 2, bufferSize: 500 },
    ...{ updatesPerCollection: 1, evalEvery: 1000, evalEpisodes: 1, recordEvery: 1 },
  };
  for (const mode of Object.keys(mailModes) as MailMode[])
    test(`are settings that run: ${mode}`, async () => {
      const config: MailOptions = { ...mailModes[mode], ...small };
      const { newEnv } = pendulum;
      const lines: RecordLine[] = [];
      const onEvent = (line: RecordLine) => void lines.push(line);
      const { policy } = await trainMail({ config, seed: 1, demos: pendulumPairs, newEnv }, { onEvent });
      assert.ok(policy.params_P.every(Number.isFinite));
      const [header] = lines;
      assert.ok(header?.kind === 'header');
      const lacking = simdLacks(parseMailConfig(config));
      assert.equal(header.versions.updates, lacking.length > 0 ? 'tfjs' : 'simd');
    });

  test('faithful imitates CartPole: from its start to longer episodes in training, with sampled actions', async () => {
    const returns: number[] = [];
    const { newEnv } = cartPole;
    const config: MailOptions = {
      ...mailModes.faithful,
      ...{ totalSteps: 12_000, warmupSteps: 2000, preparationUpdates: 200, turnUpdates: 20 },
      ...{ recordEvery: 60, evalEvery: 100_000, evalEpisodes: 5 },
    };
    const lines: RecordLine[] = [];
    const onEvent = (line: RecordLine) => {
      lines.push(line);
      if (line.kind === 'metrics' && line.metrics['train/return']) returns.push(line.metrics['train/return']);
    };
    await trainMail({ config, seed: 1, demos: cartPolePairs, newEnv }, { onEvent });
    const sampled = lastReturn(lines, { weights: 'raw', actions: 'sampled' });
    assert.ok(returns[0]! < 40, `it starts at ${returns[0]}`);
    assert.ok(sampled > 100, `it ends at ${sampled}`);
  });
});
