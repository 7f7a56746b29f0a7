// Action distributions on tensors: log-probability, KL, entropy, and the two things that a trust-region step asks of
// them, the score and the Fisher metric, as functions of the network's output. Acting one row at a time is policy.ts.
import { type Tensor1D, type Tensor2D, tanh, tf } from '../backend/engine.ts';
import type { Policy } from './policy.ts';

/** pi(. | s) for a batch of states. */
export type Head =
  | {
      readonly kind: 'gaussian';
      /** Action units. */
      readonly mean_BA: Tensor2D;
      /** ln std, action units. */
      readonly logStd_A: Tensor1D;
      /** d mean / d output, entry by entry, [B, A]. */
      readonly meanSlope_BA: Tensor2D;
    }
  | {
      readonly kind: 'categorical';
      /** ln pi(k | s), nats. */
      readonly logProb_BK: Tensor2D;
    };

/** The distributions that a policy's network output, [B, K], stands for. */
export function head(policy: Policy, out_BK: Tensor2D): Head {
  if (policy.kind === 'categorical') return { kind: 'categorical', logProb_BK: tf.logSoftmax(out_BK) };
  const scale_A = tf.tensor1d(policy.actScale_A);
  const logStd_A = tf.tensor1d(policy.logStd_A);
  const m_BA: Tensor2D = tf.add(tf.mul(out_BK, scale_A), tf.tensor1d(policy.actMean_A));
  if (policy.bound === 0)
    return { kind: 'gaussian', mean_BA: m_BA, logStd_A, meanSlope_BA: tf.mul(tf.onesLike(out_BK), scale_A) };
  const squashed_BA = tanh(tf.div(m_BA, policy.bound) as Tensor2D);
  return {
    kind: 'gaussian',
    mean_BA: tf.mul(squashed_BA, policy.bound) as Tensor2D,
    logStd_A,
    meanSlope_BA: tf.mul(tf.sub(1, tf.square(squashed_BA)), scale_A) as Tensor2D,
  };
}

/** ln pi(a | s), nats, [B]. Discrete actions are given by number, [B, 1]. */
export function logProb(dist: Head, act_BA: Tensor2D): Tensor1D {
  if (dist.kind === 'categorical') return tf.sum(tf.mul(oneHot(dist.logProb_BK, act_BA), dist.logProb_BK), 1);
  const z_BA = tf.div(tf.sub(act_BA, dist.mean_BA), tf.exp(dist.logStd_A));
  const perEntry_BA = tf.add(
    tf.mul(tf.square(z_BA), -0.5),
    tf.sub(-0.5 * Math.log(2 * Math.PI), dist.logStd_A),
  );
  return tf.sum(perEntry_BA, 1);
}

/** KL(p || q), nats, [B]. @throws TypeError if one is Gaussian and the other categorical */
export function klDivergence(p: Head, q: Head): Tensor1D {
  if (p.kind === 'categorical' && q.kind === 'categorical')
    return tf.sum(tf.mul(tf.exp(p.logProb_BK), tf.sub(p.logProb_BK, q.logProb_BK)), 1);
  if (p.kind === 'gaussian' && q.kind === 'gaussian') {
    const varianceRatio_A = tf.exp(tf.mul(tf.sub(p.logStd_A, q.logStd_A), 2));
    const meanGap_BA = tf.div(tf.sub(p.mean_BA, q.mean_BA), tf.exp(q.logStd_A));
    const scales_A = tf.sub(tf.sub(varianceRatio_A, 1), tf.mul(tf.sub(p.logStd_A, q.logStd_A), 2));
    return tf.sum(tf.mul(tf.add(tf.square(meanGap_BA), scales_A), 0.5), 1);
  }
  throw new TypeError(`Cannot compare a ${p.kind} with a ${q.kind} distribution`);
}

/** Mean entropy over the batch, nats. */
export function meanEntropy(dist: Head): number {
  if (dist.kind === 'categorical')
    return -tf.mean(tf.sum(tf.mul(tf.exp(dist.logProb_BK), dist.logProb_BK), 1)).dataSync()[0]!;
  return tf.sum(tf.add(dist.logStd_A, 0.5 * Math.log(2 * Math.PI * Math.E))).dataSync()[0]!;
}

/** A vector in the space of what a policy outputs: cotangent or tangent of the network's output, and of logStd. */
export interface OutputVector {
  readonly out_BK: Tensor2D;
  /** By ln std, [A], std in action units; a categorical policy has none. */
  readonly logStd_A?: Tensor1D;
}

/**
 * Gradient of sum_b w_b ln pi(a_b | s_b) with respect to the network's output, [B, K], and, of a Gaussian, to ln std, [A]:
 *   Gaussian: w z / std dmean/dout with z = (a - mean) / std, and sum_b w (z^2 - 1);   categorical: w (onehot(a) - pi)
 * @param act_BA action units; discrete actions by number, [B, 1]
 */
export function scoreGradient(dist: Head, act_BA: Tensor2D, weight_B: Tensor1D): OutputVector {
  const weight_B1 = tf.reshape(weight_B, [-1, 1]);
  if (dist.kind === 'categorical') {
    const gap_BK = tf.sub(oneHot(dist.logProb_BK, act_BA), tf.exp(dist.logProb_BK));
    return { out_BK: tf.mul(gap_BK, weight_B1) };
  }
  const std_A = tf.exp(dist.logStd_A);
  const z_BA = tf.div(tf.sub(act_BA, dist.mean_BA), std_A);
  return {
    out_BK: tf.mul(tf.mul(tf.div(z_BA, std_A), dist.meanSlope_BA), weight_B1),
    logStd_A: tf.sum<Tensor1D>(tf.mul(tf.sub(tf.square(z_BA), 1), weight_B1), 0),
  };
}

/**
 * The Fisher metric of every row's distribution, applied to a tangent of the outputs, [B, K], and of ln std, [A], where it
 * is summed over the batch:
 *   Gaussian: v (dmean/dout)^2 / std^2, and 2 B v;   categorical: pi (v - pi'v)
 */
export function fisherMetric(dist: Head, moved: OutputVector): OutputVector {
  if (dist.kind === 'categorical') {
    const prob_BK = tf.exp(dist.logProb_BK);
    const mean_B1 = tf.sum(tf.mul(prob_BK, moved.out_BK), 1, true);
    return { out_BK: tf.mul(prob_BK, tf.sub(moved.out_BK, mean_B1)) };
  }
  const precision_A = tf.exp(tf.mul(dist.logStd_A, -2));
  return {
    out_BK: tf.mul(tf.mul(moved.out_BK, tf.square(dist.meanSlope_BA)), precision_A),
    logStd_A: tf.mul<Tensor1D>(moved.logStd_A!, 2 * dist.mean_BA.shape[0]),
  };
}

function oneHot(logProb_BK: Tensor2D, act_B1: Tensor2D): Tensor2D {
  return tf.cast(
    tf.oneHot(tf.cast(tf.reshape(act_B1, [-1]), 'int32'), logProb_BK.shape[1]),
    'float32',
  ) as Tensor2D;
}
