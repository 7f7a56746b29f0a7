// Drawing from spaces and asking what lies in them.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { stream } from '../../lib/backend/rng.ts';
import { contains, sample } from '../../lib/envs/spaces.ts';
import type { Box } from '../../lib/envs/types.ts';

const box = (low: number[], high: number[]): Box => ({
  type: 'box',
  size: low.length,
  low: Float64Array.from(low),
  high: Float64Array.from(high),
});

test('whatever is drawn from a space lies in it', () => {
  const bound = fc.oneof(fc.double({ min: -1e6, max: 1e6, noNaN: true }), fc.constant(Infinity));
  fc.assert(
    fc.property(fc.array(fc.tuple(bound, bound), { minLength: 1, maxLength: 5 }), fc.nat(), (pairs, seed) => {
      const low = pairs.map(([a, b]) => (Number.isFinite(a) ? Math.min(a, b) : -a));
      const high = pairs.map(([a, b]) => (Number.isFinite(a) ? Math.max(a, b) : b));
      const space = box(low, high);
      assert.ok(contains(space, sample(space, stream(seed, 'x'))));
      assert.ok(contains({ type: 'discrete', n: 1 + (seed % 7) }, seed % (1 + (seed % 7))));
    }),
    { numRuns: 200, seed: 1 },
  );
});

test('each kind of interval has its distribution: uniform, exponential, normal', () => {
  const space = box([-1, 2, -Infinity, -Infinity], [3, Infinity, 5, Infinity]);
  const rng = stream(4, 'moments');
  const draws = Array.from({ length: 20_000 }, () => sample(space, rng));
  const moments = [0, 1, 2, 3].map((i) => {
    const mean = draws.reduce((sum, draw) => sum + draw[i]!, 0) / draws.length;
    const variance = draws.reduce((sum, draw) => sum + (draw[i]! - mean) ** 2, 0) / draws.length;
    return [mean, variance] as const;
  });
  const expected = [
    [1, 4 / 3],
    [3, 1],
    [4, 1],
    [0, 1],
  ] as const;
  for (const [i, [mean, variance]] of expected.entries()) {
    assert.ok(Math.abs(moments[i]![0] - mean) < 0.05, `mean ${i}: ${moments[i]![0]}`);
    assert.ok(Math.abs(moments[i]![1] - variance) < 0.12, `variance ${i}: ${moments[i]![1]}`);
  }
});

test('a discrete space gives each of its elements about equally often', () => {
  const rng = stream(0, 'die');
  const counts = [0, 0, 0];
  for (let i = 0; i < 3000; i++) counts[sample({ type: 'discrete', n: 3 }, rng)]!++;
  for (const count of counts) assert.ok(Math.abs(count - 1000) < 110);
});

test('the same stream draws the same', () => {
  const space = box([-1, -1], [1, 1]);
  assert.deepEqual(sample(space, stream(9, 'a')), sample(space, stream(9, 'a')));
  assert.notDeepEqual(sample(space, stream(9, 'a')), sample(space, stream(9, 'b')));
});

test('what does not belong is told: kind, length, bounds, NaN', () => {
  const space = box([-1, 0], [1, Infinity]);
  assert.ok(contains(space, [-1, 1e300]));
  for (const value of [3, [0], [0, 0, 0], [1.01, 0], [0, -1e-9], [Number.NaN, 0]])
    assert.equal(contains(space, value), false);
  assert.ok(contains({ type: 'discrete', n: 2 }, 1));
  for (const value of [2, -1, 0.5, Number.NaN, [1]])
    assert.equal(contains({ type: 'discrete', n: 2 }, value), false);
});
