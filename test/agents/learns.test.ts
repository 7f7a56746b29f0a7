// What the variants of MAIL and its controls learn of CartPole in 3000 env steps: the forward model and the derivative
// through it are what does it, whatever network the model is; without them the same run learns next to nothing.
import assert from 'node:assert/strict';
import { before, describe, test } from 'node:test';
import { trainGail } from '../../lib/agents/gail.ts';
import { trainMail } from '../../lib/agents/mail.ts';
import type { MailOptions } from '../../lib/agents/mail-config.ts';
import { startEngine } from '../../lib/backend/engine.ts';
import type { Pairs } from '../../lib/data/types.ts';
import type { MetricsLine, RecordLine } from '../../lib/experiment/record.ts';
import { balancedPairs, countedEnvs, lastReturn } from './cartpole.ts';
import { balancing } from './mail-small.ts';

const small: MailOptions = { ...balancing, evalEvery: 10_000 };

describe('on CartPole', () => {
  const { newEnv } = countedEnvs();
  let demos: Pairs;
  before(async () => {
    await startEngine('small-batches');
    demos = await balancedPairs();
  });

  /** The last return of the averaged policy, and every value of a metric. */
  async function learn(config: MailOptions, seed: number) {
    const lines: RecordLine[] = [];
    const onEvent = (line: RecordLine) => void lines.push(line);
    await trainMail({ config: { ...small, ...config }, seed, demos, newEnv }, { onEvent });
    const metrics = lines.filter((line): line is MetricsLine => line.kind === 'metrics');
    return {
      end: lastReturn(lines, { weights: 'averaged', actions: 'mean' }),
      values: (name: string) => metrics.flatMap((line) => line.metrics[name] ?? []),
    };
  }

  const variants: [string, MailOptions, readonly number[]][] = [
    ['one plain model', {}, [1, 2]],
    ['an ensemble', { modelMembers: 3 }, [1, 2]],
    ['a gated model', { model: 'gated' }, [2]],
  ];
  for (const [name, option, seeds] of variants)
    for (const seed of seeds)
      test(`MAIL learns with ${name}, whose error falls: seed ${seed}`, async () => {
        const { end, values } = await learn(option, seed);
        assert.ok(values('train/return')[0]! < 60, `it starts at ${values('train/return')[0]}`);
        assert.ok(end > 150, `it ends at ${end}`);
        const error = values('model/mse');
        assert.ok(error.at(-1)! < 0.3 * error[0]!, `from ${error[0]} to ${error.at(-1)}`);
      });

  const controls: [string, MailOptions][] = [
    ['the partial derivative', { derivative: 'partial' }],
    ['one step and no model', { horizon: 1, starts: 300 }],
  ];
  for (const [name, option] of controls)
    for (const seed of [1, 2])
      test(`MAIL's control does not in as many steps: ${name}, seed ${seed}`, async () => {
        const { end } = await learn(option, seed);
        assert.ok(end < 150, `it ends at ${end}`);
      });

  test('the critic comes to foresee what follows', async () => {
    const { values } = await learn({ critic: true, totalSteps: 1500 }, 1);
    const error = values('critic/mse');
    assert.ok(error.at(-1)! < 0.3 * error[0]!, `from ${error[0]} to ${error.at(-1)}`);
  });

  test('light cloning puts MAIL ahead after its first updates', async () => {
    const first = { totalSteps: 600 };
    const fresh = await learn(first, 1);
    const cloned = await learn({ ...first, cloningUpdates: 200, cloningWeight: 0.1 }, 1);
    assert.ok(cloned.end > 2 * fresh.end, `${cloned.end}, fresh ${fresh.end}`);
  });

  test('GAIL learns with REINFORCE', async () => {
    const lines: RecordLine[] = [];
    const config = {
      ...{ generator: 'reinforce' as const, policyRate: 1e-2, hidden: [32], valueEpochs: 3, valueBatch: 200 },
      ...{ discriminatorHidden: [32], discriminatorSteps: 5, discriminatorBatch: 128 },
      ...{ totalSteps: 16_000, batchSteps: 500, evalEvery: 16_000, evalEpisodes: 10 },
    };
    await trainGail({ config, seed: 1, demos, newEnv }, { onEvent: (line) => void lines.push(line) });
    const end = lastReturn(lines, { weights: 'raw', actions: 'sampled' });
    assert.ok(end > 150, `it ends at ${end}`);
  });
});
