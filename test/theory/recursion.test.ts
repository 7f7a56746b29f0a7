import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { stream } from '../../lib/backend/rng.ts';
import {
  drawChance,
  linearQuadraticGradient,
  linearQuadraticSystem,
  randomLinearQuadratic,
} from '../../lib/theory/linear-quadratic.ts';
import { networkRow } from '../../lib/theory/network.ts';
import { referenceCost, referenceGradient } from '../../lib/theory/pathwise-reference.ts';
import { type Chance, centralDifferences, recursion, rollReference } from '../../lib/theory/recursion.ts';
import { randomProblem } from '../estimators/pathwise-twins.ts';
import { assertClose, assertRelativelyClose } from '../nn/closeness.ts';

const lq = randomLinearQuadratic({ obsSize: 3, actSize: 2, std: 0.4 }, stream(1, 'lq'));
const system = linearQuadraticSystem(lq);

describe('the reference recursion on a linear-quadratic problem', () => {
  for (const horizon of [1, 2, 12])
    test(`J_theta without noise is the closed form to 1e-10, horizon ${horizon}`, () => {
      const start_D = [0.7, -1.2, 0.4];
      const chance = { start_D, noise_TA: new Float64Array(horizon * 2) };
      const { J_s, J_theta } = recursion(system, rollReference(system, lq.gain_P, chance));
      const moment_DD = start_D.map((x) => start_D.map((y) => x * y));
      const { gradient_P, value, cost } = linearQuadraticGradient({ ...lq, std: 0 }, horizon, moment_DD);
      assertRelativelyClose(J_theta, gradient_P, 1e-10);
      assertClose([rollReference(system, lq.gain_P, chance).total], [cost], { within: 1e-10 });
      const byState = centralDifferences((s_D) => value(s_D, 0), start_D);
      assertRelativelyClose(J_s, byState, 1e-8);
    });

  test('the mean of J_theta over the noise is the closed form to 1e-9', () => {
    // Everything is quadratic in start and noise together, so the mean over +-sqrt(n) e_i, i = 1 ... n, is the expectation.
    const horizon = 6;
    const n = 3 + horizon * 2;
    const mean_P = new Float64Array(lq.gain_P.length);
    for (let i = 0; i < 2 * n; i++) {
      const point = new Float64Array(n);
      point[i % n] = i < n ? Math.sqrt(n) : -Math.sqrt(n);
      const chance: Chance = { start_D: point.subarray(0, 3), noise_TA: point.subarray(3) };
      recursion(system, rollReference(system, lq.gain_P, chance)).J_theta.forEach((g, p) => {
        mean_P[p]! += g / (2 * n);
      });
    }
    assertRelativelyClose(mean_P, linearQuadraticGradient(lq, horizon).gradient_P, 1e-9);
  });

  test('J_theta and J_s are central differences to 1e-6, noise and all', () => {
    const chance = drawChance(system, 15, stream(2, 'chance'));
    const { J_s, J_theta } = recursion(system, rollReference(system, lq.gain_P, chance));
    const total = (theta_P: ArrayLike<number>, start_D: ArrayLike<number>) =>
      rollReference(system, theta_P, { ...chance, start_D }).total;
    const byTheta = centralDifferences((theta_P) => total(theta_P, chance.start_D), lq.gain_P);
    const byState = centralDifferences((start_D) => total(lq.gain_P, start_D), chance.start_D);
    assertRelativelyClose(J_theta, byTheta, 1e-6);
    assertRelativelyClose(J_s, byState, 1e-6);
  });

  test('a horizon of 1 sees no model: an error in its Jacobian changes nothing there, and something from 2 on', () => {
    const wrong = (v_D: Float64Array) => ({
      s_D: v_D.map((v) => 3 * v),
      a_A: Float64Array.of(v_D[0]!, v_D[1]!),
    });
    const at = (horizon: number, error?: typeof wrong) => {
      const chance = drawChance(system, horizon, stream(3, 'chance'));
      return recursion(system, rollReference(system, lq.gain_P, chance), error).J_theta;
    };
    assert.deepEqual(at(1, wrong), at(1));
    assert.notDeepEqual(at(2, wrong), at(2));
  });
});

describe('the closed form', () => {
  test('is central differences of its own cost to 1e-6', () => {
    const { gradient_P } = linearQuadraticGradient(lq, 20);
    const differences = centralDifferences(
      (gain_P) => linearQuadraticGradient({ ...lq, gain_P }, 20).cost,
      lq.gain_P,
    );
    assertRelativelyClose(gradient_P, differences, 1e-6);
  });
});

describe('the reference recursion on random networks', () => {
  const sizes = { D: 4, A: 2, B: 4, T: 6, std: 0.05 };
  const cases = {
    'one model': randomProblem(31, { ...sizes, members: 1 }),
    'an ensemble of two with rows shuffled': randomProblem(32, { ...sizes, members: 2 }),
    'absolute prediction': randomProblem(33, { ...sizes, members: 1, predicts: 'absolute' }),
    'a gated model': randomProblem(34, { ...sizes, members: 1, network: 'gated' }),
  };
  for (const [name, problem] of Object.entries(cases))
    test(`is central differences in every parameter to 1e-6: ${name}`, () => {
      const { gradient_P, cost } = referenceGradient(problem);
      const costAt = (params_P: ArrayLike<number>) => referenceCost(problem, params_P);
      assertClose([cost], [costAt(problem.policy.params_P)], { within: 1e-12 });
      const differences = centralDifferences(costAt, problem.policy.params_P);
      assertRelativelyClose(gradient_P, differences, 1e-6);
    });
});

describe('a network row', () => {
  for (const activation of ['relu', 'tanh', 'swish'] as const)
    test(`pulls back to inputs and parameters as central differences do: ${activation}`, () => {
      const spec = { sizes: [3, 5, 4, 2], activation };
      const rng = stream(5, activation);
      const draw = (n: number) => drawChance({ obsSize: n, actSize: 1 }, 0, rng).start_D;
      const [params_P, input_I, v_O] = [draw(20 + 24 + 10), draw(3), draw(2)];
      const pairing = (params: ArrayLike<number>, input: ArrayLike<number>) =>
        networkRow(spec, params)(input).out_O.reduce((sum, y, o) => sum + y * v_O[o]!, 0);
      const gradient_P = new Float64Array(params_P.length);
      const pulled_I = networkRow(spec, params_P)(input_I).pull(v_O, gradient_P);
      const byInput = centralDifferences((input) => pairing(params_P, input), input_I);
      const byParams = centralDifferences((params) => pairing(params, input_I), params_P);
      assertRelativelyClose(pulled_I, byInput, 1e-7);
      assertRelativelyClose(gradient_P, byParams, 1e-7);
    });
});
