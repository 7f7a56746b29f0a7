import assert from 'node:assert/strict';
import { before, describe, test } from 'node:test';
import { startEngine, tf } from '../../lib/backend/engine.ts';
import { normals, stream } from '../../lib/backend/rng.ts';
import { type PathwiseProblem, pathwiseGradient } from '../../lib/estimators/pathwise.ts';
import { relativeDistance } from '../nn/closeness.ts';
import { plainCost, randomProblem, tapeGradient } from './pathwise-twins.ts';

const small = { D: 4, A: 2, B: 6, T: 7, members: 1 };

describe('the pathwise recursion', () => {
  before(() => startEngine('small-batches'));

  const cases: [string, PathwiseProblem][] = [
    ['one model', randomProblem(1, small)],
    ['an ensemble of three with rows shuffled', randomProblem(2, { ...small, members: 3 })],
    ['actions beyond the bound', randomProblem(3, { ...small, std: 1.5, members: 3 })],
    ['discrete actions, straight-through', randomProblem(4, { ...small, A: 3, discrete: true, members: 2 })],
    ['a single step', randomProblem(5, { ...small, T: 1 })],
  ];
  for (const [name, problem] of cases)
    test(`equals the tape through the unrolled loop to 1e-4: ${name}`, () => {
      const distance = relativeDistance(pathwiseGradient(problem).gradient_P, tapeGradient(problem));
      assert.ok(distance < 1e-4, `relative distance ${distance}`);
    });

  for (const members of [1, 3])
    test(`equals finite differences of a plain double-precision twin, ${members} model(s)`, () => {
      const problem = randomProblem(10 + members, { ...small, members, std: 0.05 });
      const { gradient_P, cost } = pathwiseGradient(problem);
      assert.ok(Math.abs(cost - plainCost(problem)) < 1e-5 * Math.abs(cost), 'the costs agree');
      const rng = stream(99, 'directions');
      for (let k = 0; k < 8; k++) {
        const step_P = normals(rng, gradient_P.length, 2e-4);
        const at = (sign: number) => problem.policy.params_P.map((p, i) => p + sign * step_P[i]!);
        const [plus, minus] = [at(1), at(-1)];
        const costAt = (params_P: Float32Array) =>
          plainCost({ ...problem, policy: { ...problem.policy, params_P } });
        const difference = costAt(plus) - costAt(minus);
        const predicted = gradient_P.reduce((sum, g, i) => sum + g * (plus[i]! - minus[i]!), 0);
        const size = Math.hypot(...gradient_P) * Math.hypot(...step_P) * 2;
        assert.ok(
          Math.abs(difference - predicted) < 1e-4 * size,
          `direction ${k}: ${difference} against ${predicted}`,
        );
      }
    });

  test('cuts the path through the states at horizon 1: the model then plays no part', () => {
    const problem = randomProblem(6, { ...small, T: 1 });
    const other = randomProblem(7, { ...small, T: 1 });
    const swapped = { ...problem, model: { ...problem.model, members: other.model.members } };
    assert.deepEqual(pathwiseGradient(problem).gradient_P, pathwiseGradient(swapped).gradient_P);
  });

  test('descends: a small step against the gradient lowers the cost', () => {
    const problem = randomProblem(8, { ...small, members: 3 });
    const { gradient_P, cost } = pathwiseGradient(problem);
    const rate = 1e-2 / Math.hypot(...gradient_P);
    const params_P = problem.policy.params_P.map((p, i) => p - rate * gradient_P[i]!);
    assert.ok(pathwiseGradient({ ...problem, policy: { ...problem.policy, params_P } }).cost < cost);
  });

  test('gives the same bytes twice and leaves no tensor behind', () => {
    const problem = randomProblem(9, { ...small, members: 3 });
    pathwiseGradient(problem);
    const tensors = tf.memory().numTensors;
    const [one, two] = [pathwiseGradient(problem), pathwiseGradient(problem)];
    assert.deepEqual(one, two);
    assert.equal(tf.memory().numTensors, tensors);
  });

  test('refuses shapes that do not fit, and says which', () => {
    const problem = randomProblem(1, { ...small, members: 3 });
    const fiveStarts = {
      ...problem,
      start_BD: problem.start_BD.slice(0, 5 * small.D),
      noise_TBK: problem.noise_TBK.slice(0, 10),
    };
    assert.throws(() => pathwiseGradient(fiveStarts), /Cannot share 5 starts among 3 models/);
    assert.throws(
      () => pathwiseGradient({ ...problem, noise_TBK: new Float32Array(5) }),
      /do not make \[B, 4\]/,
    );
    assert.throws(
      () => pathwiseGradient({ ...problem, rowOrder_TB: new Int32Array(3) }),
      /row orders have 3 entries/,
    );
  });
});
