import assert from 'node:assert/strict';
import { before, describe, test } from 'node:test';
import { negativeLogLikelihood, trainBc } from '../../lib/agents/bc.ts';
import { evaluate, randomAct } from '../../lib/agents/rollout.ts';
import { startEngine, tf } from '../../lib/backend/engine.ts';
import { stream } from '../../lib/backend/rng.ts';
import { splitPairs } from '../../lib/data/demos.ts';
import type { Pairs } from '../../lib/data/types.ts';
import { makeEnv } from '../../lib/envs/make.ts';
import type { RecordLine } from '../../lib/experiment/record.ts';
import { balancedPairs, countedEnvs, lastReturn, timeless } from './cartpole.ts';

describe('cloning', () => {
  let demos: Pairs;
  before(async () => {
    await startEngine();
    demos = await balancedPairs();
  });
  const { count, newEnv } = countedEnvs();
  const config = { hidden: [16], epochs: 60, patience: 20, rate: 1e-2, evalEpisodes: 5 };

  async function run(options: Parameters<typeof trainBc>[0]['config'], seed: number) {
    const lines: RecordLine[] = [];
    const onEvent = (line: RecordLine) => void lines.push(line);
    const result = await trainBc({ config: { ...config, ...options }, seed, demos, newEnv }, { onEvent });
    return { lines, result };
  }

  test('balances CartPole at least five times as long as chance, the same way twice', async () => {
    const env = await makeEnv('CartPole-v1');
    const random = evaluate(randomAct(env), env, { episodes: 20, seed: 1, actions: 'sampled' }).returns_E;
    env.close();
    const longer = { epochs: 150, patience: 30 };
    const [one, two] = [await run(longer, 1), await run(longer, 1)];
    const chance = random.reduce((sum, x) => sum + x, 0) / random.length;
    const reached = lastReturn(one.lines, { weights: 'raw', actions: 'mean' });
    assert.ok(reached > 5 * chance && reached > 150, `return ${reached}, by chance ${chance}`);
    assert.ok(one.result.validationLoss < 0.5, 'better than guessing, which costs ln 2 = 0.69 nats');
    assert.deepEqual(timeless(one.lines), timeless(two.lines));
    assert.deepEqual(one.result, two.result);
    assert.equal(count.open, 0);
  });

  test('hands back the snapshot with the lowest loss on pairs that it did not train on', async () => {
    const { result, lines } = await run({ rate: 0.1 }, 2);
    const rng = stream(2, 'bc', 'split');
    const { validation } = splitPairs(demos, { validation: 0.3, rng });
    assert.equal(negativeLogLikelihood(result.policy, validation), result.validationLoss);
    const recorded = lines.flatMap((line) =>
      line.kind === 'metrics' ? (line.metrics['bc/validationLoss'] ?? []) : [],
    );
    assert.ok(recorded.length > 0 && recorded.every((loss) => loss >= result.validationLoss));
    assert.ok(recorded.at(-1)! > result.validationLoss, 'at this rate the last weights are not the best');
  });

  test('stops when the validation loss has not fallen for as many epochs as it is told to wait', async () => {
    const { result, lines } = await run({ rate: 0.1, epochs: 500, patience: 7 }, 2);
    const best = lines.findLast((line) => line.kind === 'metrics');
    assert.ok(best?.kind === 'metrics');
    assert.equal(result.epochs, best.metrics['bc/bestEpoch']! + 7);
    assert.ok(result.epochs < 500);
  });

  for (const [phase, options, lastKind] of [
    ['an epoch', { epochs: 10_000_000, patience: 10_000_000 }, 'clock'],
    ['an evaluation', { epochs: 1, evalEpisodes: 10_000_000 }, 'clock'],
  ] as const)
    test(`stops in the middle of ${phase}, and hands back the best so far`, async () => {
      const controller = new AbortController();
      const tensors = tf.memory().numTensors;
      const lines: RecordLine[] = [];
      const { validationLoss } = await trainBc(
        { config: { ...config, ...options }, seed: 3, demos, newEnv },
        {
          signal: controller.signal,
          onEvent: (line) => {
            lines.push(line);
            const asked = phase === 'an epoch' ? 'header' : 'clock';
            if (line.kind === asked) setTimeout(() => controller.abort(), 0);
          },
        },
      );
      assert.deepEqual(
        lines.slice(-2).map((line) => line.kind),
        [lastKind, 'end'],
      );
      const end = lines.at(-1);
      assert.ok(end?.kind === 'end' && end.reason === 'aborted');
      assert.ok(Number.isFinite(validationLoss));
      assert.equal(tf.memory().numTensors, tensors);
      assert.equal(count.open, 0);
    });

  test('stopped before it began hands back the start with its loss, and does not evaluate', async () => {
    const tensors = tf.memory().numTensors;
    const lines: RecordLine[] = [];
    const { epochs, validationLoss } = await trainBc(
      { config, seed: 3, demos, newEnv },
      { signal: AbortSignal.abort(), onEvent: (line) => void lines.push(line) },
    );
    assert.equal(epochs, 0);
    assert.ok(Number.isFinite(validationLoss));
    assert.deepEqual(
      lines.map((line) => line.kind),
      ['header', 'metrics', 'clock', 'end'],
    );
    assert.equal(tf.memory().numTensors, tensors);
  });
});
