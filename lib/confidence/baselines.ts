// What the discriminator's confidence has to beat: how sure the policy is, how near an expert is, and how far the members
// of an ensemble agree. All are scores, so high where all is well, and the names say so.
import type { Pairs } from '../data/types.ts';
import type { Discriminator } from '../models/discriminator.ts';
import type { ForwardModel } from '../models/forward-model.ts';
import { forwardNetRow, isGated } from '../models/forward-network.ts';
import type { Policy } from '../models/policy.ts';
import { standardizeRow } from '../models/standardizer.ts';
import { rowFunction } from '../nn/mlp.ts';
import { pairRow, type Score, writeAction } from './score.ts';

/**
 * Minus the policy's entropy at the observation, nats.
 *
 * A Gaussian policy of this project has one std for all states, so its entropy is one number: constant over every
 * episode, uninformative by construction, AUROC exactly 1/2. That is a fact about such policies, which a comparison has
 * to say, and not a weakness of entropy.
 */
export function policyCertainty(policy: Policy): Score {
  if (policy.kind === 'gaussian') {
    const entropy = policy.logStd_A.reduce(
      (sum, logStd) => sum + logStd + 0.5 * Math.log(2 * Math.PI * Math.E),
      0,
    );
    return () => -entropy;
  }
  const net = rowFunction(policy);
  const obsNorm_D = new Float64Array(policy.obsNorm.mean_D.length);
  return (obs) => {
    const logit_K = net(standardizeRow(policy.obsNorm, obs, obsNorm_D));
    const top = Math.max(...logit_K);
    const total = logit_K.reduce((sum, logit) => sum + Math.exp(logit - top), 0);
    const logTotal = top + Math.log(total);
    return logit_K.reduce((sum, logit) => sum + Math.exp(logit - logTotal) * (logit - logTotal), 0);
  };
}

/**
 * Minus the Euclidean distance to the nearest expert pair, in the discriminator's own standardised units, so that both
 * see the same numbers. It compares against every pair: 2000 pairs cost about 30,000 multiplications.
 * @param options.over 'states' (default) leaves the action out, 'pairs' takes it in
 * @param expert the pairs to compare with; actions in action units, discrete ones by number
 */
export function expertProximity(
  discriminator: Discriminator,
  expert: Pairs,
  { over = 'states' }: { readonly over?: 'states' | 'pairs' } = {},
): Score {
  const input = pairRow(discriminator);
  const size = over === 'states' ? discriminator.obsNorm.mean_D.length : discriminator.spec.sizes[0]!;
  const D = expert.obs_ND.length / expert.n;
  const A = expert.act_NA.length / expert.n;
  const known = new Float64Array(expert.n * size);
  for (let n = 0; n < expert.n; n++) {
    const row = input(expert.obs_ND.subarray(n * D, (n + 1) * D), expert.act_NA.subarray(n * A, (n + 1) * A));
    known.set(row.subarray(0, size), n * size);
  }
  return (obs, action) => {
    const row = input(obs, action);
    let nearest = Number.POSITIVE_INFINITY;
    for (let at = 0; at < known.length; at += size) {
      let square = 0;
      for (let i = 0; i < size && square < nearest; i++) square += (row[i]! - known[at + i]!) ** 2;
      if (square < nearest) nearest = square;
    }
    return -Math.sqrt(nearest);
  };
}

/** Minus the standard deviation (population) of several scores: the agreement of discriminators trained apart. */
export function agreement(scores: readonly Score[]): Score {
  return (obs, action) => -deviation(scores.map((score) => score(obs, action)));
}

/** The mean of several scores: an ensemble of discriminators as one. */
export function meanScore(scores: readonly Score[]): Score {
  return (obs, action) => scores.reduce((sum, score) => sum + score(obs, action), 0) / scores.length;
}

/**
 * Minus the disagreement of a forward model's members on the next state: the root of the mean, over the observation's
 * entries, of the variance of their predictions, in units of deltaScale.
 * @throws RangeError if the model has one member, which never disagrees
 */
export function modelAgreement({ obsNorm, actBound, members }: ForwardModel): Score {
  if (members.length < 2)
    throw new RangeError('Cannot measure the agreement of 1 forward model: train 2 or more members');
  const D = obsNorm.mean_D.length;
  const first = members[0]!;
  const A = isGated(first) ? first.spec.actSize : first.spec.sizes[0]! - D;
  const row = new Float64Array(D + A);
  const [obs_D, act_A] = [row.subarray(0, D), row.subarray(D)];
  const nets = members.map(forwardNetRow);
  return (obs, action) => {
    standardizeRow(obsNorm, obs, obs_D);
    writeAction(act_A, action, actBound);
    const out_MD = nets.map((net) => net(row));
    let variance = 0;
    for (let d = 0; d < D; d++) variance += deviation(out_MD.map((out_D) => out_D[d]!)) ** 2 / D;
    return -Math.sqrt(variance);
  };
}

function deviation(values: readonly number[]): number {
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  return Math.sqrt(values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / values.length);
}
