import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { normal, stream } from '../../lib/backend/rng.ts';
import { auroc, compareAuroc, rocCurve, type ScoredEpisode } from '../../lib/confidence/auroc.ts';

/** Few distinct scores, so that many are tied; both kinds of outcome, and unknown ones. */
const judged = fc
  .array(fc.tuple(fc.integer({ min: 0, max: 5 }), fc.constantFrom(-1, 0, 1)), { minLength: 2, maxLength: 40 })
  .filter((steps) => steps.some(([, y]) => y === 0) && steps.some(([, y]) => y === 1))
  .map((steps) => ({ score: steps.map(([s]) => s), outcome: steps.map(([, y]) => y) }));

/** Counts every pair of a step with and a step without trouble. */
function byCounting(score: readonly number[], outcome: readonly number[]): number {
  let [sum, pairs] = [0, 0];
  outcome.forEach((y, i) => {
    if (y !== 1) return;
    outcome.forEach((z, j) => {
      if (z !== 0) return;
      pairs++;
      sum += score[i]! < score[j]! ? 1 : score[i] === score[j] ? 0.5 : 0;
    });
  });
  return sum / pairs;
}

describe('the area under the ROC curve', () => {
  test('is the share of pairs in the right order, ties for half', () => {
    fc.assert(
      fc.property(judged, ({ score, outcome }) => {
        assert.ok(Math.abs(auroc(score, outcome) - byCounting(score, outcome)) < 1e-12);
      }),
    );
  });

  test('by hand: low scores before trouble give 1, high ones 0, a constant 1/2', () => {
    assert.equal(auroc([1, 2, 3, 4], [1, 1, 0, 0]), 1);
    assert.equal(auroc([1, 2, 3, 4], [0, 0, 1, 1]), 0);
    assert.equal(auroc([7, 7, 7, 7], [1, 0, 1, 0]), 0.5);
    // SciPy 1.17.1: mannwhitneyu(calm, trouble).statistic is 22, of 30 pairs.
    const [calm, trouble] = [
      [0.4, 0.8, 0.2, 0.55, 0.9, 0.4],
      [0.1, 0.4, 0.35, 0.8, 0.2],
    ];
    const outcome = [...calm.map(() => 0), ...trouble.map(() => 1)];
    assert.ok(Math.abs(auroc([...calm, ...trouble], outcome) - 22 / 30) < 1e-12);
  });

  test('keeps under a rising change of the scores and turns around under a falling one', () => {
    fc.assert(
      fc.property(judged, ({ score, outcome }) => {
        const area = auroc(score, outcome);
        const rising = score.map((s) => Math.exp(s / 3) - 2);
        const falling = score.map((s) => -s);
        assert.equal(auroc(rising, outcome), area);
        assert.ok(Math.abs(auroc(falling, outcome) - (1 - area)) < 1e-12);
      }),
    );
  });

  test('is the area of the curve by trapezoids, which goes from no alarm to all', () => {
    fc.assert(
      fc.property(judged, ({ score, outcome }) => {
        const points = rocCurve(score, outcome);
        const area = points
          .slice(1)
          .reduce(
            (sum, { falseAlarms, hits }, i) =>
              sum + ((falseAlarms - points[i]!.falseAlarms) * (hits + points[i]!.hits)) / 2,
            0,
          );
        assert.ok(Math.abs(area - auroc(score, outcome)) < 1e-12);
        assert.deepEqual([points[0]!.falseAlarms, points[0]!.hits], [0, 0]);
        assert.deepEqual([points.at(-1)!.falseAlarms, points.at(-1)!.hits], [1, 1]);
      }),
    );
  });

  test('refuses what it cannot judge', () => {
    assert.throws(() => auroc([1, 2], [1, -1]), /1 steps with trouble ahead and 0 without/);
    assert.throws(() => auroc([1, Number.NaN], [1, 0]), /score 1 is NaN/);
    assert.throws(() => auroc([1], [1, 0]), /1 scores by 2 outcomes/);
  });
});

/** Episodes with trouble in the last 10 of 40 steps; each has its own level, which all of its scores share. */
function episodes(n: number): ScoredEpisode[] {
  const rng = stream(1, 'episodes');
  return Array.from({ length: n }, () => {
    const own = 0.5 * normal(rng);
    const outcome_T = Int8Array.from({ length: 40 }, (_, t) => (t >= 30 ? 1 : 0));
    const informed = Array.from(outcome_T, (y) => own - y + normal(rng));
    return {
      outcome_T,
      scores: {
        informed,
        again: informed,
        constant: new Array(40).fill(3),
        oracle: outcome_T.map((y) => -y),
      },
    };
  });
}

describe('the comparison of scores', () => {
  const set = episodes(12);
  const rows = compareAuroc(set, { rng: stream(1, 'bootstrap'), reference: 'informed', resamples: 300 });
  const row = (name: string) => rows.find(({ score }) => score === name)!;

  test('gives each its AUROC with an interval around it', () => {
    const { auroc: area, low, high } = row('informed');
    const steps = set.flatMap(({ scores }) => Array.from(scores.informed!));
    const outcomes = set.flatMap(({ outcome_T }) => [...outcome_T]);
    assert.equal(area, auroc(steps, outcomes));
    assert.ok(low < area && area < high && low > 0.5);
  });

  test('puts a constant at 1/2, an oracle at 1, and a score equal to the reference nowhere ahead', () => {
    assert.deepEqual([row('constant').auroc, row('constant').low, row('constant').high], [0.5, 0.5, 0.5]);
    assert.deepEqual([row('oracle').low, row('oracle').high], [1, 1]);
    assert.deepEqual([row('again').ahead, row('again').aheadLow, row('again').aheadHigh], [0, 0, 0]);
    assert.ok(row('oracle').aheadLow > 0 && row('constant').aheadHigh < 0);
  });

  test('draws whole episodes: steps that only repeat others narrow no interval', () => {
    const tenfold = (x: ArrayLike<number>) =>
      Array.from(x).flatMap((value) => new Array<number>(10).fill(value));
    const repeated = set.map(({ outcome_T, scores }) => ({
      outcome_T: Int8Array.from(tenfold(outcome_T)),
      scores: { informed: tenfold(scores.informed!) },
    }));
    const [one] = compareAuroc(repeated, { rng: stream(1, 'bootstrap'), resamples: 300 });
    for (const name of ['auroc', 'low', 'high'] as const)
      assert.ok(Math.abs(one![name] - row('informed')[name]) < 1e-12, name);
  });

  test('is the same for the same stream, and names an unknown reference', () => {
    const again = compareAuroc(set, { rng: stream(1, 'bootstrap'), reference: 'informed', resamples: 300 });
    assert.deepEqual(again, rows);
    assert.throws(
      () => compareAuroc(set, { rng: stream(1, 'b'), reference: 'luck' }),
      /the score "luck": the episodes have informed, again, constant, oracle/,
    );
  });
});
