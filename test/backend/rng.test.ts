import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import {
  integer,
  normal,
  normals,
  permutation,
  rngFromState,
  rngState,
  stream,
  uniform,
} from '../../lib/backend/rng.ts';

const many = 20_000;

function draws<T>(n: number, draw: () => T): T[] {
  return Array.from({ length: n }, draw);
}

/** Pearson's statistic against equal expectations in every bin. */
function chiSquare(counts: readonly number[]): number {
  const expected = counts.reduce((sum, count) => sum + count, 0) / counts.length;
  return counts.reduce((sum, count) => sum + (count - expected) ** 2 / expected, 0);
}

function histogram(bins: number, values: readonly number[]): number[] {
  const counts = new Array<number>(bins).fill(0);
  for (const value of values) counts[value] = counts[value]! + 1;
  return counts;
}

/** Sample correlation of two equally long lists. */
function correlation(x: readonly number[], y: readonly number[]): number {
  const mean = (z: readonly number[]) => z.reduce((sum, value) => sum + value, 0) / z.length;
  const [mx, my] = [mean(x), mean(y)];
  const product = (a: readonly number[], ma: number, b: readonly number[], mb: number) =>
    a.reduce((sum, value, i) => sum + (value - ma) * (b[i]! - mb), 0);
  return product(x, mx, y, my) / Math.sqrt(product(x, mx, x, mx) * product(y, my, y, my));
}

describe('named streams', () => {
  test('give the numbers they always gave: another generator would change every stored result', () => {
    const rng = stream(7, 'mail', 'policy-noise');
    assert.deepEqual(rngState(rng), [-1342600654, 1872487979, -1857845474, -1391801678]);
    assert.deepEqual(
      draws(3, () => uniform(rng)),
      [0.162784064024739, 0.25534583781267806, 0.17720752158742503],
    );
    assert.deepEqual(
      draws(8, () => integer(rng, 100)),
      [13, 43, 21, 79, 85, 99, 11, 97],
    );
    assert.deepEqual(
      draws(2, () => normal(rng)),
      [-0.25851785128651883, 0.33630224586010693],
    );
    assert.deepEqual([...normals(rng, 3, 2)], [3.071007013320923, -2.2128305435180664, 1.366582989692688]);
    assert.deepEqual([...permutation(rng, 8)], [0, 5, 3, 2, 1, 4, 6, 7]);
    assert.deepEqual(rngState(rng), [-343884165, 1774869361, 198625331, 1471083417]);
  });

  test('depend on nothing but seed and path', () => {
    const alone = draws(5, () => uniform(stream(3, 'a')));
    const other = stream(3, 'b');
    draws(100, () => uniform(other));
    assert.deepEqual(
      draws(5, () => uniform(stream(3, 'a'))),
      alone,
    );
  });

  test('have unlike states for unlike seeds and paths, also where the names join to the same letters', () => {
    const paths: [number, ...string[]][] = [
      [0],
      [1],
      [10],
      [1, '0'],
      [1, 'a'],
      [1, 'b'],
      [1, 'a', 'b'],
      [1, 'ab'],
      [1, 'a/b'],
      [1, 'b', 'a'],
      [1, 'a%2Fb'],
      [11, 'a'],
      [2 ** 32, 'a'],
      [0, 'a'],
    ];
    const states = paths.map(([seed, ...path]) => rngState(stream(seed, ...path)).join());
    assert.equal(new Set(states).size, paths.length);
  });

  test('are uncorrelated between neighbouring seeds and names', () => {
    const first = draws(
      many,
      (
        (rng) => () =>
          uniform(rng)
      )(stream(1, 'policy')),
    );
    const neighbours: [number, ...string[]][] = [
      [2, 'policy'],
      [1, 'policz'],
      [1, 'policy', ''],
    ];
    for (const [seed, ...path] of neighbours) {
      const rng = stream(seed, ...path);
      const r = correlation(
        first,
        draws(many, () => uniform(rng)),
      );
      // Four standard errors.
      assert.ok(Math.abs(r) < 4 / Math.sqrt(many), `correlation ${r} with ${seed}/${path.join('/')}`);
    }
  });

  test('start uniformly: the first number over 10,000 consecutive seeds', () => {
    const bins = draws(10_000, () => 0).map((_, seed) => Math.floor(20 * uniform(stream(seed, 'first'))));
    assert.ok(chiSquare(histogram(20, bins)) < 43.8, '99.9 % of chi-square with 19 degrees of freedom');
  });

  test('refuse a seed that is not a non-negative safe integer', () => {
    for (const seed of [-1, 0.5, Number.NaN, Number.POSITIVE_INFINITY, 2 ** 53])
      assert.throws(() => stream(seed), {
        name: 'RangeError',
        message: `Cannot seed a stream with ${seed}: give a non-negative integer`,
      });
  });

  test('go on from a saved state, which drawing does not touch', () => {
    fc.assert(
      fc.property(fc.nat(), fc.string(), fc.nat(50), (seed, name, skipped) => {
        const rng = stream(seed, name);
        normals(rng, skipped);
        const state = rngState(rng);
        const stored: number[] = JSON.parse(JSON.stringify(state));
        const ahead = draws(6, () => uniform(rng));
        assert.deepEqual(state, stored);
        const restored = rngFromState(stored);
        assert.deepEqual(
          draws(6, () => uniform(restored)),
          ahead,
        );
      }),
      { numRuns: 50, seed: 1 },
    );
  });
});

describe('distributions', () => {
  test('uniform: within [low, high), flat, mean and variance of the interval', () => {
    const rng = stream(1, 'uniform');
    const values = draws(many, () => uniform(rng, -2, 3));
    assert.ok(values.every((value) => value >= -2 && value < 3));
    const counts = histogram(
      50,
      values.map((value) => Math.floor((value + 2) * 10)),
    );
    assert.ok(chiSquare(counts) < 85.4, '99.9 % of chi-square with 49 degrees of freedom');
    const mean = values.reduce((sum, value) => sum + value, 0) / many;
    assert.ok(Math.abs(mean - 0.5) < 4 * Math.sqrt(25 / 12 / many), `mean ${mean}`);
  });

  test('integer: every value of 0 ... n - 1 equally often, n not a power of two', () => {
    const rng = stream(2, 'integer');
    const values = draws(many, () => integer(rng, 13));
    assert.deepEqual([Math.min(...values), Math.max(...values)], [0, 12]);
    assert.ok(chiSquare(histogram(13, values)) < 32.9, '99.9 % of chi-square with 12 degrees of freedom');
    assert.deepEqual(
      draws(5, () => integer(rng, 1)),
      [0, 0, 0, 0, 0],
    );
  });

  test('integer refuses an n that is not a positive integer', () => {
    for (const n of [0, -3, 2.5, Number.NaN])
      assert.throws(() => integer(stream(0), n), {
        name: 'RangeError',
        message: `Cannot draw an integer below ${n}: give a positive integer`,
      });
  });

  for (const [name, sample] of [
    ['normal', (rng: ReturnType<typeof stream>) => draws(many, () => normal(rng))],
    ['normals', (rng: ReturnType<typeof stream>) => [...normals(rng, many)]],
  ] as const)
    test(`${name}: moments and quantiles of N(0, 1)`, () => {
      const values = sample(stream(3, name));
      const moment = (k: number) => values.reduce((sum, value) => sum + value ** k, 0) / many;
      // Four standard errors of the k-th sample moment of a standard normal.
      assert.ok(Math.abs(moment(1)) < 4 * Math.sqrt(1 / many), `mean ${moment(1)}`);
      assert.ok(Math.abs(moment(2) - 1) < 4 * Math.sqrt(2 / many), `variance ${moment(2)}`);
      assert.ok(Math.abs(moment(3)) < 4 * Math.sqrt(15 / many), `skewness ${moment(3)}`);
      assert.ok(Math.abs(moment(4) - 3) < 4 * Math.sqrt(96 / many), `kurtosis ${moment(4)}`);
      // Eight bins of equal probability: the octiles of N(0, 1).
      const octiles = [-1.1503494, -0.6744898, -0.3186394, 0, 0.3186394, 0.6744898, 1.1503494];
      const bins = values.map((value) => octiles.filter((octile) => octile < value).length);
      assert.ok(chiSquare(histogram(8, bins)) < 24.3, '99.9 % of chi-square with 7 degrees of freedom');
    });

  test('normals: neighbours are uncorrelated, std scales, odd lengths are filled', () => {
    const values = [...normals(stream(4), many)];
    assert.ok(Math.abs(correlation(values.slice(1), values.slice(0, -1))) < 4 / Math.sqrt(many));
    assert.deepEqual(
      [...normals(stream(5), 7, 3)].map(Math.fround),
      [...normals(stream(5), 8, 3)].slice(0, 7),
    );
    const ratio = [...normals(stream(5), 8, 3)].map((value, i) => value / normals(stream(5), 8)[i]!);
    assert.ok(ratio.every((r) => Math.abs(r - 3) < 1e-6));
    assert.equal(normals(stream(5), 0).length, 0);
  });

  test('permutation: every number once, for any length', () => {
    fc.assert(
      fc.property(fc.nat(), fc.nat(200), (seed, n) => {
        const order = permutation(stream(seed), n);
        assert.deepEqual(
          [...order].sort((a, b) => a - b),
          [...Array(n).keys()],
        );
      }),
      { numRuns: 50, seed: 1 },
    );
  });

  test('permutation: all 24 orders of four equally often', () => {
    const rng = stream(6, 'orders');
    const counts = new Map<string, number>();
    for (let k = 0; k < 12_000; k++) {
      const order = permutation(rng, 4).join('');
      counts.set(order, (counts.get(order) ?? 0) + 1);
    }
    assert.equal(counts.size, 24);
    assert.ok(chiSquare([...counts.values()]) < 49.7, '99.9 % of chi-square with 23 degrees of freedom');
  });
});
