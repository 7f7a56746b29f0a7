// Random policies of every kind, and the densities that they stand for in plain double arithmetic.
import { normals, stream } from '../../lib/backend/rng.ts';
import {
  type CategoricalPolicy,
  type GaussianPolicy,
  initCategoricalPolicy,
  initGaussianPolicy,
  type Policy,
} from '../../lib/models/policy.ts';
import { standardizer } from '../../lib/models/standardizer.ts';

export const D = 3;

/** A Gaussian policy over `A` entries whose every number differs from its default. */
export function gaussianPolicy(seed: number, { A, bound }: { A: number; bound: number }): GaussianPolicy {
  const rng = stream(seed, 'gaussian');
  const policy = initGaussianPolicy(
    {
      obsNorm: standardizer(
        normals(rng, D),
        normals(rng, D).map((x) => 0.5 + Math.abs(x)),
      ),
      actMean_A: normals(rng, A, 0.3),
      actScale_A: normals(rng, A, 0.2).map((x) => 0.7 + x),
      bound,
      logStd_A: normals(rng, A, 0.3).map((x) => x - 0.5),
      hidden: [8, 6],
      activation: 'tanh',
      lastGain: 1,
    },
    rng,
  );
  return { ...policy, params_P: policy.params_P.map((p) => p + 0.1 * normals(rng, 1)[0]!) };
}

/** A categorical policy over `K` actions. */
export function categoricalPolicy(seed: number, { K }: { K: number }): CategoricalPolicy {
  const rng = stream(seed, 'categorical');
  const obsNorm = standardizer(
    normals(rng, D),
    normals(rng, D).map((x) => 0.5 + Math.abs(x)),
  );
  return initCategoricalPolicy({ obsNorm, actions: K, hidden: [8, 6], activation: 'relu', lastGain: 1 }, rng);
}

/** The policies that every property below is tested on. */
export const kinds: readonly [string, Policy][] = [
  ['Gaussian without a bound', gaussianPolicy(1, { A: 2, bound: 0 })],
  ['Gaussian with bounded mean', gaussianPolicy(2, { A: 2, bound: 1.5 })],
  ['categorical', categoricalPolicy(3, { K: 4 })],
];

/** Number of entries that the network of a policy puts out. */
export function outputs(policy: Policy): number {
  return policy.spec.sizes.at(-1)!;
}

/** Mean of a Gaussian policy's action for one row of network output. */
export function plainMean(policy: GaussianPolicy, out: ArrayLike<number>): number[] {
  return Array.from(out, (x, i) => {
    const m = x * policy.actScale_A[i]! + policy.actMean_A[i]!;
    return policy.bound > 0 ? policy.bound * Math.tanh(m / policy.bound) : m;
  });
}

/** Probabilities of a categorical policy for one row of logits. */
export function plainSoftmax(out: ArrayLike<number>): number[] {
  const weights = Array.from(out, Math.exp);
  const total = weights.reduce((sum, weight) => sum + weight, 0);
  return weights.map((weight) => weight / total);
}

/** ln pi(act | s) for one row of network output. */
export function plainLogProb(policy: Policy, out: ArrayLike<number>, act: ArrayLike<number>): number {
  if (policy.kind === 'categorical') return Math.log(plainSoftmax(out)[act[0]!]!);
  return plainMean(policy, out).reduce((sum, mean, i) => {
    const std = Math.exp(policy.logStd_A[i]!);
    return sum - 0.5 * ((act[i]! - mean) / std) ** 2 - Math.log(std * Math.sqrt(2 * Math.PI));
  }, 0);
}
