// The problem of estimators/pathwise.ts, the same records, as a system for the reference recursion: double arithmetic, one
// row at a time. Slow and plain: a check of the fast engines on the very networks of a run.
import type { PathwiseProblem } from '../estimators/pathwise.ts';
import { forwardNetRow, isGated } from '../models/forward-network.ts';
import { argmax } from '../models/policy.ts';
import { networkRow } from './network.ts';
import {
  addScaled,
  centralDifferences,
  type DifferentiableSystem,
  recursion,
  rollReference,
} from './recursion.ts';

/** A policy gradient in double precision. */
export interface ReferenceGradient {
  /** d J / d theta, [P]. */
  readonly gradient_P: Float64Array;
  /** J, as `PathwiseGradient.cost`. */
  readonly cost: number;
}

/**
 * What `pathwiseGradient` computes, by the reference recursion. Of Jacobian errors it knows the fixed one only, of weights 1
 * within and 0 beyond a segment's end; it knows no dropout and no soft Gumbel sample.
 * @param params_P the policy's parameters in double precision; default: those of the problem's policy
 */
export function referenceGradient(
  problem: PathwiseProblem,
  params_P: ArrayLike<number> = problem.policy.params_P,
): ReferenceGradient {
  let gradient_P = new Float64Array(params_P.length);
  let cost = 0;
  const { rows, T } = trajectoriesOf(problem);
  for (const { system, start_D, noise_TA } of rows) {
    const trajectory = rollReference(system, params_P, { start_D, noise_TA });
    const { J_theta } = recursion(system, trajectory);
    gradient_P = addScaled(gradient_P, J_theta, 1 / (rows.length * T));
    cost += trajectory.total / (rows.length * T);
  }
  return { gradient_P, cost };
}

/** J alone, for finite differences. */
export function referenceCost(problem: PathwiseProblem, params_P: ArrayLike<number>): number {
  const { rows, T } = trajectoriesOf(problem);
  const totals = rows.map(({ system, ...chance }) => rollReference(system, params_P, chance).total / T);
  return totals.reduce((sum, total) => sum + total / rows.length, 0);
}

/**
 * The batch taken apart into independent trajectories: the ensemble's shuffle moves a row, its state, and its J from
 * place to place, and the place decides which member and which noise it meets.
 */
function trajectoriesOf(problem: PathwiseProblem) {
  const { policy, model, start_BD, noise_TBK, rowOrder_TB, anchor_TBD, weight_TB } = problem;
  const D = model.obsNorm.mean_D.length;
  const K = policy.spec.sizes.at(-1)!;
  const B = start_BD.length / D;
  const T = noise_TBK.length / (B * K);
  const members = model.members.length;
  const { mean_D, scale_D } = model.obsNorm;
  const standardized = (obs_ND: Float32Array, row: number) =>
    Float64Array.from({ length: D }, (_, d) =>
      Math.fround((obs_ND[row * D + d]! - mean_D[d]!) / scale_D[d]!),
    );
  const rows = Array.from({ length: B }, (_, b) => {
    const noise_TA = new Float64Array(T * K);
    const member_T: number[] = [];
    let place = b;
    for (let t = 0; t < T; t++) {
      noise_TA.set(noise_TBK.subarray((t * B + place) * K, (t * B + place + 1) * K), t * K);
      if (members > 1 && !anchor_TBD) place = rowOrder_TB.subarray(t * B, (t + 1) * B).indexOf(place);
      member_T.push(Math.floor((place * members) / B));
    }
    let steps = 0;
    while (steps < T && weight_TB?.[steps * B + b] !== 0) steps++;
    const system = networkSystem(problem, member_T);
    const anchored = anchor_TBD ? withAnchors(system, (t) => standardized(anchor_TBD, t * B + b)) : system;
    return {
      system: problem.derivative === 'partial' ? withFixedStates(anchored) : anchored,
      start_D: standardized(start_BD, b),
      noise_TA: noise_TA.subarray(0, steps * K),
    };
  });
  return { rows, T };
}

/** The system with these next states, [D] for step t, and its own Jacobians. */
export function withAnchors(
  system: DifferentiableSystem,
  anchor: (t: number) => Float64Array,
): DifferentiableSystem {
  return { ...system, model: (s_D, a_A, t) => ({ ...system.model(s_D, a_A, t), next_D: anchor(t) }) };
}

/** The system with next states that depend on nothing. */
export function withFixedStates(system: DifferentiableSystem): DifferentiableSystem {
  const pull = () => ({ s_D: new Float64Array(system.obsSize), a_A: new Float64Array(system.actSize) });
  return { ...system, model: (s_D, a_A, t) => ({ ...system.model(s_D, a_A, t), pull }) };
}

/** Networks and settings of a problem, without the trajectories. */
export type PathwiseNetworks = Omit<PathwiseProblem, 'start_BD' | 'noise_TBK' | 'rowOrder_TB'>;

/**
 * One row's system: standardised observations, actions in action units before the bound.
 * @param member_T the ensemble's member in every step
 */
export function networkSystem(problem: PathwiseNetworks, member_T: readonly number[]): DifferentiableSystem {
  const { discriminator, model, policy: policyRecord, gamma } = problem;
  const { clip } = model.obsNorm;
  const D = model.obsNorm.mean_D.length;
  const A = policyRecord.spec.sizes.at(-1)!;
  const logit = networkRow(discriminator.spec, discriminator.params_P);
  const members = model.members.map(forwardRowWithPull);
  const error_DI = fixedError(problem);
  const seen = (s_D: Float64Array) => s_D.map((s) => Math.max(-clip, Math.min(clip, s)));
  /** Back through the bound on the standardised observation. */
  const unseen = (s_D: Float64Array, v_D: Float64Array) =>
    v_D.map((v, d) => (Math.abs(s_D[d]!) > clip ? 0 : v));
  const bounded = (a_A: Float64Array) =>
    a_A.map((a) => Math.max(-model.actBound, Math.min(model.actBound, a)));
  return {
    obsSize: D,
    actSize: A,
    gamma,
    policy: (theta_P) => policyOf(problem, theta_P, { seen, unseen }),
    cost(s_D, a_A) {
      const { actMean_A, actScale_A } = discriminator;
      const actNorm_A = bounded(a_A).map((a, k) => (a - actMean_A[k]!) / actScale_A[k]!);
      const row = logit([...seen(s_D), ...actNorm_A]);
      const margin = -row.out_O[0]!;
      const belief = 1 / (1 + Math.exp(-margin));
      const asBelief = problem.cost === 'belief';
      // The bound on the action is passed straight through here.
      const v_I = row.pull([asBelief ? belief * (belief - 1) : -belief]);
      return {
        cost: asBelief ? belief : Math.max(margin, 0) + Math.log1p(Math.exp(-Math.abs(margin))),
        c_s: unseen(s_D, v_I.subarray(0, D)),
        c_a: v_I.subarray(D).map((v, k) => v / actScale_A[k]!),
      };
    },
    model(s_D, a_A, t) {
      const row = members[member_T[t]!]!([...seen(s_D), ...bounded(a_A)]);
      const keeps = model.predicts === 'delta' ? 1 : 0;
      return {
        next_D: s_D.map((s, d) => keeps * s + row.out_O[d]! * model.deltaScale_D[d]!),
        pull(v_D) {
          const atOutput_D = v_D.map((v, d) => v * model.deltaScale_D[d]!);
          const v_I = row
            .pull(atOutput_D)
            .map((v, i) =>
              error_DI ? atOutput_D.reduce((sum, each, d) => sum + each * error_DI[d * (D + A) + i]!, v) : v,
            );
          return {
            s_D: addScaled(unseen(s_D, v_I.subarray(0, D)), v_D, keeps),
            a_A: v_I.subarray(D).map((v, k) => (Math.abs(a_A[k]!) > model.actBound ? 0 : v)),
          };
        },
      };
    },
  };
}

function fixedError({ jacobianError }: PathwiseNetworks): Float32Array | undefined {
  if (!jacobianError) return undefined;
  if (!('fixed_DI' in jacobianError))
    throw new TypeError('The reference knows a fixed Jacobian error only: give fixed_DI');
  return jacobianError.fixed_DI;
}

/** a = mean + std xi, or straight-through Gumbel-softmax: one-hot forward, the soft sample's derivative. */
function policyOf(
  { policy, saturationWeight, saturationBeyond, temperature }: PathwiseNetworks,
  theta_P: ArrayLike<number>,
  bound: {
    seen(s_D: Float64Array): Float64Array;
    unseen(s_D: Float64Array, v_D: Float64Array): Float64Array;
  },
): ReturnType<DifferentiableSystem['policy']> {
  const net = networkRow(policy.spec, theta_P);
  return (s_D, xi_A) => {
    const row = net(bound.seen(s_D));
    const pullNet = (v_A: Float64Array) => {
      const byTheta_P = new Float64Array(theta_P.length);
      const v_D = row.pull(v_A, byTheta_P);
      return { s_D: bound.unseen(s_D, v_D), theta_P: byTheta_P };
    };
    if (policy.kind === 'categorical') {
      const weights = row.out_O.map((out, k) => Math.exp((out + xi_A[k]!) / temperature));
      const soft_K = weights.map((w) => w / weights.reduce((sum, each) => sum + each, 0));
      const chosen = argmax(soft_K);
      return {
        act_A: soft_K.map((_, k) => (k === chosen ? 1 : 0)),
        penalty: 0,
        pull(v_A) {
          const mean = soft_K.reduce((sum, p, k) => sum + p * v_A[k]!, 0);
          return pullNet(soft_K.map((p, k) => (p * (v_A[k]! - mean)) / temperature));
        },
      };
    }
    const m_A = row.out_O.map((out, a) => out * policy.actScale_A[a]! + policy.actMean_A[a]!);
    const squashed_A = m_A.map((m) => Math.tanh(m / policy.bound));
    const mean = (m: number, a: number) => (policy.bound > 0 ? policy.bound * squashed_A[a]! : m);
    const excess_A = m_A.map((m) => Math.sign(m) * Math.max(Math.abs(m) - saturationBeyond, 0));
    return {
      act_A: m_A.map((m, a) => mean(m, a) + Math.exp(policy.logStd_A[a]!) * xi_A[a]!),
      penalty: saturationWeight * excess_A.reduce((sum, e) => sum + e * e, 0),
      pull: (v_A, penaltyWeight) =>
        pullNet(
          v_A.map((v, a) => {
            const slope = policy.bound > 0 ? 1 - squashed_A[a]! ** 2 : 1;
            return (v * slope + penaltyWeight * saturationWeight * 2 * excess_A[a]!) * policy.actScale_A[a]!;
          }),
        ),
    };
  };
}

/** A member as a differentiable row. The gated network's Jacobian is taken by differences of its plain row. */
function forwardRowWithPull(net: PathwiseProblem['model']['members'][number]) {
  if (!isGated(net)) return networkRow(net.spec, net.params_P);
  const plain = forwardNetRow(net);
  return (input_I: ArrayLike<number>) => ({
    out_O: plain(input_I).slice(),
    pull: (v_O: ArrayLike<number>) =>
      centralDifferences((x_I) => plain(x_I).reduce((sum, y, o) => sum + y * v_O[o]!, 0), input_I),
  });
}
