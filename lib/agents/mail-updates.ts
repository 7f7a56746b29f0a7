// The updates of MAIL, one function each: model, discriminator, policy, and cloning; what chance decides in each is drawn
// here, so that the gradients themselves are functions of plain data.
import { integer, normals, type Rng } from '../backend/rng.ts';
import { type ReplayBuffer, sample, sampleRecent } from '../data/buffer.ts';
import { pairsOf } from '../data/demos.ts';
import type { Pairs } from '../data/types.ts';
import {
  type Discriminator,
  type DiscriminatorBatch,
  pairInputs,
  smoothedGradient,
} from '../models/discriminator.ts';
import { modelRows } from '../models/forward-model.ts';
import type { Policy } from '../models/policy.ts';
import { drawRows } from '../models/rows.ts';
import { boundSpectralNorms } from '../models/spectral-norm.ts';
import { adamStep } from '../nn/adam.ts';
import { layerViews, type Mlp } from '../nn/mlp.ts';
import { moveAverage } from '../nn/moving-average.ts';
import type { MailEngine } from '../simd/engine.ts';
import { likelihoodGradient } from './bc.ts';
import type { MailConfig } from './mail-config.ts';
import { updateCritic } from './mail-critic.ts';
import type { MailNetworks } from './mail-networks.ts';
import { drawProblem, type ExpertRows, type PolicySources } from './mail-problem.ts';
import { countedRows, dropoutFactors } from './mail-segments.ts';

/**
 * One Adam step of every ensemble member, each on its own minibatch of the buffer; changes their `params_P` in place.
 * @returns `model/mse`: mean squared error over members, in units of deltaScale
 */
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

/** What is left of the full rate, and the chance in an update. */
export interface UpdateOptions {
  readonly rateShare: number;
  readonly rng: Rng;
  /** Draws what options add (noise on pairs, dropout, errors, cloning), so that they shift no other draw. Default rng. */
  readonly extras?: Rng;
}

/**
 * One Adam step of the discriminator on expert pairs against agent pairs, [N, I]; changes its `params_P` in place.
 * @returns `disc/loss`, nats, `disc/accuracy`, and with a penalty `disc/gradientNormSquared`
 */
export function updateDiscriminator(
  { discriminator, adam, engine }: MailNetworks,
  pairs: { readonly expert: ExpertRows; readonly agent_NI: Float32Array },
  config: MailConfig,
  { rateShare, rng, extras = rng }: UpdateOptions,
): Record<string, number> {
  const I = discriminator.spec.sizes[0]!;
  const n = config.discriminatorBatch;
  const clean_BI = drawRows(pairs.expert.pair_NI, I, n, rng);
  const expert_BI = withNoise(clean_BI, config.expertNoise, extras);
  const agent_BI = withNoise(drawRows(pairs.agent_NI, I, n, rng), config.agentNoise, extras);
  const { gradient_P, metrics } = lossGradient(
    engine,
    discriminator,
    { expert_BI, agent_BI },
    config,
    extras,
  );
  addWeightDecay(gradient_P, discriminator, config.discriminatorWeightDecay);
  engine.adamStep(discriminator.params_P, gradient_P, adam.discriminator, {
    rate: config.discriminatorRate * rateShare,
    beta1: config.discriminatorBeta1,
  });
  if (config.spectralNorm > 0) boundSpectralNorms(discriminator, config.spectralNorm);
  return metrics;
}

function lossGradient(
  engine: MailEngine,
  net: Discriminator,
  batch: DiscriminatorBatch,
  config: MailConfig,
  extras: Rng,
) {
  const { gradientPenalty: penalty, expertWeight, discriminatorDropout: dropout } = config;
  if (config.labelSmoothing > 0)
    return smoothedGradient(engine.discriminatorGradient, net, batch, {
      penalty,
      smoothing: config.labelSmoothing,
    });
  if (dropout === 0) return engine.discriminatorGradient(net, batch, { penalty, expertWeight });
  const keep_NH = dropoutFactors(extras, 2 * config.discriminatorBatch * net.spec.sizes.at(-2)!, dropout);
  return engine.discriminatorGradient(net, batch, { penalty, expertWeight, keep_NH });
}

/**
 * One Adam step of the policy down the pathwise gradient, with the cloning gradient and weight decay if they have weight.
 * Returns the pairs along the way for the discriminator, and metrics.
 */
export function updatePolicy(
  networks: MailNetworks,
  sources: PolicySources,
  config: MailConfig,
  { rateShare, rng, extras = rng }: UpdateOptions,
): { readonly pair_NI: Float32Array; readonly metrics: Record<string, number> } {
  const { policy, averaged, adam, engine } = networks;
  const problem = drawProblem(networks, sources, config, { rng, extras });
  const { gradient_P, gradientLogStd_A, cost, pair_NI, meanLogit, toGo } = engine.pathwiseGradient(problem);
  const gradNorm = Math.sqrt(gradient_P.reduce((sum, g) => sum + g * g, 0));
  if (config.cloningWeight > 0)
    cloningGradient(policy, sources.expert, config, extras).forEach((g, i) => {
      gradient_P[i]! += config.cloningWeight * g;
    });
  addWeightDecay(gradient_P, policy, config.policyWeightDecay);
  const rate = config.policyRate * rateShare;
  engine.adamStep(policy.params_P, gradient_P, adam.policy, { rate });
  moveAverage(averaged.params_P, policy.params_P, config.averaging);
  let std: number | undefined;
  if (policy.kind === 'gaussian' && averaged.kind === 'gaussian' && gradientLogStd_A) {
    adamStep(policy.logStd_A, gradientLogStd_A, adam.logStd, { rate });
    moveAverage(averaged.logStd_A, policy.logStd_A, config.averaging);
    std = policy.logStd_A.reduce((sum, logStd) => sum + Math.exp(logStd), 0) / policy.logStd_A.length;
  }
  const criticMetrics = toGo ? updateCritic(networks, { ...problem, ...toGo, pair_NI }, config) : {};
  return {
    pair_NI: problem.weight_TB ? countedRows(pair_NI, problem.weight_TB) : pair_NI,
    metrics: {
      'policy/cost': cost,
      'policy/gradNorm': gradNorm,
      'policy/imaginedLogit': meanLogit,
      ...(std === undefined ? {} : { 'policy/std': std }),
      ...criticMetrics,
    },
  };
}

/**
 * Gradient, [P], of the cloning loss on `cloningBatch` expert pairs: the mean squared error of the policy's mean in units of
 * the expert's std, over pairs and action entries; for discrete actions the negative log-likelihood, nats.
 */
export function cloningGradient(
  policy: Policy,
  demos: Pairs,
  { cloningBatch }: Pick<MailConfig, 'cloningBatch'>,
  rng: Rng,
): Float32Array {
  const rows = Array.from({ length: cloningBatch }, () => integer(rng, demos.n));
  const pairs = pairsOf(demos, rows);
  if (policy.kind === 'categorical') return likelihoodGradient(policy, pairs);
  // -ln N(a; mean, scale^2) is half the sum of the squared errors that are wanted here, and a constant.
  const logStd_A = policy.actScale_A.map((scale) => Math.log(scale + 1e-3));
  return likelihoodGradient({ ...policy, logStd_A }, pairs).map((g) => (2 * g) / logStd_A.length);
}

/**
 * `discriminatorBatch` agent pairs, [B, I], from the latest `recentSteps` env steps, as the discriminator takes them.
 * @throws RangeError if the buffer is empty
 */
export function replayPairs(
  { discriminator }: MailNetworks,
  buffer: ReplayBuffer,
  config: MailConfig,
  rng: Rng,
): Float32Array {
  const batch = sampleRecent(buffer, config.discriminatorBatch, config.recentSteps, rng);
  return pairInputs(discriminator, batch.obs_BD, batch.act_BA);
}

/** Rows with noise of this std added, in place. */
function withNoise(rows_BI: Float32Array, std: number, rng: Rng): Float32Array {
  if (std > 0)
    normals(rng, rows_BI.length, std).forEach((noise, i) => {
      rows_BI[i]! += noise;
    });
  return rows_BI;
}

/** Adds to a gradient that of decay / 2 |weights|^2, biases apart. */
function addWeightDecay(gradient_P: Float32Array, { spec, params_P }: Mlp, decay: number): void {
  if (decay === 0) return;
  const gradients = layerViews(spec, gradient_P);
  layerViews(spec, params_P).forEach(({ weight_IO }, l) => {
    weight_IO.forEach((w, i) => {
      gradients[l]!.weight_IO[i]! += decay * w;
    });
  });
}
