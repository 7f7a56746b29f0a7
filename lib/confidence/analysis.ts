// Experiment 8 (claim C10d): how well a discriminator foresees falls and low returns of its policy, beside the baselines,
// undisturbed and disturbed. The rule of the verdict is in verdicts.ts.
import { permutation, stream } from '../backend/rng.ts';
import { pairsOf } from '../data/demos.ts';
import { type Pairs, type Trajectory, trajectoryLength, trajectoryReturn } from '../data/types.ts';
import { actor } from '../models/policy.ts';
import { mean, quantile } from '../stats/aggregate.ts';
import type { AnalysisLine, AurocLine } from './analysis-record.ts';
import { auroc, compareAuroc, type ScoredEpisode } from './auroc.ts';
import { calibration, fitTemperature } from './calibration.ts';
import {
  DISTURBANCE_KINDS,
  DISTURBANCES,
  type Disturbance,
  onsetStep,
  type TestBench,
} from './disturbances.ts';
import {
  type JudgedEpisode,
  type JudgedRun,
  type JudgeSettings,
  judgeEpisode,
  judgesOf,
  pairsFrom,
} from './judges.ts';
import { alarmThresholds, leadTimes, type WatchedEpisode } from './lead-time.ts';
import { earnsLess, fallsWithin, returnsAhead } from './outcomes.ts';
import { runningMeans, type Score } from './score.ts';

/** What the analysis depends on, besides the policy. The seed is the same for all policies. */
export interface ConfidenceSettings extends JudgeSettings {
  /** Per kind of disturbance, and undisturbed. */
  readonly episodes: number;
  readonly maxSteps: number;
  /** Of the running mean of every score, steps. */
  readonly halfLife: number;
  /** Looks ahead, steps. */
  readonly ks: readonly number[];
  /** The one of them that gets intervals, and the kinds of disturbance apart. */
  readonly k: number;
  /** Share of calm episodes that may raise an alarm. */
  readonly falseAlarms: number;
  /** An episode has a low return below this share of what the expert earns in `maxSteps`. */
  readonly lowShare: number;
}

/** The settings of the committed analyses: every policy is judged by these. */
export const confidenceSettings: ConfidenceSettings = {
  seed: 1,
  episodes: 20,
  maxSteps: 400,
  from: 50,
  onset: [80, 160],
  halfLife: 5,
  ks: [10, 25, 50, 100],
  k: 25,
  falseAlarms: 0.1,
  lowShare: 0.75,
  clumsyStd: 0.5,
  negatives: 8,
  members: 3,
  fit: { hidden: [100, 50], updates: 400, batchSize: 128, rate: 2e-3, penalty: 1 },
};

/** Every level above 0 of every kind: what the bench has to hold. */
export const disturbedConditions: readonly Disturbance[] = DISTURBANCE_KINDS.flatMap((kind) =>
  DISTURBANCES[kind].slice(1).map((level) => ({ kind, level })),
);

/** The whole analysis of one run, line by line (without the header). */
export function* analyseConfidence(
  run: JudgedRun,
  bench: TestBench,
  settings: ConfidenceSettings,
): Generator<AnalysisLine> {
  const { scores, fresh } = judgesOf(run, bench, settings);
  const { from, halfLife, k } = settings;
  const act = actor(run.policy);
  const seedOf = (set: number, e: number) => 1_000_000 * settings.seed + 1000 * set + e;
  const roll = (set: number, sampled: boolean, disturbance?: (e: number) => Disturbance) =>
    Array.from({ length: settings.episodes }, (_, e) => {
      const seed = seedOf(set, e);
      const onset = disturbance ? onsetStep(seed, settings.onset) : from;
      const trajectory = bench.roll(act, disturbance?.(e) ?? null, { seed, at: onset, sampled });
      return judgeEpisode(trajectory, { scores, onset, halfLife });
    }).filter(({ trajectory }) => trajectoryLength(trajectory) > from);

  const calm = roll(0, false);
  const byKind = Object.fromEntries(
    DISTURBANCE_KINDS.map((kind, i) => {
      const levels = DISTURBANCES[kind].slice(1);
      return [kind, roll(2 + i, false, (e) => ({ kind, level: levels[e % levels.length]! }))];
    }),
  );
  const conditions = { nominal: roll(1, true), ...byKind, disturbed: Object.values(byKind).flat() };

  const below = (steps: number) =>
    quantile(
      run.demos.trajectories.flatMap((trajectory) =>
        [...returnsAhead(trajectory, steps)].slice(from, -steps),
      ),
      0.05,
    );
  const enough =
    settings.lowShare * mean(run.demos.trajectories.map((t) => trajectoryReturn(t) / trajectoryLength(t)));
  for (const [condition, episodes] of Object.entries(conditions)) {
    const whole = condition === 'nominal' || condition === 'disturbed';
    for (const steps of whole ? settings.ks : [k])
      for (const outcome of ['fall', 'lowReturn'] as const) {
        const outcomeOf = (trajectory: Trajectory) =>
          outcome === 'fall'
            ? fallsWithin(trajectory, steps)
            : earnsLess(trajectory, { k: steps, below: below(steps) });
        const judged = scored(episodes, outcomeOf, from);
        yield aurocLine(judged, { condition, outcome, k: steps, from });
        if (steps !== k || outcome !== 'fall') continue;
        yield aurocLine(scored(episodes, outcomeOf, 0), { condition, outcome, k, from: 0 });
        if (!whole || !telling(judged)) continue;
        const rng = stream(settings.seed, 'intervals', condition);
        for (const row of compareAuroc(judged, { rng, reference: 'distance', resamples: 200 }))
          yield { kind: 'interval', condition, outcome, k, ...row };
      }
    const fates = episodes.flatMap((episode) => fateOf(episode, { k, below: enough * settings.maxSteps }));
    yield aurocLine(fates, { condition, outcome: 'lowEpisode', k, from });
  }
  yield* leads(calm, { nominal: conditions.nominal, disturbed: conditions.disturbed }, settings);
  yield* calibrations(run, { scores, fresh, from, rng: stream(settings.seed, 'calibration') });
}

/** The judged steps of episodes, from `first` on. */
function scored(
  episodes: readonly JudgedEpisode[],
  outcomeOf: (trajectory: Trajectory) => Int8Array,
  first: number,
): ScoredEpisode[] {
  return episodes.map(({ trajectory, scores }) => ({
    outcome_T: outcomeOf(trajectory).subarray(first),
    scores: Object.fromEntries(
      Object.entries(scores).map(([name, score_T]) => [name, score_T.subarray(first)]),
    ),
  }));
}

/** Whether at least 3 episodes have a step with trouble ahead and 3 have one without: fewer are anecdotes. */
function telling(episodes: readonly ScoredEpisode[]): boolean {
  return [0, 1].every((kind) => episodes.filter(({ outcome_T }) => outcome_T.includes(kind)).length >= 3);
}

function aurocLine(
  episodes: readonly ScoredEpisode[],
  about: Pick<AurocLine, 'condition' | 'outcome' | 'k' | 'from'>,
): AurocLine {
  const outcome_N = episodes.flatMap(({ outcome_T }) => [...outcome_T]);
  const names = telling(episodes) ? Object.keys(episodes[0]!.scores) : [];
  const area = (name: string) =>
    auroc(
      episodes.flatMap(({ scores }) => [...(scores[name] as Float64Array)]),
      outcome_N,
    );
  return {
    kind: 'auroc',
    ...about,
    episodes: episodes.length,
    troubled: episodes.filter(({ outcome_T }) => outcome_T.includes(1)).length,
    scores: Object.fromEntries(names.map((name) => [name, area(name)])),
  };
}

/** One observation an episode: the mean score over the k steps after the onset, and whether the episode earned too little. */
function fateOf(
  { trajectory, onset, scores }: JudgedEpisode,
  { k, below }: { readonly k: number; readonly below: number },
): ScoredEpisode[] {
  // An episode that ends in that window is no forecast any more.
  if (trajectoryLength(trajectory) <= onset + k) return [];
  const outcome_T = Int8Array.of(trajectoryReturn(trajectory) < below ? 1 : 0);
  const window = ([name, score_T]: [string, Float64Array]) => [
    name,
    [mean(score_T.subarray(onset, onset + k))],
  ];
  return [{ outcome_T, scores: Object.fromEntries(Object.entries(scores).map(window)) }];
}

function* leads(
  calm: readonly JudgedEpisode[],
  conditions: Readonly<Record<string, readonly JudgedEpisode[]>>,
  { from, halfLife, falseAlarms }: ConfidenceSettings,
): Generator<AnalysisLine> {
  const signalsOf = ({ trajectory, scores: { clock: _, entropy: __, ...scores } }: JudgedEpisode) => ({
    ...scores,
    reward: runningMeans(trajectory.reward_T, halfLife),
  });
  const standing = calm.filter(({ trajectory }) => !trajectory.terminated).map(signalsOf);
  if (standing.length < 3) return;
  const thresholds = alarmThresholds(standing, { falseAlarms, from });
  for (const [condition, episodes] of Object.entries(conditions)) {
    const watched = episodes.map(
      (episode): WatchedEpisode => ({
        signals: signalsOf(episode),
        from: episode.onset,
        fell: episode.trajectory.terminated,
      }),
    );
    if (watched.filter(({ fell }) => fell).length < 3) continue;
    for (const row of leadTimes(watched, thresholds, { reference: 'reward' })) {
      const rate = row.alarmsWithoutFall;
      yield { kind: 'lead', condition, ...row, alarmsWithoutFall: Number.isNaN(rate) ? null : rate };
    }
  }
}

/** Reliability on expert pairs that nobody learnt from, against fresh pairs of the agents. */
function* calibrations(
  { unseen }: JudgedRun,
  {
    scores,
    fresh,
    from,
    rng,
  }: {
    readonly scores: Readonly<Record<string, Score>>;
    readonly fresh: Readonly<Record<string, Pairs>>;
    readonly from: number;
    readonly rng: Parameters<typeof permutation>[0];
  },
): Generator<AnalysisLine> {
  const expert = pairsFrom(unseen.trajectories, from);
  for (const [name, agent] of [
    ['own', 'policy'],
    ['vs policy', 'policy'],
    ['vs clumsy', 'clumsy'],
  ] as const) {
    const score = scores[name];
    if (!score) continue;
    const n = Math.min(expert.n, fresh[agent]!.n, 1000);
    const logits = [expert, fresh[agent]!].map((pairs) =>
      logitsOf(score, pairs, permutation(rng, pairs.n).subarray(0, n)),
    );
    const half = Math.floor(n / 2);
    const part = (first: number, end: number) => ({
      logit_N: logits.flatMap((logit_N) => logit_N.slice(first, end)),
      expert_N: logits.flatMap((_, i) => new Array<number>(end - first).fill(1 - i)),
    });
    const temperature = fitTemperature(part(0, half));
    yield { kind: 'calibration', score: name, agent, ...plain(calibration(part(half, n))), temperature };
  }
}

function plain({ bins, ...numbers }: ReturnType<typeof calibration>) {
  return { ...numbers, bins: bins.map((bin) => ({ ...bin })) };
}

function logitsOf(score: Score, pairs: Pairs, rows: Int32Array): number[] {
  const { n, obs_ND, act_NA } = pairsOf(pairs, rows);
  const [D, A] = [obs_ND.length / n, act_NA.length / n];
  return Array.from({ length: n }, (_, i) =>
    score(obs_ND.subarray(i * D, (i + 1) * D), act_NA.subarray(i * A, (i + 1) * A)),
  );
}
