import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { stream } from '../../lib/backend/rng.ts';
import { mean } from '../../lib/stats/aggregate.ts';
import { mannWhitney } from '../../lib/stats/compare.ts';
import {
  holm,
  permutationTest,
  signFlipTest,
  type TestOptions,
  type TestResult,
} from '../../lib/stats/permutation.ts';
import { type Dose, ranks, spearman, trendTest } from '../../lib/stats/rank.ts';
import { fixture, same } from './fixtures.ts';

interface Permuted {
  readonly statistic: number;
  readonly twoSided: number;
  readonly greater: number;
  readonly less: number;
}
interface TestFixture {
  readonly independent: readonly {
    readonly x: readonly number[];
    readonly y: readonly number[];
    readonly mannWhitney: Permuted;
    readonly meanDifference: Permuted;
    readonly exactU: number | null;
  }[];
  readonly flips: readonly { readonly difference: readonly number[]; readonly mean: Permuted }[];
  readonly trends: readonly { readonly groups: readonly (readonly number[])[]; readonly trend: Permuted }[];
  readonly spearmans: readonly {
    readonly pairs: readonly (readonly [number, number])[];
    readonly ranks: readonly number[];
    readonly spearman: number;
  }[];
  readonly corrections: readonly { readonly pValues: readonly number[]; readonly holm: readonly number[] }[];
}
const cases = fixture<TestFixture>('tests');
const rng = stream(3, 'permutation');
const dosed = (groups: readonly (readonly number[])[]): Dose[] =>
  groups.map((scores, level) => ({ level, scores }));

function sameTest(test: (options: TestOptions) => TestResult, expected: Permuted, what: string): void {
  for (const [alternative, p] of [
    ['two-sided', expected.twoSided],
    ['greater', expected.greater],
    ['less', expected.less],
  ] as const) {
    const result = test({ rng, alternative });
    assert.ok(result.exact, what);
    same(result.statistic, expected.statistic, what);
    same(result.pValue, p, `${what}, ${alternative}`);
  }
}

test('exact tests of two samples are those of SciPy, with ties and without', () => {
  for (const { x, y, exactU, ...expected } of cases.independent) {
    sameTest((o) => mannWhitney({ tried: x, baseline: y }, o), expected.mannWhitney, 'Mann-Whitney');
    const apart = ([a, b]: readonly (readonly number[])[]) => mean(a!) - mean(b!);
    sameTest((o) => permutationTest([x, y], apart, o), expected.meanDifference, 'difference of means');
    if (exactU !== null) same(mannWhitney({ tried: x, baseline: y }, { rng }).pValue, exactU, 'mannwhitneyu');
  }
});

test('sign flips of paired differences are those of SciPy', () => {
  for (const { difference, mean: expected } of cases.flips)
    sameTest((o) => signFlipTest(difference, o), expected, `${difference.length} pairs`);
});

test('the trend test is exact over all ways to deal runs to three or four levels', () => {
  for (const { groups, trend } of cases.trends) sameTest((o) => trendTest(dosed(groups), o), trend, 'trend');
});

test('the order in which levels are given does not matter to a trend', () => {
  const doses = dosed(cases.trends[0]!.groups);
  const there = trendTest(doses, { rng });
  assert.deepEqual(trendTest([...doses].reverse(), { rng }), there);
});

test('where there are too many reshuffles, random ones come near the exact p and never to 0', () => {
  const { x, y } = cases.independent[2]!;
  const pair = { tried: x, baseline: y };
  const [all, some] = [mannWhitney(pair, { rng }), mannWhitney(pair, { rng, resamples: 251 })];
  assert.ok(all.exact && !some.exact);
  assert.ok(Math.abs(all.pValue - some.pValue) < 0.2, `${all.pValue}, ${some.pValue}`);
  const apart = Array.from({ length: 30 }, (_, i) => i);
  const certain = mannWhitney({ tried: apart.map((i) => i + 100), baseline: apart }, { rng, resamples: 99 });
  assert.equal(certain.pValue, 0.02);
});

test('ranks and Spearman are those of SciPy', () => {
  for (const { pairs, ...expected } of cases.spearmans) {
    assert.deepEqual(ranks(pairs.map(([x]) => x)), expected.ranks);
    same(spearman(pairs), expected.spearman);
  }
});

test('Spearman does not change when one side is stretched by a rising function', () => {
  const numbers = fc.array(fc.tuple(fc.integer({ min: -5, max: 5 }), fc.integer({ min: -5, max: 5 })), {
    minLength: 2,
  });
  fc.assert(
    fc.property(numbers, (pairs) => {
      assert.equal(spearman(pairs.map(([x, y]) => [x ** 3, y] as const)), spearman(pairs));
    }),
  );
});

test("Holm's correction is that of statsmodels", () => {
  for (const { pValues, holm: expected } of cases.corrections)
    holm(pValues).forEach((p, k) => {
      same(p, expected[k]!);
    });
});

test('too little to test is refused', () => {
  assert.throws(() => permutationTest([[1]], () => 0, { rng }), /1 samples of 1 values/);
  assert.throws(() => signFlipTest([], { rng }), /0 differences/);
});
