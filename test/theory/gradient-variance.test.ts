import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { stream } from '../../lib/backend/rng.ts';
import {
  drawTrajectories,
  gradientSamples,
  linearQuadraticProblem,
} from '../../lib/theory/gradient-samples.ts';
import {
  cosineBetween,
  gradientVariance,
  meanOf,
  monteCarloError,
  trueGradient,
} from '../../lib/theory/gradient-variance.ts';
import { learnedProblem } from '../../lib/theory/learned-system.ts';
import { randomLinearQuadratic } from '../../lib/theory/linear-quadratic.ts';
import { centralDifferences, rollReference } from '../../lib/theory/recursion.ts';
import { assertRelativelyClose } from '../nn/closeness.ts';

const settings = { seed: 3, samples: 32, estimates: 40 };
const linear = gradientVariance({ ...settings, horizons: [2, 10], actSizes: [1, 8] });
const learned = gradientVariance({
  ...settings,
  problem: 'learned-networks',
  estimates: 12,
  horizons: [5],
  actSizes: [2],
});

describe('gradient estimators', () => {
  const rows = [...linear, ...learned];
  const of = (estimator: string) => rows.filter((row) => row.estimator === estimator);

  test('are unbiased: their mean is the true gradient within 3 standard errors, every one, everywhere', () => {
    assert.equal(linear.length, 2 * 2 * 4);
    assert.equal(learned.length, 3, 'no value function is known for networks');
    for (const { estimator, horizon, actSize, bias } of rows)
      assert.ok(bias < 3, `${estimator}, horizon ${horizon}, ${actSize} actions: ${bias}`);
  });

  test('differ in variance: pathwise has the least and score the most, and the intervals exclude 1', () => {
    for (const row of rows.filter(({ estimator }) => estimator !== 'pathwise'))
      assert.ok(
        row.varianceRatioLow > 1,
        `${row.estimator}, horizon ${row.horizon}: ${row.varianceRatioLow}`,
      );
    of('score').forEach((score, i) => {
      const [baseline, pathwise] = [of('score-baseline')[i]!, of('pathwise')[i]!];
      assert.ok(score.variance > baseline.variance, `${score.variance}, ${baseline.variance}`);
      assert.ok(pathwise.cosine > baseline.cosine, `cosines ${pathwise.cosine} and ${baseline.cosine}`);
      assert.equal(score.samplesForEqualError, score.samples * score.varianceRatio);
    });
    for (const pathwise of of('pathwise')) assert.equal(pathwise.varianceRatio, 1);
  });

  test('with the true value as baseline need more trajectories the more action entries there are', () => {
    const needed = (actSize: number) =>
      linear.find((row) => row.estimator === 'score-value' && row.horizon === 10 && row.actSize === actSize)!
        .samplesForEqualError;
    assert.ok(needed(8) > 2 * needed(1), `${needed(1)} for 1, ${needed(8)} for 8`);
  });

  test('give the same numbers for the same seed', () => {
    const once = () => gradientVariance({ seed: 5, samples: 4, estimates: 3, horizons: [3], actSizes: [1] });
    assert.deepEqual(once(), once());
  });

  test('the score function sees no derivative of cost or model, yet finds the gradient of random networks', () => {
    const problem = learnedProblem({ obsSize: 2, actSize: 1, hidden: 4 }, stream(6));
    const trajectories = drawTrajectories(problem, { n: 20_000, horizon: 2, rng: stream(7) });
    const score_P = meanOf(
      gradientSamples(problem, 'score-baseline', { trajectories, pilots: trajectories.slice(0, 500) }),
    );
    const truth_P = trueGradient(problem, { horizon: 2, n: 5000, rng: stream(8) });
    assert.ok(cosineBetween(score_P, truth_P) > 0.95, `cosine ${cosineBetween(score_P, truth_P)}`);
  });

  test('the learned problem has the gradient of its cost, to 1e-6', () => {
    const problem = learnedProblem({ obsSize: 2, actSize: 1, hidden: 4 }, stream(6));
    const chance = { start_D: [0.5, -1], noise_TA: [0.3, -1, 0.2, 0.6] };
    const trajectory = rollReference(problem.system, problem.theta_P, chance);
    const [gradient_P] = gradientSamples(problem, 'pathwise', { trajectories: [trajectory], pilots: [] });
    const differences = centralDifferences(
      (theta_P) => rollReference(problem.system, theta_P, chance).total,
      problem.theta_P,
    );
    assertRelativelyClose(gradient_P!, differences, 1e-6);
  });

  test('need what they need, and say so', () => {
    const problem = linearQuadraticProblem(randomLinearQuadratic({ obsSize: 2, actSize: 1 }, stream(1)));
    const trajectories = drawTrajectories(problem, { n: 1, horizon: 2, rng: stream(2) });
    const { closedForm: _, ...unknown } = problem;
    assert.throws(
      () => gradientSamples(unknown, 'score-value', { trajectories, pilots: [] }),
      /value of a state of linear-quadratic is not known/,
    );
    const { actStd_A: __, ...silent } = problem.system;
    assert.throws(
      () => gradientSamples({ ...problem, system: silent }, 'score', { trajectories, pilots: [] }),
      /needs actStd_A/,
    );
  });
});

describe('the Monte-Carlo error', () => {
  for (const estimator of ['pathwise', 'score-baseline'] as const)
    test(`falls as 1 / sqrt(samples): ${estimator}`, () => {
      const { rows, slope, slopeLow, slopeHigh } = monteCarloError({
        seed: 1,
        estimator,
        samples: [1, 4, 16, 64],
        horizon: 5,
      });
      assert.ok(slopeLow <= -0.5 && -0.5 <= slopeHigh, `slope ${slope} in [${slopeLow}, ${slopeHigh}]`);
      assert.ok(slopeHigh - slopeLow < 0.12, 'the interval says something');
      assert.ok(
        Math.abs(rows[0]!.error / rows[3]!.error / 8 - 1) < 0.2,
        '64 times the samples, an eighth of the error',
      );
    });
});
