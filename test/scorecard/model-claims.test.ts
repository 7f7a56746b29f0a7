import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { normal, stream } from '../../lib/backend/rng.ts';
import { type AnalysisRecord, formatAnalysis, parseAnalysis } from '../../lib/confidence/analysis-record.ts';
import type { Evidence } from '../../lib/scorecard/claim.ts';
import { movingData, policyErrors } from '../../lib/scorecard/model-claims.ts';

const stages = [0, 1, 2, 3, 4];

/** A record as the analysis writes it, whose errors grow by `growth` for every stage of age, and fall with training. */
function recordOf(env: string, seed: number, growth: number): AnalysisRecord {
  const rng = stream(seed, env);
  const error = (i: number, j: number) =>
    Math.exp(growth * Math.max(0, j - i) - 0.2 * i + 0.05 * normal(rng));
  const about = { noChangeError: 1, transitions: 10, states: 'policy' as const };
  const header = {
    kind: 'header' as const,
    schema: 1 as const,
    analysis: 'model-age' as const,
    env,
    algorithm: 'mail',
    seed,
    policySha256: '0'.repeat(64),
    discriminatorSha256: null,
    expertReturn: 500,
    settings: {},
    versions: {},
  };
  // The last line of a stage is not the policy's, and has no say.
  const lines = stages.flatMap((model) => [
    ...stages.map((data) => ({
      kind: 'modelError' as const,
      model,
      data,
      error: error(model, data),
      ...about,
    })),
    { kind: 'modelError' as const, model, data: null, error: 99, ...about, states: 'expert' as const },
  ]);
  return parseAnalysis(formatAnalysis([header, ...lines]), 'made up');
}

function judge(records: readonly AnalysisRecord[]) {
  const evidence: Pick<Evidence, 'analyses'> = {
    analyses: (analysis, algorithm) => (analysis === 'model-age' && algorithm === 'mail' ? records : []),
  };
  return movingData.judge(evidence as Evidence);
}
const seeds = [1, 2, 3, 4, 5];

describe('claim C9a', () => {
  test('is supported where errors grow with age beyond what training does', () => {
    const { verdict, effects } = judge(
      ['CartPole-v1', 'Hopper-v5'].flatMap((env) => seeds.map((seed) => recordOf(env, seed, 0.15))),
    );
    assert.equal(verdict, 'supported');
    assert.equal(effects.length, 4);
    const growth = effects.filter(({ setting }) => setting.includes('growth'));
    for (const { value } of growth) assert.ok(Math.abs(value - 0.15) < 0.03, `found ${value}, put in 0.15`);
  });

  test('is mixed where older models are worse only as they have learnt less', () => {
    const { verdict, effects } = judge(seeds.map((seed) => recordOf('Hopper-v5', seed, 0)));
    assert.deepEqual([verdict, effects.map(({ holds }) => holds)], ['mixed', [true, false]]);
  });

  test('is not measured with fewer than three seeds of a task', () => {
    assert.equal(judge([1, 2].map((seed) => recordOf('Hopper-v5', seed, 0.2))).verdict, 'not yet measured');
    assert.equal(judge([]).verdict, 'not yet measured');
  });

  test("reads the policy's states alone, models in rows and data in columns", () => {
    const errors = policyErrors(recordOf('Hopper-v5', 1, 1));
    assert.deepEqual(
      errors.map((row) => row.length),
      stages.map(() => stages.length),
    );
    assert.ok(errors.flat().every((error) => error < 99));
    assert.ok(errors[0]![4]! > 10 * errors[4]![0]!, 'the first model on the last data is the worst');
  });
});
