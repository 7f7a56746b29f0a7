// Multi-layer perceptrons: what lib/nn/dense.ts computes on tensors. A network's weights are packed once a call, forward and
// transposed, into the panels that matmul.ts reads.
import { alloc, allocRows, allocZeros, padded } from './arena';
import { sigmoid, tanh } from './functions';
import { matmul } from './matmul';

/** Activations by number, as lib/simd/engine.ts gives them. */
const RELU = 0;
const TANH = 1;

@unmanaged
export class Layer {
  inputs: i32;
  outputs: i32;
  /** Widths of a row in memory. */
  inWidth: i32;
  outWidth: i32;
  /** Panels of 8 outputs by all inputs, and the other way round. */
  weight: usize;
  weightT: usize;
  bias: usize;
  /** Sums over all rows so far: [inputs, outWidth] and [outWidth]. */
  weightGrad: usize;
  biasGrad: usize;
  /** Cotangent at the layer's input, [rows, inWidth], times the slope there. */
  delta: usize;
}

@unmanaged
export class Net {
  layers: i32;
  activation: i32;
  first: usize;
  /** Numbers in the flat parameter array. */
  params: i32;
  /** A row of zeros, as wide as any layer. */
  zeros: usize;

  layer(l: i32): Layer {
    return changetype<Layer>(this.first + <usize>l * offsetof<Layer>());
  }
}

/** A network from its `layers` + 1 sizes (i32) and flat parameters, with room for passes of up to `rows` rows. */
export function makeNet(sizes: usize, layers: i32, activation: i32, params: usize, rows: i32): Net {
  const net = changetype<Net>(alloc(<i32>offsetof<Net>() >> 2));
  net.layers = layers;
  net.activation = activation;
  net.first = alloc(layers * (<i32>offsetof<Layer>() >> 2));
  let at = params;
  let widest = 0;
  for (let l = 0; l < layers; l++) {
    const layer = net.layer(l);
    const inputs = load<i32>(sizes + ((<usize>l) << 2));
    const outputs = load<i32>(sizes + ((<usize>l) << 2), 4);
    layer.inputs = inputs;
    layer.outputs = outputs;
    layer.inWidth = padded(inputs);
    layer.outWidth = padded(outputs);
    widest = max(widest, max(layer.inWidth, layer.outWidth));
    layer.weight = alloc(inputs * layer.outWidth);
    layer.weightT = alloc(outputs * layer.inWidth);
    packPanels(at, (<usize>outputs) << 2, 4, inputs, outputs, layer.weight);
    packPanels(at, 4, (<usize>outputs) << 2, outputs, inputs, layer.weightT);
    at += (<usize>(inputs * outputs)) << 2;
    layer.bias = allocZeros(1, layer.outWidth);
    memory.copy(layer.bias, at, (<usize>outputs) << 2);
    at += (<usize>outputs) << 2;
    layer.weightGrad = allocZeros(inputs, layer.outWidth);
    layer.biasGrad = allocZeros(1, layer.outWidth);
    layer.delta = allocRows(rows, layer.inWidth);
  }
  net.params = <i32>((at - params) >> 2);
  net.zeros = allocZeros(1, widest);
  return net;
}

/** Matrix (row, col) at m + row rowStride + col colStride into panels of 8 columns, the last one filled up with zeros. */
function packPanels(m: usize, rowStride: usize, colStride: usize, rows: i32, cols: i32, to: usize): void {
  for (let first = 0; first < cols; first += 8) {
    const n = min(8, cols - first);
    let from = m + <usize>first * colStride;
    for (let row = 0; row < rows; row++) {
      if (n === 8 && colStride === 4) {
        v128.store(to, v128.load(from));
        v128.store(to, v128.load(from, 16), 16);
      } else {
        let entry = from;
        for (let c = 0; c < 8; c++) {
          store<f32>(to + ((<usize>c) << 2), c < n ? load<f32>(entry) : 0);
          entry += colStride;
        }
      }
      from += rowStride;
      to += 32;
    }
  }
}

/** The gradient as a flat array, laid out as the parameters. */
export function collectGradient(net: Net, to: usize): void {
  for (let l = 0; l < net.layers; l++) {
    const layer = net.layer(l);
    copyRows(layer.weightGrad, layer.outWidth, to, layer.outputs, layer.inputs, layer.outputs);
    to += (<usize>(layer.inputs * layer.outputs)) << 2;
    memory.copy(to, layer.biasGrad, (<usize>layer.outputs) << 2);
    to += (<usize>layer.outputs) << 2;
  }
}

/** Copies the first `cols` numbers of every row; `fromWidth` and `toWidth` are the lengths of rows in memory. */
export function copyRows(from: usize, fromWidth: i32, to: usize, toWidth: i32, rows: i32, cols: i32): void {
  for (let row = 0; row < rows; row++) {
    for (let c = 0; c < cols; c++) {
      store<f32>(to + ((<usize>c) << 2), load<f32>(from + ((<usize>c) << 2)));
    }
    from += (<usize>fromWidth) << 2;
    to += (<usize>toWidth) << 2;
  }
}

/**
 * What backward needs of a forward pass: pointers to every layer's input (entry 0 is for the caller to set) and to the
 * output (entry `layers`), then for swish to every hidden layer's slope; ReLU's and tanh's follow from the layer's output.
 */
@unmanaged
export class Trace {
  get(entry: i32): usize {
    return load<usize>(changetype<usize>(this) + ((<usize>entry) << 2));
  }
  set(entry: i32, pointer: usize): void {
    store<usize>(changetype<usize>(this) + ((<usize>entry) << 2), pointer);
  }
}

/** A trace for `rows` rows. With `shared` it writes the layers' outputs where that one does: enough if no weight learns. */
export function makeTrace(net: Net, rows: i32, shared: usize = 0): Trace {
  const layers = net.layers;
  const trace = changetype<Trace>(alloc(2 * layers + 1));
  trace.set(0, 0);
  for (let l = 1; l <= layers; l++) {
    const width = net.layer(l - 1).outWidth;
    // What ReLU and tanh put out is also their slope, so it cannot be shared.
    const own = !shared || (net.activation <= TANH && l < layers);
    trace.set(l, own ? allocRows(rows, width) : changetype<Trace>(shared).get(l));
    if (l < layers) trace.set(layers + l, net.activation <= TANH ? trace.get(l) : allocRows(rows, width));
  }
  return trace;
}

/** The network's output for `rows` rows at entry 0, into the trace. */
export function forward(net: Net, trace: Trace, rows: i32): void {
  for (let l = 0; l < net.layers; l++) {
    const layer = net.layer(l);
    const to = trace.get(l + 1);
    multiply(trace.get(l), layer.inWidth, layer.weight, layer.bias, to, layer.outWidth, rows, layer.inputs);
    if (l + 1 < net.layers)
      activate(net.activation, to, trace.get(net.layers + l + 1), rows * layer.outWidth);
  }
}

/** y = x W + start for packed weights. */
export function multiply(
  x: usize,
  xWidth: i32,
  panels: usize,
  start: usize,
  y: usize,
  yWidth: i32,
  rows: i32,
  inner: i32,
): void {
  matmul(
    x,
    (<usize>xWidth) << 2,
    4,
    panels,
    (<usize>inner) << 5,
    32,
    start,
    0,
    y,
    (<usize>yWidth) << 2,
    rows,
    yWidth,
    inner,
  );
}

/** In place on `n` numbers; swish also writes its slope. y = z s(z), y' = y + s(z) (1 - y). */
function activate(kind: i32, y: usize, slope: usize, n: i32): void {
  const end = y + ((<usize>n) << 2);
  if (kind === RELU) {
    for (; y < end; y += 16) v128.store(y, f32x4.pmax(v128.load(y), f32x4.splat(0)));
  } else if (kind === TANH) {
    for (; y < end; y += 16) v128.store(y, tanh(v128.load(y)));
  } else {
    for (; y < end; y += 16) {
      const z = v128.load(y);
      const s = sigmoid(z);
      const out = f32x4.mul(z, s);
      v128.store(y, out);
      v128.store(slope, f32x4.add(out, f32x4.mul(s, f32x4.sub(f32x4.splat(1), out))));
      slope += 16;
    }
  }
}

/** delta *= slope, on `n` numbers. */
export function timesSlope(kind: i32, delta: usize, slope: usize, n: i32): void {
  const end = delta + ((<usize>n) << 2);
  for (; delta < end; delta += 16) {
    const d = v128.load(delta);
    const s = v128.load(slope);
    if (kind === RELU) v128.store(delta, v128.and(d, f32x4.gt(s, f32x4.splat(0))));
    else if (kind === TANH) v128.store(delta, f32x4.mul(d, f32x4.sub(f32x4.splat(1), f32x4.mul(s, s))));
    else v128.store(delta, f32x4.mul(d, s));
    slope += 16;
  }
}

/**
 * From the cotangent of the output, [rows, outWidth], to that of the input at `inCot` (0: not wanted). The cotangents
 * between stay in the layers' `delta`; with `learn` the weight gradients are added to.
 */
export function backward(net: Net, trace: Trace, rows: i32, outCot: usize, inCot: usize, learn: bool): void {
  let cot = outCot;
  for (let l = net.layers - 1; l >= 0; l--) {
    const layer = net.layer(l);
    if (learn) {
      addWeightGradient(layer, trace.get(l), cot, rows);
      addRows(layer.biasGrad, cot, layer.outWidth, rows, 0);
    }
    const to = l > 0 ? layer.delta : inCot;
    if (!to) return;
    multiply(cot, layer.outWidth, layer.weightT, net.zeros, to, layer.inWidth, rows, layer.outputs);
    if (l > 0) timesSlope(net.activation, to, trace.get(net.layers + l), rows * layer.inWidth);
    cot = to;
  }
}

/** weightGrad += x' delta. */
export function addWeightGradient(layer: Layer, x: usize, delta: usize, rows: i32): void {
  const width = (<usize>layer.outWidth) << 2;
  const to = layer.weightGrad;
  matmul(
    x,
    4,
    (<usize>layer.inWidth) << 2,
    delta,
    32,
    width,
    to,
    width,
    to,
    width,
    layer.inputs,
    layer.outWidth,
    rows,
  );
}

/** sum += the rows, each times its weight at `weights` (every 8th number; 0: no weights). */
export function addRows(sum: usize, row: usize, width: i32, rows: i32, weights: usize): void {
  for (let c: usize = 0; c < (<usize>width) << 2; c += 16) {
    let total = v128.load(sum + c);
    let at = row + c;
    let weight = weights;
    for (let r = 0; r < rows; r++) {
      let x = v128.load(at);
      if (weights) x = f32x4.mul(x, v128.load32_splat(weight));
      total = f32x4.add(total, x);
      at += (<usize>width) << 2;
      weight += 32;
    }
    v128.store(sum + c, total);
  }
}
