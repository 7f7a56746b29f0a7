// Claims about gradients. They are settled by computation alone, so judging them measures them.
import { stream } from '../backend/rng.ts';
import { mean } from '../stats/aggregate.ts';
import { bootstrap } from '../stats/bootstrap.ts';
import { spearman, trendTest } from '../stats/rank.ts';
import { gradientPaths } from '../theory/gradient-paths.ts';
import { linearQuadraticProblem } from '../theory/gradient-samples.ts';
import { gradientVariance, monteCarloError } from '../theory/gradient-variance.ts';
import { jacobianErrorTable } from '../theory/jacobian-error.ts';
import { learnedProblem } from '../theory/learned-system.ts';
import { drawChance, linearQuadraticSystem, randomLinearQuadratic } from '../theory/linear-quadratic.ts';
import { centralDifferences, recursion, rollReference } from '../theory/recursion.ts';
import { type Claim, type Effect, judged, MIN_SEEDS, NO_INTERVAL, rngOf } from './claim.ts';
import { areaShares, having, scoresOf, valuesOf } from './groups.ts';

/** C1, by `gradientVariance`. */
export const highVariance: Claim = {
  id: 'C1',
  claim: 'Without a model the policy needs gradient estimates of high variance',
  measure:
    'variance of the score-function gradient over that of the pathwise one: same objective, same trajectories, against horizon and action dimension; with no baseline and with an exact value baseline',
  rule: 'Supported where the lower end of the 95 % interval of the ratio of variances is above 1 in every setting',
  judge() {
    const rows = gradientVariance({ seed: 0 }).filter(({ estimator }) => estimator !== 'pathwise');
    return judged(
      rows.map((row) => ({
        setting: `${row.estimator}, horizon ${row.horizon}, ${row.actSize} action${row.actSize > 1 ? 's' : ''}: variance over pathwise variance`,
        value: row.varianceRatio,
        low: row.varianceRatioLow,
        high: row.varianceRatioHigh,
        seeds: 1,
        holds: row.varianceRatioLow > 1,
      })),
    );
  },
};

/** C5, by `monteCarloError`. */
export const monteCarlo: Claim = {
  id: 'C5',
  claim: 'Re-parameterising the policy gives a Monte-Carlo estimator of the derivative',
  measure:
    'slope of ln error against ln samples on linear-quadratic problems whose derivative is known in closed form',
  rule: 'Supported where -0.5 lies in the 95 % interval of the slope on every problem: an estimator with a bias flattens out',
  judge() {
    const effects = [0, 1, 2].map((seed): Effect => {
      const { slope, slopeLow: low, slopeHigh: high } = monteCarloError({ seed });
      const setting = `linear-quadratic problem ${seed}: slope`;
      return { setting, value: slope, low, high, seeds: 1, holds: low <= -0.5 && high >= -0.5 };
    });
    return judged(effects);
  },
};

/** C6, by `gradientPaths`. */
export const blockDiagrams: Claim = {
  id: 'C6',
  claim:
    "With a model the policy's gradient runs through discriminator and model; without, it stops at their values",
  measure:
    'derivatives of the equations that a policy gradient changes without, each set to zero in turn: linear and learned systems',
  rule: 'Supported where the pathwise gradient needs all six and the score function none of the discriminator and the model',
  judge() {
    const sizes = { obsSize: 4, actSize: 2 };
    const problems = [
      linearQuadraticProblem(randomLinearQuadratic(sizes, rngOf('C6'))),
      learnedProblem(sizes, rngOf('C6')),
    ];
    const effects = problems.flatMap((problem) => {
      const paths = gradientPaths(problem, { seed: 0 });
      const count = (setting: string, value: number, holds: boolean): Effect => ({
        setting: `${problem.name}: ${setting}`,
        value,
        ...NO_INTERVAL,
        seeds: 1,
        holds,
      });
      const modelBased = paths.filter((path) => path.modelBased).length;
      const modelFree = paths.filter((path) => path.modelFree && path.from !== 'action').length;
      return [
        count('derivatives in the pathwise gradient, of 6', modelBased, modelBased === 6),
        count('derivatives of discriminator and model in the score function', modelFree, modelFree === 0),
      ];
    });
    return judged(effects);
  },
};

/** C9b, by `jacobianErrorTable` and the experiment jacobian-error. */
export const noisyModel: Claim = {
  id: 'C9b',
  claim: 'An inaccurate forward model makes gradients noisy and impedes learning',
  measure:
    "cosine of the policy gradient, and area under MAIL's learning curve, against the error that is put into the model's Jacobian",
  rule: "Supported where both fall with the error: for the gradient Spearman's correlation of level and cosine is below 0 at every horizon, on networks and on linear systems; for learning Jonckheere and Terpstra's test, one-sided, p < 0.05",
  judge(evidence) {
    const gradients = (['linear-quadratic', 'learned-networks'] as const).flatMap((problem) => {
      const rows = [0, 1, 2, 3, 4].flatMap((seed) =>
        jacobianErrorTable({ seed, problem, kinds: ['fixed'], horizons: [5, 20], repeats: 5 }).map((row) => ({
          ...row,
          seed,
        })),
      );
      return [5, 20].map((horizon): Effect => {
        const bySeed = [0, 1, 2, 3, 4].map((seed) =>
          spearman(
            rows
              .filter((row) => row.seed === seed && row.horizon === horizon)
              .map(({ level, cosine }) => [level, cosine] as const),
          ),
        );
        const estimate = bootstrap([bySeed], ([drawn]) => mean(drawn!), { rng: rngOf('C9b') });
        const setting = `gradient, ${problem}, horizon ${horizon}: correlation of error and cosine`;
        return { setting, ...estimate, seeds: 5, holds: estimate.high < 0 };
      });
    });
    const runs = evidence.runs('jacobian-error');
    const learning = valuesOf(runs, 'env').flatMap((env): Effect[] => {
      const here = having(runs, { env });
      const doses = valuesOf(here, 'jacobianNoise').map((level) => ({
        level: Number(level),
        scores: scoresOf(areaShares(having(here, { jacobianNoise: level }), evidence)),
      }));
      const seeds = Math.min(...doses.map(({ scores }) => scores.length));
      if (doses.length < 3 || seeds < MIN_SEEDS) return [];
      const { statistic, pValue } = trendTest(doses, { rng: rngOf('C9b'), alternative: 'less' });
      const setting = `learning, ${env}: share of pairs of runs in which more error learns better (one-sided p = ${pValue.toPrecision(2)})`;
      return [{ setting, value: statistic, ...NO_INTERVAL, seeds, holds: pValue < 0.05 }];
    });
    return learning.length === 0
      ? { verdict: 'not yet measured', effects: gradients }
      : judged([...gradients, ...learning]);
  },
};

/** Largest relative difference between J_theta by the recursion and by finite differences of the cost, over 5 problems. */
export function recursionError(): number {
  const errors = [0, 1, 2, 3, 4].map((seed) => {
    const rng = stream(seed, 'scorecard', 'recursion');
    const lq = randomLinearQuadratic({ obsSize: 4, actSize: 2, std: 0.4 }, rng);
    const system = linearQuadraticSystem(lq);
    const chance = drawChance(system, 20, rng);
    const { J_theta } = recursion(system, rollReference(system, lq.gain_P, chance));
    const byDifferences = centralDifferences(
      (theta_P) => rollReference(system, theta_P, chance).total,
      lq.gain_P,
    );
    const largest = Math.max(...byDifferences.map(Math.abs));
    return Math.max(...J_theta.map((g, p) => Math.abs(g - byDifferences[p]!))) / largest;
  });
  return Math.max(...errors);
}
