import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { stream, uniform } from '../../lib/backend/rng.ts';
import { calibration, fitTemperature } from '../../lib/confidence/calibration.ts';
import { sigmoid } from '../../lib/confidence/score.ts';

/** Logits at random, and labels that are 1 as often as sigmoid(logit / temperature) says. */
function pairs({ temperature, n }: { temperature: number; n: number }) {
  const rng = stream(1, 'pairs');
  const logit_N = Float64Array.from({ length: n }, () => uniform(rng, -4, 4));
  return { logit_N, expert_N: logit_N.map((l) => (uniform(rng) < sigmoid(l / temperature) ? 1 : 0)) };
}

/** `n` pairs with logits +-l, a share `right` of them with the sign of their label. */
function oneLevel(l: number, { n, right }: { n: number; right: number }) {
  const expert_N = Array.from({ length: n }, (_, i) => i % 2);
  const logit_N = expert_N.map((y, i) => ((i < right * n ? 1 : -1) === (y ? 1 : -1) ? l : -l));
  return { logit_N, expert_N };
}

describe('calibration', () => {
  test('by hand: two bins, four pairs', () => {
    const at = (p: number) => Math.log(p / (1 - p));
    const found = calibration(
      { logit_N: [at(0.2), at(0.4), at(0.7), at(0.9)], expert_N: [0, 1, 1, 1] },
      { bins: 2 },
    );
    assert.equal(found.bins.length, 2);
    const [low, high] = found.bins as [(typeof found.bins)[0], (typeof found.bins)[0]];
    assert.deepEqual([low.low, low.high, low.count, low.expertShare], [0, 0.5, 2, 0.5]);
    assert.ok(Math.abs(low.meanProbability - 0.3) < 1e-12 && Math.abs(high.meanProbability - 0.8) < 1e-12);
    assert.ok(Math.abs(found.expectedError - (0.5 * 0.2 + 0.5 * 0.2)) < 1e-12);
    assert.ok(Math.abs(found.brier - (0.04 + 0.36 + 0.09 + 0.01) / 4) < 1e-12);
    const logLoss = -(Math.log(0.8) + Math.log(0.4) + Math.log(0.7) + Math.log(0.9)) / 4;
    assert.ok(Math.abs(found.logLoss - logLoss) < 1e-12);
  });

  test('of honest probabilities has a small error, of exaggerated ones a large one', () => {
    const honest = calibration(pairs({ temperature: 1, n: 20_000 }));
    const exaggerated = calibration(pairs({ temperature: 4, n: 20_000 }));
    assert.ok(honest.expectedError < 0.02, `${honest.expectedError}`);
    assert.ok(exaggerated.expectedError > 0.1, `${exaggerated.expectedError}`);
  });

  test('of certainty counts probability 1 in the last bin and stays finite', () => {
    const found = calibration({ logit_N: [1000, -1000], expert_N: [1, 0] });
    assert.deepEqual(
      found.bins.map(({ low, count }) => [low, count]),
      [
        [0, 1],
        [0.9, 1],
      ],
    );
    assert.deepEqual([found.expectedError, found.brier, found.logLoss], [0, 0, 0]);
    assert.equal(calibration({ logit_N: [1000], expert_N: [0] }).logLoss, 1000);
  });

  test('needs as many labels as logits', () => {
    assert.throws(() => calibration({ logit_N: [], expert_N: [] }), /0 logits by 0 labels/);
    assert.throws(() => fitTemperature({ logit_N: [1], expert_N: [] }), /1 logits by 0 labels/);
  });
});

describe('the temperature', () => {
  test('of logits +-l that are right in a share p of the cases is l / ln(p / (1 - p))', () => {
    const found = fitTemperature(oneLevel(3, { n: 100, right: 0.8 }));
    assert.ok(Math.abs(found - 3 / Math.log(4)) < 1e-9, `${found}`);
  });

  test('is found again, and lowers the calibration error without changing any order', () => {
    const made = pairs({ temperature: 4, n: 20_000 });
    const temperature = fitTemperature(made);
    assert.ok(Math.abs(temperature - 4) < 0.3, `${temperature}`);
    const [before, after] = [calibration(made), calibration(made, { temperature })];
    assert.ok(after.expectedError < before.expectedError / 4);
    assert.ok(after.logLoss < before.logLoss);
  });

  test('is at the end of its range where the pairs do not fix it', () => {
    assert.equal(fitTemperature({ logit_N: [2, -1], expert_N: [1, 0] }), 0.01);
    assert.equal(fitTemperature({ logit_N: [2, -1], expert_N: [0, 1] }), 100);
  });
});
