import assert from 'node:assert/strict';
import { test } from 'node:test';
import { stream } from '../../lib/backend/rng.ts';
import { mannWhitneyNull, powerBySeeds, seedsNeeded } from '../../lib/stats/power.ts';
import { fixture, same } from './fixtures.ts';

interface NullFixture {
  readonly nulls: readonly { readonly n: number; readonly m: number; readonly below: readonly number[] }[];
}

test("the null distribution of Mann and Whitney's U is that of SciPy", () => {
  for (const { n, m, below } of fixture<NullFixture>('tests').nulls)
    mannWhitneyNull(n, m).forEach((p, u) => {
      same(p, below[u]!, `${n}, ${m}, U = ${u}`);
    });
});

test('samples that do not overlap need four seeds, the fewest with which p falls below 0.05', () => {
  const rows = powerBySeeds({ tried: [5, 6, 7], baseline: [1, 2, 3] }, { rng: stream(1), replays: 50 });
  assert.deepEqual(
    rows.slice(0, 3).map(({ seeds, power }) => [seeds, power]),
    [
      [3, 0],
      [4, 1],
      [5, 1],
    ],
  );
  assert.equal(seedsNeeded(rows), 4);
});

test('more seeds see more, and no number of seeds sees what is not there', () => {
  const tried = Array.from({ length: 10 }, (_, i) => i + 2.5);
  const baseline = Array.from({ length: 10 }, (_, i) => i);
  const [few, many] = powerBySeeds({ tried, baseline }, { rng: stream(2), seeds: [5, 30] });
  assert.ok(few!.power < many!.power - 0.2);
  const same = powerBySeeds({ tried, baseline: tried }, { rng: stream(3), seeds: [5, 30] });
  assert.ok(same.every(({ power }) => power < 0.08));
  assert.equal(seedsNeeded(same), null);
});

test('a side without runs is refused', () => {
  assert.throws(() => powerBySeeds({ tried: [], baseline: [1] }, { rng: stream(0) }), /0 and 1 runs/);
});
