// What one policy update of MAIL is about: the trajectories that its gradient goes along, imagined or real, and all that
// chance decides in it, drawn here, so that the gradient itself is a function of plain data (estimators/pathwise.ts).
import { integer, normals, permutation, type Rng, uniform } from '../backend/rng.ts';
import { type ReplayBuffer, sampleRecent } from '../data/buffer.ts';
import type { Pairs } from '../data/types.ts';
import type { PathwiseProblem } from '../estimators/pathwise.ts';
import type { Policy } from '../models/policy.ts';
import type { MailConfig } from './mail-config.ts';
import type { MailNetworks } from './mail-networks.ts';
import {
  drawSegments,
  dropoutFactors,
  gumbel,
  type NoisyCollection,
  newestCollections,
} from './mail-segments.ts';

/** Expert pairs, actions as the environment takes them, and in the form that the discriminator's updates use. */
export interface ExpertRows extends Pairs {
  /** Pairs as the discriminator takes them, [N, I]. */
  readonly pair_NI: Float32Array;
}

/** Where the policy's trajectories come from. */
export interface PolicySources {
  readonly expert: ExpertRows;
  readonly buffer: ReplayBuffer;
  /** Real trajectories, newest last, to go along where rollouts are re-anchored. */
  readonly collections?: readonly NoisyCollection[];
}

/** Starts and noise of imagined trajectories, or real ones, and whatever else chance decides in a policy update. */
export function drawProblem(
  { policy, discriminator, model, critic }: MailNetworks,
  { expert, buffer, collections }: PolicySources,
  config: MailConfig,
  { rng, extras }: { readonly rng: Rng; readonly extras: Rng },
): PathwiseProblem {
  const { horizon: T, starts: B, policyDropout, discriminatorDropout, jacobianNoise } = config;
  const rows = T * B;
  const trajectories =
    config.rollouts === 'imagined'
      ? {
          start_BD: drawStarts(expert, buffer, config, rng),
          noise_TBK: drawNoise(policy, rows, rng),
          rowOrder_TB: drawRowOrders(config, rng),
        }
      : {
          ...drawSegments(newestCollections(collections ?? [], config.segmentSteps), policy, {
            n: B,
            horizon: T,
            rng,
          }),
          rowOrder_TB: new Int32Array(0),
        };
  const [policyH, discriminatorH] = [policy, discriminator].map(({ spec }) => spec.sizes.at(-2)!);
  const I = discriminator.spec.sizes[0]!;
  return {
    policy,
    discriminator,
    model,
    ...trajectories,
    gamma: config.gamma,
    saturationWeight: config.saturationWeight,
    saturationBeyond: config.saturationBeyond,
    temperature: config.temperature,
    gumbel: config.gumbel,
    cost: config.cost,
    derivative: config.derivative,
    learnStd: config.learnStd,
    ...(critic ? { critic: critic.averaged } : {}),
    // Along real trajectories the policy's dropout is that with which they were collected.
    ...(policyDropout > 0 && config.rollouts === 'imagined'
      ? { policyKeep_TBH: dropoutFactors(extras, rows * policyH!, policyDropout) }
      : {}),
    ...(discriminatorDropout > 0
      ? { discriminatorKeep_TBH: dropoutFactors(extras, rows * discriminatorH!, discriminatorDropout) }
      : {}),
    ...(jacobianNoise > 0
      ? { jacobianError: { std: jacobianNoise, noise_TBI: normals(extras, rows * I) } }
      : {}),
  };
}

function drawStarts(expert: ExpertRows, buffer: ReplayBuffer, config: MailConfig, rng: Rng): Float32Array {
  const D = buffer.obsSize;
  const { obs_BD } = sampleRecent(buffer, config.starts, config.recentSteps, rng);
  for (let b = 0; b < config.starts; b++) {
    if (uniform(rng) >= config.expertStarts) continue;
    const row = integer(rng, expert.n);
    obs_BD.set(expert.obs_ND.subarray(row * D, (row + 1) * D), b * D);
  }
  return obs_BD;
}

function drawNoise(policy: Policy, rows: number, rng: Rng): Float32Array {
  const K = policy.spec.sizes.at(-1)!;
  if (policy.kind === 'gaussian') return normals(rng, rows * K);
  return Float32Array.from({ length: rows * K }, () => gumbel(rng));
}

function drawRowOrders({ horizon, starts, modelMembers }: MailConfig, rng: Rng): Int32Array {
  const orders = new Int32Array(modelMembers > 1 ? horizon * starts : 0);
  for (let at = 0; at < orders.length; at += starts) orders.set(permutation(rng, starts), at);
  return orders;
}
