import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { z } from 'zod';
import { parseMailConfig } from '../../lib/agents/mail-config.ts';
import { parseConfig } from '../../lib/agents/parse-config.ts';
import { breathe, means, stopWatch, withEnvs } from '../../lib/agents/training.ts';
import { countedEnvs } from './cartpole.ts';

describe('running means', () => {
  test('are taken name by name since the last time, each over as often as it came', () => {
    const metrics = means();
    metrics.add({ loss: 1, gain: 10 });
    metrics.add({ loss: 2 });
    metrics.add({ loss: 6 });
    assert.deepEqual(metrics.take(), { loss: 3, gain: 10 });
    assert.deepEqual(metrics.take(), {});
    metrics.add({ loss: -1 });
    assert.deepEqual(metrics.take(), { loss: -1 });
  });

  test('refuse a number that is not finite, by name', () => {
    for (const bad of [Number.NaN, Number.POSITIVE_INFINITY])
      assert.throws(() => means().add({ 'disc/loss': bad }), {
        message: `Training diverged: disc/loss is ${bad}. Lower the learning rates`,
      });
  });
});

describe('the stop-watch', () => {
  test('leaves out what happens between pause and resume, and does not mind being told twice', () => {
    let now = 100;
    const watch = stopWatch(() => now);
    now = 103;
    assert.equal(watch.seconds(), 3);
    watch.pause();
    watch.pause();
    now = 150;
    assert.equal(watch.seconds(), 3);
    watch.resume();
    now = 151;
    watch.resume();
    now = 152;
    assert.equal(watch.seconds(), 5);
  });
});

describe('breathing', () => {
  test('lets a timer that is due run before training goes on', async () => {
    let ran = false;
    setTimeout(() => {
      ran = true;
    }, 0);
    await breathe();
    assert.ok(ran);
  });
});

describe('environments of a run', () => {
  test('are all closed when the run ends, when it fails, and when making one more fails', async () => {
    const { count, newEnv } = countedEnvs();
    assert.equal(await withEnvs(3, newEnv, async (envs) => envs.length), 3);
    await assert.rejects(
      withEnvs(2, newEnv, async () => {
        throw new Error('in the middle');
      }),
      /in the middle/,
    );
    const failing = async () => {
      if (count.made === 7) throw new Error('no more memory');
      return newEnv();
    };
    await assert.rejects(
      withEnvs(5, failing, async () => {}),
      /no more memory/,
    );
    assert.deepEqual(count, { made: 7, open: 0 });
  });
});

describe('settings', () => {
  test('that are missing take their defaults', () => {
    const config = parseMailConfig({ horizon: 7 });
    assert.equal(config.horizon, 7);
    assert.equal(config.discriminatorBeta1, 0.5);
    assert.deepEqual(parseMailConfig(config), config);
  });

  test('that are wrong are all named at once, with key, value and what was expected', () => {
    const wrong = { envs: -1, gamma: 2, horizon: 1.5, policyHidden: [10, 0], negatives: 'dreamt' };
    assert.throws(
      () => parseMailConfig(wrong as object),
      (error: Error) => {
        const lines = error.message.split('\n');
        assert.equal(lines[0], 'The configuration is not valid:');
        for (const [key, value] of [
          ['envs', '-1'],
          ['gamma', '2'],
          ['horizon', '1.5'],
          ['policyHidden.1', '0'],
          ['negatives', '"dreamt"'],
        ])
          assert.ok(
            lines.some(
              (line) =>
                line.startsWith(`- ${key} = ${value}: `) && line.length > `- ${key} = ${value}: `.length,
            ),
            `${key} in ${error.message}`,
          );
        return true;
      },
    );
  });

  test('that do not exist are named, with the nearest that does if one is near', () => {
    assert.throws(() => parseMailConfig({ horizn: 3, policyrate: 1 } as object), {
      message:
        'The configuration is not valid:\n- horizn: there is no such setting; is it horizon?\n- policyrate: there is no such setting; is it policyRate?',
    });
    assert.throws(() => parseMailConfig({ entropyBonus: 1 } as object), {
      message: 'The configuration is not valid:\n- entropyBonus: there is no such setting',
    });
    assert.throws(
      () => parseConfig(z.object({}), 3 as unknown as Record<string, never>),
      /^Error: The configuration is not valid:\n- it = 3: /,
    );
  });

  test('that contradict each other are refused: starts and modelMembers', () => {
    assert.throws(() => parseMailConfig({ starts: 7 }), {
      message: 'The configuration is not valid: starts (7) must be a multiple of modelMembers (3)',
    });
  });
});
