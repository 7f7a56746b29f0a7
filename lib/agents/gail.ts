// GAIL: generative adversarial imitation learning (Ho and Ermon 2016), the model-free baseline. Collect, train the
// discriminator on expert pairs against these, and improve the policy on the reward that it makes of them. The task's own
// reward is recorded (`train/return`) and never learnt from.
import { z } from 'zod';
import { stream } from '../backend/rng.ts';
import { policyParams } from '../estimators/natural-gradient.ts';
import type { Discriminator } from '../models/discriminator.ts';
import type { ImitationReward } from '../models/imitation-reward.ts';
import { imitationRewards } from '../models/imitation-reward.ts';
import type { Policy } from '../models/policy.ts';
import { type AdamState, initAdam } from '../nn/adam.ts';
import { performedPairs } from './demonstrated-policy.ts';
import {
  agentRows,
  demonstratedDiscriminator,
  expertRows,
  imitationRewardsOf,
  trainDiscriminator,
} from './gail-discriminator.ts';
import { type Ends, trainingEnvs, withoutLastInput } from './gail-ends.ts';
import { type Learned, onPolicyConfig, trainOnPolicy } from './on-policy.ts';
import { parseConfig } from './parse-config.ts';
import { reinforceConfig, reinforceStep } from './reinforce.ts';
import { joined } from './rollout.ts';
import type { ImitationSetup, TrainOptions } from './training.ts';
import { trpoLearnerConfig, updateLearner } from './trpo-learner.ts';

/**
 * The paper's settings are the defaults of gamma, lambda, trust region and entropy. Unlike the paper's: smaller batches,
 * several discriminator steps on each, ReLU in the discriminator, a value network by Adam, a std that ends on time.
 */
export const gailConfig = z.strictObject({
  ...onPolicyConfig,
  ...trpoLearnerConfig,
  gamma: trpoLearnerConfig.gamma.default(0.995).describe('Discount'),
  gaeLambda: trpoLearnerConfig.gaeLambda
    .default(0.97)
    .describe('Lambda of generalised advantage estimation; REINFORCE takes whole returns, lambda 1'),
  generator: z.enum(['trpo', 'reinforce']).default('trpo').describe('How the policy takes its step'),
  ...reinforceConfig,
  reward: z
    .enum(Object.keys(imitationRewards) as [ImitationReward, ...ImitationReward[]])
    .default('survival')
    .describe("What a step is worth, as a function of the discriminator's logit; the constants are controls"),
  ends: z
    .enum(Object.keys(trainingEnvs) as [Ends, ...Ends[]])
    .default('task')
    .describe('What follows an early end in training'),
  discriminatorHidden: z
    .array(z.int().positive())
    .min(1)
    .default([100, 100])
    .describe('Hidden layers of the discriminator, ReLU'),
  discriminatorRate: z.number().positive().default(1e-3).describe("Adam's rate for the discriminator"),
  discriminatorSteps: z.int().positive().default(10).describe('Discriminator updates per policy update'),
  discriminatorBatch: z
    .int()
    .positive()
    .default(256)
    .describe('Expert pairs, and as many agent pairs, per discriminator update'),
  gradientPenalty: z.number().min(0).default(0).describe('Weight of the zero-centred gradient penalty'),
  logitEntropy: z
    .number()
    .min(0)
    .default(1e-3)
    .describe("Weight of the entropy of the discriminator's logits"),
});
/** Settings after defaults. */
export type GailConfig = z.infer<typeof gailConfig>;
/** Settings as a caller writes them. */
export type GailOptions = z.input<typeof gailConfig>;

/** Goes up when the same settings and seed no longer give the same record. */
export const gailVersion = '1';

/** What a run depends on. */
export interface GailSetup extends ImitationSetup<GailOptions> {
  /** Pairs of the absorbing state among the expert's, by `absorbedPairs`; only `ends` 'absorbing' reads it. Default 0. */
  readonly absorbedPairs?: number;
}

/** What a run of GAIL hands back. */
export interface GailResult {
  /** The policy as the last update left it, for the task itself. There is no best one: an imitator knows no return. */
  readonly policy: Policy;
  readonly discriminator: Discriminator;
  readonly envSteps: number;
}

interface GailLearned extends Learned {
  readonly discriminator: Discriminator;
  readonly discriminatorAdam: AdamState;
  /** For REINFORCE. */
  readonly policyAdam: AdamState;
}

/**
 * Trains by GAIL (Ho and Ermon 2016, algorithm 1): in turns the discriminator and, on the reward that it makes, the policy.
 * Aborting returns what was learnt so far.
 * @throws Error if the configuration is not valid, the demonstrations do not fit the task, or training diverges
 */
export async function trainGail(setup: GailSetup, options: TrainOptions = {}): Promise<GailResult> {
  const config = parseConfig(gailConfig, setup.config ?? {});
  const { seed } = setup;
  const absorbing = config.ends === 'absorbing';
  const deployed = absorbing ? withoutLastInput : (policy: Policy) => policy;
  const { learned, envSteps } = await trainOnPolicy<GailLearned>(
    (task) => {
      const demos = performedPairs(setup.demos, task);
      return {
        name: 'gail',
        version: gailVersion,
        trainingEnv: trainingEnvs[config.ends],
        deployed,
        begin(learner) {
          const hidden = config.discriminatorHidden;
          const init = stream(seed, 'gail', 'discriminator-init');
          const discriminator = demonstratedDiscriminator(demos, task, { hidden, absorbing }, init);
          return {
            learner,
            discriminator,
            discriminatorAdam: initAdam(discriminator.params_P.length),
            policyAdam: initAdam(policyParams(learner.policy).length),
          };
        },
        *update({ learner, discriminator, discriminatorAdam, policyAdam }, collections, at) {
          const expert_NI = expertRows(discriminator, demos, task, setup.absorbedPairs);
          const pairs = collections.map((steps) => agentRows(discriminator, steps, task));
          const metrics = yield* trainDiscriminator(
            discriminator,
            discriminatorAdam,
            { expert_NI, agent_NI: joined(pairs) },
            // A stream for every update, so that there is none to save.
            { ...config, rng: stream(seed, 'gail', 'discriminator-batches', String(at.updates)) },
          );
          const rewarded = collections.map((steps, k) => ({
            ...steps,
            reward_T: imitationRewardsOf(discriminator, pairs[k]!, config.reward),
          }));
          const step = yield* config.generator === 'trpo'
            ? updateLearner(learner, rewarded, config, at)
            : updateLearner(
                learner,
                rewarded,
                { ...config, gaeLambda: 1 },
                { ...at, policyStep: reinforceStep(policyAdam, config) },
              );
          return { ...metrics, ...step };
        },
      };
    },
    { ...setup, config, demos: { pairs: setup.demos.n, ...setup.aboutDemos } },
    options,
  );
  return { policy: deployed(learned.learner.policy), discriminator: learned.discriminator, envSteps };
}
