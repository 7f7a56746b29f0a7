// Two unbiased estimators of one policy gradient, from one trajectory each: the score function (what a model-free learner
// has, REINFORCE: Williams 1992) and the pathwise derivative (the recursion). Same objective, same noise, same model.
import type { Rng } from '../backend/rng.ts';
import {
  drawChance,
  type LinearQuadratic,
  linearQuadraticGradient,
  linearQuadraticSystem,
} from './linear-quadratic.ts';
import {
  addScaled,
  type DifferentiableSystem,
  type ReferenceTrajectory,
  recursion,
  rollReference,
} from './recursion.ts';

/** A policy in a system, whose gradient at `theta_P` is asked for. Starts are from N(0, I). */
export interface GradientProblem {
  readonly name: string;
  readonly system: DifferentiableSystem;
  readonly theta_P: Float64Array;
  /** Gradient and values where they are known. */
  closedForm?(horizon: number): {
    readonly gradient_P: Float64Array;
    value(s_D: ArrayLike<number>, t: number): number;
  };
}

/**
 * `score` weighs each action's score with the cost from there on; `score-baseline` subtracts the mean cost from there on
 * (of as many other trajectories, which come for free); `score-value` subtracts the true value of the state, the best that
 * a critic could learn, and needs a closed form.
 */
export type EstimatorName = 'pathwise' | 'score' | 'score-baseline' | 'score-value';

/** A linear-quadratic problem as a gradient problem. */
export function linearQuadraticProblem(lq: LinearQuadratic): GradientProblem {
  return {
    name: 'linear-quadratic',
    system: linearQuadraticSystem(lq),
    theta_P: lq.gain_P,
    closedForm: (horizon) => linearQuadraticGradient(lq, horizon),
  };
}

/** `n` trajectories of the policy at theta. */
export function drawTrajectories(
  { system, theta_P }: GradientProblem,
  { n, horizon, rng }: { readonly n: number; readonly horizon: number; readonly rng: Rng },
): ReferenceTrajectory[] {
  return Array.from({ length: n }, () => rollReference(system, theta_P, drawChance(system, horizon, rng)));
}

/**
 * One estimate a trajectory, [N] of [P].
 * @param pilots other trajectories of the same policy, for the mean that `score-baseline` subtracts
 * @throws TypeError if `score-value` is asked of a problem without a closed form, or a score of a system without noise
 */
export function gradientSamples(
  problem: GradientProblem,
  estimator: EstimatorName,
  {
    trajectories,
    pilots,
  }: {
    readonly trajectories: readonly ReferenceTrajectory[];
    readonly pilots: readonly ReferenceTrajectory[];
  },
): Float64Array[] {
  const { system } = problem;
  if (estimator === 'pathwise') return trajectories.map((each) => recursion(system, each).J_theta);
  const horizon = trajectories[0]!.steps.length;
  let baseline = (_s_D: ArrayLike<number>, _t: number): number => 0;
  if (estimator === 'score-baseline') {
    const mean_T = new Float64Array(horizon);
    for (const pilot of pilots)
      costsToGo(system, pilot).forEach((cost, t) => {
        mean_T[t]! += cost / pilots.length;
      });
    baseline = (_s_D, t) => mean_T[t]!;
  } else if (estimator === 'score-value') {
    if (!problem.closedForm)
      throw new TypeError(`The value of a state of ${problem.name} is not known: use score-baseline`);
    baseline = problem.closedForm(horizon).value;
  }
  return trajectories.map((each) => scoreFunction(system, each, baseline));
}

/**
 * sum_t gamma^t (cost from t on - baseline(s_t, t)) d ln pi(a_t | s_t) / d theta for a = mean + std xi, so that the
 * score of the mean is xi / std. A penalty of the policy's own adds its derivative.
 */
function scoreFunction(
  system: DifferentiableSystem,
  trajectory: ReferenceTrajectory,
  baseline: (s_D: ArrayLike<number>, t: number) => number,
): Float64Array {
  const { gamma, actStd_A } = system;
  if (!actStd_A) throw new TypeError('The score function needs actStd_A: the std of Gaussian action noise');
  const ahead_T = costsToGo(system, trajectory);
  let sum_P: Float64Array | undefined;
  trajectory.steps.forEach(({ s_D, xi_A, policy }, t) => {
    const weight = gamma ** t * (ahead_T[t]! - baseline(s_D, t));
    const { theta_P } = policy.pull(
      xi_A.map((xi, a) => (weight * xi) / actStd_A[a]!),
      gamma ** t,
    );
    sum_P = sum_P ? addScaled(sum_P, theta_P) : theta_P;
  });
  return sum_P!;
}

/** sum_{k >= t} gamma^(k - t) (c_k + penalty_k), [T]. */
function costsToGo({ gamma }: DifferentiableSystem, { steps }: ReferenceTrajectory): Float64Array {
  const ahead_T = new Float64Array(steps.length);
  for (let t = steps.length - 1; t >= 0; t--)
    ahead_T[t] =
      steps[t]!.cost.cost + steps[t]!.policy.penalty + (t + 1 < steps.length ? gamma * ahead_T[t + 1]! : 0);
  return ahead_T;
}
