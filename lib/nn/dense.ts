// The networks of mlp.ts on tensors: forward in batches, and the three derivatives that the lab needs, written out:
// backward to the input, weight gradients (once for many calls stacked), and forward-mode tangents.
import { matMulTransposedLeft, reluMask, type Tensor1D, type Tensor2D, tanh, tf } from '../backend/engine.ts';
import { type Activation, layerViews, type Mlp, type MlpSpec, paramCount } from './mlp.ts';

/** A network's weights on the engine, [I, O] a layer. Each is transposed once, since a transposed product is slow. */
export interface DenseWeights {
  readonly spec: MlpSpec;
  readonly layers: readonly {
    readonly weight_IO: Tensor2D;
    readonly weightT_OI: Tensor2D;
    readonly bias_O: Tensor1D;
  }[];
}

/**
 * What backward needs of a forward pass: every layer's input, [B, I], and each hidden layer's derivative at its
 * output, [B, O].
 */
export interface DenseTrace {
  readonly input: readonly Tensor2D[];
  readonly slope: readonly Tensor2D[];
}

/** Cotangents at every layer's affine output, [B, O]: with the trace they make the weight gradients. */
export type DenseDeltas = readonly Tensor2D[];

/** Puts a network's weights on the engine. Call inside `scope`, which disposes of them. */
export function upload({ spec, params_P }: Mlp): DenseWeights {
  const layers = layerViews(spec, params_P).map(({ inputs, outputs, weight_IO, bias_O }) => {
    const weight = tf.tensor2d(weight_IO, [inputs, outputs]);
    return { weight_IO: weight, weightT_OI: tf.transpose(weight), bias_O: tf.tensor1d(bias_O) };
  });
  return { spec, layers };
}

/** The network's output, [B, O], for a batch of inputs, [B, I]. */
export function forward(net: DenseWeights, x_BI: Tensor2D): Tensor2D {
  let x = x_BI;
  net.layers.forEach((layer, l) => {
    x = tf.add(tf.matMul(x, layer.weight_IO), layer.bias_O);
    if (l + 1 < net.layers.length) x = activate(net.spec.activation, x);
  });
  return x;
}

/**
 * Forward, and the trace that `backward`, `weightGradient` and `tangent` need.
 * @param keep_BH dropout: factors of the last hidden layer's units, 0 or 1 / (share kept); default: none
 */
export function forwardTraced(
  net: DenseWeights,
  x_BI: Tensor2D,
  keep_BH?: Tensor2D,
): { out_BO: Tensor2D; trace: DenseTrace } {
  const input: Tensor2D[] = [];
  const slope: Tensor2D[] = [];
  let x = x_BI;
  net.layers.forEach((layer, l) => {
    input.push(x);
    x = tf.add(tf.matMul(x, layer.weight_IO), layer.bias_O);
    if (l + 1 === net.layers.length) return;
    const [y, dy] = activateWithSlope(net.spec.activation, x);
    const dropped = keep_BH && l + 2 === net.layers.length;
    slope.push(dropped ? tf.mul(dy, keep_BH) : dy);
    x = dropped ? tf.mul(y, keep_BH) : y;
  });
  return { out_BO: x, trace: { input, slope } };
}

/**
 * The vector-Jacobian product: cotangent of the output, [B, O], to cotangent of the input, [B, I].
 * The deltas that it leaves behind are what `weightGradient` multiplies with the layers' inputs.
 */
export function backward(
  net: DenseWeights,
  trace: DenseTrace,
  outCot_BO: Tensor2D,
): { inCot_BI: Tensor2D; deltas: DenseDeltas } {
  const deltas: Tensor2D[] = [];
  let cot = outCot_BO;
  for (let l = net.layers.length - 1; l >= 0; l--) {
    deltas[l] = cot;
    cot = tf.matMul(cot, net.layers[l]!.weightT_OI);
    if (l > 0) cot = tf.mul(cot, trace.slope[l - 1]!);
  }
  return { inCot_BI: cot, deltas };
}

/** As `backward`, without the product to the input: enough where only the weights learn. */
export function backwardDeltas(net: DenseWeights, trace: DenseTrace, outCot_BO: Tensor2D): DenseDeltas {
  const deltas: Tensor2D[] = [];
  let cot = outCot_BO;
  for (let l = net.layers.length - 1; l >= 0; l--) {
    deltas[l] = cot;
    if (l > 0) cot = tf.mul(tf.matMul(cot, net.layers[l]!.weightT_OI), trace.slope[l - 1]!);
  }
  return deltas;
}

/**
 * The gradient of the summed batch with respect to all parameters, [P], flat as in `Mlp.params_P`, over one or many
 * forward passes: their rows are stacked first, so that a rollout of T steps costs one product a layer, not T.
 */
export function weightGradient(passes: readonly { trace: DenseTrace; deltas: DenseDeltas }[]): Tensor1D {
  const parts: Tensor1D[] = [];
  const layers = passes[0]!.deltas.length;
  for (let l = 0; l < layers; l++) {
    const input_NI = stackRows(passes.map((pass) => pass.trace.input[l]!));
    const delta_NO = stackRows(passes.map((pass) => pass.deltas[l]!));
    parts.push(tf.reshape(matMulTransposedLeft(input_NI, delta_NO), [-1]));
    parts.push(tf.sum(delta_NO, 0));
  }
  return tf.concat1d(parts);
}

/**
 * The Jacobian-vector product: how the output moves when the parameters move along `direction_P`, [B, O].
 * @throws RangeError if the direction has not as many entries as the network has parameters
 */
export function tangent(net: DenseWeights, trace: DenseTrace, direction_P: Float32Array): Tensor2D {
  if (direction_P.length !== paramCount(net.spec))
    throw new RangeError(
      `The direction has ${direction_P.length} entries, the network ${paramCount(net.spec)} parameters`,
    );
  let moved: Tensor2D | undefined;
  for (const [l, { inputs, outputs, weight_IO, bias_O }] of layerViews(net.spec, direction_P).entries()) {
    const weightMove_IO = tf.tensor2d(weight_IO, [inputs, outputs]);
    let total: Tensor2D = tf.add(tf.matMul(trace.input[l]!, weightMove_IO), tf.tensor1d(bias_O));
    if (moved) total = tf.add<Tensor2D>(total, tf.matMul(moved, net.layers[l]!.weight_IO));
    moved = l + 1 < net.layers.length ? tf.mul<Tensor2D>(total, trace.slope[l]!) : total;
  }
  return moved!;
}

function stackRows(tensors: readonly Tensor2D[]): Tensor2D {
  return tensors.length === 1 ? tensors[0]! : tf.concat2d(tensors as Tensor2D[], 0);
}

function activate(activation: Activation, z: Tensor2D): Tensor2D {
  if (activation === 'relu') return tf.relu(z);
  if (activation === 'tanh') return tanh(z);
  return tf.mul(z, tf.sigmoid(z));
}

/** f(z) and f'(z). Swish: y = z s(z), y' = y + s(z) (1 - y). */
function activateWithSlope(activation: Activation, z: Tensor2D): [Tensor2D, Tensor2D] {
  if (activation === 'relu') {
    const y = tf.relu(z);
    return [y, reluMask(y)];
  }
  if (activation === 'tanh') {
    const y = tanh(z);
    return [y, tf.sub(1, tf.mul(y, y)) as Tensor2D];
  }
  const s = tf.sigmoid(z);
  const y = tf.mul(z, s) as Tensor2D;
  return [y, tf.add(y, tf.mul(s, tf.sub(1, y))) as Tensor2D];
}
