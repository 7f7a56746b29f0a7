import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { HeaderLine } from '../../lib/experiment/record.ts';
import { type Evidence, judged } from '../../lib/scorecard/claim.ts';
import { areaShares, scoresOf } from '../../lib/scorecard/groups.ts';
import {
  coverageRows,
  dosesOf,
  effectRows,
  levelRows,
  referenceReturns,
  seriesBy,
} from '../../lib/scorecard/levels.ts';
import { madeUpRun } from './made-up-run.ts';

const env = 'Task-v0';
/** Size 2 keeps what it learnt; size 1 with seed 2 loses half of it; size 4 has not been run. */
const runs = [
  madeUpRun({ env, size: 2 }, 1, [0, 100, 100, 100], 0.6),
  madeUpRun({ env, size: 2 }, 2, [0, 100, 100, 100], 0.8),
  madeUpRun({ env, size: 1 }, 1, [0, 20, 20, 20]),
  madeUpRun({ env, size: 1 }, 2, [0, 95, 20, 20]),
];
const references = [
  madeUpRun({ env, method: 'random', trajectories: 0 }, 1, [3, 3, 3]),
  madeUpRun({ env, method: 'cloning alone', trajectories: 4 }, 1, [40, 40, 40]),
  madeUpRun({ env, method: 'cloning alone', trajectories: 1 }, 1, [10, 10, 10]),
];
const evidence: Evidence = {
  runs: (name) => (name === 'imitation-table' ? references : runs),
  analyses: () => [],
  expertReturn: () => 100,
};

describe('an ablation level by level', () => {
  test('gives doses in ascending order, one score a seed, without what does not belong', () => {
    const doses = dosesOf(
      [...runs, madeUpRun({ env, size: 'other' }, 1, [0])],
      ({ size }) => (typeof size === 'number' ? size : undefined),
      (of) => scoresOf(areaShares(of, evidence)),
    );
    assert.deepEqual(
      doses.map(({ level, scores }) => [level, scores.length]),
      [
        [1, 2],
        [2, 2],
      ],
    );
    // Flat at 0 to step 100, up to 100 at step 200, flat to 400: (0 + 50 + 100 + 100) / 4 of the expert's 100.
    assert.deepEqual(doses[1]!.scores, [0.625, 0.625]);
  });

  test('says in a row how much was learnt, how much of it lost again, and who got there', () => {
    const [two, one] = levelRows(runs, evidence, ['env', 'size']);
    assert.deepEqual(two, {
      env,
      size: '2',
      seeds: 2,
      'over training, %': 63,
      'at the end, %': 100,
      'lost again, %': 0,
      'reached 90 %': '2 of 2',
      'median steps to it': 200,
      "D's accuracy": 0.7,
      seconds: 8,
    });
    assert.equal(one!['reached 90 %'], '1 of 2');
    assert.equal(one!['lost again, %'], (0 + 50) / 2);
  });

  test('has no row for a combination without a run', () => {
    const mixed = [madeUpRun({ env, a: 1, b: 1 }, 1, [1]), madeUpRun({ env, a: 2, b: 2 }, 1, [1])];
    assert.deepEqual(
      levelRows(mixed, evidence, ['a', 'b']).map(({ a, b }) => [a, b]),
      [
        ['1', '1'],
        ['2', '2'],
      ],
    );
  });

  test('names the series of a record by the labels of its run, and refuses a stranger', () => {
    const by = seriesBy(runs, ({ size }) => `size ${size}`);
    assert.equal(by(runs[2]!.lines[0] as HeaderLine), 'size 1');
    assert.throws(() => by(references[0]!.lines[0] as HeaderLine), /seed 1, as it is not among the 4 runs/);
  });

  test('counts seeds at the levels with fewest and most, those without any included', () => {
    const planned = [1, 2, 4].flatMap((size) => [1, 2, 3].map(() => ({ labels: { env, size } })));
    assert.deepEqual(coverageRows(planned, runs), [
      { task: env, levels: 3, planned: 9, recorded: 4, 'seeds at a level': '0 to 2' },
    ]);
  });
});

test('the references of a task are the expert, cloning from four demonstrations, and chance', () => {
  assert.deepEqual(referenceReturns(evidence, env), { expert: 100, 'cloning alone': 40, random: 3 });
  assert.deepEqual(referenceReturns({ ...evidence, runs: () => [] }, env), { expert: 100 });
});

test('a verdict without effects is a row that says so', () => {
  const effect = { setting: 'somewhere', value: 1, low: 0.5, high: 2, seeds: 5, holds: true };
  assert.deepEqual(effectRows(judged([effect])), [{ ...effect, holds: 'yes' }]);
  assert.deepEqual(
    effectRows(judged([])).map(({ setting, seeds }) => [setting, seeds]),
    [['not yet measured', 0]],
  );
});
