import assert from 'node:assert/strict';
import { before, describe, test } from 'node:test';
import { trainMail } from '../../lib/agents/mail.ts';
import { type AnalysisRecord, formatAnalysis, parseAnalysis } from '../../lib/confidence/analysis-record.ts';
import { analyseModelAge } from '../../lib/experiment/model-age.ts';
import { comparable } from '../../lib/experiment/read-record.ts';
import type { RecordLine } from '../../lib/experiment/record.ts';
import { runSetup } from '../../lib/experiment/run-here.ts';
import { imitate } from '../../lib/experiment/run-spec.ts';
import { policyErrors } from '../../lib/scorecard/model-claims.ts';
import { tiny } from '../agents/mail-small.ts';

const spec = {
  ...imitate('mail', 'CartPole-v1', { config: { ...tiny, totalSteps: 600, evalEvery: 200 } }),
  seed: 3,
};

describe('the analysis of a model as its policy moves on', () => {
  const heard: RecordLine[] = [];
  let record: AnalysisRecord;
  before(async () => {
    record = await analyseModelAge(spec, { transitions: 50, onEvent: (line) => heard.push(line) });
  });

  test('is refused before any training where no demonstration is held back', async () => {
    const told: RecordLine[] = [];
    await assert.rejects(
      analyseModelAge({ ...spec, trajectories: 25 }, { transitions: 50, onEvent: (line) => told.push(line) }),
      /it gets all 25 of CartPole-v1/,
    );
    assert.deepEqual(told, []);
  });

  test('does not disturb the run: its record is that of the run alone', async () => {
    const alone: RecordLine[] = [];
    await trainMail((await runSetup(spec)) as Parameters<typeof trainMail>[0], {
      onEvent: (line) => alone.push(line),
    });
    assert.deepEqual(comparable(heard), comparable(alone));
  });

  test('tries the model of every stage on the states of every policy, of the expert and of chance', () => {
    const stages = record.flatMap((line) => (line.kind === 'stage' ? [line.envSteps] : []));
    const evaluations = heard.flatMap((line) => (line.kind === 'evaluation' ? [line.envSteps] : []));
    assert.deepEqual(stages, [...new Set(evaluations)]);
    assert.ok(stages.length >= 3);
    const errors = policyErrors(record);
    assert.deepEqual(
      errors.map((row) => row.length),
      stages.map(() => stages.length),
    );
    const lines = record.flatMap((line) => (line.kind === 'modelError' ? [line] : []));
    for (const states of ['expert', 'random'] as const) {
      const here = lines.filter((line) => line.states === states);
      assert.equal(here.length, stages.length);
      // The prediction that nothing changes asks no model.
      assert.equal(new Set(here.map(({ noChangeError }) => noChangeError)).size, 1);
    }
    assert.ok(lines.every(({ transitions }) => transitions === 50));
    assert.ok(
      new Set(lines.map(({ error }) => error)).size > stages.length,
      'models differ from stage to stage',
    );
  });

  test('gives the same record twice, which reads back from its text', async () => {
    const again = await analyseModelAge(spec, { transitions: 50 });
    assert.deepEqual(again, record);
    const text = formatAnalysis(record);
    assert.equal(formatAnalysis(parseAnalysis(text, 'text')), text);
  });

  test('of an algorithm without a model is refused', async () => {
    const bc = { ...imitate('bc', 'CartPole-v1'), seed: 3 };
    await assert.rejects(
      analyseModelAge(bc, { transitions: 50 }),
      /model of bc, which has none: give a run of mail/,
    );
  });
});
