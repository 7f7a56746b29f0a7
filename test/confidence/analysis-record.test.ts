import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { stream } from '../../lib/backend/rng.ts';
import { type AnalysisLine, formatAnalysis, parseAnalysis } from '../../lib/confidence/analysis-record.ts';
import { DISTURBANCE_KINDS, DISTURBANCES } from '../../lib/confidence/disturbances.ts';
import { CONFIDENCE_RULE, confidenceVerdict, robustnessVerdict } from '../../lib/confidence/verdicts.ts';

const header = (seed: number, analysis: 'confidence' | 'robustness' = 'confidence'): AnalysisLine => ({
  kind: 'header',
  schema: 1,
  analysis,
  env: 'Hopper-v5',
  algorithm: 'mail',
  seed,
  policySha256: 'a'.repeat(64),
  discriminatorSha256: null,
  expertReturn: 3400,
  settings: { episodes: 3, fit: { hidden: [4] } },
  versions: { analysis: '1' },
});

function judged(condition: string, scores: Record<string, number>): AnalysisLine {
  const { k, from } = CONFIDENCE_RULE;
  return { kind: 'auroc', condition, outcome: 'fall', k, from, episodes: 30, troubled: 9, scores };
}

describe('the record of an analysis', () => {
  const record = [header(1_234_567), judged('nominal', { own: 0.81234567, clock: 0.5 })];

  test('reads back as it was written, fractions to four digits', () => {
    const back = parseAnalysis(formatAnalysis(record), 'a.jsonl');
    assert.deepEqual(back, [record[0], judged('nominal', { own: 0.8123, clock: 0.5 })]);
  });

  test('is refused, naming file and line, if a line is missing, of another kind, or has a wrong value', () => {
    const text = formatAnalysis(record);
    assert.throws(() => parseAnalysis(text.slice(0, -1), 'a.jsonl'), /a\.jsonl.*line 2.*cut short/s);
    assert.throws(() => parseAnalysis(text.split('\n').slice(1).join('\n'), 'a.jsonl'), /line 1.*header/s);
    assert.throws(() => parseAnalysis(text.replace('0.8123', '1.8123'), 'a.jsonl'), /line 2.*own/s);
    assert.throws(() => parseAnalysis(text.replace('"auroc"', '"other"'), 'a.jsonl'), /line 2/);
    assert.throws(
      () => formatAnalysis([header(1), judged('nominal', { own: Number.NaN })]),
      /kind auroc.*own/s,
    );
    assert.throws(() => formatAnalysis(record.slice(1)), /no header/);
  });
});

describe('the verdict on C10d', () => {
  const seeds = [1, 2, 3, 4, 5];
  const verdict = (own: { nominal: readonly number[]; disturbed: readonly number[] }) =>
    confidenceVerdict(
      seeds.map((seed, i) => [
        header(seed),
        ...(['nominal', 'disturbed'] as const).flatMap((condition) =>
          own[condition][i] === undefined
            ? []
            : [judged(condition, { own: own[condition][i], distance: 0.7 })],
        ),
      ]),
      { rng: stream(1, 'test') },
    );
  const high = [0.8, 0.75, 0.82, 0.9, 0.7];
  const chance = [0.5, 0.45, 0.55, 0.52, 0.48];

  test('is supported where both intervals lie above 1/2, mixed where one does, else not supported', () => {
    assert.equal(verdict({ nominal: high, disturbed: high }).verdict, 'supported');
    assert.equal(verdict({ nominal: chance, disturbed: high }).verdict, 'mixed');
    assert.equal(verdict({ nominal: chance, disturbed: chance }).verdict, 'not supported');
  });

  test('waits for five seeds with falls in each condition', () => {
    assert.equal(verdict({ nominal: high.slice(1), disturbed: high }).verdict, 'not yet measured');
    assert.equal(verdict({ nominal: [], disturbed: high }).verdict, 'not yet measured');
  });

  test('reports the lead over the distance to the expert apart', () => {
    const [nominal] = verdict({ nominal: high, disturbed: high }).results;
    assert.ok(Math.abs(nominal!.value - 0.794) < 1e-9 && Math.abs(nominal!.ahead.value - 0.094) < 1e-9);
    assert.ok(nominal!.ahead.low < nominal!.ahead.value && nominal!.ahead.value < nominal!.ahead.high);
    assert.deepEqual(nominal!.seeds, seeds);
  });
});

describe('the verdict on C3b', () => {
  /** Keeps `kept` of `nominal` at every disturbed level, by kind. */
  const run = (seed: number, nominal: number, kept: Partial<Record<string, number>>): AnalysisLine[] => [
    header(seed, 'robustness'),
    ...DISTURBANCE_KINDS.flatMap((disturbance) =>
      DISTURBANCES[disturbance].map((level, i): AnalysisLine => {
        const value = i === 0 ? nominal : nominal * (kept[disturbance] ?? 0.5);
        return { kind: 'level', disturbance, level, returns_E: [value], lengths_E: [9] };
      }),
    ),
  ];
  const side = (kept: Partial<Record<string, number>>, nominal = 3400) =>
    [1, 2, 3].map((seed) => run(seed, nominal + seed, kept));
  const judge = (mail: AnalysisLine[][], gail: AnalysisLine[][]) =>
    robustnessVerdict({ mail, gail }, { reference: 3400, rng: stream(1, 'test') });
  const better = { push: 0.9, mass: 0.9, friction: 0.9, noise: 0.9 };

  test('is supported if MAIL keeps more, mixed if only of one kind, not supported if less', () => {
    assert.equal(judge(side(better), side({})).verdict, 'supported');
    assert.equal(judge(side({ push: 0.9, mass: 0.1, friction: 0.1, noise: 0.1 }), side({})).verdict, 'mixed');
    const worse = judge(side({}), side(better));
    assert.equal(worse.verdict, 'not supported');
    assert.ok(worse.difference!.high < 0);
  });

  test('leaves out runs that do not reach the expert undisturbed, and waits for three on a side', () => {
    const few = judge(side(better), side({}, 1500));
    assert.deepEqual([few.verdict, few.difference, few.seeds.gail], ['not yet measured', null, []]);
  });
});
