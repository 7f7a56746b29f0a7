import assert from 'node:assert/strict';
import { before, describe, test } from 'node:test';
import { startEngine } from '../../lib/backend/engine.ts';
import { integer, normals, stream } from '../../lib/backend/rng.ts';
import { policyParams, withPolicyParams } from '../../lib/estimators/natural-gradient.ts';
import { scoreFunctionGradient } from '../../lib/estimators/score-function.ts';
import { rowFunction } from '../../lib/nn/mlp.ts';
import { D, kinds, outputs, plainLogProb } from '../models/samples.ts';
import { assertGradient } from '../nn/closeness.ts';

describe('the score-function gradient', () => {
  before(() => startEngine());
  for (const [name, policy] of kinds)
    test(`of a ${name} policy equals finite differences of the weighted log-likelihood`, () => {
      const N = 6;
      const rng = stream(1, name);
      const K = outputs(policy);
      const batch = {
        obsNorm_ND: normals(rng, N * D),
        act_NA:
          policy.kind === 'categorical'
            ? Float32Array.from({ length: N }, () => integer(rng, K))
            : normals(rng, N * K),
        weight_N: normals(rng, N),
      };
      const A = batch.act_NA.length / N;
      const { gradient_Q } = scoreFunctionGradient(policy, batch);
      const weighted = (params_Q: Float32Array) => {
        const moved = withPolicyParams(policy, params_Q);
        const net = rowFunction(moved);
        let sum = 0;
        for (let n = 0; n < N; n++) {
          const out = net(batch.obsNorm_ND.subarray(n * D, (n + 1) * D));
          const act = batch.act_NA.subarray(n * A, (n + 1) * A);
          sum += (batch.weight_N[n]! * plainLogProb(moved, out, act)) / N;
        }
        return sum;
      };
      assertGradient(weighted, policyParams(policy), gradient_Q, { rng: stream(2), within: 1e-3 });
    });

  test('of equal weights over all actions that a categorical policy takes in proportion is 0', () => {
    const [, policy] = kinds.find(([name]) => name === 'categorical')!;
    const obs = normals(stream(3), D);
    const out = rowFunction(policy)(obs).slice();
    const K = out.length;
    const gradient_Q = scoreFunctionGradient(policy, {
      obsNorm_ND: Float32Array.from({ length: K * D }, (_, i) => obs[i % D]!),
      act_NA: Float32Array.from({ length: K }, (_, k) => k),
      weight_N: Float32Array.from({ length: K }, (_, k) => Math.exp(plainLogProb(policy, out, [k]))),
    }).gradient_Q;
    assert.ok(Math.max(...gradient_Q.map(Math.abs)) < 1e-6);
  });
});
