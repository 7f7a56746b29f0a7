// How good are the learned model's derivatives? The policy gradient along real trajectories with the model's Jacobians,
// held against the one with the simulator's own: the oracle, the most that any model could give.
import { normals, type Rng } from '../backend/rng.ts';
import { stateCoordinates } from '../envs/jacobian.ts';
import type { Env, EnvState } from '../envs/types.ts';
import type { PathwiseCost } from '../estimators/pathwise.ts';
import type { Discriminator } from '../models/discriminator.ts';
import type { ForwardModel } from '../models/forward-model.ts';
import type { GaussianPolicy } from '../models/policy.ts';
import { cosineBetween, norm } from './gradient-variance.ts';
import { oracleSystem } from './oracle-system.ts';
import { networkSystem, type PathwiseNetworks, withAnchors, withFixedStates } from './pathwise-reference.ts';
import {
  addScaled,
  type DifferentiableSystem,
  type ReferenceTrajectory,
  recursion,
  rollReference,
} from './recursion.ts';

/**
 * `model`: along the real trajectories, with the model's Jacobians; `partial`: along the same, states taken as fixed;
 * `imagined`: along the model's own trajectories from the same starts with the same noise.
 */
export type OracleRival = (typeof rivals)[number];
const rivals = ['model', 'partial', 'imagined'] as const;

/** One rival at one horizon against the oracle. */
export interface OracleRow {
  readonly gradient: OracleRival;
  readonly horizon: number;
  /** Trajectories. */
  readonly starts: number;
  /** Steps of the real trajectories in the mean: fewer than the horizon where episodes end before. */
  readonly meanSteps: number;
  /** Of the mean gradient over all trajectories: cosine to the oracle's, and its length over that of the oracle's. */
  readonly cosine: number;
  readonly lengthRatio: number;
  /** Of the single trajectories' gradients: median, and first and ninth decile of the cosine. */
  readonly cosineOfOne: number;
  readonly cosineLow: number;
  readonly cosineHigh: number;
}

/** What is compared, and where. */
export interface OracleComparison {
  readonly policy: GaussianPolicy;
  readonly discriminator: Discriminator;
  readonly model: ForwardModel;
  /** Of the task; moved about, so do not train in it. */
  readonly env: Env;
  /** Simulator states from which the trajectories start: those of `Trajectory.state_Tp1`. */
  readonly starts: readonly EnvState[];
  /** Default 1, 2, 5, 10, 20, 40: prefixes of the same trajectories. */
  readonly horizons?: readonly number[];
  /** Draws the action noise. */
  readonly rng: Rng;
  /** As in `PathwiseProblem`; defaults as in MAIL: 0.99, 'cross-entropy', no saturation penalty. */
  readonly gamma?: number;
  readonly cost?: PathwiseCost;
  readonly saturationWeight?: number;
  readonly saturationBeyond?: number;
  /** Of the central differences: see `OracleOptions`. */
  readonly differenceStep?: number;
}

/**
 * Cosine and length of the policy gradient of J = sum_t gamma^t c against the oracle's, one row a rival and horizon, in
 * double arithmetic. Costs 2 (2 Z + A) simulator steps for every step of a trajectory, Z numbers in a state. With three
 * models, each has its third of the starts.
 * @throws TypeError if actions are discrete; RangeError if there are no starts
 */
export function oracleComparison({
  env,
  starts,
  horizons = [1, 2, 5, 10, 20, 40],
  rng,
  differenceStep,
  ...rest
}: OracleComparison): OracleRow[] {
  if (starts.length === 0) throw new RangeError('Cannot compare gradients over 0 starts: give at least one');
  const networks: PathwiseNetworks = {
    gamma: 0.99,
    saturationWeight: 0,
    saturationBeyond: 2,
    temperature: 1,
    ...rest,
  };
  const { policy, model } = networks;
  const theta_P = Float64Array.from(policy.params_P);
  const longest = Math.max(...horizons);
  const A = policy.spec.sizes.at(-1)!;
  const sums = horizons.map(() => ({
    steps: 0,
    oracle: zeros(theta_P),
    rivals: rivals.map(() => newRival(theta_P)),
  }));
  starts.forEach((start, b) => {
    const member = Math.floor((b * model.members.length) / starts.length);
    const learned = networkSystem(networks, new Array(longest).fill(member));
    const oracle = oracleSystem(env, learned, {
      like: start,
      obsNorm: model.obsNorm,
      ...(differenceStep === undefined ? {} : { differenceStep }),
    });
    const noise_TA = Float64Array.from(normals(rng, longest * A));
    const real = rollReference(oracle, theta_P, { start_D: stateCoordinates(start), noise_TA });
    const seen = real.steps.map(({ s_D }) => oracle.perceive(s_D));
    const chance = { start_D: seen[0]!, noise_TA };
    const sameSteps = { ...chance, noise_TA: noise_TA.subarray(0, real.steps.length * A) };
    const anchored = withAnchors(learned, (t) => seen[t + 1]!);
    const fixed = withFixedStates(anchored);
    const trajectories = {
      model: [anchored, rollReference(anchored, theta_P, sameSteps)],
      partial: [fixed, rollReference(fixed, theta_P, sameSteps)],
      imagined: [learned, rollReference(learned, theta_P, chance)],
    } as const;
    horizons.forEach((horizon, h) => {
      const sum = sums[h]!;
      const gradient = (system: DifferentiableSystem, { steps, total }: ReferenceTrajectory) =>
        recursion(system, { steps: steps.slice(0, horizon), total }).J_theta;
      const truth_P = gradient(oracle, real);
      sum.steps += Math.min(horizon, real.steps.length);
      sum.oracle = addScaled(sum.oracle, truth_P);
      rivals.forEach((name, r) => {
        const rival = sum.rivals[r]!;
        const g_P = gradient(...trajectories[name]);
        rival.total = addScaled(rival.total, g_P);
        rival.cosines.push(cosineBetween(g_P, truth_P));
      });
    });
  });
  return rivals.flatMap((gradient, r) =>
    sums.map(({ steps, oracle, rivals: each }, h) => {
      const { total, cosines } = each[r]!;
      cosines.sort((a, b) => a - b);
      const at = (share: number) => cosines[Math.floor(share * (cosines.length - 1))]!;
      return {
        gradient,
        horizon: horizons[h]!,
        starts: starts.length,
        meanSteps: steps / starts.length,
        cosine: cosineBetween(total, oracle),
        lengthRatio: norm(total) / norm(oracle),
        cosineOfOne: at(0.5),
        cosineLow: at(0.1),
        cosineHigh: at(0.9),
      };
    }),
  );
}

function zeros(like: Float64Array): Float64Array<ArrayBuffer> {
  return new Float64Array(like.length);
}

function newRival(theta_P: Float64Array) {
  return { total: zeros(theta_P), cosines: [] as number[] };
}
