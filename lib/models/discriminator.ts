// The discriminator: a logit for an observation-action pair, where HIGH MEANS EXPERT, everywhere in this project
// (the MAIL paper's D(s, a) is the belief "this is the agent": D = sigmoid(-logit)). And its training gradient.
import { matMulTransposedLeft, scope, type Tensor1D, type Tensor2D, tf } from '../backend/engine.ts';
import type { Rng } from '../backend/rng.ts';
import {
  backwardDeltas,
  type DenseTrace,
  type DenseWeights,
  forward,
  forwardTraced,
  upload,
  weightGradient,
} from '../nn/dense.ts';
import { initMlp, type Mlp } from '../nn/mlp.ts';
import { joinRows } from './rows.ts';
import { type Standardizer, standardizeRows } from './standardizer.ts';

/** A network over [obsNorm, (clip(act) - actMean) / actScale]. Discrete actions enter as one-hot rows. */
export interface Discriminator extends Mlp {
  readonly obsNorm: Standardizer;
  readonly actMean_A: Float32Array;
  readonly actScale_A: Float32Array;
  /** Actions are clipped to +-actBound before they are scaled, as the simulator does; Infinity for one-hot rows. */
  readonly actBound: number;
}

/** A fresh discriminator with `hidden` ReLU layers of these widths and one logit. */
export function initDiscriminator(
  options: Omit<Discriminator, 'spec' | 'params_P'> & { readonly hidden: readonly number[] },
  rng: Rng,
): Discriminator {
  const { hidden, ...scaling } = options;
  const sizes = [scaling.obsNorm.mean_D.length + scaling.actMean_A.length, ...hidden, 1];
  return { ...scaling, ...initMlp({ sizes, activation: 'relu' }, rng) };
}

/** Observation-action rows as the network takes them, [N, I] with I = D + A. `act_NA` in action units, or one-hot. */
export function pairInputs(
  { obsNorm, actMean_A, actScale_A, actBound }: Discriminator,
  obs_ND: Float32Array,
  act_NA: Float32Array,
): Float32Array {
  const act = act_NA.map((a, i) => {
    const clipped = Math.max(-actBound, Math.min(actBound, a));
    const k = i % actMean_A.length;
    return (clipped - actMean_A[k]!) / actScale_A[k]!;
  });
  return joinRows(standardizeRows(obsNorm, obs_ND), obsNorm.mean_D.length, act, actMean_A.length);
}

/** Logits, [N], nats, for rows prepared by `pairInputs`. High means expert. */
export function expertLogits(net: Mlp, pair_NI: Float32Array): Float32Array {
  return scope(() => forward(upload(net), rows(net, pair_NI)).dataSync() as Float32Array);
}

/** One batch of prepared rows of each kind, [B, I]; the two may differ in length. */
export interface DiscriminatorBatch {
  readonly expert_BI: Float32Array;
  readonly agent_BI: Float32Array;
}

/** Terms of the loss beside the plain cross-entropy. */
export interface DiscriminatorLoss {
  /** Weight of the gradient penalty. */
  readonly penalty: number;
  /** Weight of the expert pairs' part (0.8 in MAIL's code). Default 1. */
  readonly expertWeight?: number;
  /** Dropout: factors of the last hidden layer's units, [N, H], expert rows first. */
  readonly keep_NH?: Float32Array;
}

/**
 * Gradient, [P], of the discriminator's loss
 *   expertWeight E_expert[softplus(-l)] + E_agent[softplus(l)] + penalty E[|grad_x l|^2]
 * (cross-entropy of the GAIL paper, eq. 17, and the zero-centred gradient penalty of Mescheder et al. 2018 on both kinds
 * of points); l is the logit, x a prepared row. The penalty needs no second differentiation: a ReLU network's input
 * gradient is a product of masked matrices, so its derivative is one more pass of the vector 2 grad / N through the same
 * masks.
 * @returns the gradient, and `disc/loss`, the cross-entropy alone, nats; `disc/accuracy`, mean of both kinds'; and with a
 *   penalty `disc/gradientNormSquared`
 * @throws TypeError if there is a penalty and the network is not a ReLU network
 */
export function discriminatorGradient(
  net: Mlp,
  { expert_BI, agent_BI }: DiscriminatorBatch,
  { penalty, expertWeight = 1, keep_NH }: DiscriminatorLoss,
): { readonly gradient_P: Float32Array; readonly metrics: Record<string, number> } {
  checkPenalty(net, penalty);
  return scope(() => {
    const weights = upload(net);
    const x_NI: Tensor2D = tf.concat2d([rows(net, expert_BI), rows(net, agent_BI)], 0);
    const N = x_NI.shape[0];
    const experts = expert_BI.length / net.spec.sizes[0]!;
    const keep = keep_NH && tf.tensor2d(keep_NH, [N, keep_NH.length / N]);
    const { out_BO: logit_N1, trace } = forwardTraced(weights, x_NI, keep);
    // Signed so that the loss of every row is softplus(-sign logit), with the mean taken within each kind.
    const sign_N1 = tf.concat2d([tf.ones([experts, 1]), tf.fill([N - experts, 1], -1)], 0);
    const agents = N - experts;
    const mean_N1 = tf.concat2d([tf.fill([experts, 1], 1 / experts), tf.fill([agents, 1], 1 / agents)], 0);
    const weight_N1 = tf.concat2d(
      [tf.fill([experts, 1], expertWeight / experts), tf.fill([agents, 1], 1 / agents)],
      0,
    );
    const margin_N1 = tf.mul(sign_N1, logit_N1);
    const logitCot_N1 = tf.neg(tf.mul<Tensor2D>(tf.mul(tf.sigmoid(tf.neg(margin_N1)), sign_N1), weight_N1));
    const byLoss_P = weightGradient([{ trace, deltas: backwardDeltas(weights, trace, logitCot_N1) }]);
    const loss = tf.sum(tf.mul(tf.softplus(tf.neg(margin_N1)), weight_N1));
    const correct = tf.sum(tf.mul(tf.cast(tf.greater(margin_N1, 0), 'float32'), mean_N1));
    if (penalty === 0) return finish(byLoss_P, { loss, correct });
    const { squaredNorm, gradient_P } = inputGradientPenalty(weights, trace);
    return finish(tf.add(byLoss_P, tf.mul(gradient_P, penalty)), { loss, correct, squaredNorm });
  });
}

/** Checks that the penalty can be had. @throws TypeError if there is one and the network is not a ReLU network */
export function checkPenalty({ spec }: Mlp, penalty: number): void {
  if (penalty !== 0 && spec.activation !== 'relu')
    throw new TypeError(
      `Cannot take the gradient penalty of a ${spec.activation} network: use ReLU layers or penalty 0`,
    );
}

function finish(
  gradient_P: Tensor1D,
  { loss, correct, squaredNorm }: { loss: tf.Tensor; correct: tf.Tensor; squaredNorm?: tf.Tensor },
) {
  return {
    gradient_P: gradient_P.dataSync() as Float32Array,
    metrics: {
      'disc/loss': loss.dataSync()[0]!,
      'disc/accuracy': correct.dataSync()[0]! / 2,
      ...(squaredNorm ? { 'disc/gradientNormSquared': squaredNorm.dataSync()[0]! } : {}),
    },
  };
}

/**
 * mean |grad_x l|^2 over the rows, and its gradient with respect to the weights, [P] (0 for the biases).
 *   u_L = w_L (the last layer's column), u_l = mask_l * (u_{l+1} W_{l+1}'), grad = u_1 W_1'
 *   v_0 = 2 grad / N, v_l = mask_l * (v_{l-1} W_l);   d/dW_l = v_{l-1}' u_l
 */
function inputGradientPenalty(
  { layers }: DenseWeights,
  trace: DenseTrace,
): { squaredNorm: tf.Tensor; gradient_P: Tensor1D } {
  const N = trace.input[0]!.shape[0];
  const u: Tensor2D[] = [];
  let back: Tensor2D = tf.ones([N, 1]);
  for (let l = layers.length - 1; l >= 0; l--) {
    u[l] = back;
    back = tf.matMul(back, layers[l]!.weightT_OI);
    if (l > 0) back = tf.mul(back, trace.slope[l - 1]!);
  }
  const parts: Tensor1D[] = [];
  let v: Tensor2D = tf.mul(back, 2 / N);
  layers.forEach((layer, l) => {
    parts.push(tf.reshape(matMulTransposedLeft(v, u[l]!), [-1]), tf.zeros([layer.bias_O.shape[0]]));
    if (l + 1 < layers.length) v = tf.mul<Tensor2D>(tf.matMul(v, layer.weight_IO), trace.slope[l]!);
  });
  return { squaredNorm: tf.div(tf.sum(tf.square(back)), N), gradient_P: tf.concat1d(parts) };
}

function rows(net: Mlp, x_NI: Float32Array): Tensor2D {
  const I = net.spec.sizes[0]!;
  return tf.tensor2d(x_NI, [x_NI.length / I, I]);
}

/**
 * `discriminatorGradient` with targets 1 - smoothing for expert and smoothing for agent pairs (Szegedy et al. 2016), by
 * any engine's `gradient`: for a target y the loss is y softplus(-l) + (1 - y) softplus(l), the mean of what right and
 * wrong labels give.
 */
export function smoothedGradient(
  gradient: typeof discriminatorGradient,
  net: Mlp,
  { expert_BI, agent_BI }: DiscriminatorBatch,
  { smoothing, ...loss }: Pick<DiscriminatorLoss, 'penalty'> & { readonly smoothing: number },
): { readonly gradient_P: Float32Array; readonly metrics: Record<string, number> } {
  const right = gradient(net, { expert_BI, agent_BI }, { penalty: loss.penalty / (1 - smoothing) });
  const wrong = gradient(net, { expert_BI: agent_BI, agent_BI: expert_BI }, { penalty: 0 });
  const mix = (r: number, w: number) => (1 - smoothing) * r + smoothing * w;
  return {
    gradient_P: right.gradient_P.map((g, i) => mix(g, wrong.gradient_P[i]!)),
    metrics: {
      ...right.metrics,
      'disc/loss': mix(right.metrics['disc/loss']!, wrong.metrics['disc/loss']!),
    },
  };
}
