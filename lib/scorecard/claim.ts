// What a claim of the slides is to us: a measure, a rule that was written down before its data, and a function that applies
// the rule. Nobody gives a verdict by hand.
import { type Rng, stream } from '../backend/rng.ts';
import type { AnalysisRecord } from '../confidence/analysis-record.ts';
import type { Verdict } from '../confidence/verdicts.ts';
import type { RecordLine } from '../experiment/record.ts';
import type { Estimate } from '../stats/bootstrap.ts';

/** A finished run of an experiment, with what distinguishes it there. */
export interface EvidenceRun {
  readonly labels: Readonly<Record<string, string | number>>;
  readonly seed: number;
  readonly lines: readonly RecordLine[];
}

/** Everything that verdicts rest on. */
export interface Evidence {
  /** The recorded runs of an experiment at the full profile. */
  readonly runs: (experiment: string) => readonly EvidenceRun[];
  /** Records of an analysis (confidence, robustness, model-age) of what an algorithm learnt. */
  readonly analyses: (analysis: string, algorithm: string) => readonly AnalysisRecord[];
  /** Mean return of a task's demonstrations. */
  readonly expertReturn: (env: string) => number;
}

/** A measured number in one setting: what the rule looks at. */
export interface Effect extends Estimate {
  /** Where and what, for example 'Hopper-v5, 4 trajectories: MAIL minus GAIL'. */
  readonly setting: string;
  readonly seeds: number;
  /** Whether the claim holds here by its rule. */
  readonly holds: boolean;
}

/** No interval: the number was counted or computed, not drawn from seeds. */
export const NO_INTERVAL = { low: Number.NaN, high: Number.NaN } as const;

/** A claim of the slides with its measure and its rule, both written before the data. */
export interface Claim {
  /** As in the slides' order: C1 to C10d. */
  readonly id: string;
  /** The claim in other words. */
  readonly claim: string;
  readonly measure: string;
  /** When it counts as supported. */
  readonly rule: string;
  readonly judge: (evidence: Evidence) => Judgement;
}

/** What the rule made of the evidence. */
export interface Judgement {
  readonly verdict: Verdict;
  readonly effects: readonly Effect[];
}

/** Seeds below which an interval says too little for a verdict. */
export const MIN_SEEDS = 3;

/** Supported where it holds in every setting, mixed in some, not supported in none; not yet measured without settings. */
export function verdictOf(holds: readonly boolean[]): Verdict {
  if (holds.length === 0) return 'not yet measured';
  if (holds.every(Boolean)) return 'supported';
  return holds.some(Boolean) ? 'mixed' : 'not supported';
}

/** The verdict on effects each of which is a setting of its own. */
export function judged(effects: readonly Effect[]): Judgement {
  return { verdict: verdictOf(effects.map(({ holds }) => holds)), effects };
}

/** The random numbers of a claim's intervals: the same in every call. */
export function rngOf(id: string): Rng {
  return stream(0, 'scorecard', id);
}
