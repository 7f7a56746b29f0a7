import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { earnsLess, fallsWithin, returnsAhead } from '../../lib/confidence/outcomes.ts';
import { trajectoryOf } from './samples.ts';

const fell = trajectoryOf({ seed: 1, T: 5, terminated: true });
const cut = { ...fell, terminated: false, truncated: true };
const paid = { reward_T: Float64Array.of(1, 2, 0, 1, 3) };

describe('what comes within the next steps', () => {
  test('a fall: the last k steps have it ahead, all earlier ones have not', () => {
    assert.deepEqual([...fallsWithin(fell, 2)], [0, 0, 0, 1, 1]);
    assert.deepEqual([...fallsWithin(fell, 9)], [1, 1, 1, 1, 1]);
  });

  test('no fall, as far as k steps were seen: of a later one nobody knows', () => {
    assert.deepEqual([...fallsWithin(cut, 2)], [0, 0, 0, 0, -1]);
    assert.deepEqual([...fallsWithin(cut, 1)], [0, 0, 0, 0, 0]);
    assert.deepEqual([...fallsWithin(cut, 9)], [-1, -1, -1, -1, -1]);
  });

  test('a return: the sum of the next rewards, none after a fall, unknown after a cut', () => {
    assert.deepEqual([...returnsAhead({ ...fell, ...paid }, 2)], [3, 2, 1, 4, 3]);
    assert.deepEqual([...earnsLess({ ...fell, ...paid }, { k: 2, below: 3 })], [0, 1, 1, 0, 0]);
    assert.deepEqual([...earnsLess({ ...cut, ...paid }, { k: 2, below: 3 })], [0, 1, 1, 0, -1]);
  });

  test('needs a step to look ahead', () => {
    assert.throws(() => fallsWithin(fell, 0), /Cannot look 0 steps ahead/);
    assert.throws(() => returnsAhead(fell, 1.5), /Cannot look 1.5 steps ahead/);
  });
});
