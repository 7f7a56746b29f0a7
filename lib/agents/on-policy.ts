// The loop that on-policy learners share: collect with the present policy, update, evaluate, save. What learns and how it
// is updated, each of them says; TRPO on a task's reward is trpo.ts, on a discriminator's gail.ts.
import { z } from 'zod';
import { engineVersions, startEngine } from '../backend/engine.ts';
import { type Rng, rngFromState, rngState, stream } from '../backend/rng.ts';
import type { Env } from '../envs/types.ts';
import type { EvaluationLine, HeaderLine } from '../experiment/record.ts';
import { actor, type Policy } from '../models/policy.ts';
import {
  type Collection,
  type CollectorState,
  collectionSteps,
  collectorState,
  evaluationSteps,
  resumeCollector,
  startCollector,
} from './rollout.ts';
import { breathe, means, stopWatch, type TrainOptions, unhurried, withEnvs } from './training.ts';
import { freshLearner, type TrpoLearner, type TrpoLearnerConfig } from './trpo-learner.ts';

/** Settings of the loop. */
export const onPolicyConfig = {
  totalSteps: z.int().positive().default(1_000_000).describe('Env steps of training'),
  envs: z.int().positive().default(1).describe('Copies of the environment that collect in turn'),
  batchSteps: z.int().positive().default(2048).describe('Env steps per policy update, of all copies'),
  evalEvery: z.int().positive().default(100_000).describe('Env steps between evaluations'),
  evalEpisodes: z.int().positive().default(10).describe('Episodes per evaluation'),
};
/** Those settings after defaults. */
export type OnPolicyConfig = z.infer<z.ZodObject<typeof onPolicyConfig>>;

/** All that a run learns, as plain data that changes in place: a checkpoint is a copy of it. */
export interface Learned {
  readonly learner: TrpoLearner;
}

/** What a run depends on. */
export interface OnPolicySetup {
  readonly config: OnPolicyConfig & TrpoLearnerConfig;
  readonly seed: number;
  /** What the record says of the demonstrations; null where there are none. */
  readonly demos: HeaderLine['demos'];
  /** Makes one more environment of the task; evaluation has its own, so that it never disturbs training. */
  readonly newEnv: () => Promise<Env>;
}

/** Where an update stands in its run. */
export interface UpdateMoment {
  /** Share of training that is behind, 0 to 1; the last batch may go a little beyond the budget, and so beyond 1. */
  readonly trained: number;
  /** Updates so far, this one included. */
  readonly updates: number;
  /** Draws the value network's minibatches. */
  readonly minibatches: Rng;
}

/** One algorithm. */
export interface OnPolicyAlgorithm<L extends Learned> {
  /** Names the algorithm in the record, and its streams of random numbers. */
  readonly name: string;
  /** Goes up when the same settings and seed no longer give the same record. */
  readonly version: string;
  /** The environment in which the policy learns, made of one of the task. Default: the task itself. */
  readonly trainingEnv?: (env: Env) => Env;
  /** What is learnt beside policy and value network. */
  readonly begin: (learner: TrpoLearner) => L;
  /** One update from what each copy of the environment went through, with pauses in which to stop. Returns the metrics. */
  readonly update: (
    learned: L,
    collections: readonly Collection[],
    at: UpdateMoment,
  ) => Generator<void, Record<string, number>>;
  /** The policy for the task itself, where the one that learns is for another environment. */
  readonly deployed?: (policy: Policy) => Policy;
  /** Hears every evaluation. */
  readonly judge?: (learned: L, line: EvaluationLine) => void;
}

interface LoopState {
  readonly envSteps: number;
  readonly updates: number;
  readonly nextEvaluation: number;
  readonly wallSeconds: number;
  readonly noise: readonly number[];
  readonly minibatches: readonly number[];
  readonly collectors: readonly CollectorState[];
}

/**
 * Runs the loop to the end of its budget, or until it is aborted.
 * @param algorithmFor the algorithm for this task; it reads the spaces of the environment that it is given and no more
 * @throws Error if a batch is larger than the budget, or training diverges
 */
export async function trainOnPolicy<L extends Learned>(
  algorithmFor: (task: Env) => OnPolicyAlgorithm<L>,
  setup: OnPolicySetup,
  options: TrainOptions,
): Promise<{ readonly learned: L; readonly envSteps: number }> {
  const { batchSteps, totalSteps } = setup.config;
  // Far beyond the budget the bound of the std, which falls until its end, would fall on.
  if (batchSteps > totalSteps)
    throw new Error(
      `The configuration is not valid: batchSteps (${batchSteps}) must not exceed totalSteps (${totalSteps})`,
    );
  await startEngine('large-batches');
  return withEnvs(setup.config.envs + 1, setup.newEnv, (envs) =>
    loop(algorithmFor(envs[0]!), setup, envs, options),
  );
}

async function loop<L extends Learned>(
  algorithm: OnPolicyAlgorithm<L>,
  { config, seed, demos }: OnPolicySetup,
  envs: readonly Env[],
  { onEvent = () => {}, signal, clock, checkpoint }: TrainOptions,
): Promise<{ readonly learned: L; readonly envSteps: number }> {
  const { name, trainingEnv = (env) => env, deployed = (policy) => policy } = algorithm;
  const evalEnv = envs[config.envs]!;
  const trainingEnvs = envs.slice(0, config.envs).map(trainingEnv);
  const from = checkpoint?.from as (L & LoopState) | undefined;
  if (!from)
    onEvent({
      kind: 'header',
      schema: 1,
      algorithm: name,
      env: evalEnv.id,
      seed,
      config,
      demos,
      versions: { ...engineVersions(), algorithm: algorithm.version },
    });
  const streamOf = (use: string) => stream(seed, name, use);
  const noise = from ? rngFromState(from.noise) : streamOf('action-noise');
  const minibatches = from ? rngFromState(from.minibatches) : streamOf('value-minibatches');
  const initStreams = { policy: streamOf('policy-init'), value: streamOf('value-init') };
  const learned = from
    ? (withoutLoopState(from) as L)
    : algorithm.begin(freshLearner(trainingEnvs[0]!, config, initStreams));
  const { learner } = learned;
  const collectors = trainingEnvs.map((env, k) =>
    from ? resumeCollector(env, from.collectors[k]!) : startCollector(env, seed + 1000 * k),
  );
  const metrics = means();
  const watch = stopWatch(clock, from?.wallSeconds);
  let { envSteps, updates, nextEvaluation } = from ?? {
    envSteps: 0,
    updates: 0,
    nextEvaluation: config.evalEvery,
  };

  while (envSteps < config.totalSteps && !signal?.aborted) {
    const act = actor(learner.policy);
    const each = Math.ceil(config.batchSteps / config.envs);
    const collections: Collection[] = [];
    for (const collector of collectors) {
      const collection = await unhurried(collectionSteps(collector, act, each, noise), signal);
      if (collection) collections.push(collection);
    }
    if (signal?.aborted) break;
    envSteps += each * config.envs;
    const moment = { trained: envSteps / config.totalSteps, updates: updates + 1, minibatches };
    const updated = await unhurried(algorithm.update(learned, collections, moment), signal);
    if (!updated) break;
    metrics.add(updated);
    updates++;
    for (const episode of collections.flatMap(({ ended }) => ended))
      metrics.add({ 'train/return': episode.return, 'train/length': episode.length });

    if (envSteps >= nextEvaluation || envSteps >= config.totalSteps) {
      nextEvaluation += config.evalEvery;
      onEvent({ kind: 'metrics', envSteps, updates, metrics: metrics.take() });
      onEvent({ kind: 'clock', envSteps, wallSeconds: watch.seconds() });
      watch.pause();
      const policy = deployed(learner.policy);
      for (const actions of ['mean', 'sampled'] as const) {
        // With this seed training's first episodes began in the same states. It makes no difference that we could see: `evaluate`
        // of the policies in results/gail (Hopper, 500,000 env steps) with other seeds returns what their records say.
        const episodes = { episodes: config.evalEpisodes, seed, actions };
        const result = await unhurried(evaluationSteps(policy, evalEnv, episodes), signal);
        if (!result) break;
        const line = { kind: 'evaluation', envSteps, updates, weights: 'raw', actions, ...result } as const;
        onEvent(line);
        algorithm.judge?.(learned, line);
      }
      // Of an evaluation that was broken off nothing is left to go on from.
      if (signal?.aborted) break;
      checkpoint?.save({
        ...learned,
        envSteps,
        updates,
        nextEvaluation,
        wallSeconds: watch.seconds(),
        noise: rngState(noise),
        minibatches: rngState(minibatches),
        collectors: collectors.map(collectorState),
      } satisfies L & LoopState);
      watch.resume();
    }
    await breathe();
  }
  onEvent({ kind: 'end', envSteps, updates, reason: signal?.aborted ? 'aborted' : 'finished' });
  return { learned, envSteps };
}

function withoutLoopState<L extends Learned>(state: L & LoopState): Omit<L, keyof LoopState> {
  const { envSteps, updates, nextEvaluation, wallSeconds, noise, minibatches, collectors, ...learned } =
    state;
  return learned;
}
