import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { stream } from '../../lib/backend/rng.ts';
import { blockDiagramSvg } from '../../lib/plots/block-diagram-svg.ts';
import { PALETTE } from '../../lib/plots/style.ts';
import { gradientPaths } from '../../lib/theory/gradient-paths.ts';
import { linearQuadraticProblem } from '../../lib/theory/gradient-samples.ts';
import { randomLinearQuadratic } from '../../lib/theory/linear-quadratic.ts';

describe('the block diagrams', () => {
  const problem = linearQuadraticProblem(
    randomLinearQuadratic({ obsSize: 3, actSize: 2 }, stream(1, 'diagram')),
  );

  test('draw a coloured arrow for every derivative that flows, and one from the next state if any comes from there', () => {
    const arrows = (horizon: number) =>
      blockDiagramSvg(gradientPaths(problem, { seed: 1, horizon }), 'Caption').split(`stroke="${PALETTE[1]}"`)
        .length - 1;
    // Model-free: the policy's own. Model-based: all six and J'; over one step only the two of D(s, pi(s)).
    assert.equal(arrows(3), 1 + 6 + 1);
    assert.equal(arrows(1), 1 + 2);
  });

  test('refuse paths that lack a derivative, naming it', () => {
    assert.throws(() => blockDiagramSvg([{ symbol: 'c_a', modelFree: false, modelBased: true }], ''), /pi_s/);
  });
});
