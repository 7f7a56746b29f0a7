import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type AnalysisRecord, headerOf } from '../../lib/confidence/analysis-record.ts';
import type { Evidence } from '../../lib/scorecard/claim.ts';
import { recordedEvidence } from '../../lib/scorecard/recorded-evidence.ts';
import { confidenceMeasure, moreRobust } from '../../lib/scorecard/trained-policy-claims.ts';

const recorded = recordedEvidence();
/** The committed analyses as if they had been made on another task. */
const elsewhere: Evidence = {
  ...recorded,
  analyses: (analysis, algorithm) =>
    recorded
      .analyses(analysis, algorithm)
      .map((record): AnalysisRecord => [{ ...headerOf(record), env: 'Walker2d-v5' }, ...record.slice(1)]),
};

test('claims on trained policies look at the analyses of their own task alone', () => {
  for (const claim of [moreRobust, confidenceMeasure]) {
    assert.notEqual(claim.judge(recorded).verdict, 'not yet measured', claim.id);
    assert.deepEqual(claim.judge(elsewhere), { verdict: 'not yet measured', effects: [] }, claim.id);
  }
});
