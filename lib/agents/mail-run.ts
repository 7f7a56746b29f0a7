// A run of MAIL: all that changes as it goes on, how it begins, collects and updates, and how it becomes plain data that another
// process goes on from.
import { type Rng, rngFromState, rngState, stream } from '../backend/rng.ts';
import { createBuffer, push, type ReplayBuffer, restoreBuffer, saveBuffer } from '../data/buffer.ts';
import type { Pairs } from '../data/types.ts';
import {
  observationJacobian,
  type SimulatorPoint,
  stateCoordinates,
  stepJacobian,
} from '../envs/jacobian.ts';
import type { Env, EnvState } from '../envs/types.ts';
import { modelError, type TransitionRows } from '../models/forward-model.ts';
import { actor, type Policy } from '../models/policy.ts';
import { adamStep, initAdam } from '../nn/adam.ts';
import { actionRows, actionWidth, demonstratedPolicy } from './demonstrated-policy.ts';
import { type MailConfig, usesModel, usesOracle } from './mail-config.ts';
import { freshNetworks, type MailNetworks, mailNetworks } from './mail-networks.ts';
import type { ExpertRows } from './mail-problem.ts';
import { rateShares, turnOf } from './mail-schedule.ts';
import { collectNoisy, type NoisyCollection, newestCollections } from './mail-segments.ts';
import {
  cloningGradient,
  replayPairs,
  updateDiscriminator,
  updateModel,
  updatePolicy,
} from './mail-updates.ts';
import {
  type Collection,
  type Collector,
  collect,
  collectorState,
  joined,
  resumeCollector,
  startCollector,
} from './rollout.ts';
import { type Means, paced } from './training.ts';

/** One stream for every use of chance, so that changing one use never shifts another. */
const streamNames = {
  warmup: 'warm-up-noise',
  acting: 'action-noise',
  model: 'model-batches',
  discriminator: 'discriminator-batches',
  policy: 'imagination',
  cloning: 'cloning-batches',
  discriminatorExtras: 'discriminator-extras',
  policyExtras: 'policy-extras',
};
type Streams = Readonly<Record<keyof typeof streamNames, Rng>>;

/** A run between two updates: all that changes as it goes on. */
export interface MailRun {
  readonly networks: MailNetworks;
  readonly buffer: ReplayBuffer;
  readonly collectors: readonly Collector[];
  readonly streams: Streams;
  /** Agent pairs for the discriminator, [N, I]. */
  negatives: Float32Array;
  /** Real trajectories for re-anchored gradients, newest last; else empty. */
  collections: readonly NoisyCollection[];
  envSteps: number;
  updates: number;
  /** Rounds of updatesPerCollection. */
  rounds: number;
  nextEvaluation: number;
}

/** What stays the same throughout a run. */
export interface MailGiven {
  readonly config: MailConfig;
  readonly seed: number;
  readonly demos: Pairs;
  readonly evalEnv: Env;
  readonly signal: AbortSignal | undefined;
}

/**
 * One update of everything that has its turn (`turnOf`): model, discriminator, policy, in this order. Changes `run` in
 * place.
 * @param metrics takes in what each update measured
 * @throws Error naming the metric if one is not finite, or the entry if a gradient is not
 */
export function updateMail(run: MailRun, expert: ExpertRows, config: MailConfig, metrics: Means): void {
  const { networks, buffer, streams, collections } = run;
  const turn = turnOf(run.updates, config);
  const rateShare = rateShares(run.envSteps, config);
  if (usesModel(config)) metrics.add(updateModel(networks, buffer, config, streams.model));
  if (turn.discriminator) {
    if (config.negatives === 'replay')
      run.negatives = replayPairs(networks, buffer, config, streams.discriminator);
    const pairs = { expert, agent_NI: run.negatives };
    metrics.add(
      updateDiscriminator(networks, pairs, config, {
        rateShare: rateShare.discriminator,
        rng: streams.discriminator,
        extras: streams.discriminatorExtras,
      }),
    );
  }
  if (turn.policy) {
    const step = updatePolicy(networks, { expert, buffer, collections }, config, {
      rateShare: rateShare.policy,
      rng: streams.policy,
      extras: streams.policyExtras,
    });
    if (config.negatives === 'imagined') run.negatives = step.pair_NI;
    metrics.add(step.metrics);
  }
  run.updates++;
}

/**
 * Cloning, if any; then the policy explores, and the model learns what it saw.
 * @throws Error if settings ask of discrete actions what only continuous ones have
 */
export async function startMailRun(
  { config, seed, demos, evalEnv: env, signal }: MailGiven,
  trainingEnvs: readonly Env[],
  { engine, metrics }: { readonly engine: MailNetworks['engine']; readonly metrics: Means },
): Promise<MailRun> {
  const streams = mapStreams((name) => stream(seed, 'mail', name));
  const collectors = trainingEnvs.map((each, k) => startCollector(each, seed * 1000 + k));
  const policyShape = { ...config, hidden: config.policyHidden };
  const policy = demonstratedPolicy(demos, env, policyShape, stream(seed, 'mail', 'policy-init'));
  if (config.learnStd && policy.kind === 'categorical')
    throw new Error(`Cannot learn the std of ${env.id}, whose actions are discrete: leave out learnStd`);
  if (usesOracle(config) && policy.kind === 'categorical')
    throw new Error(
      `Cannot differentiate ${env.id} by its actions, which are discrete: choose another model`,
    );
  const breath = paced();
  const cloning = initAdam(policy.params_P.length);
  for (let k = 0; k < config.cloningUpdates && !signal?.aborted; k++) {
    const gradient_P = cloningGradient(policy, demos, config, streams.cloning);
    adamStep(policy.params_P, gradient_P, cloning, { rate: config.policyRate });
    await breath();
  }

  const act = actor(config.warmupStd > 0 ? withStd(policy, config.warmupStd) : policy);
  const steps = Math.ceil(config.warmupSteps / config.envs);
  const warmup = await inPieces(collectors, steps, signal, (collector, n) =>
    collect(collector, act, n, streams.warmup),
  );
  const seen = transitionRows(warmup, env);
  const fresh = freshNetworks(policy, env, seen, config, seed);
  const networks = mailNetworks(policy, fresh, engine);
  const buffer = createBuffer({
    capacity: config.bufferSize,
    obsSize: env.obsSpace.size,
    actSize: actionWidth(env),
  });
  const envSteps = pushAll(buffer, seen, warmup);
  for (let k = 0; usesModel(config) && k < config.warmupModelUpdates && !signal?.aborted; k++) {
    metrics.add(updateModel(networks, buffer, config, streams.model));
    await breath();
  }
  return {
    networks,
    buffer,
    collectors,
    streams,
    negatives: replayPairs(networks, buffer, config, streams.discriminator),
    collections: [],
    envSteps,
    updates: 0,
    rounds: 0,
    nextEvaluation: config.evalEvery,
  };
}

/**
 * `collectSteps` env steps of every collector with the policy as it is, into the buffer and, re-anchored, among the
 * trajectories. Changes `run` in place; counts what it took in `envSteps`.
 */
export async function collectForMail(
  run: MailRun,
  { config, evalEnv: env, signal }: MailGiven,
  metrics: Means,
): Promise<void> {
  const { networks, streams } = run;
  const { policy } = networks;
  let collections: Collection[];
  if (config.rollouts === 'imagined') {
    const act = actor(policy);
    collections = await inPieces(run.collectors, config.collectSteps, signal, (collector, n) =>
      collect(collector, act, n, streams.acting),
    );
  } else {
    const chance = { dropout: config.policyDropout, rng: streams.acting };
    const points: SimulatorPoint[] = [];
    const seeState = (like: EnvState, act_A: Float64Array) =>
      points.push({ state_Z: stateCoordinates(like), act_A, like });
    const plain = await inPieces(
      run.collectors,
      config.collectSteps,
      signal,
      (collector, n) =>
        collectNoisy(collector, policy, n, usesOracle(config) ? { ...chance, seeState } : chance),
      config.collectSteps,
    );
    const noisy = usesOracle(config) ? await withJacobians(plain, points, env, signal) : plain;
    const round = config.collectSteps * config.envs;
    run.collections = newestCollections([...run.collections, ...noisy], Math.max(round, config.segmentSteps));
    collections = plain;
  }
  const seen = transitionRows(collections, env);
  if (usesModel(config)) metrics.add({ 'model/freshMse': modelError(networks.model, seen) });
  for (const episode of collections.flatMap(({ ended }) => ended))
    metrics.add({ 'train/return': episode.return, 'train/length': episode.length });
  run.envSteps += pushAll(run.buffer, seen, collections);
}

/**
 * The collections with the simulator's Jacobians in all their steps, taken in an environment of their own, whose state they
 * move about. Stops when aborted, with those collections that have theirs.
 */
async function withJacobians(
  collections: readonly NoisyCollection[],
  points: readonly SimulatorPoint[],
  env: Env,
  signal: AbortSignal | undefined,
): Promise<NoisyCollection[]> {
  const done: NoisyCollection[] = [];
  const breath = paced();
  let next = 0;
  for (const collection of collections) {
    const rows: { readonly next_ZI: Float64Array; readonly obs_DZ: Float64Array }[] = [];
    for (const end = next + collection.steps; next < end; next++) {
      await breath();
      if (signal?.aborted) return done;
      const point = points[next]!;
      rows.push({ next_ZI: stepJacobian(env, point), obs_DZ: observationJacobian(env, point) });
    }
    const jacobians = {
      next_TZI: joined(rows.map(({ next_ZI }) => Float32Array.from(next_ZI))),
      obs_TDZ: joined(rows.map(({ obs_DZ }) => Float32Array.from(obs_DZ))),
    };
    done.push({ ...collection, jacobians });
  }
  return done;
}

/** `steps` of every collector one after the other, in pieces, after each of which a run can be stopped. */
async function inPieces<C extends Collection>(
  collectors: readonly Collector[],
  steps: number,
  signal: AbortSignal | undefined,
  collectSome: (collector: Collector, steps: number) => C,
  piece = 100,
): Promise<C[]> {
  const pieces: C[] = [];
  const breath = paced();
  for (const collector of collectors)
    for (let left = steps; left > 0; ) {
      const n = Math.min(left, piece);
      pieces.push(collectSome(collector, n));
      left -= n;
      await breath();
      if (signal?.aborted) return pieces;
    }
  return pieces;
}

/** A run as plain data. */
export interface SavedMailRun extends Omit<MailRun, 'networks' | 'buffer' | 'collectors' | 'streams'> {
  readonly networks: Omit<MailNetworks, 'engine'>;
  readonly buffer: ReturnType<typeof saveBuffer>;
  readonly collectors: readonly ReturnType<typeof collectorState>[];
  readonly streams: Readonly<Record<keyof typeof streamNames, readonly number[]>>;
  /** Seconds of training so far, evaluation left out. */
  readonly wallSeconds: number;
}

/** The run as plain data, parts of it copied: save it before it changes. */
export function saveMailRun(run: MailRun, wallSeconds: number): SavedMailRun {
  const { engine: _, ...networks } = run.networks;
  return {
    ...run,
    networks,
    buffer: saveBuffer(run.buffer),
    collectors: run.collectors.map(collectorState),
    streams: mapStreams((_name, key) => rngState(run.streams[key])),
    wallSeconds,
  };
}

/** The run that `saveMailRun` saved, in other environments of the same task. */
export function resumeMailRun(
  saved: SavedMailRun,
  trainingEnvs: readonly Env[],
  engine: MailNetworks['engine'],
): MailRun {
  const { wallSeconds: _, networks, buffer, collectors, streams, ...rest } = saved;
  return {
    ...rest,
    networks: { ...structuredClone(networks), engine },
    buffer: restoreBuffer(buffer),
    collectors: trainingEnvs.map((env, k) => resumeCollector(env, collectors[k]!)),
    streams: mapStreams((_name, key) => rngFromState(streams[key])),
  };
}

function mapStreams<T>(make: (name: string, key: keyof typeof streamNames) => T) {
  const entries = Object.entries(streamNames) as [keyof typeof streamNames, string][];
  return Object.fromEntries(entries.map(([key, name]) => [key, make(name, key)])) as Record<
    keyof typeof streamNames,
    T
  >;
}

function withStd(policy: Policy, std: number): Policy {
  return policy.kind === 'gaussian'
    ? { ...policy, logStd_A: policy.logStd_A.map(() => Math.log(std)) }
    : policy;
}

/** Puts what was collected into the buffer. Returns the number of env steps. */
function pushAll(
  buffer: ReplayBuffer,
  { obs_BD, act_BA, nextObs_BD }: TransitionRows,
  collections: readonly Collection[],
): number {
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

/** The transitions of collections as a forward model takes them. */
export function transitionRows(collections: readonly Collection[], env: Env): TransitionRows {
  return {
    obs_BD: joined(collections.map(({ obs_TD }) => obs_TD)),
    act_BA: actionRows(joined(collections.map(({ act_TA }) => act_TA)), env),
    nextObs_BD: joined(collections.map(({ nextObs_TD }) => nextObs_TD)),
  };
}
