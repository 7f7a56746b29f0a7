// The scorecard: every claim judged, and its effects in words. The command, the README, notebook 08 and the report of
// `npm run reproduce` all say the same.
import type { Claim, Effect, Evidence, Judgement } from './claim.ts';
import { claims } from './claims.ts';

/** A claim with its verdict. */
export type JudgedClaim = Omit<Claim, 'judge'> & Judgement;

/** Applies each claim's rule. Claims about gradients are computed here and now, which takes seconds each. */
export function judgeClaims(evidence: Evidence, chosen: readonly Claim[] = claims): JudgedClaim[] {
  return chosen.map(({ judge, ...claim }) => ({ ...claim, ...judge(evidence) }));
}

/** A claim as a row of the table. */
export interface ScorecardRow {
  readonly claim: string;
  readonly 'in other words': string;
  readonly measured: string;
  /** How many, or from how many to how many over the settings; '-' where nothing was measured. */
  readonly seeds: string;
  readonly verdict: string;
}

/** Claims with more effects than this are summed up. */
const LISTED = 4;

/** What stands in the table for a claim. */
export function scorecardRow({ id, claim, effects, verdict }: JudgedClaim): ScorecardRow {
  const holding = effects.filter(({ holds }) => holds).length;
  const listed = effects.map((effect) => `${effect.setting} = ${effectText(effect)}`);
  const measured =
    effects.length <= LISTED
      ? listed.join('; ')
      : `holds in ${holding} of ${effects.length} settings, for example ${listed.at(-1)}`;
  const seeds = effects.map((effect) => effect.seeds);
  const range = [...new Set([Math.min(...seeds), Math.max(...seeds)])].join(' to ');
  return {
    claim: id,
    'in other words': claim,
    measured: measured || '-',
    seeds: effects.length > 0 ? range : '-',
    verdict,
  };
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

/**
 * The text of results/scorecard.json: for every claim its rule, verdict, the words of its row, and all effects, each with
 * its numbers to three digits (null: infinite or undefined) and in words.
 */
export function scorecardText(judged: readonly JudgedClaim[]): string {
  const entries = judged.map((each) => {
    const { effects, ...claim } = each;
    const { measured, seeds } = scorecardRow(each);
    return {
      ...claim,
      measured,
      seeds,
      effects: effects.map((effect) => ({
        ...effect,
        value: rounded(effect.value),
        low: rounded(effect.low),
        high: rounded(effect.high),
        text: effectText(effect),
      })),
    };
  });
  return `${JSON.stringify(entries, null, 1)}\n`;
}
