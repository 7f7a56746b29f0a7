import assert from 'node:assert/strict';
import { test } from 'node:test';
import { stream } from '../../lib/backend/rng.ts';
import { pairedDifference } from '../../lib/stats/compare.ts';
import { comparisonRow, comparisonRows } from '../../lib/stats/comparison.ts';
import { doseCorrelation } from '../../lib/stats/rank.ts';
import { summarize } from '../../lib/stats/run-summary.ts';
import { sampleRun } from '../plots/sample-runs.ts';

const options = () => ({ rng: stream(4, 'compare'), resamples: 1000 });
const runs = (...entries: [seed: number, score: number][]) =>
  entries.map(([seed, score]) => ({ seed, score }));

test('paired differences are taken on common seeds only, whatever the order of the runs', () => {
  const result = pairedDifference(
    { tried: runs([3, 30], [1, 12], [2, 21], [9, 0]), baseline: runs([1, 10], [2, 20], [3, 27], [8, 99]) },
    options(),
  );
  assert.deepEqual(result.seeds, [1, 2, 3]);
  assert.deepEqual(result.difference_R, [2, 1, 3]);
  assert.equal(result.value, 2);
  assert.ok(result.low >= 1 && result.high <= 3);
  assert.equal(result.pValue, 2 / 8);
});

test('runs that cannot be paired are refused', () => {
  const one = runs([1, 1]);
  assert.throws(() => pairedDifference({ tried: one, baseline: runs([2, 1]) }, options()), /seeds 1 with 2/);
  assert.throws(
    () => pairedDifference({ tried: one, baseline: runs([1, 1], [1, 2]) }, options()),
    /each seed once/,
  );
  assert.throws(
    () => pairedDifference({ tried: runs([1, 1], [1, 2]), baseline: one }, options()),
    /each seed once/,
  );
});

test('a dose that always helps correlates with 1 in every resample', () => {
  const doses = [1, 2, 3].map((level) => ({ level, scores: [10 * level] }));
  assert.equal(doseCorrelation(doses, options()).value, 1);
  const several = [1, 2, 3].map((level) => ({ level, scores: [10 * level, 10 * level + 1] }));
  const { low, high } = doseCorrelation(several, options());
  assert.ok(low > 0.9 && high <= 1 && low < high);
});

test('a comparison has a row a group: score between its anchors, interval, return, length, steps, seconds', () => {
  const group = (goal: number) => [0, 1, 2, 3].map((seed) => summarize(sampleRun({ seed, goal }), 1000));
  const [row, single] = comparisonRows(
    { MAIL: group(3400), one: group(1700).slice(0, 1) },
    { ...options(), anchors: { random: 20, expert: 3420 } },
  );
  assert.deepEqual([row!.label, row!.seeds, row!.envSteps, row!.seconds], ['MAIL', 4, 50_019.5, 60]);
  assert.ok(Math.abs(row!.score - (row!.return - 20) / 3400) < 1e-12);
  assert.ok(row!.low <= row!.score && row!.score <= row!.high && row!.score > 0.8);
  assert.ok(Number.isNaN(single!.low) && single!.score < 0.6);
});

test("a comparison gives the return's interval, which is the score's in another unit, and counts who got there", () => {
  const runs = [3400, 3400, 1700].map((goal, seed) => summarize(sampleRun({ seed, goal }), 2500));
  const row = comparisonRow('three', runs, { ...options(), anchors: { random: 0, expert: 3420 } });
  for (const [score, value] of [
    [row.score, row.return],
    [row.low, row.returnLow],
    [row.high, row.returnHigh],
  ] as const)
    assert.ok(Math.abs(score - value / 3420) < 1e-12);
  assert.equal(row.reached, 2);
  // The second of three to arrive brings the share that has not from 2/3 to 1/3.
  const arrivals = runs.flatMap(({ stepsToThreshold }) => stepsToThreshold ?? []).sort((a, b) => a - b);
  assert.equal(row.stepsToThreshold, arrivals[1]);
  const never = comparisonRow('one', runs.slice(2), { ...options(), anchors: { random: 0, expert: 3420 } });
  assert.deepEqual([never.reached, never.stepsToThreshold], [0, Number.POSITIVE_INFINITY]);
});
