// GAIL's discriminator: made from demonstrations, trained on expert pairs against what the policy just did, and read as
// a reward.
import type { Rng } from '../backend/rng.ts';
import { pairStatistics } from '../data/demos.ts';
import type { Pairs } from '../data/types.ts';
import type { Env } from '../envs/types.ts';
import {
  type Discriminator,
  discriminatorGradient,
  expertLogits,
  initDiscriminator,
  pairInputs,
} from '../models/discriminator.ts';
import { logitEntropy } from '../models/discriminator-entropy.ts';
import { type ImitationReward, imitationRewards } from '../models/imitation-reward.ts';
import { drawRows, joinRows } from '../models/rows.ts';
import { standardizer } from '../models/standardizer.ts';
import { type AdamState, adamStep } from '../nn/adam.ts';
import { actionBound, actionRows, actionWidth } from './demonstrated-policy.ts';
import { type Collection, joined } from './rollout.ts';

/**
 * A fresh discriminator whose inputs are scaled by the demonstrations' mean and std.
 * @param task the task itself, unwrapped
 * @param options.absorbing observations have one more entry: whether the episode is over
 */
export function demonstratedDiscriminator(
  demos: Pairs,
  task: Env,
  { hidden, absorbing }: { readonly hidden: readonly number[]; readonly absorbing: boolean },
  rng: Rng,
): Discriminator {
  const { obsMean_D, obsStd_D, actMean_A, actStd_A } = pairStatistics(demos);
  const A = actionWidth(task);
  const box = task.actSpace.type === 'box';
  return initDiscriminator(
    {
      obsNorm: absorbing
        ? standardizer([...obsMean_D, 0], [...obsStd_D, 1])
        : standardizer(obsMean_D, obsStd_D),
      actMean_A: box ? Float32Array.from(actMean_A) : new Float32Array(A),
      actScale_A: box ? Float32Array.from(actStd_A, (std) => std + 1e-3) : new Float32Array(A).fill(1),
      actBound: actionBound(task),
      hidden,
    },
    rng,
  );
}

/**
 * The demonstrations as the discriminator takes them, [N, I].
 * @param absorbedPairs pairs of the absorbing state to add, where there is one: what the expert's early ends amount to
 */
export function expertRows(
  discriminator: Discriminator,
  demos: Pairs,
  task: Env,
  absorbedPairs = 0,
): Float32Array {
  const act_NA = actionRows(demos.act_NA, task);
  const D = task.obsSpace.size;
  if (discriminator.obsNorm.mean_D.length === D) return pairInputs(discriminator, demos.obs_ND, act_NA);
  const A = actionWidth(task);
  const obs_ND = joined([demos.obs_ND, new Float32Array(absorbedPairs * D)]);
  const over_N1 = new Float32Array(demos.n + absorbedPairs).fill(1, demos.n);
  const act = joined([act_NA, new Float32Array(absorbedPairs * A)]);
  return absorbed(pairInputs(discriminator, joinRows(obs_ND, D, over_N1, 1), act), discriminator, task);
}

/** Collected steps as the discriminator takes them, [N, I], one array a collection. */
export function agentRows(
  discriminator: Discriminator,
  { obs_TD, act_TA }: Collection,
  task: Env,
): Float32Array {
  return absorbed(pairInputs(discriminator, obs_TD, actionRows(act_TA, task)), discriminator, task);
}

/**
 * Makes every row of the absorbing state the same, zeros and a 1: the action that was drawn there had no effect, and would
 * give the policy away.
 */
function absorbed(pair_NI: Float32Array, { obsNorm, spec }: Discriminator, task: Env): Float32Array {
  const D = task.obsSpace.size;
  const I = spec.sizes[0]!;
  if (obsNorm.mean_D.length > D)
    for (let at = 0; at < pair_NI.length; at += I)
      if (pair_NI[at + D]! > 0) pair_NI.fill(0, at, at + I).fill(1, at + D, at + D + 1);
  return pair_NI;
}

/**
 * Adam steps, with a pause in which to stop after each, on minibatches drawn with replacement, as many expert as agent pairs
 * in each; changes `discriminator.params_P` and `adam` in place. The loss is `discriminatorGradient`'s less `logitEntropy`
 * times the entropy of the logits.
 * @returns mean metrics over the steps
 */
export function* trainDiscriminator(
  discriminator: Discriminator,
  adam: AdamState,
  { expert_NI, agent_NI }: { readonly expert_NI: Float32Array; readonly agent_NI: Float32Array },
  options: {
    readonly discriminatorSteps: number;
    readonly discriminatorBatch: number;
    readonly discriminatorRate: number;
    readonly gradientPenalty: number;
    /** Weight of the entropy, which is in nats. */
    readonly logitEntropy: number;
    readonly rng: Rng;
  },
): Generator<void, Record<string, number>> {
  const { discriminatorSteps: steps, discriminatorBatch: batchSize, rng } = options;
  const I = discriminator.spec.sizes[0]!;
  const sums: Record<string, number> = {};
  for (let k = 0; k < steps; k++) {
    const batch = {
      expert_BI: drawRows(expert_NI, I, batchSize, rng),
      agent_BI: drawRows(agent_NI, I, batchSize, rng),
    };
    const byLoss = discriminatorGradient(discriminator, batch, { penalty: options.gradientPenalty });
    const doubt = logitEntropy(discriminator, batch);
    const gradient_P = byLoss.gradient_P.map((g, i) => g - options.logitEntropy * doubt.gradient_P[i]!);
    adamStep(discriminator.params_P, gradient_P, adam, { rate: options.discriminatorRate });
    const metrics = { ...byLoss.metrics, 'disc/logitEntropy': doubt.entropy };
    for (const [name, value] of Object.entries(metrics)) sums[name] = (sums[name] ?? 0) + value / steps;
    yield;
  }
  return sums;
}

/** The reward of every pair, [N], nats but for the constants, by the discriminator as it is. */
export function imitationRewardsOf(
  discriminator: Discriminator,
  pair_NI: Float32Array,
  reward: ImitationReward,
): Float64Array {
  return Float64Array.from(expertLogits(discriminator, pair_NI), imitationRewards[reward]);
}
