// The updates of MAIL, one function each: model, discriminator, policy, and cloning; what chance decides in each is drawn
// here, so that the gradients themselves are functions of plain data.
import { integer, normals, permutation, type Rng, uniform } from '../backend/rng.ts';
import { type ReplayBuffer, sample, sampleRecent } from '../data/buffer.ts';
import { pairsOf } from '../data/demos.ts';
import type { Pairs } from '../data/types.ts';
import type { CostsToGo, PathwiseProblem } from '../estimators/pathwise.ts';
import {
  type Discriminator,
  type DiscriminatorBatch,
  drawRows,
  pairInputs,
  smoothedGradient,
} from '../models/discriminator.ts';
import { modelRows } from '../models/forward-model.ts';
import type { Policy } from '../models/policy.ts';
import { boundSpectralNorms } from '../models/spectral-norm.ts';
import { adamStep } from '../nn/adam.ts';
import { layerViews, type Mlp } from '../nn/mlp.ts';
import type { MailEngine } from '../simd/engine.ts';
import { likelihoodGradient } from './bc.ts';
import type { MailConfig } from './mail-config.ts';
import type { MailNetworks } from './mail-networks.ts';
import {
  countedRows,
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
 * One Adam step of the critic on all states of an imagined rollout, towards (1 - gamma) times the discounted cost that followed
 * there, g_t = (1 - gamma) c_t + gamma g_t+1, from the critic's own average after the last step on; then the average moves.
 * Returns the metrics.
 */
function updateCritic(
  { critic, adam, engine, discriminator }: MailNetworks,
  {
    pair_NI,
    ...rollout
  }: CostsToGo & Pick<PathwiseProblem, 'rowOrder_TB' | 'gamma'> & { pair_NI: Float32Array },
  { criticRate, criticAveraging }: MailConfig,
): Record<string, number> {
  const { learning, averaged } = critic!;
  const target_ND = costsToGo(rollout);
  const I = discriminator.spec.sizes[0]!;
  const D = learning.spec.sizes[0]!;
  const input_NI = new Float32Array(target_ND.length * D);
  target_ND.forEach((_, n) => {
    input_NI.set(pair_NI.subarray(n * I, n * I + D), n * D);
  });
  const { gradient_P, mse } = engine.modelGradient(learning, { input_NI, target_ND });
  engine.adamStep(learning.params_P, gradient_P, adam.critic, { rate: criticRate });
  moveAverage(averaged.params_P, learning.params_P, criticAveraging);
  return { 'critic/mse': mse };
}

/**
 * Discounted costs to come times 1 - gamma, [T, B], of every pair of an imagined rollout: costs, [T, B], what the critic
 * says of the end, [B], and the order in which rows went on after every step, [T, B] or empty.
 */
export function costsToGo({
  cost_TB,
  end_B,
  rowOrder_TB,
  gamma,
}: CostsToGo & Pick<PathwiseProblem, 'rowOrder_TB' | 'gamma'>): Float32Array {
  const B = end_B.length;
  const toGo_TB = new Float32Array(cost_TB.length);
  let next_B = end_B;
  for (let at = cost_TB.length - B; at >= 0; at -= B) {
    for (let row = 0; row < B; row++) {
      const b = rowOrder_TB.length > 0 ? rowOrder_TB[at + row]! : row;
      toGo_TB[at + b] = (1 - gamma) * cost_TB[at + b]! + gamma * next_B[row]!;
    }
    next_B = toGo_TB.subarray(at, at + B);
  }
  return toGo_TB;
}

/** Where the policy's trajectories come from. */
export interface PolicySources {
  readonly expert: ExpertRows;
  readonly buffer: ReplayBuffer;
  /** Real trajectories, newest last, to go along where rollouts are re-anchored. */
  readonly collections?: readonly NoisyCollection[];
}

/** Starts and noise of imagined trajectories, or real ones, and whatever else chance decides in a policy update. */
function drawProblem(
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

function moveAverage(average: Float32Array, now: Float32Array, keep: number): void {
  now.forEach((x, i) => {
    average[i] = keep * average[i]! + (1 - keep) * x;
  });
}
