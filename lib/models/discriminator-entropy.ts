// The logit-entropy regulariser of GAIL's code (openai/imitation): it rewards a discriminator for doubt, so that its
// logits do not run away from few expert pairs.
import { scope, tf } from '../backend/engine.ts';
import { backwardDeltas, forwardTraced, upload, weightGradient } from '../nn/dense.ts';
import type { Mlp } from '../nn/mlp.ts';
import type { DiscriminatorBatch } from './discriminator.ts';

/**
 * E_expert[H(l)] + E_agent[H(l)], nats, and its gradient, [P]; subtract a small multiple from `discriminatorGradient`.
 * H is the entropy of a coin that shows expert with probability sigmoid(l):
 *   H(l) = softplus(l) - l sigmoid(l),   dH/dl = -l sigmoid(l) sigmoid(-l)
 */
export function logitEntropy(
  net: Mlp,
  { expert_BI, agent_BI }: DiscriminatorBatch,
): { readonly gradient_P: Float32Array; readonly entropy: number } {
  return scope(() => {
    const I = net.spec.sizes[0]!;
    const [experts, agents] = [expert_BI.length / I, agent_BI.length / I];
    const weights = upload(net);
    const x_NI = tf.concat2d([tf.tensor2d(expert_BI, [experts, I]), tf.tensor2d(agent_BI, [agents, I])], 0);
    const { out_BO: logit_N1, trace } = forwardTraced(weights, x_NI);
    const weight_N1 = tf.concat2d([tf.fill([experts, 1], 1 / experts), tf.fill([agents, 1], 1 / agents)], 0);
    const expert_N1 = tf.sigmoid(logit_N1);
    const entropy_N1 = tf.sub(tf.softplus(logit_N1), tf.mul(logit_N1, expert_N1));
    const slope_N1 = tf.neg(tf.mul(tf.mul(logit_N1, expert_N1), tf.sigmoid(tf.neg(logit_N1))));
    const deltas = backwardDeltas(weights, trace, tf.mul<tf.Tensor2D>(slope_N1, weight_N1));
    return {
      gradient_P: weightGradient([{ trace, deltas }]).dataSync() as Float32Array,
      entropy: tf.sum(tf.mul(entropy_N1, weight_N1)).dataSync()[0]!,
    };
  });
}
