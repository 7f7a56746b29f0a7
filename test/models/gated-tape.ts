// Forward models' networks by ordinary tensor operations that the tape can follow, written without lib/'s derivatives.
import { type Tensor2D, tf } from '../../lib/backend/engine.ts';
import { type ForwardNet, isGated } from '../../lib/models/forward-network.ts';
import { type GatedSpec, gatedParamCount } from '../../lib/models/gated-network.ts';
import { applyOnTape } from '../nn/tape.ts';

/** The network's output, [B, D], its parameters held constant. */
export function applyForwardNetOnTape(net: ForwardNet, input_BI: tf.Tensor): Tensor2D {
  const params_P = tf.tensor1d(net.params_P);
  return isGated(net)
    ? applyGatedOnTape(net.spec, params_P, input_BI)
    : applyOnTape(net.spec, params_P, input_BI);
}

/** The released code's equations in its own names, with h = 1; parameters in the order of the layers. */
export function applyGatedOnTape(spec: GatedSpec, params_P: tf.Tensor1D, input_BI: tf.Tensor): Tensor2D {
  const { obsSize: D, actSize: A, width: H } = spec;
  let at = 0;
  const dense = (x: tf.Tensor, I: number, O: number): tf.Tensor => {
    const weight = tf.reshape(tf.slice(params_P, at, I * O), [I, O]) as Tensor2D;
    const bias = tf.slice(params_P, at + I * O, O);
    at += (I + 1) * O;
    return tf.add(tf.matMul(x as Tensor2D, weight), bias);
  };
  const x = tf.relu(dense(tf.slice(input_BI, [0, 0], [-1, D]), D, H));
  const gates = tf.sigmoid(dense(x, H, 2 * H));
  const r = tf.slice(gates, [0, 0], [-1, H]);
  const z = tf.slice(gates, [0, H], [-1, H]);
  const candidate = tf.tanh(dense(tf.concat([x, r], 1), 2 * H, H));
  const es = tf.sigmoid(dense(tf.add(tf.mul(tf.sub(1, z), candidate), z), H, H));
  const ea = tf.sigmoid(dense(tf.relu(dense(tf.slice(input_BI, [0, D], [-1, A]), A, H)), H, H));
  let fused = tf.mul(es, ea);
  for (let l = 0; l < 3; l++) fused = tf.relu(dense(fused, H, H));
  const out = dense(fused, H, D);
  if (at !== gatedParamCount(spec))
    throw new Error(`The twin used ${at} of ${gatedParamCount(spec)} parameters`);
  return out as Tensor2D;
}
