// The rules by which records of experiments 8 and 9 become verdicts on the claims C10d and C3b. Written down before the
// runs that they judge.
import type { Rng } from '../backend/rng.ts';
import { mean } from '../stats/aggregate.ts';
import { bootstrap, type Estimate } from '../stats/bootstrap.ts';
import { type AnalysisLine, type AnalysisRecord, headerOf } from './analysis-record.ts';
import { type DegradationArea, degradationAreas, type LevelResult } from './degradation.ts';

/** What a rule can come to. */
export type Verdict = 'supported' | 'not supported' | 'mixed' | 'not yet measured';

/** What the rule for C10d looks at; all else in the records is reported and decides nothing. */
export const CONFIDENCE_RULE = {
  score: 'own',
  outcome: 'fall',
  k: 25,
  from: 50,
  conditions: ['nominal', 'disturbed'],
  baseline: 'distance',
  minSeeds: 5,
  minEpisodes: 3,
  text:
    "C10d. Score: the running mean (half-life 5 steps) of the logit of the run's own last discriminator, nothing " +
    'fitted afterwards. Outcome: a fall within the next 25 steps. Steps: from step 50 of an episode on, as a ' +
    'discriminator takes the start of every episode for the agent. Conditions: nominal (sampled actions, nothing else) ' +
    'and disturbed (mean action; pushes, mass, friction and sensor noise in equal numbers, from a random step on). In ' +
    'each condition the mean AUROC over seeds with its 95 % bootstrap interval over seeds; a seed counts where at least 3 ' +
    'episodes fall and 3 do not. Supported: the lower end is above 0.5 in both conditions. Mixed: in one of them, named. ' +
    'Not supported: in neither. Not yet measured: fewer than 5 seeds count in a condition. Reported beside it, without ' +
    'a say in the verdict: the difference to the distance to the nearest expert state on the same episodes; other ' +
    'negatives; other k.',
} as const;

/** What the rule for C3b looks at. */
export const ROBUSTNESS_RULE = {
  nominalShare: 0.9,
  minSeeds: 3,
  text:
    'C3b. For each run the share of its own undisturbed return that it keeps: the area under mean return (mean action, ' +
    '10 common starts a level) against the strength of the disturbance, over its undisturbed return, averaged over ' +
    'pushes, mass, friction and sensor noise. Runs count whose undisturbed return is at least 90 % of the ' +
    "expert's: robustness is compared at equal nominal return. The difference of means, MAIL minus GAIL, with its 95 % " +
    'bootstrap interval over seeds, each side drawn apart. Supported: the lower end is above 0. Mixed: it is not, but for ' +
    'one of the four kinds it is, named. Not supported: otherwise. Not yet measured: fewer than 3 runs count on a side.',
} as const;

/** A number of the verdict with the seeds behind it. */
export interface ConditionResult extends Estimate {
  readonly condition: string;
  readonly seeds: readonly number[];
  /** AUROC of the score minus that of the baseline, mean over these seeds. */
  readonly ahead: Estimate;
}

/** The verdict on C10d by `CONFIDENCE_RULE`. @param records of one task, a seed each */
export function confidenceVerdict(
  records: readonly AnalysisRecord[],
  { rng }: { readonly rng: Rng },
): { readonly verdict: Verdict; readonly results: readonly ConditionResult[] } {
  const { score, outcome, k, from, conditions, baseline, minSeeds, minEpisodes } = CONFIDENCE_RULE;
  const results = conditions.flatMap((condition) => {
    const counted = records.flatMap((lines) => {
      const line = lines.find(
        (line): line is Extract<AnalysisLine, { kind: 'auroc' }> =>
          line.kind === 'auroc' &&
          line.condition === condition &&
          line.outcome === outcome &&
          line.k === k &&
          line.from === from &&
          Math.min(line.troubled, line.episodes - line.troubled) >= minEpisodes,
      );
      const own = line?.scores[score];
      return own === undefined
        ? []
        : [{ seed: headerOf(lines).seed, own, ahead: own - line!.scores[baseline]! }];
    });
    if (counted.length === 0) return [];
    const over = (values: readonly number[]) =>
      bootstrap([values], ([drawn]) => mean(drawn!), { rng, resamples: 10_000 });
    return [
      {
        condition,
        seeds: counted.map(({ seed }) => seed),
        ...over(counted.map(({ own }) => own)),
        ahead: over(counted.map(({ ahead }) => ahead)),
      },
    ];
  });
  const above = results.filter(({ low }) => low > 0.5).length;
  const measured = results.length === conditions.length && results.every((r) => r.seeds.length >= minSeeds);
  const verdict = above === conditions.length ? 'supported' : above > 0 ? 'mixed' : 'not supported';
  return { verdict: measured ? verdict : 'not yet measured', results };
}

/** The verdict on C3b by `ROBUSTNESS_RULE`. @param reference return of the expert */
export function robustnessVerdict(
  sides: { readonly mail: readonly AnalysisRecord[]; readonly gail: readonly AnalysisRecord[] },
  { reference, rng }: { readonly reference: number; readonly rng: Rng },
): {
  readonly verdict: Verdict;
  /** Kept share, MAIL minus GAIL, over all kinds together; null where a side has no run that counts. */
  readonly difference: Estimate | null;
  readonly byKind: Readonly<Record<string, Estimate>>;
  readonly seeds: { readonly mail: readonly number[]; readonly gail: readonly number[] };
} {
  const { nominalShare, minSeeds } = ROBUSTNESS_RULE;
  const counted = (records: readonly AnalysisRecord[]) =>
    records
      .map((lines) => ({ seed: headerOf(lines).seed, areas: areasOf(lines, reference) }))
      .filter(({ areas }) => areas[0]!.nominal >= nominalShare * reference);
  const [mail, gail] = [counted(sides.mail), counted(sides.gail)];
  const seeds = { mail: mail.map(({ seed }) => seed), gail: gail.map(({ seed }) => seed) };
  if (mail.length === 0 || gail.length === 0)
    return { verdict: 'not yet measured', difference: null, byKind: {}, seeds };
  const between = (kept: (areas: readonly DegradationArea[]) => number) =>
    bootstrap(
      [mail, gail].map((side) => side.map(({ areas }) => kept(areas))),
      ([x, y]) => mean(x!) - mean(y!),
      { rng, resamples: 10_000 },
    );
  const difference = between((areas) => mean(areas.map(({ kept }) => kept)));
  const byKind = Object.fromEntries(
    mail[0]!.areas.map(({ kind }) => [
      kind,
      between((areas) => areas.find((area) => area.kind === kind)!.kept),
    ]),
  );
  const verdict =
    Math.min(mail.length, gail.length) < minSeeds
      ? 'not yet measured'
      : difference.low > 0
        ? 'supported'
        : Object.values(byKind).some(({ low }) => low > 0)
          ? 'mixed'
          : 'not supported';
  return { verdict, difference, byKind, seeds };
}

/** The areas of a robustness record, kind by kind. */
export function areasOf(lines: AnalysisRecord, reference: number): DegradationArea[] {
  const levels = lines.flatMap((line): LevelResult[] =>
    line.kind === 'level' ? [{ ...line, kind: line.disturbance }] : [],
  );
  return degradationAreas(levels, { reference });
}
