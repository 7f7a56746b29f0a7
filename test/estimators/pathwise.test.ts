import assert from 'node:assert/strict';
import { before, describe, test } from 'node:test';
import { startEngine, tf } from '../../lib/backend/engine.ts';
import { normals, stream } from '../../lib/backend/rng.ts';
import { type PathwiseProblem, pathwiseGradient } from '../../lib/estimators/pathwise.ts';
import { referenceGradient } from '../../lib/theory/pathwise-reference.ts';
import { assertRelativelyClose, relativeDistance } from '../nn/closeness.ts';
import { randomProblem, tapeGradient } from './pathwise-twins.ts';

const small = { D: 4, A: 2, B: 6, T: 7, members: 1 };

describe('the pathwise recursion', () => {
  before(() => startEngine('small-batches'));

  const cases: [string, PathwiseProblem][] = [
    ['one model', randomProblem(1, small)],
    ['an ensemble of three with rows shuffled', randomProblem(2, { ...small, members: 3 })],
    ['actions beyond the bound', randomProblem(3, { ...small, std: 1.5, members: 3 })],
    ['discrete actions, straight-through', randomProblem(4, { ...small, A: 3, discrete: true, members: 2 })],
    ['a gated ensemble', randomProblem(20, { ...small, members: 2, network: 'gated' })],
    ['absolute prediction', randomProblem(21, { ...small, members: 3, predicts: 'absolute' })],
    ['a single step', randomProblem(5, { ...small, T: 1 })],
  ];
  for (const [name, problem] of cases)
    test(`equals the tape through the unrolled loop to 1e-4: ${name}`, () => {
      assertRelativelyClose(pathwiseGradient(problem).gradient_P, tapeGradient(problem), 1e-4);
    });

  for (const [name, problem] of cases)
    test(`equals the double-precision reference to 1e-4, cost and gradient: ${name}`, () => {
      const { gradient_P, cost } = pathwiseGradient(problem);
      const reference = referenceGradient(problem);
      assert.ok(Math.abs(cost - reference.cost) < 1e-5 * Math.abs(cost), `${cost}, not ${reference.cost}`);
      assertRelativelyClose(gradient_P, reference.gradient_P, 1e-4);
    });

  test('cuts the path through the states at horizon 1: the model then plays no part', () => {
    const problem = randomProblem(6, { ...small, T: 1 });
    const other = randomProblem(7, { ...small, T: 1 });
    const swapped = { ...problem, model: { ...problem.model, members: other.model.members } };
    assert.deepEqual(pathwiseGradient(problem).gradient_P, pathwiseGradient(swapped).gradient_P);
  });

  test('takes a fixed error of the Jacobian as the reference does, and forward nothing changes', () => {
    for (const members of [1, 3]) {
      const problem = randomProblem(30, { ...small, members });
      const fixed_DI = normals(stream(31, 'jacobian-error'), small.D * (small.D + small.A));
      const wrong = { ...problem, jacobianError: { fixed_DI } };
      const [clean, noisy] = [pathwiseGradient(problem), pathwiseGradient(wrong)];
      assertRelativelyClose(noisy.gradient_P, referenceGradient(wrong).gradient_P, 1e-4);
      assert.ok(relativeDistance(noisy.gradient_P, clean.gradient_P) > 1e-2);
      assert.equal(noisy.cost, clean.cost);
    }
  });

  test('takes a fresh error as large as it is asked to be: linear in its std over two steps, none over one', () => {
    const problem = randomProblem(32, { ...small, T: 2 });
    const noise_TBI = normals(stream(33, 'jacobian-error'), 2 * small.B * (small.D + small.A));
    const at = (std: number) =>
      pathwiseGradient({ ...problem, jacobianError: { std, noise_TBI } }).gradient_P;
    const clean = pathwiseGradient(problem).gradient_P;
    assert.deepEqual(at(0), clean);
    const moved = (std: number) => at(std).map((g, p) => g - clean[p]!);
    assert.ok(
      relativeDistance(
        moved(2),
        moved(1).map((g) => 2 * g),
      ) < 1e-4,
    );
    assert.ok(relativeDistance(at(1), clean) > 1e-2);
    const short = randomProblem(32, { ...small, T: 1 });
    assert.deepEqual(
      pathwiseGradient({ ...short, jacobianError: { std: 1, noise_TBI } }),
      pathwiseGradient(short),
    );
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
