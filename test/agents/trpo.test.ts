import assert from 'node:assert/strict';
import { before, describe, test } from 'node:test';
import { evaluate, randomAct } from '../../lib/agents/rollout.ts';
import { type TrpoOptions, trainTrpo } from '../../lib/agents/trpo.ts';
import { startEngine, tf } from '../../lib/backend/engine.ts';
import { makeEnv } from '../../lib/envs/make.ts';
import type { RecordLine } from '../../lib/experiment/record.ts';
import { countedEnvs, lastReturn, timeless } from './cartpole.ts';

const short: TrpoOptions = {
  totalSteps: 8000,
  batchSteps: 800,
  hidden: [32],
  maxKl: 0.02,
  cgIterations: 8,
  valueEpochs: 5,
  valueBatch: 200,
  evalEvery: 4000,
  evalEpisodes: 10,
};
const tiny: TrpoOptions = {
  ...short,
  totalSteps: 600,
  batchSteps: 200,
  hidden: [8],
  evalEvery: 400,
  evalEpisodes: 2,
};

describe('trust-region policy optimisation', () => {
  before(() => startEngine());
  const { count, newEnv } = countedEnvs();

  async function run(config: TrpoOptions, seed: number, signal?: AbortSignal) {
    const lines: RecordLine[] = [];
    const onEvent = (line: RecordLine) => void lines.push(line);
    const result = await trainTrpo({ config, seed, newEnv }, { onEvent, ...(signal ? { signal } : {}) });
    return { lines, result };
  }

  test('balances CartPole at least three times as long as chance after 8000 steps', async () => {
    const env = await makeEnv('CartPole-v1');
    const random = evaluate(randomAct(env), env, { episodes: 20, seed: 1, actions: 'sampled' }).returns_E;
    env.close();
    const chance = random.reduce((sum, x) => sum + x, 0) / random.length;
    const { lines, result } = await run(short, 1);
    assert.ok(chance > 10 && chance < 40, `chance ${chance}`);
    assert.ok(lastReturn(lines, { weights: 'raw', actions: 'sampled' }) > 3 * chance);
    assert.equal(result.envSteps, 8000);
  });

  test('writes header, metrics, clock, both evaluations at every stop, and an end', async () => {
    const { lines } = await run(tiny, 2);
    assert.deepEqual(
      lines.map((line) => line.kind),
      [
        'header',
        'metrics',
        'clock',
        'evaluation',
        'evaluation',
        'metrics',
        'clock',
        'evaluation',
        'evaluation',
        'end',
      ],
    );
    const [header] = lines;
    assert.ok(header?.kind === 'header');
    assert.deepEqual(
      [header.algorithm, header.env, header.seed, header.demos],
      ['trpo', 'CartPole-v1', 2, null],
    );
    assert.equal(header.config.gamma, 0.99);
    for (const line of lines)
      if (line.kind === 'metrics') assert.ok((line.metrics['policy/kl'] as number) <= 0.02);
    assert.deepEqual(lines.at(-1), { kind: 'end', envSteps: 600, updates: 3, reason: 'finished' });
  });

  test('gives the same record and weights for the same settings and seed, others for another seed', async () => {
    const [one, two, other] = [await run(tiny, 3), await run(tiny, 3), await run(tiny, 4)];
    assert.deepEqual(timeless(one.lines), timeless(two.lines));
    assert.deepEqual(one.result, two.result);
    assert.notDeepEqual(one.result.policy.params_P, other.result.policy.params_P);
  });

  test('evaluating more often changes nothing in what is learnt', async () => {
    const often = await run({ ...tiny, evalEvery: 200 }, 3);
    const seldom = await run({ ...tiny, evalEvery: 10_000 }, 3);
    assert.deepEqual(often.result.policy, seldom.result.policy);
  });

  test('goes on from any checkpoint as if it had not stopped, with one copy of the task and with three', async () => {
    for (const envs of [1, 3]) {
      const config = { ...tiny, totalSteps: 1200, batchSteps: 210, evalEvery: 400, envs };
      const whole = { lines: [] as RecordLine[], saved: [] as { lines: number; state: unknown }[] };
      const uninterrupted = await trainTrpo(
        { config, seed: 8, newEnv },
        {
          onEvent: (line) => void whole.lines.push(line),
          checkpoint: {
            save: (state) =>
              void whole.saved.push({ lines: whole.lines.length, state: structuredClone(state) }),
          },
        },
      );
      assert.ok(whole.saved.length >= 3);
      for (const { lines, state } of whole.saved) {
        const rest: RecordLine[] = [];
        const resumed = await trainTrpo(
          { config, seed: 8, newEnv },
          { onEvent: (line) => void rest.push(line), checkpoint: { from: state, save() {} } },
        );
        assert.deepEqual(timeless(rest), timeless(whole.lines.slice(lines)));
        assert.deepEqual(resumed, uninterrupted);
      }
    }
  });

  test('stops within one update of being asked, and hands back what it has', async () => {
    const controller = new AbortController();
    const lines: RecordLine[] = [];
    const result = await trainTrpo(
      { config: { ...short, totalSteps: 1_000_000, evalEvery: 800 }, seed: 5, newEnv },
      {
        signal: controller.signal,
        onEvent(line) {
          lines.push(line);
          if (line.kind === 'metrics') controller.abort();
        },
      },
    );
    assert.equal(result.envSteps, 800);
    assert.equal(result.policy.kind, 'categorical');
    assert.deepEqual(lines.at(-1), { kind: 'end', envSteps: 800, updates: 1, reason: 'aborted' });
  });

  test('aborted before it began takes no step', async () => {
    const { result, lines } = await run(tiny, 6, AbortSignal.abort());
    assert.equal(result.envSteps, 0);
    assert.equal(lines.at(-1)?.kind, 'end');
  });

  test('leaves no tensor and no environment behind', async () => {
    await run(tiny, 7);
    const tensors = tf.memory().numTensors;
    await run({ ...tiny, totalSteps: 1200 }, 7);
    assert.equal(tf.memory().numTensors, tensors);
    assert.equal(count.open, 0);
  });

  test('learns continuous actions too: the std falls to its bound and no number escapes', async () => {
    const pendulum = countedEnvs('Pendulum-v1');
    const config = { ...tiny, initialStd: 1, finalStd: 0.3 };
    const { policy } = await trainTrpo({ config, seed: 8, newEnv: pendulum.newEnv });
    assert.ok(policy.kind === 'gaussian');
    assert.ok(policy.logStd_A[0]! <= Math.log(0.3) + 1e-6);
    assert.ok(policy.params_P.every(Number.isFinite));
    assert.equal(pendulum.count.open, 0);
  });

  test('names settings that are wrong before it makes an environment', async () => {
    const made = count.made;
    await assert.rejects(run({ gamma: 1.5 }, 1), /- gamma = 1.5: /);
    assert.equal(count.made, made);
  });
});
