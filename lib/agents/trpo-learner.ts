// One update of trust-region policy optimisation (Schulman et al. 2015) with generalised advantage estimation: what the
// experts and the model-free imitators have in common. The state is one plain record, so that a checkpoint is a copy of it.
import { z } from 'zod';
import type { Rng } from '../backend/rng.ts';
import type { Env } from '../envs/types.ts';
import {
  type PolicyBatch,
  type TrustRegionOptions,
  trustRegionStep,
} from '../estimators/natural-gradient.ts';
import { gae } from '../estimators/returns.ts';
import { initCategoricalPolicy, initGaussianPolicy, type Policy } from '../models/policy.ts';
import { type Standardizer, standardizeRows, standardizer } from '../models/standardizer.ts';
import { fitValuesSteps, values } from '../models/value.ts';
import { type AdamState, initAdam } from '../nn/adam.ts';
import { initMlp, type Mlp } from '../nn/mlp.ts';
import { type Collection, joined } from './rollout.ts';

/** Settings of the update, shared by all who learn by it. */
export const trpoLearnerConfig = {
  hidden: z
    .array(z.int().positive())
    .default([64, 64])
    .describe('Hidden layers of policy and value network, tanh'),
  gamma: z.number().gt(0).max(1).default(0.99).describe('Discount'),
  gaeLambda: z.number().min(0).max(1).default(0.95).describe('Lambda of generalised advantage estimation'),
  maxKl: z.number().positive().default(0.01).describe('Trust region: mean KL per update, nats'),
  cgIterations: z.int().positive().default(15).describe('Conjugate-gradient iterations'),
  cgDamping: z.number().min(0).default(0.1).describe('Damping added to the Fisher matrix'),
  valueRate: z.number().positive().default(1e-3).describe("Adam's rate for the value network"),
  valueEpochs: z.int().positive().default(10).describe('Passes over each batch for the value network'),
  valueBatch: z.int().positive().default(128).describe('Minibatch of the value network'),
  initialStd: z.number().positive().default(1).describe('Std of a fresh Gaussian policy, action units'),
  finalStd: z
    .number()
    .positive()
    .default(0.2)
    .describe('Upper bound of that std at the end of training; it falls geometrically'),
};
/** Those settings after defaults. */
export type TrpoLearnerConfig = z.infer<z.ZodObject<typeof trpoLearnerConfig>>;

/** Everything that an update reads and writes. Plain data; `policy` is replaced, the rest changes in place. */
export interface TrpoLearner {
  policy: Policy;
  readonly valueNet: Mlp;
  readonly valueAdam: AdamState;
  readonly obsMoments: Moments;
  readonly rewardScale: RewardScale;
}

/** A learner with a fresh policy and value network for this task. */
export function freshLearner(
  env: Env,
  config: TrpoLearnerConfig & { readonly envs: number },
  rngs: { readonly policy: Rng; readonly value: Rng },
): TrpoLearner {
  const D = env.obsSpace.size;
  const sizes = [D, ...config.hidden, 1];
  const policy = freshPolicy(env, config, rngs.policy);
  const valueNet = initMlp({ sizes, activation: 'tanh' }, rngs.value);
  return {
    policy,
    valueNet,
    valueAdam: initAdam(valueNet.params_P.length),
    obsMoments: { mean_D: new Float64Array(D), square_D: new Float64Array(D), count: 0 },
    rewardScale: { discounted_B: new Float64Array(config.envs), count: 0, mean: 0, square: 0 },
  };
}

/** Steps under the policy as it was when they were collected, and how well each turned out. */
export interface JudgedSteps extends PolicyBatch {
  /** Lambda-returns A + V: with lambda 1 the discounted rewards, bootstrapped where the batch cuts an episode. [N] */
  readonly return_N: Float32Array;
}

/** How a policy learns from a batch: the trust-region step, or another. */
export type PolicyStep = (
  policy: Policy,
  batch: JudgedSteps,
) => { readonly policy: Policy; readonly metrics: Record<string, number> };

/** The natural gradient within a trust region, of standardised advantages. */
function trustRegion(options: TrustRegionOptions): PolicyStep {
  return (policy, batch) => {
    const advantage_N = standardized(batch.advantage_N);
    const step = trustRegionStep(policy, { ...batch, advantage_N }, options);
    const metrics = {
      'policy/kl': step.kl,
      'policy/entropy': step.entropy,
      'policy/accepted': step.accepted ? 1 : 0,
    };
    return { policy: step.policy, metrics };
  };
}

/**
 * One update of policy and value network from what each copy of the environment went through, with pauses in which to stop:
 * the policy is then the old one.
 * @param trained share of training that is behind, 0 to 1: where the bound of the std stands
 * @param policyStep default: the trust-region step
 * @throws Error naming the entry if a gradient is not finite
 * @returns metrics for the record
 */
export function* updateLearner(
  learner: TrpoLearner,
  collections: readonly Collection[],
  config: TrpoLearnerConfig,
  {
    trained,
    minibatches,
    policyStep = trustRegion(config),
  }: { readonly trained: number; readonly minibatches: Rng; readonly policyStep?: PolicyStep },
): Generator<void, Record<string, number>> {
  const { policy, valueNet } = learner;
  const scale = scaleRewards(learner.rewardScale, collections, config.gamma);
  const parts = collections.map((copy) => {
    const obsNorm_TD = standardizeRows(policy.obsNorm, copy.obs_TD);
    const value_T = values(valueNet, obsNorm_TD);
    const nextValue_T = values(valueNet, standardizeRows(policy.obsNorm, copy.nextObs_TD));
    const reward_T = copy.reward_T.map((reward) => reward / scale);
    const { gamma, gaeLambda: lambda } = config;
    return { obsNorm_TD, ...gae({ ...copy, reward_T, value_T, nextValue_T }, { gamma, lambda }) };
  });
  const obsNorm_ND = joined(parts.map(({ obsNorm_TD }) => obsNorm_TD));
  const return_N = joined(parts.map(({ target_T }) => target_T));
  yield;
  const step = policyStep(policy, {
    obsNorm_ND,
    act_NA: joined(collections.map(({ act_TA }) => act_TA)),
    advantage_N: joined(parts.map(({ advantage_T }) => advantage_T)),
    return_N,
  });
  yield;
  const valueLoss = yield* fitValuesSteps(
    valueNet,
    { obsNorm_ND, target_N: return_N },
    {
      adam: learner.valueAdam,
      rate: config.valueRate,
      epochs: config.valueEpochs,
      batchSize: config.valueBatch,
      rng: minibatches,
    },
  );
  addRows(learner.obsMoments, joined(collections.map(({ obs_TD }) => obs_TD)));
  const stdBound = config.initialStd * (config.finalStd / config.initialStd) ** trained;
  learner.policy = { ...withStdAtMost(step.policy, stdBound), obsNorm: standardizerOf(learner.obsMoments) };
  return { ...step.metrics, 'value/loss': valueLoss };
}

function freshPolicy(env: Env, config: TrpoLearnerConfig, rng: Rng): Policy {
  const D = env.obsSpace.size;
  const common = {
    obsNorm: standardizer(new Float32Array(D), new Float32Array(D).fill(1), { floor: 0 }),
    hidden: config.hidden,
    activation: 'tanh' as const,
    lastGain: 0.01,
  };
  if (env.actSpace.type === 'discrete')
    return initCategoricalPolicy({ ...common, actions: env.actSpace.n }, rng);
  const A = env.actSpace.size;
  return initGaussianPolicy(
    {
      ...common,
      actMean_A: new Float32Array(A),
      actScale_A: new Float32Array(A).fill(1),
      bound: 0,
      logStd_A: new Float32Array(A).fill(Math.log(config.initialStd)),
    },
    rng,
  );
}

/**
 * Exploration that ends on time: left to itself the std falls so slowly that a good mean still acts like a bad policy.
 * Differs from the TRPO paper, where the std is learned without a bound.
 */
function withStdAtMost(policy: Policy, bound: number): Policy {
  if (policy.kind === 'categorical') return policy;
  return { ...policy, logStd_A: policy.logStd_A.map((logStd) => Math.min(logStd, Math.log(bound))) };
}

/** The numbers, [N], shifted and scaled to zero mean and unit std: keeps a step independent of the rewards' scale. */
export function standardized(x_N: Float32Array): Float32Array {
  const mean = x_N.reduce((sum, x) => sum + x, 0) / x_N.length;
  const variance = x_N.reduce((sum, x) => sum + (x - mean) ** 2, 0) / x_N.length;
  return x_N.map((x) => (x - mean) / (Math.sqrt(variance) + 1e-8));
}

/** Mean and sum of squared deviations of all observations so far. */
interface Moments {
  readonly mean_D: Float64Array;
  readonly square_D: Float64Array;
  count: number;
}

/** Merges a batch of rows into the moments (Chan et al. 1979). */
function addRows(moments: Moments, obs_ND: Float32Array): void {
  const { mean_D, square_D, count } = moments;
  const D = mean_D.length;
  const n = obs_ND.length / D;
  for (let d = 0; d < D; d++) {
    let mean = 0;
    for (let i = 0; i < n; i++) mean += obs_ND[i * D + d]! / n;
    let square = 0;
    for (let i = 0; i < n; i++) square += (obs_ND[i * D + d]! - mean) ** 2;
    const gap = mean - mean_D[d]!;
    square_D[d] = square_D[d]! + square + (gap * gap * count * n) / (count + n);
    mean_D[d] = mean_D[d]! + (gap * n) / (count + n);
  }
  moments.count += n;
}

function standardizerOf({ mean_D, square_D, count }: Moments): Standardizer {
  const std_D = square_D.map((square) => Math.sqrt(square / count));
  return standardizer(mean_D, std_D, { floor: 1e-4 });
}

/** The running spread of the discounted return; a copy's own sum goes on from batch to batch. */
interface RewardScale {
  readonly discounted_B: Float64Array;
  count: number;
  mean: number;
  square: number;
}

/** Takes the rewards in; the std of the discounted return by which to divide them, so that values stay near 1. */
function scaleRewards(scale: RewardScale, collections: readonly Collection[], gamma: number): number {
  collections.forEach(({ reward_T, terminated_T, truncated_T }, b) => {
    let discounted = scale.discounted_B[b]!;
    reward_T.forEach((reward, t) => {
      discounted = gamma * discounted + reward;
      scale.count++;
      const gap = discounted - scale.mean;
      scale.mean += gap / scale.count;
      scale.square += gap * (discounted - scale.mean);
      if (terminated_T[t] || truncated_T[t]) discounted = 0;
    });
    scale.discounted_B[b] = discounted;
  });
  return Math.sqrt(scale.square / scale.count) + 1e-8;
}
