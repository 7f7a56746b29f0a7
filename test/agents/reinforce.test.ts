import assert from 'node:assert/strict';
import { before, describe, test } from 'node:test';
import { type ReinforceConfig, reinforceStep } from '../../lib/agents/reinforce.ts';
import { startEngine } from '../../lib/backend/engine.ts';
import { integer, normals, stream } from '../../lib/backend/rng.ts';
import { policyParams } from '../../lib/estimators/natural-gradient.ts';
import { scoreFunctionGradient } from '../../lib/estimators/score-function.ts';
import type { Policy } from '../../lib/models/policy.ts';
import { initAdam } from '../../lib/nn/adam.ts';
import { rowFunction } from '../../lib/nn/mlp.ts';
import { categoricalPolicy, D, plainSoftmax } from '../models/samples.ts';
import { relativeDistance } from '../nn/closeness.ts';

/** A bandit in many states: action 0 returns 1 more than the others, on top of what every action returns. */
function bandit(policy: Policy, { everyone }: { everyone: number }, seed: number, N = 60) {
  const rng = stream(seed, 'bandit');
  const obsNorm_ND = normals(rng, N * D);
  const act_NA = Float32Array.from({ length: N }, () => integer(rng, policy.spec.sizes.at(-1)!));
  const return_N = act_NA.map((action) => everyone + (action === 0 ? 1 : 0));
  return { obsNorm_ND, act_NA, return_N, advantage_N: return_N.map((value) => value - everyone) };
}

function probabilityOfFirst(policy: Policy, obsNorm_ND: Float32Array): number {
  const net = rowFunction(policy);
  const N = obsNorm_ND.length / D;
  let sum = 0;
  for (let n = 0; n < N; n++) sum += plainSoftmax(net(obsNorm_ND.subarray(n * D, (n + 1) * D)))[0]! / N;
  return sum;
}

describe('the REINFORCE step', () => {
  before(() => startEngine());
  const start = categoricalPolicy(1, { K: 3 });

  function learn(settings: ReinforceConfig, everyone: number): Policy {
    const adam = initAdam(policyParams(start).length);
    let policy: Policy = start;
    for (let k = 0; k < 30; k++)
      policy = reinforceStep(adam, settings)(policy, bandit(policy, { everyone }, k)).policy;
    return policy;
  }

  for (const baseline of ['value', 'none'] as const)
    test(`makes the better action likelier: baseline ${baseline}`, () => {
      const { obsNorm_ND } = bandit(start, { everyone: 0 }, 99);
      const learnt = learn({ baseline, policyRate: 0.02 }, 0);
      assert.ok(probabilityOfFirst(start, obsNorm_ND) < 0.6);
      assert.ok(probabilityOfFirst(learnt, obsNorm_ND) > 0.9);
    });

  test('with a baseline takes no notice of what every action returns, without one it does', () => {
    const settings = { policyRate: 0.02 };
    const [low, high] = [0, 50].map((everyone) => learn({ ...settings, baseline: 'value' }, everyone));
    assert.ok(relativeDistance(low!.params_P, high!.params_P) < 1e-4);
    const [bare, burdened] = [0, 50].map((everyone) => learn({ ...settings, baseline: 'none' }, everyone));
    assert.ok(relativeDistance(bare!.params_P, burdened!.params_P) > 0.1);
  });

  test('leaves the policy that it was given as it was', () => {
    const untouched = start.params_P.slice();
    reinforceStep(initAdam(policyParams(start).length), { baseline: 'none', policyRate: 1 })(
      start,
      bandit(start, { everyone: 0 }, 1),
    );
    assert.deepEqual(start.params_P, untouched);
  });
});

describe('the score-function gradient without a baseline', () => {
  before(() => startEngine());

  test('varies more from batch to batch than with one, the more so the more every action returns', () => {
    const policy = categoricalPolicy(1, { K: 3 });
    const spread = (everyone: number) => {
      const gradients = Array.from({ length: 40 }, (_, k) => {
        const { return_N, ...steps } = bandit(policy, { everyone }, k);
        return scoreFunctionGradient(policy, { ...steps, weight_N: return_N }).gradient_Q;
      });
      const mean_Q = gradients[0]!.map((_, q) => gradients.reduce((sum, g) => sum + g[q]! / 40, 0));
      return gradients.reduce((sum, g) => sum + g.reduce((s, x, q) => s + (x - mean_Q[q]!) ** 2, 0) / 40, 0);
    };
    assert.ok(spread(10) > 20 * spread(0));
  });
});
