// The policy's gradient: the imagined rollout and the backward recursion of lib/estimators/pathwise.ts, whose equations and
// names these are. Rows are padded to multiples of 8 numbers; what lies in the padding never becomes a result.
import { Actions, act, Head, makeActions, pull } from './action';
import { alloc, allocRows, allocZeros, padded } from './arena';
import { sigmoidOf, softplusOf } from './functions';
import { backward, copyRows, forward, makeTrace, Net, Trace } from './net';

/** One imagined step. */
@unmanaged
class Step {
  /** Standardised observations without the bound, [B, D]. */
  obs: usize;
  policyTrace: Trace;
  actions: Actions;
  /** One trace a member, from here. */
  modelTraces: usize;
}

/**
 * The gradient, left in `policy`; `results` receives cost and mean logit (f64).
 * @param members pointers to the forward models, `M` of them
 * @param start standardised first observations, [B, D], not padded; `noise` [T, B, A] likewise
 * @param order [T, B], i32: which row meets which member
 * @param anchor standardised next observations of real segments, [T, B, D], not padded; 0: the model's own
 * @param weight of every step's cost, [T, B]
 * @param deltaScale [D], `pairScale` mean and reciprocal of scale of the discriminator's actions, [2, A]: all padded
 * @param predictsDelta whether f = identity + network; else f = network
 * @param total whether states depend on the parameters; else the partial derivative
 * @param belief whether a pair costs D = sigmoid(-logit); else softplus(-logit)
 * @param pairs receives the imagined pairs as the discriminator takes them, [T B, D + A], rows padded
 * @param critic network of (1 - gamma) V after the last step; 0: none. With one, `costs` receives the cost of every pair,
 *   [T, B], and `ends` the critic's output, [B]
 */
export function policyGradient(
  policy: Net,
  discriminator: Net,
  members: usize,
  M: i32,
  head: Head,
  T: i32,
  B: i32,
  start: usize,
  noise: usize,
  order: usize,
  anchor: usize,
  weight: usize,
  predictsDelta: bool,
  deltaScale: usize,
  pairScale: usize,
  pairs: usize,
  clip: f32,
  gamma: f64,
  saturationWeight: f64,
  total: bool,
  belief: bool,
  critic: usize,
  costs: usize,
  ends: usize,
  results: usize,
): void {
  const D = policy.layer(0).inputs;
  const A = head.A;
  const I = D + A;
  const obsRow = (<usize>padded(D)) << 2;
  const actRow = (<usize>head.width) << 2;
  const pairRow = (<usize>padded(I)) << 2;
  const R = B / M;

  // Forward: eq. numbers and names as in pathwise.ts.
  const steps = alloc(T * (<i32>offsetof<Step>() >> 2));
  const modelIn = allocRows(B, padded(I));
  const modelOut = allocRows(B, padded(D));
  const sharedTrace = changetype<usize>(makeTrace(memberOf(members, 0), R));
  let obs = allocZeros(B, padded(D));
  copyRows(start, D, obs, padded(D), B, D);
  let gammaT: f64 = 1;
  let cost: f64 = 0;
  for (let t = 0; t < T; t++) {
    const step = stepOf(steps, t);
    step.obs = obs;
    step.policyTrace = makeTrace(policy, B);
    const seen = allocRows(B, padded(D));
    step.policyTrace.set(0, seen);
    clipTo(seen, obs, B * padded(D), clip);
    forward(policy, step.policyTrace, B);
    step.actions = makeActions(head, B);
    const noiseT = noise + ((<usize>(t * B * A)) << 2);
    const weightT = weight + ((<usize>(t * B)) << 2);
    const squares = act(head, step.actions, step.policyTrace.get(policy.layers), noiseT, weightT, B);
    cost += (gammaT * saturationWeight * squares) / <f64>(B * T);
    const pairsT = pairs + <usize>(t * B) * pairRow;
    copyRows(seen, padded(D), pairsT, padded(I), B, D);
    for (let b: usize = 0; b < <usize>B; b++)
      for (let c: usize = 0; c < (<usize>A) << 2; c += 4) {
        const scaled =
          (load<f32>(step.actions.act + b * actRow + c) - load<f32>(pairScale + c)) *
          load<f32>(pairScale + actRow + c);
        store<f32>(pairsT + b * pairRow + ((<usize>D) << 2) + c, scaled);
      }
    gammaT *= gamma;
    if (t === T - 1 && !critic) break;

    const orderT = order + ((<usize>(t * B)) << 2);
    for (let b: usize = 0; b < <usize>B; b++) {
      const from = <usize>load<i32>(orderT + (b << 2));
      const to = modelIn + b * pairRow;
      copyRows(seen + from * obsRow, D, to, D, 1, D);
      copyRows(step.actions.act + from * actRow, A, to + ((<usize>D) << 2), A, 1, A);
    }
    step.modelTraces = alloc(M);
    const next = allocRows(B, padded(D));
    for (let k = 0; k < M; k++) {
      const model = memberOf(members, k);
      const trace = makeTrace(model, R, sharedTrace);
      trace.set(0, modelIn + <usize>(k * R) * pairRow);
      trace.set(model.layers, modelOut + <usize>(k * R) * obsRow);
      store<usize>(step.modelTraces + ((<usize>k) << 2), changetype<usize>(trace));
      forward(model, trace, R);
    }
    for (let b: usize = 0; b < <usize>B; b++) {
      const from = <usize>load<i32>(orderT + (b << 2));
      for (let c: usize = 0; c < obsRow; c += 16) {
        const change = f32x4.mul(v128.load(modelOut + b * obsRow + c), v128.load(deltaScale + c));
        const held = v128.load(obs + from * obsRow + c);
        v128.store(next + b * obsRow + c, predictsDelta ? f32x4.add(held, change) : change);
      }
    }
    if (anchor) copyRows(anchor + ((<usize>(t * B * D)) << 2), D, next, padded(D), B, D);
    obs = next;
  }

  // Backward: J_s of the step that follows, in that step's order of rows.
  let later = allocRows(B, padded(D));
  let J_s = allocRows(B, padded(D));
  const modelOutCot = modelOut;
  const modelCot = allocRows(B, padded(I));
  const pairCot = allocRows(B, padded(I));
  const policyCot = allocRows(B, padded(D));
  const outCot = allocRows(B, head.width);
  const c_a = allocZeros(B, head.width);
  const f_a = allocZeros(B, head.width);
  const logitCot = allocRows(B, 8);
  const identity = allocRows(B, padded(D));
  const f_s = allocRows(B, padded(D));
  if (critic) {
    const mean = gammaT / (<f64>(B * T) * (1 - gamma));
    cost += mean * judgeEnd(changetype<Net>(critic), obs, B, clip, <f32>mean, ends, later);
  }
  const judged = makeTrace(discriminator, B);
  let logits: f64 = 0;
  let counted: f64 = 0;
  for (let t = T - 1; t >= 0; t--) {
    const step = stepOf(steps, t);
    gammaT /= gamma;
    const mean = gammaT / <f64>(B * T);
    judged.set(0, pairs + <usize>(t * B) * pairRow);
    forward(discriminator, judged, B);
    for (let b: usize = 0; b < <usize>B; b++) {
      const logit = load<f32>(judged.get(discriminator.layers) + (b << 5));
      const w = <f64>load<f32>(weight + ((<usize>(t * B) + b) << 2));
      const share = w * mean;
      logits += w * <f64>logit;
      counted += w;
      const D = sigmoidOf(-logit);
      const c = belief ? D : softplusOf(-logit);
      cost += <f64>c * share;
      if (critic) store<f32>(costs + ((<usize>(t * B) + b) << 2), c);
      store<f32>(logitCot + (b << 5), (belief ? D * (D - 1) : -D) * <f32>share);
    }
    backward(discriminator, judged, B, logitCot, pairCot, false);
    for (let b: usize = 0; b < <usize>B; b++)
      for (let c: usize = 0; c < (<usize>A) << 2; c += 4) {
        const cot = load<f32>(pairCot + b * pairRow + ((<usize>D) << 2) + c);
        store<f32>(c_a + b * actRow + c, cot * load<f32>(pairScale + actRow + c));
      }

    const followed = total && (t < T - 1 || critic);
    if (followed) {
      for (let at: usize = 0, c: usize = 0; at < <usize>B * obsRow; at += 16) {
        v128.store(modelOutCot + at, f32x4.mul(v128.load(later + at), v128.load(deltaScale + c)));
        c = c + 16 === obsRow ? 0 : c + 16;
      }
      for (let k = 0; k < M; k++) {
        const trace = changetype<Trace>(load<usize>(step.modelTraces + ((<usize>k) << 2)));
        const first = <usize>(k * R);
        backward(
          memberOf(members, k),
          trace,
          R,
          modelOutCot + first * obsRow,
          modelCot + first * pairRow,
          false,
        );
      }
      const orderT = order + ((<usize>(t * B)) << 2);
      for (let b: usize = 0; b < <usize>B; b++) {
        const to = <usize>load<i32>(orderT + (b << 2));
        memory.copy(identity + to * obsRow, later + b * obsRow, obsRow);
        memory.copy(f_s + to * obsRow, modelCot + b * pairRow, obsRow);
        copyRows(modelCot + b * pairRow + ((<usize>D) << 2), A, f_a + to * actRow, A, 1, A);
      }
    }
    const saturation = <f32>(mean * saturationWeight);
    pull(head, step.actions, c_a, followed ? f_a : 0, saturation, outCot, B);
    backward(policy, step.policyTrace, B, outCot, policyCot, true); // one summand of J_theta
    const high = f32x4.splat(clip);
    for (let b: usize = 0; b < <usize>B; b++)
      for (let c: usize = 0; c < obsRow; c += 16) {
        const at = b * obsRow + c;
        let cot = f32x4.add(v128.load(pairCot + b * pairRow + c), v128.load(policyCot + at));
        if (followed) cot = f32x4.add(cot, v128.load(f_s + at));
        const inside = f32x4.le(f32x4.abs(v128.load(step.obs + at)), high);
        cot = v128.and(cot, inside);
        if (followed && predictsDelta) cot = f32x4.add(v128.load(identity + at), cot);
        v128.store(J_s + at, cot);
      }
    const done = later;
    later = J_s;
    J_s = done;
  }
  store<f64>(results, cost);
  store<f64>(results, logits / counted, 8);
}

/**
 * The critic's output for the states `obs`, [B, D], at `ends`, and at `cot` its derivative by them, times `share`. Returns
 * the sum of the outputs.
 */
function judgeEnd(critic: Net, obs: usize, B: i32, clip: f32, share: f32, ends: usize, cot: usize): f64 {
  const width = critic.layer(0).inWidth;
  const trace = makeTrace(critic, B);
  trace.set(0, allocRows(B, width));
  clipTo(trace.get(0), obs, B * width, clip);
  forward(critic, trace, B);
  const outCot = allocRows(B, 8);
  let sum: f64 = 0;
  for (let b: usize = 0; b < <usize>B; b++) {
    const value = load<f32>(trace.get(critic.layers) + (b << 5));
    sum += <f64>value;
    store<f32>(ends + (b << 2), value);
    store<f32>(outCot + (b << 5), share);
  }
  backward(critic, trace, B, outCot, cot, false);
  keepInside(cot, obs, B * width, clip);
  return sum;
}

function stepOf(steps: usize, t: i32): Step {
  return changetype<Step>(steps + <usize>t * offsetof<Step>());
}

function memberOf(members: usize, k: i32): Net {
  return changetype<Net>(load<usize>(members + ((<usize>k) << 2)));
}

/** Sets to 0 what lies where x is beyond +-clip, `n` numbers. */
function keepInside(cot: usize, x: usize, n: i32, clip: f32): void {
  const high = f32x4.splat(clip);
  for (let at: usize = 0; at < (<usize>n) << 2; at += 16)
    v128.store(cot + at, v128.and(v128.load(cot + at), f32x4.le(f32x4.abs(v128.load(x + at)), high)));
}

/** to = x bounded to +-clip, `n` numbers. */
function clipTo(to: usize, x: usize, n: i32, clip: f32): void {
  const high = f32x4.splat(clip);
  const low = f32x4.splat(-clip);
  for (let at: usize = 0; at < (<usize>n) << 2; at += 16)
    v128.store(to + at, f32x4.pmin(f32x4.pmax(v128.load(x + at), low), high));
}
