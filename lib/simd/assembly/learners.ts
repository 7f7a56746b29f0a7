// The gradients of the two networks that learn from batches: a forward model, and the discriminator with its penalty. Rows
// go through in chunks that stay in the processor's nearest caches; the mathematics is explained in lib/models/.
import { allocRows } from './arena';
import { sigmoidOf, softplusOf } from './functions';
import {
  addRows,
  addWeightGradient,
  backward,
  copyRows,
  forward,
  makeTrace,
  multiply,
  Net,
  timesSlope,
} from './net';

/** Rows at a time. */
export const CHUNK = 64;

/**
 * Mean squared error of a forward model over `rows` rows and all entries; its gradient is left in the network.
 * @param input [rows, I] and `target` [rows, O], without padding
 */
export function modelGradient(net: Net, input: usize, target: usize, rows: i32): f64 {
  const I = net.layer(0).inputs;
  const last = net.layer(net.layers - 1);
  const O = last.outputs;
  const trace = makeTrace(net, CHUNK);
  trace.set(0, allocRows(CHUNK, net.layer(0).inWidth));
  const delta = allocRows(CHUNK, last.outWidth);
  const share = <f32>(2.0 / <f64>(rows * O));
  let sum: f64 = 0;
  for (let first = 0; first < rows; first += CHUNK) {
    const n = min(CHUNK, rows - first);
    copyRows(input + ((<usize>(first * I)) << 2), I, trace.get(0), net.layer(0).inWidth, n, I);
    forward(net, trace, n);
    let gaps = delta;
    let out = trace.get(net.layers);
    for (let row = 0; row < n; row++) {
      for (let c: usize = 0; c < (<usize>O) << 2; c += 4) {
        const gap = load<f32>(out + c) - load<f32>(target);
        sum += <f64>gap * <f64>gap;
        store<f32>(gaps + c, gap * share);
        target += 4;
      }
      gaps += (<usize>last.outWidth) << 2;
      out += (<usize>last.outWidth) << 2;
    }
    backward(net, trace, n, delta, 0, true);
  }
  return sum / <f64>(rows * O);
}

/**
 * The discriminator's loss on rows of which the first `experts` are expert pairs: [rows, I], without padding. The gradient is
 * left in the network; `results` receives loss, accuracy and mean squared norm of the input gradient (f64).
 *
 * With one output, every cotangent is u_l, the derivative of the logit, times the cotangent q of the row's logit. So loss and
 * penalty share one product a layer: d/dW_l = (q x_l + penalty v_l)' u_l, with v_l as in lib/models/discriminator.ts.
 */
export function discriminatorGradient(
  net: Net,
  pairs: usize,
  experts: i32,
  rows: i32,
  penalty: f32,
  results: usize,
): void {
  const I = net.layer(0).inputs;
  const width = net.layer(0).inWidth;
  const trace = makeTrace(net, CHUNK);
  trace.set(0, allocRows(CHUNK, width));
  let widest = 8;
  for (let l = 0; l < net.layers; l++) widest = max(widest, net.layer(l).inWidth);
  // The cotangents of the logits: ones, and those of the loss.
  const ones = allocRows(CHUNK, 8);
  const logitCot = allocRows(CHUNK, 8);
  const mixed = allocRows(CHUNK, widest);
  let v = allocRows(CHUNK, widest);
  let next = allocRows(CHUNK, widest);
  for (let row = 0; row < CHUNK; row++) store<f32>(ones + ((<usize>row) << 5), 1);
  let loss: f64 = 0;
  let correct: f64 = 0;
  let squares: f64 = 0;
  for (let first = 0; first < rows; first += CHUNK) {
    const n = min(CHUNK, rows - first);
    copyRows(pairs + ((<usize>(first * I)) << 2), I, trace.get(0), width, n, I);
    forward(net, trace, n);
    for (let row = 0; row < n; row++) {
      const isExpert = first + row < experts;
      const sign: f32 = isExpert ? 1 : -1;
      const weight: f64 = 1.0 / <f64>(isExpert ? experts : rows - experts);
      const margin = sign * load<f32>(trace.get(net.layers) + ((<usize>row) << 5));
      store<f32>(logitCot + ((<usize>row) << 5), -sign * sigmoidOf(-margin) * <f32>weight);
      loss += <f64>softplusOf(-margin) * weight;
      if (margin > 0) correct += weight;
    }
    backward(net, trace, n, ones, v, false);
    squares += startPenalty(v, width, I, n, <f32>(2.0 / <f64>rows));
    for (let l = 0; l < net.layers; l++) {
      const layer = net.layer(l);
      const lastLayer = l + 1 === net.layers;
      const u = lastLayer ? ones : net.layer(l + 1).delta;
      mix(mixed, trace.get(l), logitCot, v, penalty, layer.inWidth, n);
      addWeightGradient(layer, mixed, u, n);
      addRows(layer.biasGrad, u, layer.outWidth, n, logitCot);
      if (lastLayer || penalty === 0) continue;
      multiply(v, layer.inWidth, layer.weight, net.zeros, next, layer.outWidth, n, layer.inputs);
      timesSlope(net.activation, next, trace.get(net.layers + l + 1), n * layer.outWidth);
      const done = v;
      v = next;
      next = done;
    }
  }
  store<f64>(results, loss);
  store<f64>(results, correct / 2, 8);
  store<f64>(results, squares / <f64>rows, 16);
}

/** Sum of the squares of all gradients, which become v_0: `scale` times as large. */
function startPenalty(gradient: usize, width: i32, I: i32, rows: i32, scale: f32): f64 {
  let sum: f64 = 0;
  for (let row = 0; row < rows; row++) {
    for (let c: usize = 0; c < (<usize>I) << 2; c += 4) {
      const g = load<f32>(gradient + c);
      sum += <f64>g * <f64>g;
      store<f32>(gradient + c, g * scale);
    }
    gradient += (<usize>width) << 2;
  }
  return sum;
}

/** to = q x + penalty v, row by row; q is every 8th number. */
function mix(to: usize, x: usize, q: usize, v: usize, penalty: f32, width: i32, rows: i32): void {
  const byPenalty = f32x4.splat(penalty);
  for (let row = 0; row < rows; row++) {
    const byLoss = v128.load32_splat(q);
    for (let c = 0; c < width; c += 4) {
      v128.store(to, f32x4.add(f32x4.mul(byLoss, v128.load(x)), f32x4.mul(byPenalty, v128.load(v))));
      to += 16;
      x += 16;
      v += 16;
    }
    q += 32;
  }
}
