// The state-value network V(s) that a model-free learner subtracts and bootstraps from.

import { scope, tf } from '../backend/engine.ts';
import { finish } from '../backend/pauses.ts';
import { permutation, type Rng } from '../backend/rng.ts';
import { type AdamState, adamStep } from '../nn/adam.ts';
import { backwardDeltas, forward, forwardTraced, upload, weightGradient } from '../nn/dense.ts';
import type { Mlp } from '../nn/mlp.ts';

/** V(s), [N], in the unit of the targets that it was fitted to, for standardised observations, [N, D]. */
export function values(net: Mlp, obsNorm_ND: Float32Array): Float32Array {
  return scope(() => {
    const D = net.spec.sizes[0]!;
    return forward(
      upload(net),
      tf.tensor2d(obsNorm_ND, [obsNorm_ND.length / D, D]),
    ).dataSync() as Float32Array;
  });
}

/**
 * Regression of V on targets by Adam on shuffled minibatches of the mean squared error. Changes `net.params_P` and
 * `adam` in place.
 * @returns mean squared error over the last epoch, while it learnt
 */
export function fitValues(net: Mlp, data: ValueTargets, options: FitValuesOptions): number {
  return finish(fitValuesSteps(net, data, options));
}

/** Standardised observations, [N, D], and the values to be, [N]. */
export interface ValueTargets {
  readonly obsNorm_ND: Float32Array;
  readonly target_N: Float32Array;
}

/** How values are fitted; `adam` changes in place. */
export interface FitValuesOptions {
  readonly adam: AdamState;
  readonly rate: number;
  readonly epochs: number;
  readonly batchSize: number;
  readonly rng: Rng;
}

/** As `fitValues`, with a pause in which to stop after every minibatch. */
export function* fitValuesSteps(
  net: Mlp,
  data: ValueTargets,
  options: FitValuesOptions,
): Generator<void, number> {
  const D = net.spec.sizes[0]!;
  const N = data.target_N.length;
  let error = 0;
  for (let epoch = 0; epoch < options.epochs; epoch++) {
    const order = permutation(options.rng, N);
    error = 0;
    for (let at = 0; at < N; at += options.batchSize) {
      const rows = order.subarray(at, at + options.batchSize);
      const obs = new Float32Array(rows.length * D);
      const target = new Float32Array(rows.length);
      rows.forEach((row, i) => {
        obs.set(data.obsNorm_ND.subarray(row * D, (row + 1) * D), i * D);
        target[i] = data.target_N[row]!;
      });
      const { gradient_P, loss } = valueGradient(net, obs, target);
      adamStep(net.params_P, gradient_P, options.adam, { rate: options.rate });
      error += (loss * rows.length) / N;
      yield;
    }
  }
  return error;
}

function valueGradient(net: Mlp, obsNorm_BD: Float32Array, target_B: Float32Array) {
  return scope(() => {
    const B = target_B.length;
    const weights = upload(net);
    const { out_BO, trace } = forwardTraced(weights, tf.tensor2d(obsNorm_BD, [B, net.spec.sizes[0]!]));
    const gap_B1 = tf.sub(out_BO, tf.tensor2d(target_B, [B, 1]));
    const deltas = backwardDeltas(weights, trace, tf.mul(gap_B1, 2 / B));
    const gradient_P = weightGradient([{ trace, deltas }]).dataSync() as Float32Array;
    return { gradient_P, loss: tf.mean(tf.square(gap_B1)).dataSync()[0]! };
  });
}
