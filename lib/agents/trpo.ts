// Trust-region policy optimisation on a task's own reward: how the lab makes its experts.
import { z } from 'zod';
import { engineVersions, startEngine } from '../backend/engine.ts';
import { rngFromState, rngState, stream } from '../backend/rng.ts';
import type { Env } from '../envs/types.ts';
import type { EvaluationLine, OnEvent } from '../experiment/record.ts';
import { actor, type Policy } from '../models/policy.ts';
import type { Mlp } from '../nn/mlp.ts';
import { parseConfig } from './parse-config.ts';
import {
  type CollectorState,
  collect,
  collectorState,
  evaluate,
  resumeCollector,
  startCollector,
} from './rollout.ts';
import { breathe, means, stopWatch, type TrainOptions, withEnvs } from './training.ts';
import { freshLearner, type TrpoLearner, trpoLearnerConfig, updateLearner } from './trpo-learner.ts';

export const trpoConfig = z.strictObject({
  totalSteps: z.int().positive().default(1_000_000).describe('Env steps of training'),
  envs: z.int().positive().default(1).describe('Copies of the environment that collect in turn'),
  batchSteps: z.int().positive().default(2048).describe('Env steps per policy update, of all copies'),
  ...trpoLearnerConfig,
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

/** What a checkpoint of this trainer holds. */
interface TrpoState {
  readonly learner: TrpoLearner;
  readonly best: { readonly policy: Policy; readonly meanReturn: number };
  readonly envSteps: number;
  readonly updates: number;
  readonly nextEvaluation: number;
  readonly wallSeconds: number;
  readonly noise: readonly number[];
  readonly minibatches: readonly number[];
  readonly collectors: readonly CollectorState[];
}

/**
 * Trains a policy on the environment's own reward.
 * @param setup.newEnv makes one more environment of the task; evaluation has its own, so that it never disturbs training
 * @throws Error if the configuration is not valid or training diverges
 */
export async function trainTrpo(
  setup: { readonly config?: TrpoOptions; readonly seed: number; readonly newEnv: () => Promise<Env> },
  options: TrainOptions = {},
): Promise<TrpoResult> {
  const config = parseConfig(trpoConfig, setup.config ?? {});
  await startEngine('large-batches');
  return withEnvs(config.envs + 1, setup.newEnv, (envs) => learn(config, setup.seed, envs, options));
}

async function learn(
  config: TrpoConfig,
  seed: number,
  envs: readonly Env[],
  { onEvent = () => {}, signal, clock, checkpoint }: TrainOptions,
): Promise<TrpoResult> {
  const evalEnv = envs[config.envs]!;
  const from = checkpoint?.from as TrpoState | undefined;
  if (!from) writeHeader(onEvent, evalEnv.id, seed, config);
  const streamOf = (name: string) => stream(seed, 'trpo', name);
  const noise = from ? rngFromState(from.noise) : streamOf('action-noise');
  const minibatches = from ? rngFromState(from.minibatches) : streamOf('value-minibatches');
  const learner =
    from?.learner ??
    freshLearner(evalEnv, config, { policy: streamOf('policy-init'), value: streamOf('value-init') });
  const collectors = envs
    .slice(0, config.envs)
    .map((env, k) =>
      from ? resumeCollector(env, from.collectors[k]!) : startCollector(env, seed + 1000 * k),
    );
  const metrics = means();
  const watch = stopWatch(clock, from?.wallSeconds);
  let { envSteps, updates, nextEvaluation, best } = from ?? {
    envSteps: 0,
    updates: 0,
    nextEvaluation: config.evalEvery,
    best: { policy: learner.policy, meanReturn: Number.NEGATIVE_INFINITY },
  };

  while (envSteps < config.totalSteps && !signal?.aborted) {
    const act = actor(learner.policy);
    const each = Math.ceil(config.batchSteps / config.envs);
    const collections = collectors.map((collector) => collect(collector, act, each, noise));
    envSteps += each * config.envs;
    updates++;
    const trained = envSteps / config.totalSteps;
    metrics.add(updateLearner(learner, collections, config, { trained, minibatches }));
    for (const episode of collections.flatMap(({ ended }) => ended))
      metrics.add({ 'train/return': episode.return, 'train/length': episode.length });

    if (envSteps >= nextEvaluation || envSteps >= config.totalSteps) {
      nextEvaluation += config.evalEvery;
      onEvent({ kind: 'metrics', envSteps, updates, metrics: metrics.take() });
      onEvent({ kind: 'clock', envSteps, wallSeconds: watch.seconds() });
      watch.pause();
      const { policy } = learner;
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
      checkpoint?.save({
        learner,
        best,
        envSteps,
        updates,
        nextEvaluation,
        wallSeconds: watch.seconds(),
        noise: rngState(noise),
        minibatches: rngState(minibatches),
        collectors: collectors.map(collectorState),
      } satisfies TrpoState);
      watch.resume();
    }
    await breathe();
  }
  onEvent({ kind: 'end', envSteps, updates, reason: signal?.aborted ? 'aborted' : 'finished' });
  const { policy, valueNet } = learner;
  return { policy, best: Number.isFinite(best.meanReturn) ? best.policy : policy, valueNet, envSteps };
}

function writeHeader(onEvent: OnEvent, env: string, seed: number, config: TrpoConfig): void {
  onEvent({
    kind: 'header',
    schema: 1,
    algorithm: 'trpo',
    env,
    seed,
    config,
    demos: null,
    versions: engineVersions(),
  });
}
