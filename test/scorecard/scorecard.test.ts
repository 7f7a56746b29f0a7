// The scorecard: how verdicts follow from effects, how they are put in words, and what they are computed from.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { describe, test } from 'node:test';
import { type Claim, type Effect, judged, NO_INTERVAL } from '../../lib/scorecard/claim.ts';
import { claims } from '../../lib/scorecard/claims.ts';
import { fewTrajectories, notSolid, totalDerivative } from '../../lib/scorecard/comparison-claims.ts';
import { publishedCell, publishedCells, publishedShare } from '../../lib/scorecard/published.ts';
import { recordedEvidence } from '../../lib/scorecard/recorded-evidence.ts';
import { effectText, judgeClaims, scorecardEntries } from '../../lib/scorecard/scorecard.ts';

const effect = (holds: boolean, more: Partial<Effect> = {}): Effect => ({
  setting: 'somewhere: difference',
  value: 1.2345,
  low: 1,
  high: 2,
  seeds: 5,
  holds,
  ...more,
});
const claimWith = (effects: readonly Effect[]): Claim => ({
  id: 'C0',
  claim: 'It holds',
  measure: 'a difference',
  rule: 'above 0',
  judge: () => judged(effects),
});
const rowOf = (...effects: Effect[]) => scorecardEntries(judgeClaims(evidence, [claimWith(effects)]))[0]!;
const evidence = recordedEvidence();

describe('a verdict', () => {
  test('is supported where every setting holds, mixed where some do, not supported where none does', () => {
    assert.equal(judged([effect(true), effect(true)]).verdict, 'supported');
    assert.equal(judged([effect(true), effect(false)]).verdict, 'mixed');
    assert.equal(judged([effect(false)]).verdict, 'not supported');
    assert.equal(judged([]).verdict, 'not yet measured');
  });
});

describe('the words of the scorecard', () => {
  test('list up to four effects, and sum up more of them with the last as the example', () => {
    assert.equal(rowOf(effect(true)).measured, 'somewhere: difference = 1.23 (1 to 2)');
    assert.equal(rowOf(...Array(4).fill(effect(true))).measured.split('; ').length, 4);
    const many = rowOf(...Array(4).fill(effect(false)), effect(true, { setting: 'the last' }));
    assert.equal(many.measured, 'holds in 1 of 5 settings, for example the last = 1.23 (1 to 2)');
  });

  test('give the range of seeds, and a dash where nothing was measured', () => {
    assert.equal(rowOf(effect(true), effect(true, { seeds: 3 })).seeds, '3 to 5');
    assert.equal(rowOf(effect(true)).seeds, '5');
    assert.deepEqual([rowOf().seeds, rowOf().measured], ['-', '-']);
  });

  test('call an infinite number infinite and an undefined one a question mark, where JSON has null', () => {
    const one = effect(true, { value: Number.NaN, low: 0, high: Number.POSITIVE_INFINITY });
    assert.equal(effectText(one), '? (0 to infinite)');
    assert.equal(effectText(effect(true, NO_INTERVAL)), '1.23');
    assert.deepEqual(JSON.parse(JSON.stringify(rowOf(one))), {
      id: 'C0',
      claim: 'It holds',
      measure: 'a difference',
      rule: 'above 0',
      verdict: 'supported',
      measured: 'somewhere: difference = ? (0 to infinite)',
      seeds: '5',
      effects: [{ ...one, value: null, high: null, text: '? (0 to infinite)' }],
    });
  });
});

describe('the evidence on disk', () => {
  test('holds the runs of an experiment that were made, each with its labels and whole record, read once', () => {
    const runs = evidence.runs('imitation-table');
    const mail = runs.filter(
      ({ labels }) => labels.env === 'Hopper-v5' && labels.method === 'MAIL' && labels.trajectories === 4,
    );
    assert.ok(mail.length >= 5);
    for (const { seed, lines } of mail) {
      const [header] = lines;
      assert.ok(header?.kind === 'header' && header.seed === seed && lines.at(-1)?.kind === 'end');
    }
    assert.equal(evidence.runs('imitation-table'), runs);
    assert.throws(() => evidence.runs('no-such'), /no experiment no-such: there are imitation-table/);
  });

  test("holds analyses of one algorithm's policies; a folder that is not there holds none", () => {
    const mail = evidence.analyses('robustness', 'mail');
    assert.ok(mail.length >= 3);
    for (const [header] of mail) assert.ok(header!.kind === 'header' && header!.algorithm === 'mail');
    assert.deepEqual(recordedEvidence('results/no-such').analyses('robustness', 'mail'), []);
    assert.deepEqual(recordedEvidence('results/no-such').runs('imitation-table'), []);
  });

  test('decides claims: without records nothing is measured, with the committed ones something is', () => {
    const fromRecords = [totalDerivative, fewTrajectories, notSolid];
    for (const { id, verdict } of judgeClaims(recordedEvidence('results/no-such'), fromRecords))
      assert.equal(verdict, 'not yet measured', id);
    for (const { id, verdict, effects } of judgeClaims(evidence, fromRecords))
      assert.ok(verdict !== 'not yet measured' && effects.length > 0, id);
  });
});

test("results/scorecard.json is of today's claims and rules, in their order", () => {
  const committed = JSON.parse(readFileSync('results/scorecard.json', 'utf8'));
  assert.deepEqual(
    committed.map(({ id, claim, measure, rule }: Claim) => ({ id, claim, measure, rule })),
    claims.map(({ judge: _, ...claim }) => claim),
  );
  for (const { measured, seeds, effects } of committed) {
    assert.ok(measured !== '' && seeds !== '');
    for (const each of effects) assert.match(each.text, /^(-?[\d.e+-]+|\?|infinite)( \(.+ to .+\))?$/);
  }
});

describe('published cells', () => {
  test("are over the paper's own expert: MAIL on Hopper from 4 trajectories 3669.53 / 3571.38", () => {
    const cell = publishedCell({ env: 'Hopper-v5', method: 'MAIL', trajectories: 4 });
    assert.equal(publishedShare(cell), 3669.53 / 3571.38);
    assert.equal(cell.reliability, 'secondary');
    for (const each of publishedCells) assert.ok(publishedShare(each) > 0 && publishedShare(each) < 1.1);
  });

  test('that do not exist are answered with those that do', () => {
    assert.throws(
      () => publishedCell({ env: 'Hopper-v5', method: 'GAIL', trajectories: 1 }),
      /GAIL on Hopper-v5 from 1 trajectories: there are cells for 4, 11, 18, 25/,
    );
  });
});
