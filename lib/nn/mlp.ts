// Multi-layer perceptrons as plain data: one flat parameter array, a layout, an initialisation, and acting without
// a tensor engine. dense.ts computes the same networks on tensors, in batches, with derivatives.
import { normal, type Rng } from '../backend/rng.ts';

/** What follows every hidden layer. */
export type Activation = 'relu' | 'tanh' | 'swish';

/** Layer widths from input to output, and the activation of every hidden layer. The output layer is linear. */
export interface MlpSpec {
  readonly sizes: readonly number[];
  readonly activation: Activation;
}

/** A network: its layout and all of its parameters, [P], layer by layer: weights [I, O] row-major, then biases [O]. */
export interface Mlp {
  readonly spec: MlpSpec;
  readonly params_P: Float32Array;
}

/** One layer's place in the flat array. `weight_IO` and `bias_O` are views, not copies. */
export interface LayerView {
  readonly inputs: number;
  readonly outputs: number;
  readonly weight_IO: Float32Array;
  readonly bias_O: Float32Array;
}

/** Number of parameters of a network. */
export function paramCount({ sizes }: MlpSpec): number {
  let count = 0;
  for (let l = 0; l + 1 < sizes.length; l++) count += (sizes[l]! + 1) * sizes[l + 1]!;
  return count;
}

/**
 * The layers of a flat parameter array, as views onto it.
 * @throws RangeError if the array's length is not the layout's
 */
export function layerViews(spec: MlpSpec, params_P: Float32Array): LayerView[] {
  if (params_P.length !== paramCount(spec))
    throw new RangeError(
      `A network of sizes ${spec.sizes.join('-')} has ${paramCount(spec)} parameters, but ${params_P.length} were given`,
    );
  const layers: LayerView[] = [];
  let at = 0;
  for (let l = 0; l + 1 < spec.sizes.length; l++) {
    const inputs = spec.sizes[l]!;
    const outputs = spec.sizes[l + 1]!;
    const weight_IO = params_P.subarray(at, at + inputs * outputs);
    const bias_O = params_P.subarray(at + inputs * outputs, at + (inputs + 1) * outputs);
    layers.push({ inputs, outputs, weight_IO, bias_O });
    at += (inputs + 1) * outputs;
  }
  return layers;
}

/**
 * A fresh network: weights from N(0, gain^2 / inputs) with gain sqrt(2) for ReLU and swish (He et al. 2015) and 1 for
 * tanh; the last layer with `lastGain` (small for policies, so that they start near their mean); biases 0.
 */
export function initMlp(spec: MlpSpec, rng: Rng, { lastGain = 1 }: { lastGain?: number } = {}): Mlp {
  const params_P = new Float32Array(paramCount(spec));
  const layers = layerViews(spec, params_P);
  layers.forEach(({ inputs, weight_IO }, l) => {
    const gain = l === layers.length - 1 ? lastGain : spec.activation === 'tanh' ? 1 : Math.SQRT2;
    for (let i = 0; i < weight_IO.length; i++) weight_IO[i] = (gain / Math.sqrt(inputs)) * normal(rng);
  });
  return { spec, params_P };
}

/**
 * A function that computes the network's output, [O], for one input row, [I], in plain arithmetic: for acting, where a
 * batch has one row and a tensor engine would cost more than the network. The array it returns is reused by the next call.
 */
export function rowFunction({ spec, params_P }: Mlp): (input_I: ArrayLike<number>) => Float64Array {
  const layers = layerViews(spec, params_P);
  const outputs = layers.map((layer) => new Float64Array(layer.outputs));
  return (input_I) => {
    let x: ArrayLike<number> = input_I;
    for (let l = 0; l < layers.length; l++) {
      const y = outputs[l]!;
      affineRow(layers[l]!, x, y);
      if (l + 1 < layers.length) activateRow(spec.activation, y);
      x = y;
    }
    return outputs[outputs.length - 1]!;
  };
}

/** y = x W + b, walking W row by row as it lies in memory. */
function affineRow(
  { inputs, outputs, weight_IO, bias_O }: LayerView,
  x: ArrayLike<number>,
  y: Float64Array,
): void {
  for (let o = 0; o < outputs; o++) y[o] = bias_O[o]!;
  for (let i = 0; i < inputs; i++) {
    const xi = x[i]!;
    if (xi === 0) continue;
    const row = i * outputs;
    for (let o = 0; o < outputs; o++) y[o] = y[o]! + xi * weight_IO[row + o]!;
  }
}

function activateRow(activation: Activation, y: Float64Array): void {
  if (activation === 'relu') for (let i = 0; i < y.length; i++) y[i] = Math.max(0, y[i]!);
  else if (activation === 'tanh') for (let i = 0; i < y.length; i++) y[i] = Math.tanh(y[i]!);
  else for (let i = 0; i < y.length; i++) y[i] = y[i]! / (1 + Math.exp(-y[i]!));
}
