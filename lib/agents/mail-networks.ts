// The four networks of MAIL and what each remembers: how they are made, and the three updates, one function each.
import { integer, normals, permutation, type Rng, uniform } from '../backend/rng.ts';
import { type ReplayBuffer, sample, sampleRecent } from '../data/buffer.ts';
import { pathwiseGradient } from '../estimators/pathwise.ts';
import { type Discriminator, discriminatorGradient, pairInputs } from '../models/discriminator.ts';
import { type ForwardModel, modelGradient, modelRows } from '../models/forward-model.ts';
import type { Policy } from '../models/policy.ts';
import { type AdamState, adamStep, initAdam } from '../nn/adam.ts';
import { type MailEngine, simdEngine } from '../simd/engine.ts';
import type { MailConfig } from './mail-config.ts';

/** Expert pairs in the form that the updates use: actions as rows in action units, or one-hot. */
export interface ExpertRows {
  readonly obs_ND: Float32Array;
  /** Pairs as the discriminator takes them, [N, I]. */
  readonly pair_NI: Float32Array;
  readonly n: number;
}

/** The heart of the updates on tensors: the readable one. */
export const tensorEngine: MailEngine = {
  name: 'tfjs',
  pathwiseGradient,
  discriminatorGradient,
  modelGradient,
  adamStep,
};

/** The engine that is asked for, or the one on tensors where WebAssembly has no SIMD; and why, for the record. */
export async function startMailEngine(
  asked: MailConfig['engine'],
): Promise<{ readonly engine: MailEngine; readonly reason: string }> {
  if (asked === 'tfjs') return { engine: tensorEngine, reason: 'asked for' };
  try {
    return { engine: await simdEngine(), reason: 'asked for' };
  } catch (error) {
    if (!(error instanceof WebAssembly.CompileError)) throw error;
    return { engine: tensorEngine, reason: `WebAssembly has no SIMD here (${error.message})` };
  }
}

/** All that learns, and what computes. The `params_P` arrays and the optimisers' states change in place; the records do not. */
export interface MailNetworks {
  readonly policy: Policy;
  /** The same policy with the running average of its weights: this one is deployed. */
  readonly averaged: Policy;
  readonly discriminator: Discriminator;
  readonly model: ForwardModel;
  readonly adam: {
    readonly policy: AdamState;
    readonly discriminator: AdamState;
    readonly members: readonly AdamState[];
  };
  readonly engine: MailEngine;
}

/** Fresh optimiser states around given networks. */
export function mailNetworks(
  policy: Policy,
  discriminator: Discriminator,
  model: ForwardModel,
  engine: MailEngine,
): MailNetworks {
  return {
    policy,
    averaged: { ...policy, params_P: policy.params_P.slice() },
    discriminator,
    model,
    adam: {
      policy: initAdam(policy.params_P.length),
      discriminator: initAdam(discriminator.params_P.length),
      members: model.members.map((member) => initAdam(member.params_P.length)),
    },
    engine,
  };
}

/** One Adam step of every ensemble member, each on its own minibatch of the buffer. Returns the metrics. */
export function updateModel(
  { model, adam, engine }: MailNetworks,
  buffer: ReplayBuffer,
  config: MailConfig,
  rng: Rng,
): Record<string, number> {
  let mse = 0;
  model.members.forEach((member, k) => {
    const step = engine.modelGradient(member, modelRows(model, sample(buffer, config.modelBatch, rng)));
    engine.adamStep(member.params_P, step.gradient_P, adam.members[k]!, { rate: config.modelRate });
    mse += step.mse / model.members.length;
  });
  return { 'model/mse': mse };
}

/** One Adam step of the discriminator on expert pairs against agent pairs, [N, I]. Returns the metrics. */
export function updateDiscriminator(
  { discriminator, adam, engine }: MailNetworks,
  pairs: { readonly expert: ExpertRows; readonly agent_NI: Float32Array },
  config: MailConfig,
  { rateShare, rng }: { readonly rateShare: number; readonly rng: Rng },
): Record<string, number> {
  const I = discriminator.spec.sizes[0]!;
  const expert_BI = drawRows(pairs.expert.pair_NI, I, config.discriminatorBatch, rng);
  const agent_BI = drawRows(pairs.agent_NI, I, config.discriminatorBatch, rng);
  const { gradient_P, metrics } = engine.discriminatorGradient(
    discriminator,
    { expert_BI, agent_BI },
    { penalty: config.gradientPenalty },
  );
  const rate = config.discriminatorRate * rateShare;
  engine.adamStep(discriminator.params_P, gradient_P, adam.discriminator, {
    rate,
    beta1: config.discriminatorBeta1,
  });
  return metrics;
}

/** One Adam step of the policy down the pathwise gradient. Returns the imagined pairs for the discriminator, and metrics. */
export function updatePolicy(
  networks: MailNetworks,
  sources: { readonly expert: ExpertRows; readonly buffer: ReplayBuffer },
  config: MailConfig,
  { rateShare, rng }: { readonly rateShare: number; readonly rng: Rng },
): { readonly pair_NI: Float32Array; readonly metrics: Record<string, number> } {
  const { policy, averaged, discriminator, model, adam, engine } = networks;
  const { gradient_P, cost, pair_NI, meanLogit } = engine.pathwiseGradient({
    policy,
    discriminator,
    model,
    start_BD: drawStarts(sources.expert, sources.buffer, config, rng),
    noise_TBK: drawNoise(policy, config.horizon * config.starts, rng),
    rowOrder_TB: drawRowOrders(config, rng),
    gamma: config.gamma,
    saturationWeight: config.saturationWeight,
    saturationBeyond: config.saturationBeyond,
    temperature: config.temperature,
  });
  engine.adamStep(policy.params_P, gradient_P, adam.policy, { rate: config.policyRate * rateShare });
  const keep = config.averaging;
  policy.params_P.forEach((p, i) => {
    averaged.params_P[i] = keep * averaged.params_P[i]! + (1 - keep) * p;
  });
  const gradNorm = Math.sqrt(gradient_P.reduce((sum, g) => sum + g * g, 0));
  return {
    pair_NI,
    metrics: { 'policy/cost': cost, 'policy/gradNorm': gradNorm, 'policy/imaginedLogit': meanLogit },
  };
}

/** Agent pairs from the latest env steps, as the discriminator takes them. */
export function replayPairs(
  { discriminator }: MailNetworks,
  buffer: ReplayBuffer,
  config: MailConfig,
  rng: Rng,
): Float32Array {
  const batch = sampleRecent(buffer, config.discriminatorBatch, config.recentSteps, rng);
  return pairInputs(discriminator, batch.obs_BD, batch.act_BA);
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
  return Float32Array.from({ length: rows * K }, () => -Math.log(-Math.log(uniform(rng, 1e-9, 1))));
}

function drawRowOrders({ horizon, starts, modelMembers }: MailConfig, rng: Rng): Int32Array {
  const orders = new Int32Array(modelMembers > 1 ? horizon * starts : 0);
  for (let at = 0; at < orders.length; at += starts) orders.set(permutation(rng, starts), at);
  return orders;
}

/** `n` rows drawn with replacement. */
function drawRows(rows_NI: Float32Array, I: number, n: number, rng: Rng): Float32Array {
  const out = new Float32Array(n * I);
  const N = rows_NI.length / I;
  for (let b = 0; b < n; b++) {
    const row = integer(rng, N);
    out.set(rows_NI.subarray(row * I, (row + 1) * I), b * I);
  }
  return out;
}
