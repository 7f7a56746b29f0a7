// The slides' take-home messages on the discriminator: all read ablations of MAIL. The score of a run is its mean return over
// the whole of training as a share of the expert's (area under the learning curve), in which learning early counts as much as
// ending high: at the end CartPole's runs are all alike.
import { interquartileMean } from '../stats/aggregate.ts';
import { bootstrap } from '../stats/bootstrap.ts';
import { pairedDifference, type SeedScore } from '../stats/compare.ts';
import { holm } from '../stats/permutation.ts';
import { doseCorrelation } from '../stats/rank.ts';
import {
  type Claim,
  type Effect,
  type Evidence,
  type EvidenceRun,
  type Judgement,
  MIN_SEEDS,
  rngOf,
  verdictOf,
} from './claim.ts';
import { areaShares, having, meanMetric, scoresOf, valuesOf } from './groups.ts';

/** What was measured on one task, and whether all of it together makes the claim hold there. */
interface TaskJudgement {
  readonly effects: readonly Effect[];
  readonly holds: boolean;
}

/** The verdict over tasks; one for which `judgeTask` has too few seeds (null) is left out. */
function byTask(
  evidence: Evidence,
  experiment: string,
  judgeTask: (runs: readonly EvidenceRun[], env: string) => TaskJudgement | null,
): Judgement {
  const runs = evidence.runs(experiment);
  const tasks = valuesOf(runs, 'env').flatMap((env) => judgeTask(having(runs, { env }), String(env)) ?? []);
  return {
    verdict: verdictOf(tasks.map(({ holds }) => holds)),
    effects: tasks.flatMap(({ effects }) => effects),
  };
}

function enough(groups: readonly (readonly unknown[])[]): boolean {
  return groups.every(({ length }) => length >= MIN_SEEDS);
}

/** C10a, by the experiment d-size. */
export const largeDiscriminator: Claim = {
  id: 'C10a',
  claim: 'The discriminator should be about twice as large as the policy',
  measure:
    'which of the sizes 0.25, 0.5, 1, 2 and 4 times the policy has the best interquartile mean of the score',
  rule: 'Supported in a task where the 95 % interval of the best size, over seeds drawn anew, contains 2 and neither 0.5 nor less',
  judge: (evidence) =>
    byTask(evidence, 'd-size', (runs, env) => {
      const sizes = [0.25, 0.5, 1, 2, 4];
      const groups = sizes.map((size) => scoresOf(areaShares(having(runs, { size }), evidence)));
      if (!enough(groups)) return null;
      const best = bootstrap(
        groups,
        (drawn) => {
          const middles = drawn.map(interquartileMean);
          return sizes[middles.indexOf(Math.max(...middles))]!;
        },
        { rng: rngOf('C10a'), resamples: 10_000 },
      );
      const holds = best.low > 0.5 && best.low <= 2 && best.high >= 2;
      const seeds = Math.min(...groups.map(({ length }) => length));
      return { effects: [{ setting: `${env}: best size, in policies`, ...best, seeds, holds }], holds };
    }),
};

/** C10b, by the experiment d-rate. */
export const largeSlowRate: Claim = {
  id: 'C10b',
  claim: 'The discriminator should learn at a large rate that slowly decays',
  measure:
    'the score with rate 0.003 and slow (linear) decay minus that with no decay, with fast decay, and with rate 0.0003 and slow decay; same seeds',
  rule: "Supported in a task where all three differences are above 0: 95 % intervals, and Holm's correction of the sign-flip tests at 0.05 where there are enough seeds to meet it (7 or more)",
  judge: (evidence) =>
    byTask(evidence, 'd-rate', (runs, env) => {
      const scores = (rate: number, decay: string) => areaShares(having(runs, { rate, decay }), evidence);
      const rivals = {
        'no decay': scores(3e-3, 'constant'),
        'fast decay': scores(3e-3, 'fast'),
        'small rate': scores(3e-4, 'slow'),
      };
      const effects = pairedEffects(scores(3e-3, 'slow'), rivals, {
        id: 'C10b',
        prefix: `${env}: large rate and slow decay minus `,
      });
      return effects && { effects, holds: effects.every(({ holds }) => holds) };
    }),
};

/** C10c, by the experiment expert-noise. */
export const expertNoiseHelps: Claim = {
  id: 'C10c',
  claim: 'Noise on the expert data helps, as the discriminator otherwise separates it too easily',
  measure:
    "the score with noise on the expert's pairs minus that without, same seeds; the discriminator's accuracy against the noise",
  rule: "Supported in a task where for some noise the difference is above 0 (95 % interval, and Holm's correction of the sign-flip tests over the noises at 0.05 where there are enough seeds to meet it, 8 or more), and the accuracy falls with the noise (Spearman's correlation, 95 % interval below 0). The same noise on both sides is reported beside it",
  judge: (evidence) =>
    byTask(evidence, 'expert-noise', (runs, env) => {
      const levels = [0.02, 0.05, 0.1, 0.2, 0.5];
      const of = (noise: string) => having(runs, { noise });
      const none = areaShares(of('expert 0'), evidence);
      const rivals = (noises: readonly string[]) =>
        Object.fromEntries(noises.map((noise) => [noise, areaShares(of(noise), evidence)]));
      // Noise minus none: the level is what is tried here.
      const naming = { id: 'C10c', prefix: `${env}: noise on `, reversed: true };
      const noises = pairedEffects(none, rivals(levels.map((sigma) => `expert ${sigma}`)), naming);
      // The controls have no say in the verdict, and so no place among the tests that are corrected for one another.
      const controls = pairedEffects(none, rivals(['both 0.05', 'both 0.2', 'both 0.5']), naming);
      if (!noises || !controls) return null;
      const doses = [0, ...levels].map((level) => ({
        level,
        scores: meanMetric(of(`expert ${level}`), 'disc/accuracy'),
      }));
      const estimate = doseCorrelation(doses, { rng: rngOf('C10c'), resamples: 10_000 });
      const accuracy = {
        setting: `${env}: correlation of noise and the discriminator's accuracy`,
        ...estimate,
        seeds: none.length,
        holds: estimate.high < 0,
      };
      return {
        effects: [...noises, ...controls, accuracy],
        holds: accuracy.holds && noises.some(({ holds }) => holds),
      };
    }),
};

/** Differences on common seeds, corrected for how many there are; null if any rival has too few seeds in common. */
function pairedEffects(
  tried: readonly SeedScore[],
  rivals: Readonly<Record<string, readonly SeedScore[]>>,
  {
    id,
    prefix,
    reversed = false,
  }: { readonly id: string; readonly prefix: string; readonly reversed?: boolean },
): Effect[] | null {
  const seeds = new Set(tried.map(({ seed }) => seed));
  const common = Object.values(rivals).map((rival) => rival.filter(({ seed }) => seeds.has(seed)));
  if (!enough(common)) return null;
  const differences = Object.values(rivals).map((rival) =>
    pairedDifference(reversed ? { tried: rival, baseline: tried } : { tried, baseline: rival }, {
      rng: rngOf(id),
      resamples: 10_000,
    }),
  );
  const corrected = holm(differences.map(({ pValue }) => pValue));
  // All signs alike is the most that seeds can say: with five of them p = 1/16, which no correction brings below 0.05.
  const least = holm(differences.map(({ seeds }) => 2 ** (1 - seeds.length)));
  return Object.keys(rivals).map((name, i) => {
    const { value, low, high, seeds } = differences[i]!;
    const significant = least[i]! >= 0.05 || corrected[i]! < 0.05;
    return {
      setting: `${prefix}${name}`,
      value,
      low,
      high,
      seeds: seeds.length,
      holds: low > 0 && significant,
    };
  });
}
