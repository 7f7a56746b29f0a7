// MAIL: model-based adversarial imitation learning (Baram, Anschel, Mannor 2016). Collect, then learn a forward model, a
// discriminator, and the policy through both of them; mail-networks.ts holds the three updates, pathwise.ts the gradient.
import { engineVersions, startEngine } from '../backend/engine.ts';
import { stream } from '../backend/rng.ts';
import { createBuffer, push, type ReplayBuffer } from '../data/buffer.ts';
import type { Pairs } from '../data/types.ts';
import type { Env } from '../envs/types.ts';
import { type Discriminator, initDiscriminator, pairInputs } from '../models/discriminator.ts';
import {
  type ForwardModel,
  initForwardModel,
  modelError,
  type TransitionRows,
} from '../models/forward-model.ts';
import { actor, type Policy } from '../models/policy.ts';
import {
  actionBound,
  actionRows,
  actionWidth,
  demonstratedPolicy,
  performedPairs,
} from './demonstrated-policy.ts';
import { type MailConfig, type MailOptions, parseMailConfig } from './mail-config.ts';
import {
  type ExpertRows,
  type MailNetworks,
  mailNetworks,
  replayPairs,
  startMailEngine,
  updateDiscriminator,
  updateModel,
  updatePolicy,
} from './mail-networks.ts';
import { type Collection, type Collector, collect, evaluate, startCollector } from './rollout.ts';
import { breathe, means, stopWatch, type TrainOptions, withEnvs } from './training.ts';

/** What a run depends on. The same setup gives the same record, clock and machine lines apart. */
export interface MailSetup {
  readonly config?: MailOptions;
  readonly seed: number;
  /** Expert pairs, actions as the environment takes them. */
  readonly demos: Pairs;
  /** What the record says of the demonstrations: set, trajectories, sub-sampling, hash. */
  readonly aboutDemos?: Readonly<Record<string, unknown>>;
  /** Makes one more environment of the task. Those made here are closed here. */
  readonly newEnv: () => Promise<Env>;
}

export interface MailResult {
  /** The policy to deploy: running average of the weights. */
  readonly policy: Policy;
  /** The policy as the last update left it. */
  readonly rawPolicy: Policy;
  readonly discriminator: Discriminator;
  readonly model: ForwardModel;
  readonly envSteps: number;
}

/**
 * Trains by MAIL. Aborting returns what was learnt so far.
 * @throws Error if the configuration is not valid, the demonstrations do not fit the task, or training diverges
 */
export async function trainMail(setup: MailSetup, options: TrainOptions = {}): Promise<MailResult> {
  const config = parseMailConfig(setup.config);
  await startEngine('small-batches');
  // The last one is for evaluation, which never disturbs training.
  return withEnvs(config.envs + 1, setup.newEnv, (envs) => learn(setup, config, envs, options));
}

async function learn(
  setup: MailSetup,
  config: MailConfig,
  envs: readonly Env[],
  { onEvent = () => {}, signal, clock }: TrainOptions,
): Promise<MailResult> {
  const { seed } = setup;
  const env = envs[config.envs]!;
  const demos = performedPairs(setup.demos, env);
  const { engine, reason } = await startMailEngine(config.engine);
  onEvent({
    kind: 'header',
    schema: 1,
    algorithm: 'mail',
    env: env.id,
    seed,
    config,
    demos: { pairs: demos.n, ...setup.aboutDemos },
    versions: { ...engineVersions(), updates: engine.name, updatesChosen: reason },
  });
  const streams = streamsOf(seed);
  const watch = stopWatch(clock);
  const metrics = means();
  const collectors = envs.slice(0, config.envs).map((each, k) => startCollector(each, seed * 1000 + k));
  const buffer = createBuffer({
    capacity: config.bufferSize,
    obsSize: env.obsSpace.size,
    actSize: actionWidth(env),
  });

  // Warm-up: the fresh policy explores, and the model learns what it saw.
  const policyShape = { ...config, hidden: config.policyHidden };
  const policy = demonstratedPolicy(demos, env, policyShape, stream(seed, 'mail', 'policy-init'));
  const explorer = withStd(policy, config.warmupStd);
  const warmup = collectAll(
    collectors,
    explorer,
    Math.ceil(config.warmupSteps / config.envs),
    streams.warmup,
  );
  const fresh = freshNetworks(policy, env, transitionRows(warmup, env), config, seed);
  const networks = mailNetworks(policy, fresh.discriminator, fresh.model, engine);
  const expert = expertRows(demos, networks.discriminator, env);
  let envSteps = pushAll(buffer, warmup, env);
  for (let k = 0; k < config.warmupModelUpdates && !signal?.aborted; k++) {
    metrics.add(updateModel(networks, buffer, config, streams.model));
    if (k % 20 === 19) await breathe();
  }

  let updates = 0;
  let nextEvaluation = config.evalEvery;
  let negatives = replayPairs(networks, buffer, config, streams.discriminator);
  while (envSteps < config.totalSteps && !signal?.aborted) {
    const collections = collectAll(collectors, policy, config.collectSteps, streams.acting);
    metrics.add({ 'model/freshMse': modelError(networks.model, transitionRows(collections, env)) });
    for (const episode of collections.flatMap(({ ended }) => ended))
      metrics.add({ 'train/return': episode.return, 'train/length': episode.length });
    envSteps += pushAll(buffer, collections, env);

    const rateShare = Math.max(config.finalRateShare, 1 - envSteps / config.totalSteps);
    for (let k = 0; k < config.updatesPerCollection && !signal?.aborted; k++) {
      metrics.add(updateModel(networks, buffer, config, streams.model));
      if (config.negatives === 'replay')
        negatives = replayPairs(networks, buffer, config, streams.discriminator);
      const discriminatorStep = { rateShare, rng: streams.discriminator };
      metrics.add(updateDiscriminator(networks, { expert, agent_NI: negatives }, config, discriminatorStep));
      const step = updatePolicy(networks, { expert, buffer }, config, { rateShare, rng: streams.policy });
      if (config.negatives === 'imagined') negatives = step.pair_NI;
      metrics.add(step.metrics);
      updates++;
      await breathe();
    }

    onEvent({ kind: 'metrics', envSteps, updates, metrics: metrics.take() });
    onEvent({ kind: 'clock', envSteps, wallSeconds: watch.seconds() });
    const finished = envSteps >= config.totalSteps;
    if (signal?.aborted || (envSteps < nextEvaluation && !finished)) continue;
    nextEvaluation += config.evalEvery;
    watch.pause();
    for (const line of evaluations(networks, env, { config, seed, finished }))
      onEvent({ ...line, envSteps, updates });
    watch.resume();
  }
  onEvent({ kind: 'end', envSteps, updates, reason: signal?.aborted ? 'aborted' : 'finished' });
  const { averaged, discriminator, model } = networks;
  return { policy: averaged, rawPolicy: policy, discriminator, model, envSteps };
}

/** One stream for every use of chance, so that changing one use never shifts another. */
function streamsOf(seed: number) {
  return {
    warmup: stream(seed, 'mail', 'warm-up-noise'),
    acting: stream(seed, 'mail', 'action-noise'),
    model: stream(seed, 'mail', 'model-batches'),
    discriminator: stream(seed, 'mail', 'discriminator-batches'),
    policy: stream(seed, 'mail', 'imagination'),
  };
}

/** Averaged and raw policy by their mean action; at the end of training by sampled actions too. */
function evaluations(
  { policy, averaged }: MailNetworks,
  env: Env,
  {
    config,
    seed,
    finished,
  }: { readonly config: MailConfig; readonly seed: number; readonly finished: boolean },
) {
  const kinds = finished ? (['mean', 'sampled'] as const) : (['mean'] as const);
  return (['averaged', 'raw'] as const).flatMap((weights) =>
    kinds.map((actions) => ({
      kind: 'evaluation' as const,
      weights,
      actions,
      ...evaluate(weights === 'raw' ? policy : averaged, env, {
        episodes: config.evalEpisodes,
        seed,
        actions,
      }),
    })),
  );
}

function freshNetworks(
  policy: Policy,
  env: Env,
  warmup: TransitionRows,
  config: MailConfig,
  seed: number,
): Pick<MailNetworks, 'discriminator' | 'model'> {
  const { obsNorm } = policy;
  const A = actionWidth(env);
  const actBound = actionBound(env);
  const scaling =
    policy.kind === 'gaussian'
      ? { actMean_A: policy.actMean_A, actScale_A: policy.actScale_A.map((scale) => scale + 1e-3) }
      : { actMean_A: new Float32Array(A), actScale_A: new Float32Array(A).fill(1) };
  const discriminator = initDiscriminator(
    { obsNorm, ...scaling, actBound, hidden: config.discriminatorHidden },
    stream(seed, 'mail', 'discriminator-init'),
  );
  const model = initForwardModel(
    { obsNorm, actBound, actSize: A, hidden: config.modelHidden, members: config.modelMembers, data: warmup },
    stream(seed, 'mail', 'model-init'),
  );
  return { discriminator, model };
}

function withStd(policy: Policy, std: number): Policy {
  return policy.kind === 'gaussian'
    ? { ...policy, logStd_A: policy.logStd_A.map(() => Math.log(std)) }
    : policy;
}

function expertRows(demos: Pairs, discriminator: Discriminator, env: Env): ExpertRows {
  const pair_NI = pairInputs(discriminator, demos.obs_ND, actionRows(demos.act_NA, env));
  return { obs_ND: demos.obs_ND, pair_NI, n: demos.n };
}

function collectAll(
  collectors: readonly Collector[],
  policy: Policy,
  steps: number,
  rng: ReturnType<typeof stream>,
): Collection[] {
  const act = actor(policy);
  return collectors.map((collector) => collect(collector, act, steps, rng));
}

function pushAll(buffer: ReplayBuffer, collections: readonly Collection[], env: Env): number {
  const { obs_BD, act_BA, nextObs_BD } = transitionRows(collections, env);
  const terminated = collections.flatMap(({ terminated_T }) => [...terminated_T]);
  const { obsSize: D, actSize: A } = buffer;
  terminated.forEach((flag, n) => {
    push(buffer, {
      obs: obs_BD.subarray(n * D, (n + 1) * D),
      act: act_BA.subarray(n * A, (n + 1) * A),
      nextObs: nextObs_BD.subarray(n * D, (n + 1) * D),
      terminated: flag === 1,
    });
  });
  return terminated.length;
}

function transitionRows(collections: readonly Collection[], env: Env): TransitionRows {
  const join = (parts: readonly Float32Array[]) => Float32Array.from(parts.flatMap((part) => [...part]));
  return {
    obs_BD: join(collections.map(({ obs_TD }) => obs_TD)),
    act_BA: actionRows(join(collections.map(({ act_TA }) => act_TA)), env),
    nextObs_BD: join(collections.map(({ nextObs_TD }) => nextObs_TD)),
  };
}
