// The slides' second con, "inaccurate forward model will lead to noisy gradients": errors put into the model's Jacobian,
// in the backward pass alone, and what becomes of the policy gradient's direction. estimators/pathwise.ts takes the same
// errors as `jacobianError`, so that a training can be run with them.
import { normal, type Rng, stream } from '../backend/rng.ts';
import { drawTrajectories, type GradientProblem, linearQuadraticProblem } from './gradient-samples.ts';
import { cosineBetween, meanOf } from './gradient-variance.ts';
import { learnedProblem } from './learned-system.ts';
import { randomLinearQuadratic } from './linear-quadratic.ts';
import { type JacobianErrorFunction, type ReferenceTrajectory, recursion } from './recursion.ts';

/** One setting: a horizon, a noise level, a kind of error. */
export interface JacobianErrorRow {
  readonly problem: string;
  readonly horizon: number;
  /** |E| over |[f_s f_a]|, Frobenius norms, root mean square. */
  readonly level: number;
  /** `fresh` for every step and trajectory, so that a batch averages over it, or one `fixed` wrong Jacobian. */
  readonly kind: 'fresh' | 'fixed';
  /** Std of every entry of E at this level, in units of the states. */
  readonly entryStd: number;
  /** Cosine of the batch's gradient with E to that without, over repeats: median, and first and ninth decile. */
  readonly cosine: number;
  readonly cosineLow: number;
  readonly cosineHigh: number;
  /** Median length of the gradient with E over that without. */
  readonly lengthRatio: number;
}

/**
 * The gradient's cosine to the error-free one against level and horizon, on the same trajectories, in double arithmetic.
 * @param options.levels sizes of the error, as shares of the Jacobian's own
 * @param options.horizons steps of a trajectory
 */
export function jacobianErrorTable({
  seed,
  problem: name = 'linear-quadratic',
  horizons = [2, 5, 10, 20, 40],
  levels = [0.03, 0.1, 0.3, 1],
  kinds = ['fresh', 'fixed'],
  samples = 42,
  repeats = 20,
  obsSize = 4,
  actSize = 2,
}: {
  readonly seed: number;
  readonly problem?: 'linear-quadratic' | 'learned-networks';
  readonly horizons?: readonly number[];
  readonly levels?: readonly number[];
  readonly kinds?: readonly ('fresh' | 'fixed')[];
  /** Trajectories in one gradient. */
  readonly samples?: number;
  readonly repeats?: number;
  readonly obsSize?: number;
  readonly actSize?: number;
}): JacobianErrorRow[] {
  const init = stream(seed, 'jacobian-error', name);
  const problem =
    name === 'linear-quadratic'
      ? linearQuadraticProblem(randomLinearQuadratic({ obsSize, actSize }, init))
      : learnedProblem({ obsSize, actSize }, init);
  return horizons.flatMap((horizon) => {
    const rng = stream(seed, 'jacobian-error', name, `${horizon}`);
    const batches = Array.from({ length: repeats }, () =>
      drawTrajectories(problem, { n: samples, horizon, rng }),
    );
    const clean = batches.map((batch) => gradientOf(problem, batch));
    const size = jacobianNorm(problem, batches[0]!);
    return kinds.flatMap((kind) =>
      levels.map((level) => {
        const entryStd = (level * size) / Math.sqrt(obsSize * (obsSize + actSize));
        const noisy = batches.map((batch) =>
          gradientOf(problem, batch, errorOf(problem, { kind, entryStd, rng })),
        );
        const cosines = noisy.map((g_P, k) => cosineBetween(g_P, clean[k]!)).sort((a, b) => a - b);
        const ratios = noisy
          .map((g_P, k) => Math.hypot(...g_P) / Math.hypot(...clean[k]!))
          .sort((a, b) => a - b);
        const at = (sorted: readonly number[], share: number) => sorted[Math.floor(share * (repeats - 1))]!;
        return {
          problem: problem.name,
          horizon,
          level,
          kind,
          entryStd,
          cosine: at(cosines, 0.5),
          cosineLow: at(cosines, 0.1),
          cosineHigh: at(cosines, 0.9),
          lengthRatio: at(ratios, 0.5),
        };
      }),
    );
  });
}

/** E with entries from N(0, entryStd^2): drawn once, or afresh by way of v E ~ N(0, entryStd^2 |v|^2). */
function errorOf(
  { system }: GradientProblem,
  { kind, entryStd, rng }: { readonly kind: 'fresh' | 'fixed'; readonly entryStd: number; readonly rng: Rng },
): JacobianErrorFunction {
  const { obsSize: D, actSize: A } = system;
  const fixed = Array.from({ length: kind === 'fixed' ? D : 0 }, () => normalsOf(D + A, entryStd, rng));
  return (v_D) => {
    const v_I =
      kind === 'fresh'
        ? normalsOf(D + A, entryStd * Math.hypot(...v_D), rng)
        : new Float64Array(D + A).map((_, i) => fixed.reduce((sum, row, d) => sum + v_D[d]! * row[i]!, 0));
    return { s_D: v_I.subarray(0, D), a_A: v_I.subarray(D) };
  };
}

function gradientOf(
  { system }: GradientProblem,
  batch: readonly ReferenceTrajectory[],
  error?: JacobianErrorFunction,
): Float64Array {
  return meanOf(batch.map((trajectory) => recursion(system, trajectory, error).J_theta));
}

/** Root mean square Frobenius norm of [f_s f_a] along trajectories. */
function jacobianNorm({ system }: GradientProblem, batch: readonly ReferenceTrajectory[]): number {
  let square = 0;
  let steps = 0;
  for (const { model } of batch.slice(0, 10).flatMap((trajectory) => trajectory.steps)) {
    if (!model) continue;
    steps++;
    for (let d = 0; d < system.obsSize; d++) {
      const { s_D, a_A } = model.pull(new Float64Array(system.obsSize).fill(1, d, d + 1));
      square += Math.hypot(...s_D, ...a_A) ** 2;
    }
  }
  return Math.sqrt(square / steps);
}

function normalsOf(n: number, std: number, rng: Rng): Float64Array {
  return Float64Array.from({ length: n }, () => std * normal(rng));
}
