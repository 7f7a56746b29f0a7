// What GAIL makes of early ends: environments whose episodes all last as long, and the way back to the task itself.
import { type Demos, trajectoryLength } from '../data/types.ts';
import { absorbingState, fixedHorizon } from '../envs/horizon.ts';
import type { Env } from '../envs/types.ts';
import type { Policy } from '../models/policy.ts';
import { layerViews } from '../nn/mlp.ts';

/**
 * In which environment the policy learns.
 *
 * | ends | early ends | needs |
 * |---|---|---|
 * | task | as the task has them: the sign of the reward is a bias (imitation-reward.ts) | |
 * | fixed-horizon | time goes on with the last observation: falling costs what that observation is worth | an expert that lasts |
 * | absorbing | time goes on in a marked state, of which the expert's own early ends are pairs (Kostrikov et al. 2019) | how often the expert ends early |
 */
export const trainingEnvs = {
  task: (env: Env) => env,
  'fixed-horizon': fixedHorizon,
  absorbing: absorbingState,
} satisfies Readonly<Record<string, (env: Env) => Env>>;
/** One of the rows of that table. */
export type Ends = keyof typeof trainingEnvs;

/**
 * Pairs that sub-sampling would have kept of the absorbing state, had the demonstrations been recorded with it to the end
 * of the clock: one in `every` of the steps that terminated trajectories left over.
 */
export function absorbedPairs(
  { trajectories }: Demos,
  { maxSteps, every }: { readonly maxSteps: number; readonly every: number },
): number {
  const left = trajectories.map((trajectory) =>
    trajectory.terminated ? maxSteps - trajectoryLength(trajectory) : 0,
  );
  return Math.round(left.reduce((sum, steps) => sum + steps, 0) / every);
}

/** A policy that saw one more observation entry, as one that does not see it, where that entry is always 0. */
export function withoutLastInput<P extends Policy>(policy: P): P {
  const { mean_D, scale_D, clip } = policy.obsNorm;
  const D = mean_D.length - 1;
  const { sizes } = policy.spec;
  const width = sizes[1]!;
  // The weights of the last input row go; what it always added goes into the biases, which lie behind the weights.
  const constant = Math.max(-clip, Math.min(clip, -mean_D[D]! / scale_D[D]!));
  const { weight_IO, bias_O } = layerViews(policy.spec, policy.params_P)[0]!;
  const params_P = new Float32Array(policy.params_P.length - width);
  params_P.set(weight_IO.subarray(0, D * width));
  params_P.set(
    bias_O.map((b, o) => b + constant * weight_IO[D * width + o]!),
    D * width,
  );
  params_P.set(policy.params_P.subarray((D + 2) * width), (D + 1) * width);
  return {
    ...policy,
    obsNorm: { mean_D: mean_D.slice(0, D), scale_D: scale_D.slice(0, D), clip },
    spec: { ...policy.spec, sizes: [D, ...sizes.slice(1)] },
    params_P,
  };
}
