import assert from 'node:assert/strict';
import { before, describe, test } from 'node:test';
import { scope, startEngine, type Tensor2D, tf } from '../../lib/backend/engine.ts';
import { normals, stream } from '../../lib/backend/rng.ts';
import { policyParams, withPolicyParams } from '../../lib/estimators/natural-gradient.ts';
import {
  fisherMetric,
  type Head,
  head,
  klDivergence,
  logProb,
  meanEntropy,
  scoreGradient,
} from '../../lib/models/distribution.ts';
import type { Policy } from '../../lib/models/policy.ts';
import { assertClose, assertGradient, dot, relativeDistance } from '../nn/closeness.ts';
import { categoricalPolicy, gaussianPolicy, kinds, outputs, plainLogProb, plainSoftmax } from './samples.ts';

const B = 5;

/** Network outputs, [B, K]. */
function someOutputs(policy: Policy, seed: number): Float32Array {
  return normals(stream(seed, 'outputs'), B * outputs(policy));
}

function headAt(policy: Policy, out_BK: Float32Array): Head {
  return head(policy, tf.tensor2d(out_BK, [out_BK.length / outputs(policy), outputs(policy)]));
}

function withLogStd(policy: Policy, logStd_A: Float32Array): Policy {
  return policy.kind === 'gaussian' ? { ...policy, logStd_A } : policy;
}

/** Every action of a discrete policy, or a grid that holds all but 1e-12 of a Gaussian one, and each point's share. */
function actionGrid(policy: Policy, out: Float32Array): { act_NA: Float32Array; share: number } {
  if (policy.kind === 'categorical')
    return { act_NA: Float32Array.from({ length: outputs(policy) }, (_, k) => k), share: 1 };
  const mean = scope(() => {
    const dist = headAt(policy, out);
    assert.ok(dist.kind === 'gaussian');
    return dist.mean_BA.dataSync()[0]!;
  });
  const std = Math.exp(policy.logStd_A[0]!);
  const step = std / 50;
  const act_NA = Float32Array.from({ length: 801 }, (_, i) => mean + (i - 400) * step);
  return { act_NA, share: step };
}

/** ln p at every point of the grid, under one row of network output. */
function logProbsOn(act_NA: Float32Array, policy: Policy, out: Float32Array): Float32Array {
  return scope(() => {
    const N = act_NA.length;
    const out_NK = tf.tile(tf.tensor2d(out, [1, outputs(policy)]), [N, 1]) as Tensor2D;
    return logProb(head(policy, out_NK), tf.tensor2d(act_NA, [N, 1])).dataSync() as Float32Array;
  });
}

describe('densities that can be summed over a grid of actions', () => {
  before(() => startEngine());
  const policies: [string, Policy][] = [
    ['one Gaussian entry without a bound', gaussianPolicy(1, { A: 1, bound: 0 })],
    ['one Gaussian entry with bounded mean', gaussianPolicy(2, { A: 1, bound: 0.8 })],
    ['categorical', categoricalPolicy(3, { K: 5 })],
  ];
  for (const [name, policy] of policies) {
    const out = normals(stream(4, 'p'), outputs(policy));
    const other = withLogStd(policy, Float32Array.of(-0.3));
    const otherOut = normals(stream(5, 'q'), outputs(policy));
    const grid = () => actionGrid(policy, out);

    test(`probabilities sum to 1: ${name}`, () => {
      const { act_NA, share } = grid();
      const total = logProbsOn(act_NA, policy, out).reduce((sum, logP) => sum + share * Math.exp(logP), 0);
      assert.ok(Math.abs(total - 1) < 1e-4, `total ${total}`);
    });

    test(`KL(p || q) is the mean of ln p - ln q under p: ${name}`, () => {
      const { act_NA, share } = grid();
      const logP = logProbsOn(act_NA, policy, out);
      const logQ = logProbsOn(act_NA, other, otherOut);
      const expected = logP.reduce((sum, lp, i) => sum + share * Math.exp(lp) * (lp - logQ[i]!), 0);
      const kl = scope(() => klDivergence(headAt(policy, out), headAt(other, otherOut)).dataSync()[0]!);
      assert.ok(expected > 0.05, 'the two differ');
      assert.ok(Math.abs(kl - expected) < 1e-3 * expected, `${kl} against ${expected}`);
    });

    test(`entropy is the mean of -ln p under p: ${name}`, () => {
      const { act_NA, share } = grid();
      const expected = logProbsOn(act_NA, policy, out).reduce(
        (sum, lp) => sum - share * Math.exp(lp) * lp,
        0,
      );
      const entropy = scope(() => meanEntropy(headAt(policy, out)));
      assert.ok(Math.abs(entropy - expected) < 1e-3, `${entropy} against ${expected}`);
    });
  }
});

for (const [name, policy] of kinds)
  describe(`a ${name} policy's distribution`, () => {
    before(() => startEngine());
    const K = outputs(policy);
    const out_BK = someOutputs(policy, 1);
    const A = policy.kind === 'categorical' ? 1 : K;
    const act_BA =
      policy.kind === 'categorical' ? Float32Array.of(0, 3, 2, 2, 1) : normals(stream(2, 'actions'), B * A);
    const row = (x: Float32Array, b: number) => x.subarray((b * x.length) / B, ((b + 1) * x.length) / B);

    test('ln pi equals the plain twin, row by row', () => {
      const expected = Array.from({ length: B }, (_, b) =>
        plainLogProb(policy, row(out_BK, b), row(act_BA, b)),
      );
      const actual = scope(() => logProb(headAt(policy, out_BK), tf.tensor2d(act_BA, [B, A])).dataSync());
      assertClose(actual, expected, { within: 1e-4 });
    });

    test('KL is 0 to itself, positive to others, and of both batches row by row', () => {
      scope(() => {
        const p = headAt(policy, out_BK);
        assertClose(klDivergence(p, p).dataSync(), new Array(B).fill(0), { within: 1e-6 });
        for (let k = 0; k < 10; k++) {
          const logStd_A = normals(stream(k, 'std'), K, 0.5);
          const q = headAt(withLogStd(policy, logStd_A), someOutputs(policy, 10 + k));
          const kl_B = klDivergence(p, q).dataSync();
          assert.equal(kl_B.length, B);
          assert.ok(
            kl_B.every((kl) => kl > 0),
            `KL ${kl_B}`,
          );
        }
      });
    });

    test('the score is the derivative of the weighted sum of ln pi', () => {
      const weight_B = Float32Array.of(1, -2, 0.5, 3, 0.1);
      const score = scope(() => {
        const dist = headAt(policy, out_BK);
        const { out_BK: byOut, logStd_A } = scoreGradient(
          dist,
          tf.tensor2d(act_BA, [B, A]),
          tf.tensor1d(weight_B),
        );
        return [...byOut.dataSync(), ...(logStd_A?.dataSync() ?? [])];
      });
      const isGaussian = policy.kind === 'gaussian';
      const at = Float32Array.of(...out_BK, ...(isGaussian ? policy.logStd_A : []));
      const value = (x: Float32Array) => {
        const moved = withLogStd(policy, x.slice(B * K));
        return weight_B.reduce(
          (sum, weight, b) =>
            sum + weight * plainLogProb(moved, x.subarray(b * K, (b + 1) * K), row(act_BA, b)),
          0,
        );
      };
      assertGradient(value, at, score, { rng: stream(3, name) });
    });

    test('the Fisher metric is the second derivative of KL(p || .) at p', () => {
      const rng = stream(4, name);
      const isGaussian = policy.kind === 'gaussian';
      const h = 0.02;
      for (let k = 0; k < 4; k++) {
        const direction = {
          out: normals(rng, B * K),
          logStd: isGaussian ? normals(rng, K) : new Float32Array(0),
        };
        const [byMetric, byKl] = scope(() => {
          const p = headAt(policy, out_BK);
          const { out_BK: metricOut, logStd_A } = fisherMetric(p, {
            out_BK: tf.tensor2d(direction.out, [B, K]),
            ...(isGaussian ? { logStd_A: tf.tensor1d(direction.logStd) } : {}),
          });
          const quadratic =
            dot(metricOut.dataSync(), direction.out) + dot(logStd_A?.dataSync() ?? [], direction.logStd);
          const klAt = (sign: number) => {
            const logStd =
              policy.kind === 'gaussian'
                ? policy.logStd_A.map((x, i) => x + sign * h * direction.logStd[i]!)
                : direction.logStd;
            const moved = headAt(
              withLogStd(policy, logStd),
              out_BK.map((x, i) => x + sign * h * direction.out[i]!),
            );
            return tf.sum(klDivergence(p, moved)).dataSync()[0]!;
          };
          return [quadratic, (klAt(1) + klAt(-1)) / h ** 2];
        });
        assert.ok(Math.abs(byMetric - byKl) < 0.01 * byKl, `direction ${k}: ${byMetric} against ${byKl}`);
      }
    });

    test('the Fisher metric is symmetric, and of one row does not reach another', () => {
      const rng = stream(5, name);
      const isGaussian = policy.kind === 'gaussian';
      const metric = (v: Float32Array) =>
        scope(() => {
          const { out_BK: out, logStd_A } = fisherMetric(headAt(policy, out_BK), {
            out_BK: tf.tensor2d(v.subarray(0, B * K), [B, K]),
            ...(isGaussian ? { logStd_A: tf.tensor1d(v.subarray(B * K)) } : {}),
          });
          return [...out.dataSync(), ...(logStd_A?.dataSync() ?? [])];
        });
      const size = B * K + (isGaussian ? K : 0);
      const [v, w] = [normals(rng, size), normals(rng, size)];
      assert.ok(
        Math.abs(dot(metric(v), w) - dot(metric(w), v)) <
          1e-4 * Math.sqrt(dot(metric(v), metric(v)) * dot(w, w)),
      );
      const firstRow = Float32Array.from({ length: size }, (_, i) => (i < K ? v[i]! : 0));
      assert.ok(
        metric(firstRow)
          .slice(K)
          .every((x) => x === 0),
      );
    });
  });

describe('distributions of two kinds', () => {
  before(() => startEngine());

  test('cannot be compared', () => {
    scope(() => {
      const gaussian = headAt(kinds[0]![1], Float32Array.of(0, 0));
      const categorical = headAt(kinds[2]![1], Float32Array.of(0, 0, 0, 0));
      assert.throws(() => klDivergence(gaussian, categorical), {
        name: 'TypeError',
        message: 'Cannot compare a gaussian with a categorical distribution',
      });
    });
  });

  test('logits far apart stay finite: ln softmax of (0, 200) is (-200, 0)', () => {
    const policy = categoricalPolicy(1, { K: 2 });
    scope(() => {
      const dist = headAt(policy, Float32Array.of(0, 200));
      assertClose(logProb(dist, tf.tensor2d([[0]])).dataSync(), [-200], { within: 1e-3 });
      assertClose(logProb(dist, tf.tensor2d([[1]])).dataSync(), [0], { within: 1e-6 });
      assert.ok(Math.abs(meanEntropy(dist)) < 1e-6);
      assert.deepEqual(plainSoftmax([0, 0]), [0.5, 0.5]);
    });
  });

  test('all that a policy learns goes to one array and back', () => {
    for (const [, policy] of kinds) {
      const params_Q = policyParams(policy);
      assert.equal(params_Q.length, policy.params_P.length + (policy.kind === 'gaussian' ? 2 : 0));
      assert.deepEqual(withPolicyParams(policy, params_Q), policy);
      const moved = policyParams(
        withPolicyParams(
          policy,
          params_Q.map((x) => x + 1),
        ),
      );
      assert.ok(
        relativeDistance(
          moved,
          params_Q.map((x) => x + 1),
        ) < 1e-7,
      );
      assert.notEqual(withPolicyParams(policy, params_Q).params_P, policy.params_P);
    }
  });
});
