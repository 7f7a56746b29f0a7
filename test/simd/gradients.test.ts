import assert from 'node:assert/strict';
import { before, describe, test } from 'node:test';
import { startEngine } from '../../lib/backend/engine.ts';
import { normals, type Rng, stream } from '../../lib/backend/rng.ts';
import { type PathwiseProblem, pathwiseGradient } from '../../lib/estimators/pathwise.ts';
import { discriminatorGradient } from '../../lib/models/discriminator.ts';
import { modelGradient } from '../../lib/models/forward-model.ts';
import { initGated } from '../../lib/models/gated-network.ts';
import { initMlp, type Mlp, rowFunction } from '../../lib/nn/mlp.ts';
import { loadSimd, type MailEngine, simdEngine } from '../../lib/simd/engine.ts';
import { referenceCost, referenceGradient } from '../../lib/theory/pathwise-reference.ts';
import { randomProblem, segments, withCritic } from '../estimators/pathwise-twins.ts';
import { assertClose, assertGradient, relativeDistance } from '../nn/closeness.ts';

let engine: MailEngine;
before(async () => {
  await startEngine('small-batches');
  engine = await simdEngine();
});

/** Sizes of recipe A on Hopper. */
const hopper = { D: 11, A: 3, B: 42, T: 40, members: 3 };
const small = { D: 4, A: 2, B: 6, T: 7, members: 1 };

describe("the SIMD engine's policy gradient", () => {
  const cases: [string, PathwiseProblem][] = [
    ['one model', randomProblem(1, small)],
    ['an ensemble of three with rows shuffled', randomProblem(2, { ...small, members: 3 })],
    ['actions beyond the bound', randomProblem(3, { ...small, std: 1.5, members: 3 })],
    ['discrete actions, straight-through', randomProblem(4, { ...small, A: 3, discrete: true, members: 2 })],
    ['a single step', randomProblem(5, { ...small, T: 1 })],
    ['one row a model', randomProblem(6, { ...small, B: 3, members: 3 })],
    ['more than a register of actions', randomProblem(7, { ...small, A: 17, members: 2 })],
    ["Hopper's sizes", randomProblem(8, hopper)],
    ['observations beyond their bound', clippedSoon(randomProblem(9, { ...small, members: 2 }))],
    ['absolute prediction', randomProblem(21, { ...small, members: 3, predicts: 'absolute' })],
    ['an unbounded policy', unbounded(randomProblem(10, small))],
    ['the partial derivative', { ...randomProblem(22, { ...small, members: 3 }), derivative: 'partial' }],
    ['real segments', segments(randomProblem(25, small), small, [7, 1, 4, 7, 2, 6])],
    [
      'real segments, an ensemble, actions beyond the bound',
      segments(randomProblem(26, { ...small, std: 1.5, members: 3 }), small, [7, 7, 3, 5, 7, 1]),
    ],
    ['a terminal critic', withCritic(randomProblem(27, small), 5)],
    ['a terminal critic after a single step', withCritic(randomProblem(28, { ...small, T: 1 }), 6)],
    [
      'a terminal critic, an ensemble, observations beyond their bound',
      clippedSoon(withCritic(randomProblem(29, { ...small, members: 3 }), 7)),
    ],
    ['the belief as cost', { ...randomProblem(23, small), cost: 'belief' }],
    [
      'both, absolute prediction, discrete actions',
      {
        ...randomProblem(24, { ...small, A: 3, discrete: true, predicts: 'absolute' }),
        ...{ derivative: 'partial', cost: 'belief' },
      },
    ],
  ];
  for (const [name, problem] of cases)
    test(`equals the one on tensors to 1e-4, with the same cost and pairs: ${name}`, () => {
      const [simd, tensors] = [engine.pathwiseGradient(problem), pathwiseGradient(problem)];
      const distance = relativeDistance(simd.gradient_P, tensors.gradient_P);
      assert.ok(distance < 1e-4, `relative distance ${distance}`);
      assert.ok(relativeDistance(simd.pair_NI, tensors.pair_NI) < 1e-5);
      assert.deepEqual(Object.keys(simd), Object.keys(tensors));
      if (tensors.toGo) {
        assertClose(simd.toGo!.cost_TB, tensors.toGo.cost_TB, { within: 1e-5 });
        assertClose(simd.toGo!.end_B, tensors.toGo.end_B, { within: 1e-4 });
      }
      const [ours, theirs] = [simd, tensors].map(({ cost, meanLogit }) => [cost, meanLogit]);
      assertClose(ours!, theirs!, { within: 1e-5 });
    });

  for (const [name, problem] of cases.filter(
    ([, { noise_TBK, critic }]) => noise_TBK.length < 1000 && !critic,
  ))
    test(`equals the double-precision reference to 1e-4: ${name}`, () => {
      const { gradient_P, cost } = engine.pathwiseGradient(problem);
      const reference = referenceGradient(problem);
      assertClose([cost], [reference.cost], { within: 1e-6 });
      const distance = relativeDistance(gradient_P, reference.gradient_P);
      assert.ok(distance < 1e-4, `relative distance ${distance}`);
    });

  for (const members of [1, 3])
    test(`equals finite differences of the cost in double precision, ${members} model(s)`, () => {
      // Little noise: no action comes near the bound, where the discriminator's derivative is passed straight through.
      const problem = randomProblem(10 + members, { ...small, members, std: 0.05 });
      const { gradient_P } = engine.pathwiseGradient(problem);
      const costAt = (params_P: Float32Array) => referenceCost(problem, params_P);
      const options = { rng: stream(99, 'directions'), step: 2e-4 };
      assertGradient(costAt, problem.policy.params_P, gradient_P, options);
    });

  test('gives the same bytes twice, also after other work, and a second round needs no more memory', async () => {
    const problem = randomProblem(8, hopper);
    const first = engine.pathwiseGradient(problem);
    const { memory } = await loadSimd();
    const bytes = memory.buffer.byteLength;
    for (const [, other] of cases) engine.pathwiseGradient(other);
    assert.deepEqual(engine.pathwiseGradient(problem), first);
    assert.equal(memory.buffer.byteLength, bytes);
  });

  test('refuses shapes that do not fit, and what it has no code for', () => {
    const problem = randomProblem(1, { ...small, members: 3 });
    const short = { ...problem, noise_TBK: new Float32Array(5) };
    assert.throws(() => engine.pathwiseGradient(short), /do not make \[B, 4\]/);
    const wrong = { ...problem, jacobianError: { fixed_DI: new Float32Array(24) } };
    const jacobians = { next_TBZI: new Float32Array(), obs_TBDZ: new Float32Array() };
    const anchor_TBD = new Float32Array(small.T * small.B * 4);
    assert.throws(
      () => engine.pathwiseGradient({ ...problem, anchor_TBD, jacobians }),
      /no code for the simulator's Jacobians/,
    );
    assert.throws(() => engine.pathwiseGradient(wrong), /no code for errors in the Jacobian/);
    const gated = initGated({ obsSize: 4, actSize: 2, width: 8 }, stream(1));
    assert.throws(
      () => engine.pathwiseGradient({ ...problem, model: { ...problem.model, members: [gated] } }),
      /no code for gated networks/,
    );
  });
});

/** The same problem with an observation bound that acts within a few steps. */
function clippedSoon(problem: PathwiseProblem): PathwiseProblem {
  const obsNorm = { ...problem.model.obsNorm, clip: 0.7 };
  const { policy, discriminator, model } = problem;
  return {
    ...problem,
    policy: { ...policy, obsNorm },
    discriminator: { ...discriminator, obsNorm },
    model: { ...model, obsNorm },
  };
}

function unbounded(problem: PathwiseProblem): PathwiseProblem {
  const { policy } = problem;
  return policy.kind === 'gaussian' ? { ...problem, policy: { ...policy, bound: 0 } } : problem;
}

describe("the SIMD engine's model gradient", () => {
  for (const rows of [1, 5, 64, 67, 256])
    test(`equals the one on tensors and finite differences, ${rows} rows`, () => {
      const rng = stream(rows, 'model');
      const member = initMlp({ sizes: [14, 128, 30, 11], activation: 'swish' }, rng);
      const batch = { input_NI: normals(rng, rows * 14), target_ND: normals(rng, rows * 11) };
      const [simd, tensors] = [engine.modelGradient(member, batch), modelGradient(member, batch)];
      assert.ok(relativeDistance(simd.gradient_P, tensors.gradient_P) < 1e-5);
      const mseAt = (params_P: Float32Array) => plainMse({ ...member, params_P }, batch);
      assertClose([simd.mse], [mseAt(member.params_P)], { within: 1e-5 });
      assertGradient(mseAt, member.params_P, simd.gradient_P, { rng, directions: 2 });
    });
});

function plainMse(
  net: Mlp,
  { input_NI, target_ND }: { readonly input_NI: Float32Array; readonly target_ND: Float32Array },
): number {
  const [I, D] = [net.spec.sizes[0]!, net.spec.sizes.at(-1)!];
  const output = rowFunction(net);
  let sum = 0;
  for (let n = 0; n * I < input_NI.length; n++)
    output(input_NI.subarray(n * I, (n + 1) * I)).forEach((y, d) => {
      sum += (y - target_ND[n * D + d]!) ** 2;
    });
  return sum / target_ND.length;
}

describe("the SIMD engine's discriminator gradient", () => {
  const I = 14;
  const net = initMlp({ sizes: [I, 100, 50, 1], activation: 'relu' }, stream(1, 'discriminator'));
  const shifted = (rng: Rng, rows: number, by: number) => normals(rng, rows * I).map((x) => x + by);
  const batchOf = (seed: number, [experts, agents]: readonly [number, number]) => {
    const rng = stream(seed, 'pairs');
    return { expert_BI: shifted(rng, experts, 0.2), agent_BI: shifted(rng, agents, -0.2) };
  };

  for (const penalty of [0, 0.1, 1, 10])
    for (const sizes of [
      [256, 256],
      [9, 70],
      [1, 1],
    ] as const)
      test(`equals the one on tensors: ${sizes[0]} expert and ${sizes[1]} agent pairs, penalty ${penalty}`, () => {
        const batch = batchOf(2, sizes);
        const simd = engine.discriminatorGradient(net, batch, { penalty });
        const tensors = discriminatorGradient(net, batch, { penalty });
        const distance = relativeDistance(simd.gradient_P, tensors.gradient_P);
        assert.ok(distance < 1e-5, `relative distance ${distance}`);
        assert.deepEqual(Object.keys(simd.metrics), Object.keys(tensors.metrics));
        for (const [name, value] of Object.entries(tensors.metrics))
          assert.ok(Math.abs(simd.metrics[name]! - value) < 1e-5, name);
      });

  test('equals finite differences of loss and penalty in plain arithmetic', () => {
    // Few units: a step that carries a unit over its kink makes the difference differ.
    const made = initMlp({ sizes: [I, 8, 6, 1], activation: 'relu' }, stream(5, 'discriminator'));
    const batch = batchOf(3, [9, 14]);
    const { gradient_P } = engine.discriminatorGradient(made, batch, { penalty: 1 });
    const lossAt = (params_P: Float32Array) => plainLoss({ ...made, params_P }, batch);
    assertGradient(lossAt, made.params_P, gradient_P, { rng: stream(4), step: 1e-4, within: 1e-3 });
  });

  test('refuses the penalty of a network that is not a ReLU network', () => {
    const smooth = initMlp({ sizes: [I, 8, 1], activation: 'tanh' }, stream(1));
    assert.throws(
      () => engine.discriminatorGradient(smooth, batchOf(1, [2, 2]), { penalty: 1 }),
      /Cannot take the gradient penalty of a tanh network/,
    );
  });

  function plainLoss(
    made: Mlp,
    { expert_BI, agent_BI }: { readonly expert_BI: Float32Array; readonly agent_BI: Float32Array },
  ): number {
    const logit = rowFunction(made);
    const rows = (expert_BI.length + agent_BI.length) / I;
    let loss = 0;
    for (const [pairs, sign] of [
      [expert_BI, 1],
      [agent_BI, -1],
    ] as const)
      for (let at = 0; at < pairs.length; at += I) {
        const x = Float64Array.from(pairs.subarray(at, at + I));
        loss += (Math.log1p(Math.exp(-sign * logit(x)[0]!)) * I) / pairs.length;
        for (let i = 0; i < I; i++) {
          const moved = (by: number) => logit(x.map((v, j) => (j === i ? v + by : v)))[0]!;
          loss += ((moved(1e-6) - moved(-1e-6)) / 2e-6) ** 2 / rows;
        }
      }
    return loss;
  }
});
