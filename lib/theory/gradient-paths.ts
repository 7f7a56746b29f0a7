// The slides' two block diagrams, read off the code: through which derivatives does a policy gradient come? A derivative is
// set to zero, and the gradient asked again.
import { stream } from '../backend/rng.ts';
import { drawTrajectories, type GradientProblem, gradientSamples } from './gradient-samples.ts';
import { meanOf } from './gradient-variance.ts';
import type { DifferentiableSystem } from './recursion.ts';

/** A derivative in MAIL's equations 11 and 12, as an arrow from what is differentiated to what it depends on. */
export interface Derivative {
  readonly symbol: 'c_a' | 'c_s' | 'f_a' | 'f_s' | 'pi_s' | 'pi_theta';
  readonly from: 'discriminator' | 'next state' | 'action';
  readonly to: 'action' | 'state' | 'parameters';
}

/** Every derivative of the equations. */
export const derivatives: readonly Derivative[] = [
  { symbol: 'c_a', from: 'discriminator', to: 'action' },
  { symbol: 'c_s', from: 'discriminator', to: 'state' },
  { symbol: 'f_a', from: 'next state', to: 'action' },
  { symbol: 'f_s', from: 'next state', to: 'state' },
  { symbol: 'pi_s', from: 'action', to: 'state' },
  { symbol: 'pi_theta', from: 'action', to: 'parameters' },
];

/** Whether a derivative is part of each kind of policy gradient. */
export interface GradientPath extends Derivative {
  /** Of the score function: what a learner without a model has. */
  readonly modelFree: boolean;
  /** Of the recursion. */
  readonly modelBased: boolean;
}

/**
 * Every derivative, and whether the gradient changes without it, on the same trajectories. The score function takes the
 * discriminator's judgement as a number; the recursion differentiates it.
 * @param options.horizon steps; from 3 on every derivative has its say
 */
export function gradientPaths(
  problem: GradientProblem,
  { seed, horizon = 5, n = 4 }: { readonly seed: number; readonly horizon?: number; readonly n?: number },
): GradientPath[] {
  const gradient = (estimator: 'score' | 'pathwise', cut?: Derivative) => {
    const system = cut ? without(problem.system, cut) : problem.system;
    // The same starts and noise every time, and so the same trajectories: derivatives do not change them.
    const rng = stream(seed, 'gradient-paths');
    const trajectories = drawTrajectories({ ...problem, system }, { n, horizon, rng });
    return meanOf(gradientSamples({ ...problem, system }, estimator, { trajectories, pilots: [] }));
  };
  const whole = { score: gradient('score'), pathwise: gradient('pathwise') };
  const matters = (estimator: 'score' | 'pathwise', cut: Derivative) =>
    gradient(estimator, cut).some((g, p) => g !== whole[estimator][p]);
  return derivatives.map((derivative) => ({
    ...derivative,
    modelFree: matters('score', derivative),
    modelBased: matters('pathwise', derivative),
  }));
}

/** The system with one derivative zero; its values stay. */
function without(system: DifferentiableSystem, { symbol }: Derivative): DifferentiableSystem {
  const zero = (x: Float64Array) => new Float64Array(x.length);
  return {
    ...system,
    policy: (theta_P) => {
      const act = system.policy(theta_P);
      return (s_D, xi_A) => {
        const step = act(s_D, xi_A);
        return {
          ...step,
          pull(v_A, penaltyWeight) {
            const pulled = step.pull(v_A, penaltyWeight);
            if (symbol === 'pi_s') return { ...pulled, s_D: zero(pulled.s_D) };
            return symbol === 'pi_theta' ? { ...pulled, theta_P: zero(pulled.theta_P) } : pulled;
          },
        };
      };
    },
    cost(s_D, a_A) {
      const step = system.cost(s_D, a_A);
      if (symbol === 'c_s') return { ...step, c_s: zero(step.c_s) };
      return symbol === 'c_a' ? { ...step, c_a: zero(step.c_a) } : step;
    },
    model(s_D, a_A, t) {
      const step = system.model(s_D, a_A, t);
      return {
        ...step,
        pull(v_D) {
          const pulled = step.pull(v_D);
          if (symbol === 'f_s') return { ...pulled, s_D: zero(pulled.s_D) };
          return symbol === 'f_a' ? { ...pulled, a_A: zero(pulled.a_A) } : pulled;
        },
      };
    },
  };
}
