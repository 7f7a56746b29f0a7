import assert from 'node:assert/strict';
import { test } from 'node:test';
import { compareExperiment, expertReturn } from '../../lib/experiment/experiment-comparison.ts';
import { imitate } from '../../lib/experiment/run-spec.ts';
import { expertShare, learntReturn } from '../../lib/stats/expert-share.ts';
import { madeUpRun } from '../scorecard/made-up-run.ts';

test('the share of a positive return is the quotient, that of another is refused', () => {
  assert.equal(expertShare(450, 500), 0.9);
  for (const expert of [0, -197, Number.NaN])
    assert.throws(() => expertShare(-100, expert), new RegExp(`return ${expert}: it is not above 0`));
});

test('a task counts as learnt at nine tenths of a positive return, and a tenth below a negative one', () => {
  assert.equal(learntReturn(500), 450);
  assert.equal(learntReturn(-200), -220);
  assert.equal(learntReturn(-200, 1), -200);
});

test('on Pendulum, whose returns are negative, runs as good as the expert have learnt it, and worse ones have not', () => {
  const env = 'Pendulum-v1';
  const compared = [expertReturn(env), -1400].map((value) => {
    const { lines } = madeUpRun({ env }, 1, Array(4).fill(value));
    const spec = { ...imitate('mail', env), seed: 1 };
    return compareExperiment([{ labels: { env }, spec, key: '', path: '', lines }])[0]!.row;
  });
  assert.deepEqual(
    compared.map(({ reached, score }) => [reached, score]),
    [
      [1, Number.NaN],
      [0, Number.NaN],
    ],
  );
});
