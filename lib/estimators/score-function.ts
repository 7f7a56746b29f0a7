// The score-function estimate of a policy's gradient (Williams 1992, REINFORCE): all that a learner has that cannot
// differentiate what judges it. pathwise.ts is its counterpart through a model.
import { scope, tf } from '../backend/engine.ts';
import { head, meanEntropy, scoreGradient } from '../models/distribution.ts';
import type { Policy } from '../models/policy.ts';
import { backwardDeltas, forwardTraced, upload, weightGradient } from '../nn/dense.ts';

/**
 * 1/N sum_n w_n d ln pi(a_n | s_n) / d theta, [Q], laid out as `policyParams` lays out what a policy learns. With w the
 * return that followed it estimates the gradient of the expected return, with w = return - b(s) the same with less noise
 * (Williams 1992).
 * @returns the gradient, and the policy's mean entropy over the batch, nats
 */
export function scoreFunctionGradient(
  policy: Policy,
  batch: {
    /** Standardised observations, [N, D]. */
    readonly obsNorm_ND: Float32Array;
    /** Actions, [N, A]; a discrete action is its number. */
    readonly act_NA: Float32Array;
    /** [N]. */
    readonly weight_N: Float32Array;
  },
): { readonly gradient_Q: Float32Array; readonly entropy: number } {
  return scope(() => {
    const N = batch.weight_N.length;
    const net = upload(policy);
    const obs_ND = tf.tensor2d(batch.obsNorm_ND, [N, policy.spec.sizes[0]!]);
    const act_NA = tf.tensor2d(batch.act_NA, [N, batch.act_NA.length / N]);
    const { out_BO, trace } = forwardTraced(net, obs_ND);
    const dist = head(policy, out_BO);
    const { out_BK, logStd_A } = scoreGradient(dist, act_NA, tf.div(tf.tensor1d(batch.weight_N), N));
    const byNet_P = weightGradient([{ trace, deltas: backwardDeltas(net, trace, out_BK) }]);
    return {
      gradient_Q: (logStd_A ? tf.concat1d([byNet_P, logStd_A]) : byNet_P).dataSync() as Float32Array,
      entropy: meanEntropy(dist),
    };
  });
}
