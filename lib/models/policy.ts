// Policies as plain data, and acting with them one observation at a time, without a tensor engine.
import { normal, type Rng, uniform } from '../backend/rng.ts';
import type { Action } from '../envs/types.ts';
import { initMlp, type Mlp, rowFunction } from '../nn/mlp.ts';
import { type Standardizer, standardizeRow } from './standardizer.ts';

/**
 * pi(a | s) = N(mean(s), std^2), independent entries, in the task's action units:
 *   m = net(obsNorm) actScale + actMean,   mean = bound tanh(m / bound)   (bound = 0: mean = m)
 * The bound keeps a policy that learns through a model from running away where the model was never trained.
 */
export interface GaussianPolicy extends Mlp {
  readonly kind: 'gaussian';
  readonly obsNorm: Standardizer;
  readonly actMean_A: Float32Array;
  readonly actScale_A: Float32Array;
  readonly bound: number;
  /** ln std of each action entry, action units. */
  readonly logStd_A: Float32Array;
}

/** pi(a | s) = softmax(net(obsNorm)) over the actions 0 ... n - 1. */
export interface CategoricalPolicy extends Mlp {
  readonly kind: 'categorical';
  readonly obsNorm: Standardizer;
}

/** A policy, by the kind of its actions. */
export type Policy = GaussianPolicy | CategoricalPolicy;

/** Chooses an action for one observation in simulator units; with `rng` it samples, without it takes the mean or mode. */
export type Act = (obs: ArrayLike<number>, rng?: Rng) => Action;

/**
 * A Gaussian policy with fresh weights.
 * @param options.hidden widths of the hidden layers
 * @param options.lastGain of the output layer: small, so that all actions start near actMean
 */
export function initGaussianPolicy(
  options: Omit<GaussianPolicy, 'kind' | 'spec' | 'params_P'> & {
    readonly hidden: readonly number[];
    readonly activation: 'relu' | 'tanh';
    readonly lastGain: number;
  },
  rng: Rng,
): GaussianPolicy {
  const { hidden, activation, lastGain, obsNorm, actMean_A, actScale_A, bound, logStd_A } = options;
  const sizes = [obsNorm.mean_D.length, ...hidden, actMean_A.length];
  const net = initMlp({ sizes, activation }, rng, { lastGain });
  return { kind: 'gaussian', obsNorm, actMean_A, actScale_A, bound, logStd_A, ...net };
}

/**
 * A categorical policy with fresh weights over `actions` actions.
 * @param options.hidden widths of the hidden layers
 * @param options.lastGain of the output layer: small, so that all actions start nearly as likely
 */
export function initCategoricalPolicy(
  options: {
    readonly obsNorm: Standardizer;
    readonly actions: number;
    readonly hidden: readonly number[];
    readonly activation: 'relu' | 'tanh';
    readonly lastGain: number;
  },
  rng: Rng,
): CategoricalPolicy {
  const { obsNorm, actions, hidden, activation, lastGain } = options;
  const sizes = [obsNorm.mean_D.length, ...hidden, actions];
  return { kind: 'categorical', obsNorm, ...initMlp({ sizes, activation }, rng, { lastGain }) };
}

/**
 * The policy as a function from observation to action. It reads the parameters as they are at each call, so a policy
 * whose `params_P` is trained in place acts with the newest weights. Vector actions, [A] in action units and not clipped,
 * are fresh arrays. No tensor engine: `npm run bench:acting` measures it.
 */
export function actor(policy: Policy): Act {
  const net = rowFunction(policy);
  const obsNorm_D = new Float64Array(policy.obsNorm.mean_D.length);
  if (policy.kind === 'categorical')
    return (obs, rng) => {
      const logits = net(standardizeRow(policy.obsNorm, obs, obsNorm_D));
      return rng ? sampleCategorical(logits, rng) : argmax(logits);
    };
  const { actMean_A, actScale_A, logStd_A, bound } = policy;
  return (obs, rng) => {
    const raw = net(standardizeRow(policy.obsNorm, obs, obsNorm_D));
    return Float64Array.from(raw, (x, i) => {
      const m = x * actScale_A[i]! + actMean_A[i]!;
      const mean = bound > 0 ? bound * Math.tanh(m / bound) : m;
      return rng ? mean + Math.exp(logStd_A[i]!) * normal(rng) : mean;
    });
  };
}

/** Index of the largest entry of x, [K]; the first one of equals. */
export function argmax(x: ArrayLike<number>): number {
  let best = 0;
  for (let i = 1; i < x.length; i++) if (x[i]! > x[best]!) best = i;
  return best;
}

/** One draw from softmax(logits), [K]: an action's number. */
export function sampleCategorical(logits: ArrayLike<number>, rng: Rng): number {
  const top = logits[argmax(logits)]!;
  let total = 0;
  for (let i = 0; i < logits.length; i++) total += Math.exp(logits[i]! - top);
  let left = uniform(rng) * total;
  for (let i = 0; i < logits.length; i++) {
    left -= Math.exp(logits[i]! - top);
    if (left < 0) return i;
  }
  return logits.length - 1;
}
