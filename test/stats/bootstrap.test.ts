import assert from 'node:assert/strict';
import { test } from 'node:test';
import { stream } from '../../lib/backend/rng.ts';
import { interquartileMean } from '../../lib/stats/aggregate.ts';
import { bootstrap, bootstrapEach } from '../../lib/stats/bootstrap.ts';
import { difference, ratioOfMedians } from '../../lib/stats/compare.ts';
import { spearmanInterval } from '../../lib/stats/rank.ts';
import {
  aggregateIqm,
  aggregateMedian,
  improvementInterval,
  optimalityGap,
  type Scores,
  scoreInterval,
} from '../../lib/stats/scores.ts';
import { type Ends, fixture, sameInterval } from './fixtures.ts';

interface IntervalFixture {
  readonly x: Scores;
  readonly y: Scores;
  readonly a: readonly number[];
  readonly b: readonly number[];
  readonly pairs: readonly (readonly [number, number])[];
  readonly iqm: Ends;
  readonly median: Ends;
  readonly optimalityGap: Ends;
  readonly improvement: Ends;
  readonly iqmOfOne: Ends;
  readonly difference: Ends;
  readonly ratioOfMedians: Ends;
  readonly spearman: Ends;
}
const { x, y, a, b, pairs, ...expected } = fixture<IntervalFixture>('intervals');
const options = () => ({ rng: stream(7, 'bootstrap') });

test('stratified intervals of score matrices are those of rliable', () => {
  sameInterval(scoreInterval(x, aggregateIqm, options()), expected.iqm, 'IQM');
  sameInterval(scoreInterval(x, aggregateMedian, options()), expected.median, 'median');
  sameInterval(
    scoreInterval(x, (s) => optimalityGap(s), options()),
    expected.optimalityGap,
    'gap',
  );
  const improvement = improvementInterval({ better: x, worse: y }, { ...options(), resamples: 50_000 });
  sameInterval(improvement, expected.improvement, 'improvement');
});

test('intervals of one sample, of two, and of pairs are those of SciPy', () => {
  const one = bootstrap([a], ([drawn]) => interquartileMean(drawn!), options());
  sameInterval(one, expected.iqmOfOne, 'IQM of one sample');
  const two = { tried: a, baseline: b };
  sameInterval(difference(two, options()), expected.difference, 'difference');
  sameInterval(ratioOfMedians(two, options()), expected.ratioOfMedians, 'ratio of medians');
  sameInterval(spearmanInterval(pairs, options()), expected.spearman, 'Spearman');
});

test('the same stream gives the same interval, another stream another one', () => {
  const of = (seed: number) => scoreInterval(x, aggregateIqm, { rng: stream(seed), resamples: 500 });
  assert.deepEqual(of(1), of(1));
  assert.notDeepEqual(of(1), of(2));
});

test('several numbers come from the same resamples: an identity between them holds for their intervals', () => {
  const [one, twice] = bootstrapEach(
    [a],
    ([drawn]) => [interquartileMean(drawn!), 2 * interquartileMean(drawn!)],
    { ...options(), resamples: 300 },
  );
  assert.deepEqual(twice, { value: 2 * one!.value, low: 2 * one!.low, high: 2 * one!.high });
});

test('one seed has a value and no interval', () => {
  assert.deepEqual(
    bootstrap([[5]], ([drawn]) => drawn![0]!, options()),
    {
      value: 5,
      low: Number.NaN,
      high: Number.NaN,
    },
  );
});

test('undefined resamples make an interval wider, up to the limits of the statistic', () => {
  const undefinedHalf = ([drawn]: readonly (readonly number[])[]) =>
    drawn![0] === 0 ? Number.NaN : drawn![0]!;
  const { low, high } = bootstrap([[2, 0]], undefinedHalf, { ...options(), limits: [-1, 9], resamples: 400 });
  assert.deepEqual([low, high], [-1, 9]);
});

test('an empty sample is refused', () => {
  assert.throws(() => bootstrap([[1], []], () => 0, options()), /2 samples of 1, 0 values/);
});
