// Trust-region policy optimisation (Schulman et al. 2015) with generalised advantage estimation: how the lab makes its
// experts, and the model-free generator of adversarial imitation, which gives `rewards` of its own.
import { z } from 'zod';
import { engineVersions, startEngine } from '../backend/engine.ts';
import { type Rng, stream } from '../backend/rng.ts';
import type { Env } from '../envs/types.ts';
import { trustRegionStep } from '../estimators/natural-gradient.ts';
import { gae } from '../estimators/returns.ts';
import type { EvaluationLine, OnEvent } from '../experiment/record.ts';
import { actor, initCategoricalPolicy, initGaussianPolicy, type Policy } from '../models/policy.ts';
import { type Standardizer, standardizeRows, standardizer } from '../models/standardizer.ts';
import { fitValues, values } from '../models/value.ts';
import { initAdam } from '../nn/adam.ts';
import { initMlp, type Mlp } from '../nn/mlp.ts';
import { parseConfig } from './parse-config.ts';
import { type Collection, collect, evaluate, startCollector } from './rollout.ts';
import { breathe, means, stopWatch, type TrainOptions, withEnvs } from './training.ts';

export const trpoConfig = z.strictObject({
  totalSteps: z.int().positive().default(1_000_000).describe('Env steps of training'),
  batchSteps: z.int().positive().default(2048).describe('Env steps per policy update'),
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
  evalEvery: z.int().positive().default(100_000).describe('Env steps between evaluations'),
  evalEpisodes: z.int().positive().default(10).describe('Episodes per evaluation'),
});
/** Settings after defaults. */
export type TrpoConfig = z.infer<typeof trpoConfig>;
/** Settings as a caller writes them. */
export type TrpoOptions = z.input<typeof trpoConfig>;

export interface TrpoResult {
  /** The policy as the last update left it. */
  readonly policy: Policy;
  /** The policy of the best evaluation with sampled actions: what an expert is taken from. Judge it on fresh episodes. */
  readonly best: Policy;
  readonly valueNet: Mlp;
  readonly envSteps: number;
}

/**
 * Trains a policy on the environment's own reward.
 * @param setup.newEnv makes one more environment of the task; evaluation has its own, so that it never disturbs training
 * @throws Error if the configuration is not valid or training diverges
 */
export async function trainTrpo(
  setup: { readonly config?: TrpoOptions; readonly seed: number; readonly newEnv: () => Promise<Env> },
  { onEvent = () => {}, ...options }: TrainOptions = {},
): Promise<TrpoResult> {
  const config = parseConfig(trpoConfig, setup.config ?? {});
  const { seed } = setup;
  await startEngine('large-batches');
  return withEnvs(2, setup.newEnv, ([env, evalEnv]) =>
    learn(config, seed, { env: env!, evalEnv: evalEnv! }, { onEvent, ...options }),
  );
}

async function learn(
  config: TrpoConfig,
  seed: number,
  { env, evalEnv }: { readonly env: Env; readonly evalEnv: Env },
  { onEvent, signal, clock }: TrainOptions & { readonly onEvent: OnEvent },
): Promise<TrpoResult> {
  onEvent({
    kind: 'header',
    schema: 1,
    algorithm: 'trpo',
    env: env.id,
    seed,
    config,
    demos: null,
    versions: engineVersions(),
  });
  const noise = stream(seed, 'trpo', 'action-noise');
  const minibatches = stream(seed, 'trpo', 'value-minibatches');
  const running = runningMoments(env.obsSpace.size);
  const rewardScale = rewardScaler(config.gamma);
  let policy = freshPolicy(env, config, stream(seed, 'trpo', 'policy-init'));
  const valueNet = initMlp(
    { sizes: [env.obsSpace.size, ...config.hidden, 1], activation: 'tanh' },
    stream(seed, 'trpo', 'value-init'),
  );
  const valueAdam = initAdam(valueNet.params_P.length);
  const collector = startCollector(env, seed);
  const metrics = means();
  const watch = stopWatch(clock);
  let envSteps = 0;
  let updates = 0;
  let nextEvaluation = config.evalEvery;
  let best = { policy, meanReturn: Number.NEGATIVE_INFINITY };

  while (envSteps < config.totalSteps && !signal?.aborted) {
    const batch = collect(collector, actor(policy), config.batchSteps, noise);
    envSteps += batch.steps;
    updates++;
    const obsNorm_ND = standardizeRows(policy.obsNorm, batch.obs_TD);
    const value_T = values(valueNet, obsNorm_ND);
    const nextValue_T = values(valueNet, standardizeRows(policy.obsNorm, batch.nextObs_TD));
    const reward_T = rewardScale(batch);
    const { advantage_T, target_T } = gae(
      { ...batch, reward_T, value_T, nextValue_T },
      {
        gamma: config.gamma,
        lambda: config.gaeLambda,
      },
    );
    const step = trustRegionStep(
      policy,
      { obsNorm_ND, act_NA: batch.act_TA, advantage_N: standardized(advantage_T) },
      config,
    );
    const valueLoss = fitValues(
      valueNet,
      { obsNorm_ND, target_N: target_T },
      {
        adam: valueAdam,
        rate: config.valueRate,
        epochs: config.valueEpochs,
        batchSize: config.valueBatch,
        rng: minibatches,
      },
    );
    running.add(batch.obs_TD);
    const stdBound =
      config.initialStd * (config.finalStd / config.initialStd) ** (envSteps / config.totalSteps);
    policy = { ...withStdAtMost(step.policy, stdBound), obsNorm: running.standardizer() };
    metrics.add({
      'policy/kl': step.kl,
      'policy/entropy': step.entropy,
      'policy/accepted': step.accepted ? 1 : 0,
      'value/loss': valueLoss,
    });
    for (const episode of batch.ended)
      metrics.add({ 'train/return': episode.return, 'train/length': episode.length });

    if (envSteps >= nextEvaluation || envSteps >= config.totalSteps) {
      nextEvaluation += config.evalEvery;
      onEvent({ kind: 'metrics', envSteps, updates, metrics: metrics.take() });
      onEvent({ kind: 'clock', envSteps, wallSeconds: watch.seconds() });
      watch.pause();
      for (const actions of ['mean', 'sampled'] as const) {
        const result = evaluate(policy, evalEnv, { episodes: config.evalEpisodes, seed, actions });
        onEvent({
          kind: 'evaluation',
          envSteps,
          updates,
          weights: 'raw',
          actions,
          ...result,
        } satisfies EvaluationLine);
        const meanReturn = result.returns_E.reduce((sum, x) => sum + x, 0) / config.evalEpisodes;
        if (actions === 'sampled' && meanReturn >= best.meanReturn) best = { policy, meanReturn };
      }
      watch.resume();
    }
    await breathe();
  }
  onEvent({ kind: 'end', envSteps, updates, reason: signal?.aborted ? 'aborted' : 'finished' });
  return { policy, best: Number.isFinite(best.meanReturn) ? best.policy : policy, valueNet, envSteps };
}

function freshPolicy(env: Env, config: TrpoConfig, rng: Rng): Policy {
  const common = {
    obsNorm: standardizer(new Float32Array(env.obsSpace.size), new Float32Array(env.obsSpace.size).fill(1), {
      floor: 0,
    }),
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

/** Zero mean, unit std: keeps the trust-region step independent of the rewards' scale. */
function standardized(x_N: Float32Array): Float32Array {
  const mean = x_N.reduce((sum, x) => sum + x, 0) / x_N.length;
  const variance = x_N.reduce((sum, x) => sum + (x - mean) ** 2, 0) / x_N.length;
  return x_N.map((x) => (x - mean) / (Math.sqrt(variance) + 1e-8));
}

/** Mean and variance of all observations so far (Chan et al. 1979, batches merged). */
function runningMoments(D: number): { add(obs_ND: Float32Array): void; standardizer(): Standardizer } {
  const mean_D = new Float64Array(D);
  const square_D = new Float64Array(D);
  let count = 0;
  return {
    add(obs_ND) {
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
      count += n;
    },
    standardizer: () =>
      standardizer(
        mean_D,
        square_D.map((square) => Math.sqrt(square / count)),
        { floor: 1e-4 },
      ),
  };
}

/** Divides rewards by the running std of the discounted return, so that values stay near 1 on every task. */
function rewardScaler(gamma: number): (batch: Collection) => Float64Array {
  let discounted = 0;
  let count = 0;
  let mean = 0;
  let square = 0;
  return ({ reward_T, terminated_T, truncated_T }) => {
    reward_T.forEach((reward, t) => {
      discounted = gamma * discounted + reward;
      count++;
      const gap = discounted - mean;
      mean += gap / count;
      square += gap * (discounted - mean);
      if (terminated_T[t] || truncated_T[t]) discounted = 0;
    });
    const std = Math.sqrt(square / count) + 1e-8;
    return reward_T.map((reward) => reward / std);
  };
}
