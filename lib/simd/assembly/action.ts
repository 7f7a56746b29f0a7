// Actions from the policy's output and fixed noise, and the way back: lib/models/reparameterised.ts in SIMD.
import { alloc, allocRows, padded } from './arena';
import { exp, expOf, tanh } from './functions';

/** What the policy's action depends on besides network and noise. Vectors are [A], filled up with zeros to a multiple of 8. */
@unmanaged
export class Head {
  /** Length of an action, and of its row in memory. */
  A: i32;
  width: i32;
  discrete: bool;
  mean: usize;
  scale: usize;
  std: usize;
  /** 0: none. */
  bound: f32;
  actBound: f32;
  beyond: f32;
  temperature: f32;
}

/** A head; `vectors` holds mean, scale and log std, one padded row after the other. */
export function makeHead(
  A: i32,
  discrete: bool,
  vectors: usize,
  bound: f32,
  actBound: f32,
  beyond: f32,
  temperature: f32,
): Head {
  const head = changetype<Head>(alloc((<i32>offsetof<Head>() + 3) >> 2));
  head.A = A;
  head.width = padded(A);
  head.discrete = discrete;
  const row = (<usize>head.width) << 2;
  head.mean = vectors;
  head.scale = vectors + row;
  head.std = vectors + 2 * row;
  for (let c: usize = 0; c < row; c += 16) {
    // e^0 = 1 in the padding would let foreign noise in.
    const entry = i32x4.add(i32x4.splat(<i32>(c >> 2)), i32x4(0, 1, 2, 3));
    const inside = i32x4.lt_s(entry, i32x4.splat(A));
    v128.store(head.std + c, v128.and(exp(v128.load(head.std + c)), inside));
  }
  head.bound = bound;
  head.actBound = actBound;
  head.beyond = beyond;
  head.temperature = temperature;
  return head;
}

/** One step's actions, [B, A], rows as wide as the head says, and what their derivative needs. */
@unmanaged
export class Actions {
  act: usize;
  /** d act / d output at the discriminator's door, where the clip is passed straight through, and at the model's. */
  slope: usize;
  modelSlope: usize;
  /** Excess of the mean beyond the allowed range, times its scale: half the derivative of the penalty. */
  excess: usize;
}

/** Room for the actions of `rows` rows. */
export function makeActions(head: Head, rows: i32): Actions {
  const actions = changetype<Actions>(alloc(<i32>offsetof<Actions>() >> 2));
  actions.act = allocRows(rows, head.width);
  actions.slope = allocRows(rows, head.width);
  actions.modelSlope = allocRows(rows, head.width);
  actions.excess = allocRows(rows, head.width);
  return actions;
}

/**
 * Fills in a step's actions; returns the squared excess, summed over rows and entries. `noise` is [B, A], not padded; `weight`
 * is that of every row's excess, [B].
 */
export function act(head: Head, actions: Actions, out: usize, noise: usize, weight: usize, rows: i32): f64 {
  if (head.discrete) {
    actDiscrete(head, actions, out, noise, rows);
    return 0;
  }
  const bounded = head.bound > 0;
  const bound = f32x4.splat(head.bound);
  const high = f32x4.splat(head.actBound);
  const low = f32x4.neg(high);
  const beyond = f32x4.splat(head.beyond);
  let squares: f64 = 0;
  for (let row: usize = 0; row < <usize>rows; row++) {
    const w = load<f32>(weight + (row << 2));
    for (let c: usize = 0; c < (<usize>head.width) << 2; c += 16) {
      const at = ((row * <usize>head.width) << 2) + c;
      const scale = v128.load(head.scale + c);
      const m = f32x4.add(f32x4.mul(v128.load(out + at), scale), v128.load(head.mean + c));
      let mean = m;
      let slope = scale;
      if (bounded) {
        const squashed = tanh(f32x4.div(m, bound));
        mean = f32x4.mul(squashed, bound);
        slope = f32x4.mul(scale, f32x4.sub(f32x4.splat(1), f32x4.mul(squashed, squashed)));
      }
      // Beyond the last entry this reads the next row's noise: the std there is 0.
      const raw = f32x4.add(mean, f32x4.mul(v128.load(noise + c), v128.load(head.std + c)));
      const clipped = f32x4.pmin(f32x4.pmax(raw, low), high);
      const excess = f32x4.sub(m, f32x4.pmin(f32x4.pmax(m, f32x4.neg(beyond)), beyond));
      v128.store(actions.act + at, clipped);
      v128.store(actions.slope + at, slope);
      v128.store(actions.modelSlope + at, v128.and(slope, f32x4.eq(raw, clipped)));
      v128.store(actions.excess + at, f32x4.mul(f32x4.mul(excess, scale), f32x4.splat(w)));
      squares += <f64>w * sumOfSquares(excess);
    }
    noise += (<usize>head.A) << 2;
  }
  return squares;
}

function sumOfSquares(x: v128): f64 {
  const y = f32x4.mul(x, x);
  const low = <f64>f32x4.extract_lane(y, 0) + <f64>f32x4.extract_lane(y, 1);
  return low + <f64>f32x4.extract_lane(y, 2) + <f64>f32x4.extract_lane(y, 3);
}

/** Straight-through Gumbel-softmax: `act` is one-hot, `slope` the soft probabilities. */
function actDiscrete(head: Head, actions: Actions, out: usize, noise: usize, rows: i32): void {
  const end = (<usize>head.A) << 2;
  const width = (<usize>head.width) << 2;
  let hard = actions.act;
  let soft = actions.slope;
  for (let row = 0; row < rows; row++) {
    let best: usize = 0;
    for (let c: usize = 0; c < end; c += 4) {
      store<f32>(soft + c, (load<f32>(out + c) + load<f32>(noise + c)) / head.temperature);
      if (load<f32>(soft + c) > load<f32>(soft + best)) best = c;
    }
    const top = load<f32>(soft + best);
    let sum: f32 = 0;
    for (let c: usize = 0; c < end; c += 4) {
      store<f32>(soft + c, expOf(load<f32>(soft + c) - top));
      sum += load<f32>(soft + c);
      store<f32>(hard + c, c === best ? 1 : 0);
    }
    for (let c: usize = 0; c < end; c += 4) store<f32>(soft + c, load<f32>(soft + c) / sum);
    out += width;
    noise += end;
    hard += width;
    soft += width;
  }
}

/**
 * Cotangents of the actions, [B, width], at the discriminator's door and at the model's (0: no model follows), to that of
 * the network's output. `saturation` is the derivative of the cost by the summed squared excess.
 */
export function pull(
  head: Head,
  actions: Actions,
  atDiscriminator: usize,
  atModel: usize,
  saturation: f32,
  outCot: usize,
  rows: i32,
): void {
  const twice = f32x4.splat(2 * saturation);
  for (let at: usize = 0; at < (<usize>(rows * head.width)) << 2; at += 16) {
    const cot = v128.load(atDiscriminator + at);
    if (head.discrete) {
      v128.store(outCot + at, atModel ? f32x4.add(cot, v128.load(atModel + at)) : cot);
      continue;
    }
    let total = f32x4.mul(cot, v128.load(actions.slope + at));
    total = f32x4.add(total, f32x4.mul(twice, v128.load(actions.excess + at)));
    if (atModel) {
      const slope = v128.load(actions.modelSlope + at);
      total = f32x4.add(total, f32x4.mul(v128.load(atModel + at), slope));
    }
    v128.store(outCot + at, total);
  }
  if (head.discrete) pullSoftmax(head, actions.slope, outCot, rows);
}

function pullSoftmax(head: Head, soft: usize, cot: usize, rows: i32): void {
  for (let row = 0; row < rows; row++) {
    let mean: f32 = 0;
    const end = (<usize>head.A) << 2;
    for (let c: usize = 0; c < end; c += 4) mean += load<f32>(soft + c) * load<f32>(cot + c);
    for (let c: usize = 0; c < end; c += 4)
      store<f32>(cot + c, (load<f32>(soft + c) * (load<f32>(cot + c) - mean)) / head.temperature);
    soft += (<usize>head.width) << 2;
    cot += (<usize>head.width) << 2;
  }
}
