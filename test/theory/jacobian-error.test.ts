import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { jacobianErrorTable } from '../../lib/theory/jacobian-error.ts';

describe("errors in the model's Jacobian", () => {
  const levels = [0, 0.03, 0.3, 1];
  for (const problem of ['linear-quadratic', 'learned-networks'] as const) {
    const rows = jacobianErrorTable({
      seed: 2,
      problem,
      horizons: [2, 20],
      levels,
      samples: 16,
      repeats: 15,
    });

    test(`turn the gradient away, the more the larger they are: ${problem}`, () => {
      assert.equal(rows.length, 2 * 2 * 4);
      for (const horizon of [2, 20])
        for (const kind of ['fresh', 'fixed'] as const) {
          const cosines = levels.map(
            (level) =>
              rows.find((row) => row.horizon === horizon && row.kind === kind && row.level === level)!.cosine,
          );
          assert.ok(Math.abs(cosines[0]! - 1) < 1e-12, 'no error, no change');
          for (let k = 1; k < levels.length; k++)
            assert.ok(cosines[k]! < cosines[k - 1]!, `${kind}, horizon ${horizon}: ${cosines.join(', ')}`);
        }
    });

    test(`as large as the Jacobian itself do more harm over a longer horizon: ${problem}`, () => {
      const [short, long] = rows.filter((row) => row.kind === 'fresh' && row.level === 1);
      assert.ok(long!.cosine < short!.cosine, `${short!.cosine}, then ${long!.cosine}`);
    });

    test(`that are one and the same for all trajectories do more harm than errors that a batch averages: ${problem}`, () => {
      const at = (kind: string) =>
        rows.find((row) => row.kind === kind && row.level === 0.3 && row.horizon === 20)!;
      assert.ok(at('fixed').cosine < at('fresh').cosine, `${at('fixed').cosine}, ${at('fresh').cosine}`);
      assert.equal(at('fixed').entryStd, at('fresh').entryStd);
    });
  }
});
