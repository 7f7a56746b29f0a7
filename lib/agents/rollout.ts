// Acting in environments: whole episodes for evaluation and demonstrations, fixed-length collections for training.
import { finish } from '../backend/pauses.ts';
import { checkPositiveInteger } from '../backend/positive-integer.ts';
import { integer, type Rng, stream, uniform } from '../backend/rng.ts';
import type { Trajectory } from '../data/types.ts';
import type { Action, Env, EnvState } from '../envs/types.ts';
import { type Act, actor, type Policy } from '../models/policy.ts';

/** How an episode is played. */
export interface EpisodeOptions {
  /** Draws the action noise; without it the policy's mean or mode acts. */
  readonly rng?: Rng;
  /** Seed of the environment's reset; without it the environment's running stream goes on. */
  readonly seed?: number;
  /** Also keep the simulator's state before every step. */
  readonly keepStates?: boolean;
}

/**
 * One whole episode, from a reset to the task's end or the time limit.
 * @param act actions are rounded to float32, as they are stored, before the environment takes them
 */
export function rollEpisode(
  env: Env,
  act: Act,
  { rng, seed, keepStates = false }: EpisodeOptions = {},
): Trajectory {
  const obs: number[] = [];
  const actions: number[] = [];
  const rewards: number[] = [];
  const states: EnvState[] = [];
  let current = env.reset(seed === undefined ? {} : { seed }).obs;
  obs.push(...current);
  if (keepStates) states.push(env.getState());
  for (;;) {
    // In single precision, as it is stored: stored actions then replay the episode exactly.
    const chosen = act(current, rng);
    const action = typeof chosen === 'number' ? chosen : Float32Array.from(chosen);
    const step = env.step(action);
    actions.push(...actionRow(action));
    rewards.push(step.reward);
    obs.push(...step.obs);
    if (keepStates) states.push(env.getState());
    current = step.obs;
    if (step.terminated || step.truncated)
      return {
        obs_Tp1D: Float32Array.from(obs),
        act_TA: Float32Array.from(actions),
        reward_T: Float64Array.from(rewards),
        terminated: step.terminated,
        truncated: step.truncated,
        ...(keepStates ? { state_Tp1: states } : {}),
      };
  }
}

/** Every episode's return (undiscounted) and length. */
export interface Evaluation {
  readonly returns_E: number[];
  readonly lengths_E: number[];
}

/**
 * Acts uniformly at random in the action space: the floor of every comparison. Unbounded spaces have no such policy.
 * @returns a function that throws an Error where it is to act without a stream
 */
export function randomAct({ actSpace }: Env): Act {
  return (_obs, rng) => {
    if (!rng) throw new Error('A random policy has no mean action: evaluate it with actions "sampled"');
    if (actSpace.type === 'discrete') return integer(rng, actSpace.n);
    return Float64Array.from({ length: actSpace.size }, (_, i) =>
      uniform(rng, actSpace.low[i]!, actSpace.high[i]!),
    );
  };
}

/** Episodes to judge a policy by. */
export interface EvaluationOptions {
  readonly episodes: number;
  readonly seed: number;
  /** 'mean' takes the policy's mean or mode, 'sampled' draws. */
  readonly actions: 'mean' | 'sampled';
}

/**
 * Whole episodes with their own seed: the same policy and seed give the same episodes, whatever happened before.
 * @param policy a policy, or any function that acts
 * @returns undiscounted return and length of every episode, both [E]
 * @throws RangeError if the number of episodes is not a positive integer
 */
export function evaluate(policy: Policy | Act, env: Env, options: EvaluationOptions): Evaluation {
  return finish(evaluationSteps(policy, env, options));
}

/** As `evaluate`, with a pause in which to stop after every 100 env steps. */
export function* evaluationSteps(
  policy: Policy | Act,
  env: Env,
  { episodes, seed, actions }: EvaluationOptions,
): Generator<void, Evaluation> {
  checkPositiveInteger('episodes', episodes);
  const act = typeof policy === 'function' ? policy : actor(policy);
  const returns_E: number[] = [];
  const lengths_E: number[] = [];
  const rng = stream(seed, 'evaluation-actions');
  env.reset({ seed });
  let taken = 0;
  for (let e = 0; e < episodes; e++) {
    let obs = env.reset().obs;
    let episodeReturn = 0;
    let length = 0;
    for (let ended = false; !ended; ) {
      const step = env.step(act(obs, actions === 'sampled' ? rng : undefined));
      episodeReturn += step.reward;
      length++;
      obs = step.obs;
      ended = step.terminated || step.truncated;
      if (++taken % 100 === 0) yield;
    }
    returns_E.push(episodeReturn);
    lengths_E.push(length);
  }
  return { returns_E, lengths_E };
}

/** `n` whole episodes as demonstrations, from consecutive starts of one environment stream. */
export function rollTrajectories(
  policy: Policy,
  env: Env,
  {
    n,
    seed,
    actions,
    keepStates = true,
  }: {
    readonly n: number;
    readonly seed: number;
    readonly actions: 'mean' | 'sampled';
    readonly keepStates?: boolean;
  },
): Trajectory[] {
  const act = actor(policy);
  const rng = stream(seed, 'demonstration-actions');
  env.reset({ seed });
  return Array.from({ length: n }, () =>
    rollEpisode(env, act, { keepStates, ...(actions === 'sampled' ? { rng } : {}) }),
  );
}

/** Env steps of one environment in the order they were taken, possibly over several episodes. */
export interface Collection {
  readonly steps: number;
  /** What the policy saw, [T, D]. */
  readonly obs_TD: Float32Array;
  /** What followed, before any reset, [T, D]. */
  readonly nextObs_TD: Float32Array;
  /** Actions, [T, A]; a discrete action is its number. */
  readonly act_TA: Float32Array;
  readonly reward_T: Float64Array;
  readonly terminated_T: Uint8Array;
  readonly truncated_T: Uint8Array;
  /** Returns and lengths of the episodes that ended in this collection. */
  readonly ended: { readonly return: number; readonly length: number }[];
}

/** An environment between two collections: its current observation and the running episode so far. */
export interface Collector {
  readonly env: Env;
  readonly seed: number;
  /** Resets so far: how far the environment's own stream has run. */
  resets: number;
  /** What the environment shows now, [D], simulator units. */
  obs: Float64Array;
  episodeReturn: number;
  episodeLength: number;
}

/** Resets the environment and makes it ready to collect from. */
export function startCollector(env: Env, seed: number): Collector {
  return { env, seed, resets: 1, obs: env.reset({ seed }).obs, episodeReturn: 0, episodeLength: 0 };
}

/** A collector as plain data. */
export interface CollectorState extends Omit<Collector, 'env'> {
  readonly state: EnvState;
}

/** What `resumeCollector` needs to go on exactly from here. */
export function collectorState({ env, ...rest }: Collector): CollectorState {
  return { ...rest, obs: rest.obs.slice(), state: env.getState() };
}

/**
 * The collector that was saved, in another environment of the same task. The environment's own stream is run up to where
 * it was by resetting as often, as a reset draws the same numbers whatever went before.
 */
export function resumeCollector(env: Env, { state, ...rest }: CollectorState): Collector {
  env.reset({ seed: rest.seed });
  for (let k = 1; k < rest.resets; k++) env.reset();
  env.setState(state);
  return { ...rest, obs: rest.obs.slice(), env };
}

/**
 * Takes `steps` env steps, going on where the last collection stopped and resetting at episode ends; changes `collector`.
 * @param rng draws the action noise
 */
export function collect(collector: Collector, act: Act, steps: number, rng: Rng): Collection {
  return finish(collectionSteps(collector, act, steps, rng));
}

/** As `collect`, with a pause in which to stop after every 100 env steps. */
export function* collectionSteps(
  collector: Collector,
  act: Act,
  steps: number,
  rng: Rng,
): Generator<void, Collection> {
  const { env } = collector;
  const D = env.obsSpace.size;
  const A = env.actSpace.type === 'box' ? env.actSpace.size : 1;
  const out: Collection = {
    steps,
    obs_TD: new Float32Array(steps * D),
    nextObs_TD: new Float32Array(steps * D),
    act_TA: new Float32Array(steps * A),
    reward_T: new Float64Array(steps),
    terminated_T: new Uint8Array(steps),
    truncated_T: new Uint8Array(steps),
    ended: [],
  };
  for (let t = 0; t < steps; t++) {
    const action = act(collector.obs, rng);
    const step = env.step(action);
    out.obs_TD.set(collector.obs, t * D);
    out.nextObs_TD.set(step.obs, t * D);
    out.act_TA.set(actionRow(action), t * A);
    out.reward_T[t] = step.reward;
    out.terminated_T[t] = step.terminated ? 1 : 0;
    out.truncated_T[t] = step.truncated ? 1 : 0;
    collector.episodeReturn += step.reward;
    collector.episodeLength++;
    collector.obs = step.obs;
    if (step.terminated || step.truncated) {
      out.ended.push({ return: collector.episodeReturn, length: collector.episodeLength });
      collector.obs = env.reset().obs;
      collector.resets++;
      collector.episodeReturn = 0;
      collector.episodeLength = 0;
    }
    if (t % 100 === 99) yield;
  }
  return out;
}

/** Rows of several collections, [T, D] each, one after the other, [N, D]. */
export function joined(parts: readonly Float32Array[]): Float32Array {
  const out = new Float32Array(parts.reduce((size, part) => size + part.length, 0));
  let at = 0;
  for (const part of parts) {
    out.set(part, at);
    at += part.length;
  }
  return out;
}

function actionRow(action: Action): ArrayLike<number> & Iterable<number> {
  return typeof action === 'number' ? [action] : Array.from(action);
}
