import assert from 'node:assert/strict';
import { test } from 'node:test';
import { stream } from '../../lib/backend/rng.ts';
import {
  aggregateIqm,
  aggregateMean,
  aggregateMedian,
  asColumn,
  improvementInterval,
  normalizedScore,
  optimalityGap,
  performanceProfile,
  probabilityOfImprovement,
  type Scores,
} from '../../lib/stats/scores.ts';
import { fixture, same } from './fixtures.ts';

interface ScoreFixture {
  readonly x: Scores;
  readonly y: Scores;
  readonly iqm: number;
  readonly mean: number;
  readonly median: number;
  readonly optimalityGap: number;
  readonly optimalityGapHalf: number;
  readonly improvement: number;
  readonly thresholds: readonly number[];
  readonly profile: readonly number[];
}
const cases = fixture<readonly ScoreFixture[]>('scores');

test('aggregates of score matrices are those of rliable', () => {
  for (const { x, y, ...expected } of cases) {
    same(aggregateIqm(x), expected.iqm, 'IQM');
    same(aggregateMean(x), expected.mean, 'mean');
    same(aggregateMedian(x), expected.median, 'median');
    same(optimalityGap(x), expected.optimalityGap, 'optimality gap');
    same(optimalityGap(x, 0.5), expected.optimalityGapHalf, 'optimality gap to 1/2');
    same(probabilityOfImprovement({ better: x, worse: y }), expected.improvement, 'improvement');
  }
});

test('the profile is the share of runs above each threshold as in rliable, inside its band', () => {
  for (const { x, thresholds, profile } of cases) {
    const points = performanceProfile(x, thresholds, { rng: stream(1, 'profile'), resamples: 200 });
    points.forEach(({ threshold, value, low, high }, i) => {
      assert.equal(threshold, thresholds[i]);
      same(value, profile[i]!);
      if (x.length > 1) assert.ok(low <= value && value <= high);
    });
  }
});

test('improvement of x over y and of y over x add up to 1, and a method does not improve on itself', () => {
  for (const { x, y } of cases) {
    const there = probabilityOfImprovement({ better: x, worse: y });
    same(there + probabilityOfImprovement({ better: y, worse: x }), 1);
    assert.equal(probabilityOfImprovement({ better: x, worse: x }), 0.5);
  }
});

test('a score is 0 at the random return and 1 at that of the expert', () => {
  const anchors = { random: 18, expert: 3571 };
  assert.deepEqual(
    [18, 3571].map((r) => normalizedScore(r, anchors)),
    [0, 1],
  );
});

test('matrices that do not fit are refused', () => {
  assert.throws(() => aggregateMean([[1, 2], [3]]), /rows of 2 and of 1 tasks/);
  const [better, worse] = [asColumn([1, 2]), [[1, 2]]];
  assert.throws(() => probabilityOfImprovement({ better, worse }), /1 tasks with scores on 2/);
  assert.throws(() => improvementInterval({ better, worse }, { rng: stream(0) }), /1 tasks with scores on 2/);
});
