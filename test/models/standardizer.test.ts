import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { standardizeRow, standardizeRows, standardizer } from '../../lib/models/standardizer.ts';
import { assertClose } from '../nn/closeness.ts';

const scaling = standardizer([1, -2], [2, 0.5], { floor: 0, clip: 3 });

describe('scaling observations', () => {
  test('subtracts the mean, divides by the std plus its floor, and bounds the result', () => {
    assert.deepEqual([...standardizeRow(scaling, [5, -2.5], new Float64Array(2))], [2, -1]);
    assert.deepEqual([...standardizeRow(scaling, [100, -100], new Float64Array(2))], [3, -3]);
    assertClose(standardizer([0], [0.5]).scale_D, [0.501], { within: 1e-7 });
  });

  test('a constant entry stays finite', () => {
    assert.deepEqual([...standardizeRows(standardizer([4], [0]), [4, 4.001])].map(Math.round), [0, 1]);
  });

  test('the bound can be left out, row by row or not', () => {
    assert.deepEqual([...standardizeRows(scaling, [5, -2.5, 101, -102])], [2, -1, 3, -3]);
    assert.deepEqual(
      [...standardizeRows(scaling, [5, -2.5, 101, -102], { clipped: false })],
      [2, -1, 50, -200],
    );
  });

  test('one row at a time gives what many rows give, in float32', () => {
    const number = fc.float({ noNaN: true, noDefaultInfinity: true, min: -1000, max: 1000 });
    fc.assert(
      fc.property(fc.array(fc.tuple(number, number), { maxLength: 8 }), (rows) => {
        const byRow = rows.flatMap((row) => [...standardizeRow(scaling, row, new Float64Array(2))]);
        assert.deepEqual([...standardizeRows(scaling, rows.flat())], byRow.map(Math.fround));
      }),
      { seed: 1, numRuns: 50 },
    );
  });

  test('is independent of the arrays it was made from', () => {
    const mean = [1, 2];
    const made = standardizer(mean, [1, 1]);
    mean[0] = 9;
    assert.deepEqual([...made.mean_D], [1, 2]);
  });
});
