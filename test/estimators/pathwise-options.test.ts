import assert from 'node:assert/strict';
import { before, describe, test } from 'node:test';
import { startEngine } from '../../lib/backend/engine.ts';
import { stream, uniform } from '../../lib/backend/rng.ts';
import { type PathwiseProblem, pathwiseGradient } from '../../lib/estimators/pathwise.ts';
import { referenceCost, referenceGradient } from '../../lib/theory/pathwise-reference.ts';
import { centralDifferences } from '../../lib/theory/recursion.ts';
import { assertGradient, relativeDistance } from '../nn/closeness.ts';
import { type ProblemSizes, randomProblem, segments, tapeGradient, withCritic } from './pathwise-twins.ts';

const small: ProblemSizes = { D: 4, A: 2, B: 6, T: 7, members: 1 };

/** Factors of the last hidden layer's units, a quarter of which is dropped. */
function dropout(seed: number, entries: number): Float32Array {
  const rng = stream(seed, 'dropout');
  return Float32Array.from({ length: entries }, () => (uniform(rng) < 0.75 ? 1 / 0.75 : 0));
}

describe('the options of the pathwise gradient', () => {
  before(() => startEngine('small-batches'));

  const plain = randomProblem(40, small);
  const ensemble = randomProblem(41, { ...small, members: 3 });
  const discrete = randomProblem(42, { ...small, A: 3, discrete: true });
  const lengths = [7, 1, 4, 7, 2, 6];
  const checkedTwice: [string, PathwiseProblem][] = [
    ['the belief itself as cost', { ...plain, cost: 'belief' }],
    ['the belief itself, discrete actions', { ...discrete, cost: 'belief' }],
    ['the partial derivative', { ...plain, derivative: 'partial' }],
    ['the partial derivative, an ensemble', { ...ensemble, derivative: 'partial' }],
    ['real segments', segments(plain, small, [7, 7, 7, 7, 7, 7])],
    ['real segments of unequal length', segments(plain, small, lengths)],
    ['real segments, an ensemble', segments(ensemble, small, lengths)],
    [
      'real segments, absolute prediction',
      segments(randomProblem(43, { ...small, members: 2, predicts: 'absolute' }), small, lengths),
    ],
    ['real segments, discrete actions', segments(discrete, small, lengths)],
    ['real segments, partial derivative', { ...segments(plain, small, lengths), derivative: 'partial' }],
  ];
  const tapeOnly: [string, PathwiseProblem][] = [
    ['dropout in the policy', { ...plain, policyKeep_TBH: dropout(1, 7 * 6 * 8) }],
    ['dropout in the discriminator', { ...ensemble, discriminatorKeep_TBH: dropout(2, 7 * 6 * 8) }],
    ['soft discrete actions', { ...discrete, gumbel: 'soft' }],
    ['a terminal critic', withCritic(plain, 1)],
    ['a terminal critic after a single step', withCritic(randomProblem(44, { ...small, T: 1 }), 2)],
    ['a terminal critic, an ensemble', withCritic(ensemble, 3)],
    [
      'a terminal critic, discrete actions, the belief as cost',
      withCritic({ ...discrete, cost: 'belief' }, 4),
    ],
  ];
  for (const [name, problem] of [...checkedTwice, ...tapeOnly])
    test(`equal the tape to 1e-4: ${name}`, () => {
      const distance = relativeDistance(pathwiseGradient(problem).gradient_P, tapeGradient(problem));
      assert.ok(distance < 1e-4, `relative distance ${distance}`);
    });
  for (const [name, problem] of checkedTwice)
    test(`equal the double-precision reference to 1e-4, cost and gradient: ${name}`, () => {
      const { gradient_P, cost } = pathwiseGradient(problem);
      const reference = referenceGradient(problem);
      assert.ok(Math.abs(cost - reference.cost) < 1e-5 * Math.abs(cost), `${cost}, not ${reference.cost}`);
      const distance = relativeDistance(gradient_P, reference.gradient_P);
      assert.ok(distance < 1e-4, `relative distance ${distance}`);
    });

  // Little noise: no action comes near the bound, where the discriminator's derivative is passed straight through.
  const quiet = randomProblem(44, { ...small, std: 0.05 });

  test('the belief as cost has the gradient that finite differences say', () => {
    const problem: PathwiseProblem = { ...quiet, cost: 'belief' };
    const costAt = (params_P: Float32Array) => referenceCost(problem, params_P);
    assertGradient(costAt, problem.policy.params_P, pathwiseGradient(problem).gradient_P, {
      rng: stream(45),
      step: 1e-4,
      within: 1e-3,
    });
  });

  test('the std has the derivative that finite differences say, and asking for it changes nothing else', () => {
    const { policy } = quiet;
    assert.ok(policy.kind === 'gaussian');
    const { gradientLogStd_A, ...rest } = pathwiseGradient({ ...quiet, learnStd: true });
    const costAt = (logStd_A: Float64Array) =>
      referenceCost({ ...quiet, policy: { ...policy, logStd_A: logStd_A as never } }, policy.params_P);
    const differences = centralDifferences(costAt, policy.logStd_A);
    assert.ok(relativeDistance(gradientLogStd_A!, differences) < 1e-4);
    assert.deepEqual(rest, pathwiseGradient(quiet));
  });

  test('the partial derivative has the cost of the total one, another direction, and no use for the model', () => {
    const [total, partial] = [plain, { ...plain, derivative: 'partial' as const }].map(pathwiseGradient);
    assert.equal(partial!.cost, total!.cost);
    assert.ok(relativeDistance(partial!.gradient_P, total!.gradient_P) > 0.05);
    const real: PathwiseProblem = { ...segments(plain, small, lengths), derivative: 'partial' };
    const other = { ...real, model: randomProblem(47, small).model };
    const model = { ...other.model, obsNorm: real.model.obsNorm };
    assert.deepEqual(pathwiseGradient({ ...real, model }), pathwiseGradient(real));
  });

  test('anchors where the model itself goes change nothing', () => {
    const { pair_NI, gradient_P } = pathwiseGradient(plain);
    const { mean_D, scale_D } = plain.model.obsNorm;
    const { D, A, B, T } = small;
    // The state at step t + 1, read off the pairs, is what followed step t.
    const anchor_TBD = new Float32Array(T * B * D);
    for (let n = 0; n < (T - 1) * B; n++)
      for (let d = 0; d < D; d++)
        anchor_TBD[n * D + d] = pair_NI[(n + B) * (D + A) + d]! * scale_D[d]! + mean_D[d]!;
    assert.ok(relativeDistance(pathwiseGradient({ ...plain, anchor_TBD }).gradient_P, gradient_P) < 1e-5);
  });

  test('what lies beyond the end of a segment has no say', () => {
    const cut = segments(plain, small, lengths);
    const changed = cut.anchor_TBD.map((x, i) => {
      const [t, b] = [Math.floor(i / (6 * 4)), Math.floor(i / 4) % 6];
      return t + 1 < lengths[b]! ? x : 0;
    });
    const [one, two] = [pathwiseGradient(cut), pathwiseGradient({ ...cut, anchor_TBD: changed })];
    assert.deepEqual(one.gradient_P, two.gradient_P);
    assert.deepEqual([one.cost, one.meanLogit], [two.cost, two.meanLogit]);
  });

  test('arrays that do not fit are refused by name', () => {
    const short = new Float32Array(5);
    for (const name of ['anchor_TBD', 'weight_TB', 'policyKeep_TBH', 'discriminatorKeep_TBH'])
      assert.throws(() => pathwiseGradient({ ...plain, [name]: short }), new RegExp(`${name} has 5 entries`));
  });
});
