import assert from 'node:assert/strict';
import { test } from 'node:test';
import { interquartileMean, quantile } from '../../lib/stats/aggregate.ts';

test('quantiles agree with NumPy, the interquartile mean with a trimmed mean', () => {
  assert.equal(quantile([4, 1, 3, 2], 0.25), 1.75);
  assert.equal(quantile([1, 2, 10], 0.5), 2);
  assert.equal(interquartileMean([100, 2, 3, 4, 5, 6, 7, -100]), 4.5);
  assert.equal(interquartileMean([1, 2, 6]), 3);
});
