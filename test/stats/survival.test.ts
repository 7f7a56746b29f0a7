import assert from 'node:assert/strict';
import { test } from 'node:test';
import { stream } from '../../lib/backend/rng.ts';
import { summarize } from '../../lib/stats/run-summary.ts';
import {
  kaplanMeier,
  type Lifetime,
  lifetime,
  logRank,
  logRankTest,
  medianSteps,
  medianStepsInterval,
  restrictedMean,
  stepsRatio,
  stepsSaved,
} from '../../lib/stats/survival.ts';
import { sampleRun } from '../plots/sample-runs.ts';
import { fixture, same } from './fixtures.ts';

interface SurvivalFixture {
  readonly first: readonly Lifetime[];
  readonly second: readonly Lifetime[];
  readonly steps: readonly number[];
  readonly share: readonly number[];
  readonly median: number | null;
  readonly restricted: Readonly<Record<string, number>>;
  readonly logRank: number | null;
}
const cases = fixture<readonly SurvivalFixture[]>('survival');
const reached = (...steps: number[]): Lifetime[] => steps.map((at) => ({ steps: at, reached: true }));
const censored = (...steps: number[]): Lifetime[] => steps.map((at) => ({ steps: at, reached: false }));
const options = () => ({ rng: stream(2, 'survival'), resamples: 2000 });

test('survival, its median and restricted means, and the log-rank statistic are those of lifelines', () => {
  for (const { first, second, ...expected } of cases) {
    const [start, ...points] = kaplanMeier(first);
    assert.deepEqual(start, { steps: 0, share: 1 });
    assert.deepEqual(
      points.map(({ steps }) => steps),
      expected.steps,
    );
    points.forEach(({ share }, i) => {
      same(share, expected.share[i]!, 'share');
    });
    assert.equal(medianSteps(first), expected.median ?? Number.POSITIVE_INFINITY);
    for (const [horizon, mean] of Object.entries(expected.restricted))
      same(restrictedMean(first, Number(horizon)), mean, `mean up to ${horizon}`);
    same(logRank([first, second]), expected.logRank ?? 0, 'log-rank');
  }
});

test('without censoring the restricted mean is the mean, and the median the middle run', () => {
  const runs = reached(100, 400, 250);
  same(restrictedMean(runs, 1000), 250);
  assert.equal(medianSteps(runs), 250);
});

test('a run that never got there is later than every other: it moves the median and is not dropped', () => {
  assert.equal(medianSteps([...reached(100, 200), ...censored(500, 500, 500)]), Number.POSITIVE_INFINITY);
  assert.equal(medianSteps([...reached(100, 200, 300), ...censored(500, 500)]), 300);
});

test('a ratio of medians has an infinite end where the baseline may never get there, and none where both may not', () => {
  const tried = reached(100, 110, 120, 130, 140);
  const some = stepsRatio({ tried, baseline: [...reached(300, 310, 320), ...censored(500, 500)] }, options());
  same(some.value, 320 / 120);
  assert.ok(some.low > 2 && some.high === Number.POSITIVE_INFINITY);
  const neither = censored(500, 500, 500);
  const undecided = stepsRatio({ tried: neither, baseline: neither }, options());
  assert.deepEqual(undecided, { value: Number.NaN, low: 0, high: Number.POSITIVE_INFINITY });
});

test('steps saved are finite where medians are not', () => {
  const pair = { tried: reached(100, 200, 300), baseline: censored(1000, 1000, 1000) };
  const { value, low, high } = stepsSaved(pair, { ...options(), horizon: 1000 });
  assert.equal(value, 800);
  assert.ok(low >= 700 && high <= 900 && low < high);
  assert.ok(medianStepsInterval(pair.tried, options()).high <= 300);
});

test('two groups that do not overlap have the least p that so many runs allow, equal ones have 1', () => {
  const [tried, baseline] = [reached(1, 2, 3, 4, 5), censored(9, 9, 9, 9, 9)];
  same(logRankTest({ tried, baseline }, { rng: stream(0) }).pValue, 2 / 252);
  assert.equal(logRankTest({ tried, baseline: tried }, { rng: stream(0) }).pValue, 1);
});

test('a summary becomes a lifetime: steps to the threshold, or all steps, censored', () => {
  const run = sampleRun();
  assert.equal(lifetime(summarize(run, 1000)).reached, true);
  assert.deepEqual(lifetime(summarize(run, 9999)), { steps: 50_000, reached: false });
});

test('survival of no run is refused', () => {
  assert.throws(() => kaplanMeier([]), /0 runs/);
});
