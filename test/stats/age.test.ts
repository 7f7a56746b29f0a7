import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { normal, stream } from '../../lib/backend/rng.ts';
import { ageCorrelation, growthByAge, type StageErrors } from '../../lib/stats/age.ts';

/** Errors of 6 stages: something of the maker, something of the data, and `growth` for every stage of age. */
function errors({ maker = 0, data = 0, growth = 0, noise = 0 }): StageErrors {
  const rng = stream(0, 'errors');
  const stages = [0, 1, 2, 3, 4, 5];
  return stages.map((i) =>
    stages.map((j) =>
      Math.exp(maker * i + data * j + growth * Math.max(0, j - i) + (noise > 0 ? noise * normal(rng) : 0)),
    ),
  );
}

describe('age and error', () => {
  test('growth is what was put in, whatever makers and data are like by themselves', () => {
    for (const maker of [-0.5, 0, 0.2])
      for (const data of [-0.3, 0, 0.7])
        for (const growth of [0, 0.1])
          assert.ok(Math.abs(growthByAge(errors({ maker, data, growth })) - growth) < 1e-12);
  });

  test('at equal data, harder data show no correlation, makers that learn do, with no growth at all', () => {
    const flat = errors({ data: 0.5, noise: 1e-3 });
    assert.ok(Math.abs(ageCorrelation(flat)) < 0.9);
    assert.equal(ageCorrelation(errors({ maker: -0.5, data: 0.5 })), 1);
    assert.ok(Math.abs(growthByAge(errors({ maker: -0.5, data: 0.5 }))) < 1e-12);
    assert.equal(ageCorrelation(errors({ data: -1, growth: 0.01 })), 1);
    assert.equal(ageCorrelation(errors({ maker: 0.5, growth: 0.1 })), -1);
  });

  test('by hand: two stages, the old one 3 times worse on new data and no worse on old ones', () => {
    const error_SS = [
      [1, 6],
      [1, 2],
    ];
    assert.ok(Math.abs(growthByAge(error_SS) - Math.log(3)) < 1e-12);
  });

  test('errors that are no square of enough stages are refused', () => {
    assert.throws(() => growthByAge([[1]]), /1 rows of 1: give a square of at least 2/);
    assert.throws(() => growthByAge([[1, 2], [1]]), /2 rows of 2 or 1/);
    assert.throws(
      () =>
        ageCorrelation([
          [1, 2],
          [1, 2],
        ]),
      /at least 3 stages/,
    );
  });
});
