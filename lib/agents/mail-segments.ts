// Real trajectories with all that made their actions: what a re-anchored policy gradient (pathwise.ts, `anchor_TBD`) goes
// along. The noise is stored as it was drawn, not inferred afterwards.
import { integer, normal, permutation, type Rng, uniform } from '../backend/rng.ts';
import type { EnvState } from '../envs/types.ts';
import type { SimulatorJacobians } from '../estimators/pathwise.ts';
import { type Act, argmax, type Policy } from '../models/policy.ts';
import { standardizeRow } from '../models/standardizer.ts';
import { type MlpSpec, paramCount, rowFunction } from '../nn/mlp.ts';
import { type Collection, type Collector, collect } from './rollout.ts';

/** One collection of one environment, and the chance in every step. */
export interface NoisyCollection extends Collection {
  /** N(0, 1) for a Gaussian policy, Gumbel for a categorical one, [T, K]. */
  readonly noise_TK: Float32Array;
  /** Dropout factors of the policy's last hidden layer, [T, H]; empty without dropout. */
  readonly keep_TH: Float32Array;
  /** The simulator's own Jacobians in every step, where the policy's gradient takes them. */
  readonly jacobians?: StepJacobians;
}

/** In every step of a collection: d next / d [state, action], [T, Z, Z + A], and d observation / d state, [T, D, Z]. */
export interface StepJacobians {
  readonly next_TZI: Float32Array;
  readonly obs_TDZ: Float32Array;
}

/** Segments of equal length, with zero weight beyond each one's end: the fields of a `PathwiseProblem`. */
export interface Segments {
  readonly start_BD: Float32Array;
  readonly noise_TBK: Float32Array;
  readonly anchor_TBD: Float32Array;
  readonly weight_TB: Float32Array;
  readonly policyKeep_TBH?: Float32Array;
  readonly jacobians?: SimulatorJacobians;
}

/** One draw of Gumbel noise: argmax(logits + Gumbel) is distributed as softmax(logits). */
export function gumbel(rng: Rng): number {
  return -Math.log(-Math.log(uniform(rng, 1e-9, 1)));
}

/**
 * `n` dropout factors, [N], 0 or 1 / (1 - dropped), so that their mean is 1.
 * @param dropped share of the units that are dropped, in [0, 1)
 */
export function dropoutFactors(rng: Rng, n: number, dropped: number): Float32Array {
  return Float32Array.from({ length: n }, () => (uniform(rng) < dropped ? 0 : 1 / (1 - dropped)));
}

/**
 * As `collect`, with the policy's actions sampled here, under dropout if any, and the chance in them kept.
 * @param seeState receives the simulator's state before every step and the action, [A], action units
 */
export function collectNoisy(
  collector: Collector,
  policy: Policy,
  steps: number,
  {
    dropout,
    rng,
    seeState,
  }: {
    readonly dropout: number;
    readonly rng: Rng;
    readonly seeState?: (state: EnvState, act_A: Float64Array) => void;
  },
): NoisyCollection {
  const net = networkWithDropout(policy);
  const [H, K] = policy.spec.sizes.slice(-2) as [number, number];
  const obsNorm_D = new Float64Array(policy.obsNorm.mean_D.length);
  const noise: number[] = [];
  const keep: number[] = [];
  const act: Act = (obs) => {
    const keep_H = dropout > 0 ? dropoutFactors(rng, H, dropout) : undefined;
    const xi_K = Array.from({ length: K }, () => (policy.kind === 'gaussian' ? normal(rng) : gumbel(rng)));
    noise.push(...xi_K);
    if (keep_H) keep.push(...keep_H);
    const out_K = net(standardizeRow(policy.obsNorm, obs, obsNorm_D), keep_H);
    if (policy.kind === 'categorical') return argmax(out_K.map((logit, k) => logit + xi_K[k]!));
    const { actMean_A, actScale_A, bound, logStd_A } = policy;
    const act_A = out_K.map((x, a) => {
      const m = x * actScale_A[a]! + actMean_A[a]!;
      return (bound > 0 ? bound * Math.tanh(m / bound) : m) + Math.exp(logStd_A[a]!) * xi_K[a]!;
    });
    seeState?.(collector.env.getState(), act_A);
    return act_A;
  };
  const collection = collect(collector, act, steps, rng);
  return { ...collection, noise_TK: Float32Array.from(noise), keep_TH: Float32Array.from(keep) };
}

/** The policy's network in two pieces, between which units are dropped. The policies of MAIL have ReLU layers. */
function networkWithDropout({ spec, params_P }: Policy) {
  const bodySpec: MlpSpec = { ...spec, sizes: spec.sizes.slice(0, -1) };
  const split = paramCount(bodySpec);
  const body = rowFunction({ spec: bodySpec, params_P: params_P.subarray(0, split) });
  const last = rowFunction({
    spec: { ...spec, sizes: spec.sizes.slice(-2) },
    params_P: params_P.subarray(split),
  });
  return (obsNorm_D: Float64Array, keep_H?: Float32Array): Float64Array => {
    const hidden_H = body(obsNorm_D);
    for (let h = 0; h < hidden_H.length; h++) hidden_H[h] = Math.max(0, hidden_H[h]!) * (keep_H?.[h] ?? 1);
    return last(hidden_H).slice();
  };
}

/** The newest collections that together hold at least `steps` env steps. */
export function newestCollections(
  collections: readonly NoisyCollection[],
  steps: number,
): readonly NoisyCollection[] {
  let kept = 0;
  let from = collections.length;
  while (from > 0 && kept < steps) kept += collections[--from]!.steps;
  return collections.slice(from);
}

/**
 * `n` segments of `horizon` steps: collections in a random order, each again only after all others, from a random step of
 * each on that leaves room for the horizon. A segment counts up to the step that ends its episode.
 */
export function drawSegments(
  collections: readonly NoisyCollection[],
  policy: Policy,
  { n: B, horizon: T, rng }: { readonly n: number; readonly horizon: number; readonly rng: Rng },
): Segments {
  const D = policy.obsNorm.mean_D.length;
  const [H, K] = policy.spec.sizes.slice(-2) as [number, number];
  const dropout = collections[0]!.keep_TH.length > 0;
  const start_BD = new Float32Array(B * D);
  const noise_TBK = new Float32Array(T * B * K);
  const anchor_TBD = new Float32Array(T * B * D);
  const weight_TB = new Float32Array(T * B);
  const policyKeep_TBH = new Float32Array(dropout ? T * B * H : 0);
  const { steps: S, jacobians: some } = collections[0]!;
  const next_TBZI = new Float32Array(some ? (T * B * some.next_TZI.length) / S : 0);
  const obs_TBDZ = new Float32Array(some ? (T * B * some.obs_TDZ.length) / S : 0);
  let order: Int32Array = new Int32Array(0);
  for (let b = 0; b < B; b++) {
    const turn = b % collections.length;
    if (turn === 0) order = permutation(rng, collections.length);
    const { steps, obs_TD, nextObs_TD, noise_TK, keep_TH, jacobians, ...ends } = collections[order[turn]!]!;
    const first = integer(rng, steps - T + 1);
    start_BD.set(obs_TD.subarray(first * D, (first + 1) * D), b * D);
    let weight = 1;
    for (let t = 0; t < T; t++) {
      const [from, to] = [first + t, t * B + b];
      noise_TBK.set(noise_TK.subarray(from * K, (from + 1) * K), to * K);
      anchor_TBD.set(nextObs_TD.subarray(from * D, (from + 1) * D), to * D);
      if (dropout) policyKeep_TBH.set(keep_TH.subarray(from * H, (from + 1) * H), to * H);
      if (jacobians) {
        copyRow(jacobians.next_TZI, [from, steps], next_TBZI, [to, T * B]);
        copyRow(jacobians.obs_TDZ, [from, steps], obs_TBDZ, [to, T * B]);
      }
      weight_TB[to] = weight;
      if (ends.terminated_T[from] || ends.truncated_T[from]) weight = 0;
    }
  }
  return {
    start_BD,
    noise_TBK,
    anchor_TBD,
    weight_TB,
    ...(dropout ? { policyKeep_TBH } : {}),
    ...(some ? { jacobians: { next_TBZI, obs_TBDZ } } : {}),
  };
}

/** Copies one of an array's equal rows to a place in another array: which row, and how many there are. */
function copyRow(
  source: Float32Array,
  [from, rows]: readonly [number, number],
  target: Float32Array,
  [to, targetRows]: readonly [number, number],
): void {
  const size = source.length / rows;
  target.set(source.subarray(from * size, (from + 1) * size), (to * target.length) / targetRows);
}

/** Those of the rows, [N, I], whose step counts: its weight, [N], is above 0. */
export function countedRows(rows_NI: Float32Array, weight_N: Float32Array): Float32Array {
  const I = rows_NI.length / weight_N.length;
  const counted = [...weight_N.keys()].filter((n) => weight_N[n]! > 0);
  const out = new Float32Array(counted.length * I);
  counted.forEach((n, to) => {
    out.set(rows_NI.subarray(n * I, (n + 1) * I), to * I);
  });
  return out;
}
