// Experiment 8: who judges a policy. Its own discriminator, discriminators fitted afterwards against different negatives,
// and the baselines; all on the pairs that the imitator was given, and nothing more.
import { randomAct } from '../agents/rollout.ts';
import { normal, type Rng, stream } from '../backend/rng.ts';
import { pairStatistics } from '../data/demos.ts';
import { type Demos, type Pairs, type Trajectory, trajectoryLength } from '../data/types.ts';
import type { Env } from '../envs/types.ts';
import { type Discriminator, initDiscriminator } from '../models/discriminator.ts';
import { type Act, actor, type Policy } from '../models/policy.ts';
import { standardizer } from '../models/standardizer.ts';
import { agreement, expertProximity, policyCertainty } from './baselines.ts';
import { type Disturbance, onsetStep, type TestBench } from './disturbances.ts';
import { fitDiscriminator } from './fit-discriminator.ts';
import { logitScore, pairRow, runningMeans, type Score, scoreSteps } from './score.ts';

/** How a discriminator is fitted: see `fitDiscriminator`. */
export interface FitSettings {
  /** Widths of the hidden ReLU layers. */
  readonly hidden: readonly number[];
  readonly updates: number;
  readonly batchSize: number;
  readonly rate: number;
  /** Weight of the gradient penalty. */
  readonly penalty: number;
}

/**
 * A discriminator of its own: expert pairs against the agent's, scaled by the expert's.
 * @param seed of its weights and batches
 */
export function fitJudge(
  { expert, agent }: { readonly expert: Pairs; readonly agent: Pairs },
  { env, seed, ...settings }: FitSettings & { readonly env: Env; readonly seed: number },
): Discriminator {
  const { actSpace } = env;
  const actions = actSpace.type === 'discrete' ? actSpace.n : 0;
  const { obsMean_D, obsStd_D, actMean_A, actStd_A } = pairStatistics(expert, { actions });
  const rng = stream(seed, 'judge');
  const discriminator = initDiscriminator(
    {
      obsNorm: standardizer(obsMean_D, obsStd_D),
      actMean_A: Float32Array.from(actMean_A),
      actScale_A: Float32Array.from(actStd_A, (std) => std + 1e-3),
      actBound: actSpace.type === 'discrete' ? Number.POSITIVE_INFINITY : actSpace.high[0]!,
      hidden: settings.hidden,
    },
    rng,
  );
  const rows = { expert_NI: rowsOf(discriminator, expert), agent_NI: rowsOf(discriminator, agent) };
  fitDiscriminator(discriminator, rows, { ...settings, rng });
  return discriminator;
}

/** Pairs as the discriminator takes them, [N, I]; discrete actions by number. */
function rowsOf(discriminator: Discriminator, { n, obs_ND, act_NA }: Pairs): Float32Array {
  const row = pairRow(discriminator);
  const [D, A, I] = [obs_ND.length / n, act_NA.length / n, discriminator.spec.sizes[0]!];
  const rows_NI = new Float32Array(n * I);
  for (let i = 0; i < n; i++)
    rows_NI.set(row(obs_ND.subarray(i * D, (i + 1) * D), act_NA.subarray(i * A, (i + 1) * A)), i * I);
  return rows_NI;
}

/**
 * Every pair from step `from` of each episode on. The start of an episode is no place for negatives: the expert's episodes
 * are long and hardly any of its pairs are from there, so that a discriminator would learn to know the first steps.
 * @throws RangeError if no episode is that long
 */
export function pairsFrom(trajectories: readonly Trajectory[], from: number): Pairs {
  const parts = trajectories.flatMap((trajectory) => {
    const T = trajectoryLength(trajectory);
    if (T <= from) return [];
    const { obs_Tp1D, act_TA } = trajectory;
    const [D, A] = [obs_Tp1D.length / (T + 1), act_TA.length / T];
    return [{ n: T - from, obs: obs_Tp1D.subarray(from * D, T * D), act: act_TA.subarray(from * A) }];
  });
  const n = parts.reduce((sum, part) => sum + part.n, 0);
  if (n === 0)
    throw new RangeError(
      `Cannot take pairs from step ${from} on: none of ${trajectories.length} episodes is that long`,
    );
  return {
    n,
    obs_ND: Float32Array.from(parts.flatMap(({ obs }) => [...obs])),
    act_NA: Float32Array.from(parts.flatMap(({ act }) => [...act])),
  };
}

/** Who is judged, and what the judges may know. */
export interface JudgedRun {
  readonly policy: Policy;
  /** The discriminator that the run ended with. */
  readonly discriminator?: Discriminator;
  /** The pairs that the imitator was given. */
  readonly pairs: Pairs;
  /** The trajectories that they are from: what the expert earns in k steps. */
  readonly demos: Demos;
  /** Expert trajectories that nobody learnt from: for calibration. */
  readonly unseen: Demos;
}

/** A named score of every pair, and pairs of the agents that no fit has seen. */
export interface Judges {
  readonly scores: Readonly<Record<string, Score>>;
  readonly fresh: Readonly<Record<string, Pairs>>;
}

/** How the judges are made, and which steps they judge. */
export interface JudgeSettings {
  /** Of all episodes and fits. */
  readonly seed: number;
  /** Steps of each episode that are not judged, nor learnt from. */
  readonly from: number;
  /** Steps between which a push comes. */
  readonly onset: readonly [number, number];
  /** Std of the clumsy negatives' action noise, action units. */
  readonly clumsyStd: number;
  /** Episodes of each kind of negatives. */
  readonly negatives: number;
  /** Discriminators whose agreement is a baseline. */
  readonly members: number;
  readonly fit: FitSettings;
}

/**
 * All scores of one run by name, each high where all is well:
 * - own: the run's own discriminator, where it is given;
 * - vs policy, vs clumsy, vs random, vs pushed: fitted on the imitator's pairs against these negatives;
 * - distance, pair distance: minus the distance to the nearest pair of the expert, by state, by state and action;
 * - agreement: minus the disagreement of discriminators fitted alike against the policy;
 * - entropy: minus the policy's entropy.
 * @param bench built with the push of 1 m/s among its disturbances, or none that changes a body
 */
export function judgesOf(
  { policy, pairs, discriminator }: Pick<JudgedRun, 'policy' | 'pairs' | 'discriminator'>,
  bench: TestBench,
  { seed, from, onset, clumsyStd, negatives, members, fit }: JudgeSettings,
): Judges {
  const { env } = bench;
  const act = actor(policy);
  const pushed: Disturbance = { kind: 'push', level: 1 };
  /** Episodes under consecutive seeds, from the set's first on. */
  const episodes = (set: number, roll: (seed: number) => Trajectory) =>
    Array.from({ length: negatives }, (_, e) => roll(1_000_000 * seed + 1000 * (900 + set) + e));
  const itself = (set: number) =>
    pairsFrom(
      episodes(set, (s) => bench.roll(act, null, { at: 0, seed: s, sampled: true })),
      from,
    );
  const noisy = (set: number) =>
    pairsFrom(
      episodes(set, (s) => {
        const rng = stream(s, 'clumsy');
        return bench.roll(clumsy(act, { std: clumsyStd, from, rng }), null, { at: 0, seed: s });
      }),
      from,
    );
  // Random actions fall within the run-up: these negatives cannot avoid the start of the episodes.
  const random = episodes(4, (s) => bench.roll(randomAct(env), null, { at: 0, seed: s, sampled: true }));
  const shaken = episodes(5, (s) => bench.roll(act, pushed, { seed: s, at: onsetStep(s, onset) }));
  const fitted = (agent: Pairs, member = 0) =>
    fitJudge({ expert: pairs, agent }, { ...fit, env, seed: 10 * seed + member });
  const own = itself(0);
  const ensemble = Array.from({ length: members }, (_, m) => fitted(own, m));
  return {
    fresh: { policy: itself(1), clumsy: noisy(3) },
    scores: {
      ...(discriminator ? { own: logitScore(discriminator) } : {}),
      'vs policy': logitScore(ensemble[0]!),
      'vs clumsy': logitScore(fitted(noisy(2))),
      'vs random': logitScore(fitted(pairsFrom(random, 0))),
      'vs pushed': logitScore(fitted(pairsFrom(shaken, from))),
      distance: expertProximity(ensemble[0]!, pairs),
      'pair distance': expertProximity(ensemble[0]!, pairs, { over: 'pairs' }),
      agreement: agreement(ensemble.map(logitScore)),
      entropy: policyCertainty(policy),
    },
  };
}

/** An episode with all scores, smoothed. */
export interface JudgedEpisode {
  readonly trajectory: Trajectory;
  /** Step of the disturbance. */
  readonly onset: number;
  /** Running mean of every score, [T], by name. */
  readonly scores: Readonly<Record<string, Float64Array>>;
}

/** Running means of all scores along an episode; `clock`, minus the steps taken, is the control that knows no robot. */
export function judgeEpisode(
  trajectory: Trajectory,
  {
    scores,
    onset,
    halfLife,
  }: {
    readonly scores: Readonly<Record<string, Score>>;
    readonly onset: number;
    readonly halfLife: number;
  },
): JudgedEpisode {
  const smooth = Object.entries(scores).map(([name, score]) => [
    name,
    runningMeans(scoreSteps(score, trajectory), halfLife),
  ]);
  const clock = Float64Array.from({ length: trajectoryLength(trajectory) }, (_, t) => -t);
  return { trajectory, onset, scores: { ...Object.fromEntries(smooth), clock } };
}

/**
 * The policy with normal noise on its actions from step `from` on, for one episode only: it counts its own steps.
 * @param options.std of the noise on every action entry, action units; discrete actions stay as they are
 */
export function clumsy(act: Act, { std, from, rng }: { std: number; from: number; rng: Rng }): Act {
  let step = 0;
  return (obs) => {
    const chosen = act(obs);
    if (typeof chosen === 'number' || step++ < from) return chosen;
    return Array.from(chosen, (a) => a + std * normal(rng));
  };
}
