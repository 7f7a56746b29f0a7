// The trust-region step: natural gradient by conjugate gradients, then a line search on the true KL
// (Schulman et al. 2015, TRPO, appendix C). Tensors for the batch, plain arrays for the parameter space.
import { scope, type Tensor1D, tf } from '../backend/engine.ts';
import {
  fisherMetric,
  head,
  klDivergence,
  logProb,
  meanEntropy,
  scoreGradient,
} from '../models/distribution.ts';
import type { Policy } from '../models/policy.ts';
import { backwardDeltas, forward, forwardTraced, tangent, upload, weightGradient } from '../nn/dense.ts';

/** States, actions and advantages under the policy as it was when they were collected. */
export interface PolicyBatch {
  /** Standardised observations, [N, D]. */
  readonly obsNorm_ND: Float32Array;
  /** Actions, [N, A]; a discrete action is its number. */
  readonly act_NA: Float32Array;
  /** Advantages, [N]; standardise them first. */
  readonly advantage_N: Float32Array;
}

/** How far a step may go, and how it is found. */
export interface TrustRegionOptions {
  /** Largest mean KL(old || new) over the batch, nats. */
  readonly maxKl: number;
  /** Most steps of the conjugate gradients. */
  readonly cgIterations: number;
  /** Times the identity, added to F. */
  readonly cgDamping: number;
}

/** A trust-region step and what it gained. */
export interface TrustRegionResult<P extends Policy> {
  /** The new policy; the old one where the line search accepted no step. */
  readonly policy: P;
  readonly accepted: boolean;
  /** Mean KL(old || new), nats. */
  readonly kl: number;
  /** Gain of the surrogate E[A pi_new / pi_old], in units of the advantage. */
  readonly improvement: number;
  /** Mean entropy of the old policy, nats. */
  readonly entropy: number;
}

const lineSearchSteps = 10;
const lineSearchShrink = 0.8;

/**
 * One TRPO update: maximise E[A pi_new / pi_old] subject to mean KL(old || new) <= maxKl.
 * The direction x solves F x = g (F the Fisher matrix, g the policy gradient); the step sqrt(2 maxKl / x'Fx) x is
 * shrunk by 0.8, up to 9 times, until the true KL is within bounds and the surrogate has gained. `policy` stays as it is.
 */
export function trustRegionStep<P extends Policy>(
  policy: P,
  batch: PolicyBatch,
  { maxKl, cgIterations, cgDamping }: TrustRegionOptions,
): TrustRegionResult<P> {
  return scope(() => {
    const N = batch.advantage_N.length;
    const obs_ND = tf.tensor2d(batch.obsNorm_ND, [N, policy.spec.sizes[0]!]);
    const act_NA = tf.tensor2d(batch.act_NA, [N, batch.act_NA.length / N]);
    const advantage_N = tf.tensor1d(batch.advantage_N);
    const net = upload(policy);
    const { out_BO: out_NK, trace } = forwardTraced(net, obs_ND);
    const old = head(policy, out_NK);
    const oldLogProb_N = logProb(old, act_NA);
    const P = policy.params_P.length;

    const score = scoreGradient(old, act_NA, tf.div(advantage_N, N));
    const gradient_Q = flatten(
      weightGradient([{ trace, deltas: backwardDeltas(net, trace, score.out_BK) }]),
      score.logStd_A,
    );

    const fisherTimes = (v_Q: Float32Array): Float32Array =>
      scope(() => {
        const moved = {
          out_BK: tangent(net, trace, v_Q.subarray(0, P)),
          ...(v_Q.length > P ? { logStd_A: tf.tensor1d(v_Q.subarray(P)) } : {}),
        };
        const { out_BK, logStd_A } = fisherMetric(old, moved);
        const byNet_P = weightGradient([{ trace, deltas: backwardDeltas(net, trace, out_BK) }]);
        return addScaled(
          flatten(byNet_P, logStd_A).map((x) => x / N),
          v_Q,
          cgDamping,
        );
      });
    const direction_Q = conjugateGradient(fisherTimes, gradient_Q, cgIterations);
    const stepSize = Math.sqrt((2 * maxKl) / Math.max(dot(direction_Q, fisherTimes(direction_Q)), 1e-12));

    const old_Q = policyParams(policy);
    const start = tf.mean(advantage_N).dataSync()[0]!;
    const entropy = meanEntropy(old);
    for (let k = 0; k < lineSearchSteps; k++) {
      const candidate = withPolicyParams(
        policy,
        addScaled(old_Q, direction_Q, stepSize * lineSearchShrink ** k),
      );
      const [kl, surrogate] = scope(() => {
        const now = head(candidate, forward(upload(candidate), obs_ND));
        const ratio_N = tf.exp(tf.sub(logProb(now, act_NA), oldLogProb_N));
        return [
          tf.mean(klDivergence(old, now)).dataSync()[0]!,
          tf.mean(tf.mul(ratio_N, advantage_N)).dataSync()[0]!,
        ];
      });
      if (kl <= maxKl && surrogate > start)
        return { policy: candidate, accepted: true, kl, improvement: surrogate - start, entropy };
    }
    return { policy, accepted: false, kl: 0, improvement: 0, entropy };
  });
}

/** All that a policy learns, as one array, [Q]: the network's parameters, then a Gaussian's logStd_A. */
export function policyParams(policy: Policy): Float32Array {
  if (policy.kind === 'categorical') return policy.params_P.slice();
  const params_Q = new Float32Array(policy.params_P.length + policy.logStd_A.length);
  params_Q.set(policy.params_P);
  params_Q.set(policy.logStd_A, policy.params_P.length);
  return params_Q;
}

/** The same policy with other parameters, laid out as `policyParams` lays them out. */
export function withPolicyParams<P extends Policy>(policy: P, params_Q: Float32Array): P {
  const P = policy.params_P.length;
  const logStd = policy.kind === 'gaussian' ? { logStd_A: params_Q.slice(P) } : {};
  return { ...policy, params_P: params_Q.slice(0, P), ...logStd };
}

/**
 * Solves F x = b for a symmetric positive definite F given as a product (Hestenes and Stiefel 1952), to a relative
 * residual of 1e-5 or for `iterations` steps, whichever comes first. All vectors [N].
 * @param times v to F v
 */
export function conjugateGradient(
  times: (v: Float32Array) => Float32Array,
  b: Float32Array,
  iterations: number,
): Float32Array {
  let x: Float32Array = new Float32Array(b.length);
  let residual: Float32Array = b.slice();
  let direction: Float32Array = b.slice();
  let square = dot(residual, residual);
  const enough = 1e-10 * square;
  for (let k = 0; k < iterations && square > enough; k++) {
    const image = times(direction);
    const alpha = square / dot(direction, image);
    x = addScaled(x, direction, alpha);
    residual = addScaled(residual, image, -alpha);
    const next = dot(residual, residual);
    direction = addScaled(residual, direction, next / square);
    square = next;
  }
  return x;
}

function dot(a: Float32Array, b: Float32Array): number {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += a[i]! * b[i]!;
  return sum;
}

/** a + s b, a new array. */
function addScaled(a: Float32Array, b: Float32Array, s: number): Float32Array {
  return a.map((x, i) => x + s * b[i]!);
}

function flatten(net_P: Tensor1D, logStd_A?: Tensor1D): Float32Array {
  return (logStd_A ? tf.concat1d([net_P, logStd_A]) : net_P).dataSync() as Float32Array;
}
