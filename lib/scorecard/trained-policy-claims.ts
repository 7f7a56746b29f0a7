// Claims about policies that were trained already: their records are analyses. The rules stand in confidence/verdicts.ts.

import { type AnalysisRecord, headerOf } from '../confidence/analysis-record.ts';
import {
  CONFIDENCE_RULE,
  confidenceVerdict,
  ROBUSTNESS_RULE,
  robustnessVerdict,
} from '../confidence/verdicts.ts';
import { type Claim, type Effect, type Evidence, rngOf } from './claim.ts';

const TASK = 'Hopper-v5';

/** Analyses of what an algorithm learnt on the one task that both claims are judged on. */
function analysesOnTask(evidence: Evidence, analysis: string, algorithm: string): AnalysisRecord[] {
  return evidence.analyses(analysis, algorithm).filter((record) => headerOf(record).env === TASK);
}

/** C3b, by the robustness analyses of trained policies. */
export const moreRobust: Claim = {
  id: 'C3b',
  claim: 'Its policies are more robust',
  measure: `share of its own return that a policy keeps under pushes, other masses, other friction and sensor noise, on ${TASK}: MAIL minus GAIL`,
  rule: ROBUSTNESS_RULE.text,
  judge(evidence) {
    const sides = {
      mail: analysesOnTask(evidence, 'robustness', 'mail'),
      gail: analysesOnTask(evidence, 'robustness', 'gail'),
    };
    const { verdict, difference, byKind, seeds } = robustnessVerdict(sides, {
      reference: evidence.expertReturn(TASK),
      rng: rngOf('C3b'),
    });
    if (!difference) return { verdict, effects: [] };
    const count = Math.min(seeds.mail.length, seeds.gail.length);
    const effects = Object.entries({ 'all kinds': difference, ...byKind }).map(
      ([kind, estimate]): Effect => ({
        setting: `${TASK}, ${kind}: share kept, MAIL minus GAIL`,
        ...estimate,
        seeds: count,
        holds: estimate.low > 0,
      }),
    );
    return { verdict, effects };
  },
};

/** C10d, by the confidence analyses of trained policies. */
export const confidenceMeasure: Claim = {
  id: 'C10d',
  claim: "The discriminator can serve as a measure of confidence in the policy's performance at inference",
  measure: `AUROC of the discriminator's score for a fall within the next ${CONFIDENCE_RULE.k} steps on ${TASK}`,
  rule: CONFIDENCE_RULE.text,
  judge(evidence) {
    const records = analysesOnTask(evidence, 'confidence', 'mail');
    const { verdict, results } = confidenceVerdict(records, { rng: rngOf('C10d') });
    const effects = results.flatMap(({ condition, seeds, ahead, ...estimate }): Effect[] => [
      {
        setting: `${TASK}, ${condition}: AUROC`,
        value: estimate.value,
        low: estimate.low,
        high: estimate.high,
        seeds: seeds.length,
        holds: estimate.low > 0.5,
      },
      {
        setting: `${TASK}, ${condition}: ahead of the distance to the nearest expert state (no say in the verdict)`,
        ...ahead,
        seeds: seeds.length,
        holds: ahead.low > 0,
      },
    ]);
    return { verdict, effects };
  },
};
