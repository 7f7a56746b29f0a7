import assert from 'node:assert/strict';
import { before, describe, test } from 'node:test';
import { scope, startEngine, type Tensor2D, tf } from '../../lib/backend/engine.ts';
import { integer, normals, type Rng, stream } from '../../lib/backend/rng.ts';
import {
  conjugateGradient,
  type PolicyBatch,
  policyParams,
  trustRegionStep,
  withPolicyParams,
} from '../../lib/estimators/natural-gradient.ts';
import { head, klDivergence, logProb } from '../../lib/models/distribution.ts';
import type { Policy } from '../../lib/models/policy.ts';
import { forward, upload } from '../../lib/nn/dense.ts';
import { initMlp, type Mlp, rowFunction } from '../../lib/nn/mlp.ts';
import { categoricalPolicy, D, gaussianPolicy, kinds, plainLogProb } from '../models/samples.ts';
import { assertClose, dot, relativeDistance } from '../nn/closeness.ts';

const N = 40;

/** Solves A x = b by elimination with pivoting, in doubles. A is row-major, [n, n]. */
function solve(matrix: readonly (readonly number[])[], b: ArrayLike<number>): number[] {
  const rows = matrix.map((row, i) => [...row, b[i]!]);
  const n = rows.length;
  for (let c = 0; c < n; c++) {
    let pivot = c;
    for (let r = c + 1; r < n; r++) if (Math.abs(rows[r]![c]!) > Math.abs(rows[pivot]![c]!)) pivot = r;
    [rows[c], rows[pivot]] = [rows[pivot]!, rows[c]!];
    for (let r = 0; r < n; r++) {
      if (r === c) continue;
      const factor = rows[r]![c]! / rows[c]![c]!;
      for (let k = c; k <= n; k++) rows[r]![k]! -= factor * rows[c]![k]!;
    }
  }
  return rows.map((row, i) => row[n]! / row[i]!);
}

/** A batch of states, with actions that the policy could have taken and advantages of mean 0. */
function someBatch(policy: Policy, rng: Rng): PolicyBatch {
  const K = policy.spec.sizes.at(-1)!;
  const advantage_N = normals(rng, N);
  const mean = advantage_N.reduce((sum, x) => sum + x, 0) / N;
  return {
    obsNorm_ND: normals(rng, N * D),
    act_NA:
      policy.kind === 'categorical'
        ? Float32Array.from({ length: N }, () => integer(rng, K))
        : normals(rng, N * K),
    advantage_N: advantage_N.map((x) => x - mean),
  };
}

/** Mean KL(old || new) and the surrogate E[A pi_new / pi_old], computed from the two policies alone. */
function judge(old: Policy, now: Policy, batch: PolicyBatch): { kl: number; surrogate: number } {
  return scope(() => {
    const obs: Tensor2D = tf.tensor2d(batch.obsNorm_ND, [N, D]);
    const act: Tensor2D = tf.tensor2d(batch.act_NA, [N, batch.act_NA.length / N]);
    const [p, q] = [head(old, forward(upload(old), obs)), head(now, forward(upload(now), obs))];
    const ratio = tf.exp(tf.sub(logProb(q, act), logProb(p, act)));
    return {
      kl: tf.mean(klDivergence(p, q)).dataSync()[0]!,
      surrogate: tf.mean(tf.mul(ratio, tf.tensor1d(batch.advantage_N))).dataSync()[0]!,
    };
  });
}

describe('conjugate gradients', () => {
  /** A random symmetric positive definite matrix, G G' + shift. */
  function randomSpd(n: number, rng: Rng, shift: number): number[][] {
    const g = normals(rng, n * n);
    const row = (i: number) => g.subarray(i * n, (i + 1) * n);
    return Array.from({ length: n }, (_, i) =>
      Array.from({ length: n }, (_, j) => dot(row(i), row(j)) + (i === j ? shift : 0)),
    );
  }
  const times = (matrix: number[][]) => (v: Float32Array) => Float32Array.from(matrix, (row) => dot(row, v));

  for (const n of [1, 5, 20])
    test(`solve a random positive definite system of ${n} unknowns as elimination does`, () => {
      const rng = stream(n, 'spd');
      const matrix = randomSpd(n, rng, n / 2);
      const b = normals(rng, n);
      const x = conjugateGradient(times(matrix), b, 3 * n);
      assert.ok(relativeDistance(x, solve(matrix, b)) < 1e-3);
    });

  test('take as many products as there are iterations, and stop early when done', () => {
    let products = 0;
    const matrix = randomSpd(20, stream(1), 1);
    const counted = (v: Float32Array) => {
      products++;
      return times(matrix)(v);
    };
    conjugateGradient(counted, normals(stream(2), 20), 4);
    assert.equal(products, 4);
    products = 0;
    const identity = (v: Float32Array) => {
      products++;
      return v.slice();
    };
    assertClose(conjugateGradient(identity, Float32Array.of(1, -2), 50), [1, -2], { within: 1e-6 });
    assert.equal(products, 1);
  });

  test('solve for 0 without dividing by it, and leave b alone', () => {
    assert.deepEqual([...conjugateGradient((v) => v, new Float32Array(3), 10)], [0, 0, 0]);
    const b = normals(stream(3), 5);
    const copy = b.slice();
    conjugateGradient(times(randomSpd(5, stream(4), 1)), b, 10);
    assert.deepEqual(b, copy);
  });
});

for (const [name, policy] of kinds)
  describe(`a trust-region step of a ${name} policy`, () => {
    before(() => startEngine());
    const options = { maxKl: 0.01, cgIterations: 20, cgDamping: 0.1 };

    test('never goes beyond the KL allowed, gains, and reports both as they are', () => {
      for (let seed = 0; seed < 5; seed++)
        for (const maxKl of [1e-3, 1e-2, 0.1]) {
          const batch = someBatch(policy, stream(seed, name));
          const result = trustRegionStep(policy, batch, { ...options, maxKl });
          assert.ok(result.accepted, `seed ${seed}`);
          const { kl, surrogate } = judge(policy, result.policy, batch);
          const start = judge(policy, policy, batch).surrogate;
          assert.ok(kl <= maxKl * 1.001, `KL ${kl} of ${maxKl}`);
          assert.ok(kl > maxKl / 20, `KL ${kl} of ${maxKl}: the region is used`);
          assert.ok(surrogate > start);
          assertClose([result.kl, result.improvement], [kl, surrogate - start], { within: 1e-4 });
        }
    });

    test('shrinks a step whose true KL is beyond what its quadratic model promised', () => {
      // Far out the model is wrong: with hardly any damping, some full steps are too long.
      for (let seed = 0; seed < 6; seed++) {
        const batch = someBatch(policy, stream(seed, name, 'far'));
        const result = trustRegionStep(policy, batch, { maxKl: 2, cgIterations: 30, cgDamping: 1e-4 });
        const { kl } = judge(policy, result.policy, batch);
        assert.ok(kl <= 2 * 1.001, `KL ${kl}`);
      }
    });

    test('gains about as much as the linear model promises while the region is small', () => {
      const batch = someBatch(policy, stream(7, name));
      const gain = (maxKl: number) => trustRegionStep(policy, batch, { ...options, maxKl }).improvement;
      // The gain along a fixed direction is linear in the step, and the step goes with the root of the KL.
      const ratio = gain(4e-3) / gain(1e-3);
      assert.ok(ratio > 1.6 && ratio < 2.5, `four times the KL gains ${ratio} times as much, expected 2`);
    });

    test('keeps the policy that it was given', () => {
      const batch = someBatch(policy, stream(8, name));
      const before = structuredClone(policy);
      const { policy: next } = trustRegionStep(policy, batch, options);
      assert.deepEqual(policy, before);
      assert.notDeepEqual(policyParams(next), policyParams(policy));
    });

    test('hands the old policy back where no step can gain: advantages of 0', () => {
      const batch = { ...someBatch(policy, stream(9, name)), advantage_N: new Float32Array(N) };
      const result = trustRegionStep(policy, batch, options);
      assert.equal(result.policy, policy);
      assert.equal(result.accepted, false);
      assert.deepEqual([result.kl, result.improvement], [0, 0]);
    });

    test('leaves no tensor behind', () => {
      const batch = someBatch(policy, stream(10, name));
      const tensors = tf.memory().numTensors;
      trustRegionStep(policy, batch, options);
      assert.equal(tf.memory().numTensors, tensors);
    });
  });

describe('the direction of the step', () => {
  before(() => startEngine());

  /** A policy small enough that its Fisher matrix can be written down. */
  function tiny(policy: Policy): Policy {
    const net: Mlp = initMlp(
      { sizes: [D, 3, policy.spec.sizes.at(-1)!], activation: 'tanh' },
      stream(1, 'tiny'),
    );
    return { ...policy, ...net };
  }
  const policies: [string, Policy][] = [
    ['categorical', tiny(categoricalPolicy(1, { K: 3 }))],
    ['Gaussian', tiny(gaussianPolicy(2, { A: 1, bound: 1.5 }))],
  ];

  /** d ln pi(a | s) / d parameters by central differences in doubles. */
  function scoreOf(policy: Policy, obsNorm: Float32Array, act: Float32Array): number[] {
    const params_Q = policyParams(policy);
    const value = (x: Float32Array) => {
      const moved = withPolicyParams(policy, x);
      return plainLogProb(moved, rowFunction(moved)(obsNorm), act);
    };
    return Array.from(params_Q, (_, q) => {
      const at = (sign: number) => params_Q.map((x, i) => (i === q ? x + sign * 1e-3 : x));
      const [plus, minus] = [at(1), at(-1)];
      return (value(plus) - value(minus)) / (plus[q]! - minus[q]!);
    });
  }

  for (const [name, policy] of policies)
    test(`solves with the explicit Fisher matrix and the score-function gradient: ${name}`, () => {
      const rng = stream(3, name);
      const batch = someBatch(policy, rng);
      const Q = policyParams(policy).length;
      const damping = 0.05;
      const fisher = Array.from({ length: Q }, (_, i) =>
        Array.from({ length: Q }, (_, j) => (i === j ? damping : 0)),
      );
      const gradient = new Array<number>(Q).fill(0);
      for (let n = 0; n < N; n++) {
        const obs = batch.obsNorm_ND.subarray(n * D, (n + 1) * D);
        const taken = scoreOf(policy, obs, batch.act_NA.subarray(n, n + 1));
        for (let i = 0; i < Q; i++) gradient[i]! += (taken[i]! * batch.advantage_N[n]!) / N;
        for (const [act, share] of actionsAndShares(policy, obs)) {
          const score = scoreOf(policy, obs, Float32Array.of(act));
          for (let i = 0; i < Q; i++)
            for (let j = 0; j < Q; j++) fisher[i]![j]! += (share * score[i]! * score[j]!) / N;
        }
      }
      const expected = solve(fisher, gradient);
      const result = trustRegionStep(policy, batch, { maxKl: 1e-4, cgIterations: 200, cgDamping: damping });
      const old_Q = policyParams(policy);
      const moved = policyParams(result.policy).map((x, q) => x - old_Q[q]!);
      const cosine = dot(moved, expected) / Math.sqrt(dot(moved, moved) * dot(expected, expected));
      assert.ok(cosine > 0.999, `cosine ${cosine}`);
    });

  /** All actions with their probabilities; for a Gaussian the five points of Gauss-Hermite quadrature. */
  function actionsAndShares(policy: Policy, obsNorm: Float32Array): [number, number][] {
    const out = rowFunction(policy)(obsNorm).slice();
    if (policy.kind === 'categorical')
      return Array.from(out, (_, k) => [k, Math.exp(plainLogProb(policy, out, [k]))]);
    const m = out[0]! * policy.actScale_A[0]! + policy.actMean_A[0]!;
    const mean = policy.bound * Math.tanh(m / policy.bound);
    const std = Math.exp(policy.logStd_A[0]!);
    const [near, far] = [Math.sqrt(5 - Math.sqrt(10)), Math.sqrt(5 + Math.sqrt(10))];
    const [nearShare, farShare] = [(7 + 2 * Math.sqrt(10)) / 60, (7 - 2 * Math.sqrt(10)) / 60];
    return [
      [mean, 8 / 15],
      [mean + std * near, nearShare],
      [mean - std * near, nearShare],
      [mean + std * far, farShare],
      [mean - std * far, farShare],
    ];
  }
});

describe('parameters as one array', () => {
  test('also of a policy with 300,000 of them', () => {
    const policy = gaussianPolicy(1, { A: 2, bound: 0 });
    const wide: Policy = {
      ...policy,
      ...initMlp({ sizes: [D, 500, 500, 2], activation: 'tanh' }, stream(1)),
    };
    assert.equal(policyParams(wide).length, wide.params_P.length + 2);
    assert.deepEqual(withPolicyParams(wide, policyParams(wide)), wide);
  });
});
