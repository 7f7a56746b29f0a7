import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { stream } from '../../lib/backend/rng.ts';
import { gradientPaths } from '../../lib/theory/gradient-paths.ts';
import { linearQuadraticProblem } from '../../lib/theory/gradient-samples.ts';
import { learnedProblem } from '../../lib/theory/learned-system.ts';
import { randomLinearQuadratic } from '../../lib/theory/linear-quadratic.ts';

const sizes = { obsSize: 3, actSize: 2 };
const problems = {
  'a linear-quadratic problem': linearQuadraticProblem(randomLinearQuadratic(sizes, stream(1, 'paths'))),
  'learned networks': learnedProblem(sizes, stream(1, 'paths')),
};

describe('the paths of the policy gradient', () => {
  for (const [name, problem] of Object.entries(problems)) {
    const symbolsOf = (kind: 'modelFree' | 'modelBased', horizon: number) =>
      gradientPaths(problem, { seed: 1, horizon })
        .filter((path) => path[kind])
        .map(({ symbol }) => symbol);

    test(`with a model go through every derivative: ${name}`, () => {
      assert.deepEqual(symbolsOf('modelBased', 3), ['c_a', 'c_s', 'f_a', 'f_s', 'pi_s', 'pi_theta']);
    });

    test(`without a model touch neither discriminator nor model: ${name}`, () => {
      assert.deepEqual(symbolsOf('modelFree', 3), ['pi_theta']);
    });

    test(`over one step are those of D(s, pi(s)): ${name}`, () => {
      assert.deepEqual(symbolsOf('modelBased', 1), ['c_a', 'pi_theta']);
    });
  }
});
