import assert from 'node:assert/strict';
import { test } from 'node:test';
import { interquartileMean, mean, median, quantile } from '../../lib/stats/aggregate.ts';
import { fixture, same } from './fixtures.ts';

test('quantiles agree with NumPy, the interquartile mean with a trimmed mean', () => {
  assert.equal(quantile([4, 1, 3, 2], 0.25), 1.75);
  assert.equal(quantile([1, 2, 10], 0.5), 2);
  assert.equal(interquartileMean([100, 2, 3, 4, 5, 6, 7, -100]), 4.5);
  assert.equal(interquartileMean([1, 2, 6]), 3);
  interface Quantiles {
    readonly meanReturn: readonly number[];
    readonly shares: readonly number[];
    readonly quantiles: readonly number[];
  }
  for (const { meanReturn, shares, quantiles } of fixture<readonly Quantiles[]>('curves'))
    shares.forEach((share, i) => {
      same(quantile(meanReturn, share), quantiles[i]!);
    });
});

test('the median may be infinite, and is not undefined between two infinite values', () => {
  assert.equal(median([1, Infinity, Infinity, Infinity]), Infinity);
  assert.equal(median([1, 2, Infinity]), 2);
  assert.equal(median([1, Infinity]), Infinity);
});

test('values given are left as they are', () => {
  const values = Object.freeze([3, 1, 2]);
  assert.deepEqual([mean(values), median(values), interquartileMean(values)], [2, 2, 2]);
});
