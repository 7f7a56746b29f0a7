// The networks of lib/nn by ordinary tensor operations that the tape can follow, for comparison; lib/ itself has no tape.
import '@tensorflow/tfjs'; // registers the gradients that the tape needs
import { type Tensor2D, tf } from '../../lib/backend/engine.ts';
import type { MlpSpec } from '../../lib/nn/mlp.ts';

/** The network's output, [B, O], for parameters given as a tensor; `keep_BH` are factors of the last hidden layer's units. */
export function applyOnTape(
  spec: MlpSpec,
  params_P: tf.Tensor1D,
  x_BI: tf.Tensor,
  keep_BH?: tf.Tensor,
): Tensor2D {
  const { sizes, activation } = spec;
  let x = x_BI;
  let at = 0;
  for (let l = 0; l + 1 < sizes.length; l++) {
    const [I, O] = [sizes[l]!, sizes[l + 1]!];
    const weight = tf.reshape(tf.slice(params_P, at, I * O), [I, O]) as Tensor2D;
    x = tf.add(tf.matMul(x as Tensor2D, weight), tf.slice(params_P, at + I * O, O));
    at += (I + 1) * O;
    if (l + 2 === sizes.length) break;
    x = activation === 'relu' ? tf.relu(x) : activation === 'tanh' ? tf.tanh(x) : tf.mul(x, tf.sigmoid(x));
    if (keep_BH && l + 3 === sizes.length) x = tf.mul(x, keep_BH);
  }
  return x as Tensor2D;
}

/** d f / d x by the tape. */
export function tapeGradient(f: (x: tf.Tensor1D) => tf.Tensor, at: Float32Array): Float32Array {
  return tf.tidy(
    () =>
      tf
        .grad((x) => f(x as tf.Tensor1D))(tf.tensor1d(at))
        .dataSync() as Float32Array,
  );
}
