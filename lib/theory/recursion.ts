// The slides' backward recursion in plain double arithmetic, one trajectory at a time, as it stands on paper: the
// reference that estimators/pathwise.ts (batches, float32, tensors) and finite differences are held against.
// With s' = f(s, a), a = pi(s, xi; theta), c(s, a) the cost of a pair, subscripts partial derivatives, primes the next step:
//
//   J_s     = c_s + c_a pi_s + gamma J'_s' (f_s + f_a pi_s)                                            (MAIL eq. 11)
//   J_theta = c_a pi_theta + gamma (J'_s' f_a pi_theta + J'_theta)                                      (MAIL eq. 12)
//
// The expectation in front is the mean over trajectories, which the caller takes. The noise xi is held fixed.

/** What a pair costs: c, and its row vectors c_s, [D], and c_a, [A]. */
export interface CostStep {
  readonly cost: number;
  readonly c_s: Float64Array;
  readonly c_a: Float64Array;
}

/** An action, and row vectors times pi's Jacobians. */
export interface PolicyStep {
  readonly act_A: Float64Array;
  /** A cost of the policy's own that depends on s and theta only (a saturation penalty); 0 where there is none. */
  readonly penalty: number;
  /** (v pi_s, v pi_theta), [D] and [P], plus `penaltyWeight` times the penalty's own derivatives. */
  pull(
    v_A: Float64Array,
    penaltyWeight: number,
  ): { readonly s_D: Float64Array; readonly theta_P: Float64Array };
}

/** A next state, and row vectors times f's Jacobians: (v f_s, v f_a), [D] and [A]. */
export interface ModelStep {
  readonly next_D: Float64Array;
  /** Whether the episode ends with this step: nothing follows, and nothing depends on the next state. */
  readonly ended?: boolean;
  pull(v_D: Float64Array): { readonly s_D: Float64Array; readonly a_A: Float64Array };
}

/** Everything that the recursion asks of a problem. `t` counts steps from 0, for what changes with time. */
export interface DifferentiableSystem {
  readonly obsSize: number;
  readonly actSize: number;
  readonly gamma: number;
  /** Std of each action entry, action units, where a = mean + std xi with xi ~ N(0, 1): what the score function needs. */
  readonly actStd_A?: Float64Array;
  /** The policy with these parameters, [P]. */
  policy(theta_P: ArrayLike<number>): (s_D: Float64Array, xi_A: Float64Array) => PolicyStep;
  cost(s_D: Float64Array, a_A: Float64Array): CostStep;
  model(s_D: Float64Array, a_A: Float64Array, t: number): ModelStep;
}

/** A start and the noise of every step: with the parameters they determine a trajectory. */
export interface Chance {
  readonly start_D: ArrayLike<number>;
  /** [T, A]; T is the horizon. */
  readonly noise_TA: ArrayLike<number>;
}

/** One trajectory, with what its derivatives need: noise, [A], and state, [D], of every step. */
export interface ReferenceTrajectory {
  readonly steps: readonly {
    readonly xi_A: Float64Array;
    readonly s_D: Float64Array;
    readonly policy: PolicyStep;
    readonly cost: CostStep;
    /** None at the last step: nothing follows. */
    readonly model?: ModelStep;
  }[];
  /** sum_t gamma^t (c + penalty). */
  readonly total: number;
}

/** Rolls the policy through the model, for as many steps as there is noise, or to the episode's end. */
export function rollReference(
  system: DifferentiableSystem,
  theta_P: ArrayLike<number>,
  { start_D, noise_TA }: Chance,
): ReferenceTrajectory {
  const { actSize: A, gamma } = system;
  const T = noise_TA.length / A;
  const act = system.policy(theta_P);
  const noise = Float64Array.from(noise_TA);
  const steps: ReferenceTrajectory['steps'][number][] = [];
  let s_D = Float64Array.from(start_D);
  let total = 0;
  for (let t = 0; t < T; t++) {
    const xi_A = noise.subarray(t * A, (t + 1) * A);
    const policy = act(s_D, xi_A);
    const cost = system.cost(s_D, policy.act_A);
    total += gamma ** t * (cost.cost + policy.penalty);
    if (t === T - 1) {
      steps.push({ xi_A, s_D, policy, cost });
      break;
    }
    const model = system.model(s_D, policy.act_A, t);
    steps.push({ xi_A, s_D, policy, cost, ...(model.ended ? {} : { model }) });
    if (model.ended) break;
    s_D = model.next_D as Float64Array<ArrayBuffer>;
  }
  return { steps, total };
}

/** An error put into the model's Jacobian: v, [D], and the step to (v E_s, v E_a). */
export type JacobianErrorFunction = (
  v_D: Float64Array,
  t: number,
) => { s_D: Float64Array; a_A: Float64Array };

/** Equations 11 and 12 from the last step to the first: J_s at the start, [D], and J_theta, [P], of one trajectory. */
export function recursion(
  { gamma }: DifferentiableSystem,
  { steps }: ReferenceTrajectory,
  jacobianError?: JacobianErrorFunction,
): { readonly J_s: Float64Array; readonly J_theta: Float64Array } {
  let J_s = new Float64Array(steps[0]!.s_D.length);
  let J_theta: Float64Array | undefined;
  for (let t = steps.length - 1; t >= 0; t--) {
    const { policy, cost, model } = steps[t]!;
    let ahead = model?.pull(J_s); // J'_s' f_s and J'_s' f_a
    if (ahead && jacobianError) {
      const wrong = jacobianError(J_s, t);
      ahead = { s_D: addScaled(ahead.s_D, wrong.s_D), a_A: addScaled(ahead.a_A, wrong.a_A) };
    }
    // Both equations multiply pi's Jacobians by the same row: c_a + gamma J'_s' f_a.
    const toAction_A = ahead ? addScaled(cost.c_a, ahead.a_A, gamma) : cost.c_a;
    const byPolicy = policy.pull(toAction_A, 1);
    J_s = addScaled(cost.c_s, byPolicy.s_D); // eq. 11
    if (ahead) J_s = addScaled(J_s, ahead.s_D, gamma);
    J_theta = J_theta ? addScaled(byPolicy.theta_P, J_theta, gamma) : byPolicy.theta_P; // eq. 12
  }
  return { J_s, J_theta: J_theta! };
}

/** Central differences of f, entry by entry, [N]; the error is of order step^2. */
export function centralDifferences(
  f: (x_N: Float64Array) => number,
  at_N: ArrayLike<number>,
  step = 1e-5,
): Float64Array {
  const x_N = Float64Array.from(at_N);
  return x_N.map((x, i) => {
    x_N[i] = x + step;
    const above = f(x_N);
    x_N[i] = x - step;
    const below = f(x_N);
    x_N[i] = x;
    return (above - below) / (2 * step);
  });
}

/** a + scale b, all [N], a new array. */
export function addScaled(a: Float64Array, b: ArrayLike<number>, scale = 1): Float64Array<ArrayBuffer> {
  const sum = new Float64Array(a.length);
  for (let i = 0; i < sum.length; i++) sum[i] = a[i]! + scale * b[i]!;
  return sum;
}
