// The scorecard: every claim judged, and its effects in words. The command, the README, notebook 08 and the report of
// `npm run reproduce` all say the same.
import type { Verdict } from '../confidence/verdicts.ts';
import type { Claim, Effect, Evidence, Judgement } from './claim.ts';
import { claims } from './claims.ts';

/** A claim with its verdict. */
export type JudgedClaim = Omit<Claim, 'judge'> & Judgement;

/** Applies each claim's rule. Claims about gradients are computed here and now, which takes seconds each. */
export function judgeClaims(evidence: Evidence, chosen: readonly Claim[] = claims): JudgedClaim[] {
  return chosen.map(({ judge, ...claim }) => ({ ...claim, ...judge(evidence) }));
}

/** A claim as it stands in results/scorecard.json. */
export interface ScorecardEntry {
  readonly id: string;
  /** The claim in other words. */
  readonly claim: string;
  readonly measure: string;
  readonly rule: string;
  readonly verdict: Verdict;
  /** The effects in words; of many, how many hold, and one of them. '-' where nothing was measured. */
  readonly measured: string;
  /** How many, or from how many to how many over the settings; '-' where nothing was measured. */
  readonly seeds: string;
  readonly effects: readonly EffectEntry[];
}

/** An effect with its numbers to three digits, null where they are infinite or undefined, and in words. */
export interface EffectEntry {
  readonly setting: string;
  readonly value: number | null;
  readonly low: number | null;
  readonly high: number | null;
  readonly seeds: number;
  readonly holds: boolean;
  readonly text: string;
}

/** Claims with more effects than this are summed up. */
const LISTED = 4;

/** Judged claims in words, as plain data. */
export function scorecardEntries(judged: readonly JudgedClaim[]): ScorecardEntry[] {
  return judged.map(({ id, claim, measure, rule, verdict, effects }) => {
    const holding = effects.filter(({ holds }) => holds).length;
    const listed = effects.map((effect) => `${effect.setting} = ${effectText(effect)}`);
    const measured =
      effects.length <= LISTED
        ? listed.join('; ')
        : `holds in ${holding} of ${effects.length} settings, for example ${listed.at(-1)}`;
    const counts = effects.map(({ seeds }) => seeds);
    const range = [...new Set([Math.min(...counts), Math.max(...counts)])].join(' to ');
    return {
      id,
      claim,
      measure,
      rule,
      verdict,
      measured: measured || '-',
      seeds: effects.length > 0 ? range : '-',
      effects: effects.map((effect) => ({
        ...effect,
        value: rounded(effect.value),
        low: rounded(effect.low),
        high: rounded(effect.high),
        text: effectText(effect),
      })),
    };
  });
}

/** A measured number with its interval, three digits each: '4.44 (2.67 to 6.69)'. */
export function effectText({ value, low, high }: Effect): string {
  return `${shown(value)}${Number.isNaN(low) ? '' : ` (${shown(low)} to ${shown(high)})`}`;
}

function shown(value: number): string {
  if (Number.isNaN(value)) return '?';
  return Number.isFinite(value) ? String(rounded(value)) : 'infinite';
}

/** JSON knows no infinity and no NaN: null. */
function rounded(value: number): number | null {
  return Number.isFinite(value) ? Number(value.toPrecision(3)) : null;
}
