// What demonstrations say of a policy before it learns: how observations and actions are scaled; and how a task's
// actions become rows that networks take.
import { normals, type Rng } from '../backend/rng.ts';
import { oneHot, pairStatistics } from '../data/demos.ts';
import type { Pairs } from '../data/types.ts';
import type { Env } from '../envs/types.ts';
import { initCategoricalPolicy, initGaussianPolicy, type Policy } from '../models/policy.ts';
import { standardizer } from '../models/standardizer.ts';

/**
 * A fresh ReLU policy whose observations and actions are scaled by the demonstrations' mean and std. Nothing else of
 * the demonstrations is in it.
 * @throws Error if the pairs' sizes are not the task's
 */
export function demonstratedPolicy(
  demos: Pairs,
  env: Env,
  options: {
    /** Widths of the hidden layers. */
    readonly hidden: readonly number[];
    /** Std of a Gaussian policy, fixed, in the unit that follows. */
    readonly policyStd: number;
    /** Unit of policyStd: 'action' units (default), or the std of the demonstrations' actions, entry by entry. */
    readonly policyStdUnit?: 'action' | 'expert';
    /** In multiples of the action bound; 0 is none. */
    readonly policyBound: number;
    /** Std of every weight and bias; default: by width. */
    readonly initStd?: number | undefined;
  },
  rng: Rng,
): Policy {
  assertDemosFit(demos, env);
  const statistics = pairStatistics(demos);
  const obsNorm = standardizer(statistics.obsMean_D, statistics.obsStd_D);
  const common = { obsNorm, hidden: options.hidden, activation: 'relu' as const, lastGain: 0.1 };
  const actScale_A = Float32Array.from(statistics.actStd_A);
  const unit = (a: number) => (options.policyStdUnit === 'expert' ? actScale_A[a]! + 1e-3 : 1);
  const policy =
    env.actSpace.type === 'discrete'
      ? initCategoricalPolicy({ ...common, actions: env.actSpace.n }, rng)
      : initGaussianPolicy(
          {
            ...common,
            actMean_A: Float32Array.from(statistics.actMean_A),
            actScale_A,
            bound: options.policyBound * actionBound(env),
            logStd_A: actScale_A.map((_, a) => Math.log(options.policyStd * unit(a))),
          },
          rng,
        );
  if (options.initStd !== undefined)
    policy.params_P.set(normals(rng, policy.params_P.length, options.initStd));
  return policy;
}

/** Checks that pairs are of this task. @throws Error if there are none, a number is not finite, or their sizes are not the task's */
export function assertDemosFit(demos: Pairs, env: Env): void {
  if (demos.n < 1) throw new Error('There is no pair to learn from: keep at least one of the demonstrations');
  for (const [name, values] of [
    ['observation', demos.obs_ND],
    ['action', demos.act_NA],
  ] as const) {
    const at = values.findIndex((value) => !Number.isFinite(value));
    if (at >= 0)
      throw new Error(
        `Pair ${Math.floor((at * demos.n) / values.length)} of the demonstrations has ${values[at]} in its ${name}: expected finite numbers`,
      );
  }
  const D = demos.obs_ND.length / demos.n;
  const A = demos.act_NA.length / demos.n;
  const expected = env.actSpace.type === 'discrete' ? 1 : env.actSpace.size;
  if (D !== env.obsSpace.size || A !== expected)
    throw new Error(
      `The demonstrations have ${D} observation and ${A} action entries, but ${env.id} has ${env.obsSpace.size} and ${expected}: load a set of this task`,
    );
}

/**
 * The pairs with every action as the simulator performed it: vectors clipped to the action space. A sampled action beyond
 * the bounds is partly noise that had no effect, and no lesson for an imitator.
 * @throws Error as `assertDemosFit`
 */
export function performedPairs(demos: Pairs, env: Env): Pairs {
  assertDemosFit(demos, env);
  const { actSpace } = env;
  if (actSpace.type === 'discrete') return demos;
  const { low, high, size } = actSpace;
  const act_NA = demos.act_NA.map((a, i) => Math.max(low[i % size]!, Math.min(high[i % size]!, a)));
  return { ...demos, act_NA };
}

/** Actions as rows that networks take, [N, A]: vectors as they are, action units; numbers, [N], as one-hot. */
export function actionRows(act_NA: Float32Array, { actSpace }: Env): Float32Array {
  return actSpace.type === 'discrete' ? oneHot(act_NA, actSpace.n) : act_NA;
}

/** Length of a row of `actionRows`, A: the action's dimension, or the number of discrete actions. */
export function actionWidth({ actSpace }: Env): number {
  return actSpace.type === 'discrete' ? actSpace.n : actSpace.size;
}

/** The symmetric bound of a Box action space, action units; Infinity for discrete actions. @throws Error if it has none */
export function actionBound({ id, actSpace }: Env): number {
  if (actSpace.type === 'discrete') return Number.POSITIVE_INFINITY;
  const bound = actSpace.high[0]!;
  if (![...actSpace.high].every((high, i) => high === bound && actSpace.low[i] === -bound))
    throw new Error(
      `Imitation here needs one symmetric action bound, but ${id} has ${actSpace.low} to ${actSpace.high}`,
    );
  return bound;
}
