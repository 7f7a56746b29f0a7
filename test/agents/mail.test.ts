import assert from 'node:assert/strict';
import { before, describe, test } from 'node:test';
import { trainMail } from '../../lib/agents/mail.ts';
import type { MailOptions } from '../../lib/agents/mail-config.ts';
import { evaluate } from '../../lib/agents/rollout.ts';
import { startEngine, tf } from '../../lib/backend/engine.ts';
import type { Pairs } from '../../lib/data/types.ts';
import { makeEnv } from '../../lib/envs/make.ts';
import type { RecordLine } from '../../lib/experiment/record.ts';
import { actor } from '../../lib/models/policy.ts';
import { balancedPairs, countedEnvs, lastReturn, timeless } from './cartpole.ts';
import { tiny as shortest, balancing as small } from './mail-small.ts';

/** Enough to go through every line. */
const tiny: MailOptions = { ...small, ...shortest, evalEvery: 100 };

describe('model-based adversarial imitation', () => {
  let demos: Pairs;
  before(async () => {
    await startEngine();
    demos = await balancedPairs();
  });
  const { count, newEnv } = countedEnvs();

  async function run(
    config: MailOptions,
    seed: number,
    onLine: (line: RecordLine) => void = () => {},
    signal?: AbortSignal,
  ) {
    const lines: RecordLine[] = [];
    const onEvent = (line: RecordLine) => {
      lines.push(line);
      onLine(line);
    };
    const result = await trainMail(
      { config, seed, demos, newEnv },
      { onEvent, ...(signal ? { signal } : {}) },
    );
    return { lines, result };
  }

  test('learns to balance CartPole from one pair in ten of three episodes', async () => {
    const { lines, result } = await run(small, 1);
    const returns = lines.flatMap((line) =>
      line.kind === 'metrics' ? [line.metrics['train/return'] ?? Number.NaN] : [],
    );
    const start = returns.find((x) => Number.isFinite(x))!;
    const best = Math.max(
      lastReturn(lines, { weights: 'averaged', actions: 'mean' }),
      lastReturn(lines, { weights: 'raw', actions: 'mean' }),
    );
    assert.ok(start < 40, `it starts at ${start}`);
    assert.ok(best > 150, `it ends at ${best}`);
    const env = await makeEnv('CartPole-v1');
    const again = evaluate(result.policy, env, { episodes: 5, seed: 1, actions: 'mean' });
    env.close();
    const line = lines.findLast(
      (each) => each.kind === 'evaluation' && each.weights === 'averaged' && each.actions === 'mean',
    );
    assert.ok(line?.kind === 'evaluation');
    assert.deepEqual(
      again.returns_E,
      line.returns_E,
      'the policy that it hands back is the one that it evaluated',
    );
  });

  for (const negatives of ['imagined', 'replay'] as const)
    test(`gives the same record and networks for the same settings and seed: ${negatives} negatives`, async () => {
      const [one, two] = [await run({ ...tiny, negatives }, 2), await run({ ...tiny, negatives }, 2)];
      assert.deepEqual(timeless(one.lines), timeless(two.lines));
      assert.deepEqual(one.result, two.result);
      const other = await run({ ...tiny, negatives }, 3);
      assert.notDeepEqual(one.result.policy.params_P, other.result.policy.params_P);
    });

  test('evaluating more often changes nothing in what is learnt', async () => {
    const often = await run({ ...tiny, evalEvery: 40 }, 2);
    const seldom = await run({ ...tiny, evalEvery: 10_000 }, 2);
    assert.deepEqual(often.result, seldom.result);
  });

  test('writes a header with the demonstrations, and both policies at the end by mean and sampled actions', async () => {
    const { lines } = await run(tiny, 4);
    const [header] = lines;
    assert.ok(header?.kind === 'header');
    assert.deepEqual([header.algorithm, header.env, header.seed], ['mail', 'CartPole-v1', 4]);
    assert.deepEqual(header.demos, { pairs: demos.n });
    assert.equal(header.config.gradientPenalty, 1);
    assert.deepEqual(
      lines
        .slice(-5)
        .map((line) => (line.kind === 'evaluation' ? `${line.weights} ${line.actions}` : line.kind)),
      ['averaged mean', 'averaged sampled', 'raw mean', 'raw sampled', 'end'],
    );
    assert.deepEqual(lines.at(-1), { kind: 'end', envSteps: 200, updates: 8, reason: 'finished' });
  });

  test('stops within one update of being asked, and hands back what it has', async () => {
    const controller = new AbortController();
    let updatesAfter = 0;
    const config = { ...tiny, totalSteps: 400, updatesPerCollection: 200 };
    // Asked from a timer, as a notebook's interrupt is: training must yield for it to be heard at all.
    setTimeout(() => controller.abort(), 0);
    const { lines, result } = await run(
      config,
      5,
      (line) => {
        if (line.kind === 'metrics') updatesAfter = line.updates;
      },
      controller.signal,
    );
    assert.ok(updatesAfter <= 2, `${updatesAfter} updates`);
    assert.equal(lines.at(-1)?.kind === 'end' && (lines.at(-1) as { reason: string }).reason, 'aborted');
    assert.equal(typeof actor(result.policy)([0, 0, 0, 0]), 'number');
  });

  test('leaves no tensor and no environment behind', async () => {
    await run(tiny, 6);
    const tensors = tf.memory().numTensors;
    await run({ ...tiny, totalSteps: 400 }, 6);
    assert.equal(tf.memory().numTensors, tensors);
    assert.equal(count.open, 0);
    assert.ok(count.made > 10);
  });

  test('closes its environments also when the demonstrations are of another task', async () => {
    const wrong: Pairs = { n: 2, obs_ND: new Float32Array(6), act_NA: new Float32Array(2) };
    await assert.rejects(trainMail({ config: tiny, seed: 1, demos: wrong, newEnv }), {
      message:
        'The demonstrations have 3 observation and 1 action entries, but CartPole-v1 has 4 and 1: load a set of this task',
    });
    assert.equal(count.open, 0);
  });

  test('names settings that are wrong before it makes an environment', async () => {
    const made = count.made;
    await assert.rejects(run({ horizon: 0 }, 1), /- horizon = 0: /);
    assert.equal(count.made, made);
  });

  test('takes continuous actions as well', async () => {
    const pendulum = countedEnvs('Pendulum-v1');
    const few: Pairs = {
      n: 6,
      obs_ND: Float32Array.from({ length: 18 }, (_, i) => Math.sin(i)),
      act_NA: Float32Array.of(5, -1, 0.5, 0, 1, -5),
    };
    const { policy, envSteps } = await trainMail({
      config: tiny,
      seed: 7,
      demos: few,
      newEnv: pendulum.newEnv,
    });
    assert.equal(policy.kind, 'gaussian');
    assert.ok(policy.params_P.every(Number.isFinite));
    assert.equal(envSteps, 200);
    assert.equal(pendulum.count.open, 0);
  });
});
