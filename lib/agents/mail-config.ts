// Every setting of MAIL, declared once: type, default, range and meaning. The defaults are for MuJoCo-like tasks with
// few demonstration pairs and no cloning.
import { z } from 'zod';
import { parseConfig } from './parse-config.ts';

const rate = z.number().positive();
const share = z.number().min(0).max(1);
const count = z.int().positive();
const widths = z.array(count).min(1);

export const mailConfig = z.strictObject({
  totalSteps: count.default(100_000).describe('Env steps of training, warm-up included'),
  warmupSteps: count.default(2000).describe('Env steps taken with the fresh policy before any learning'),
  warmupStd: rate
    .default(0.6)
    .describe("Std of the warm-up's action noise, action units (Gaussian policies)"),
  warmupModelUpdates: count.default(500).describe('Updates of the forward model alone on the warm-up data'),
  envs: count.default(8).describe('Environments that collect side by side'),
  collectSteps: count.default(50).describe('Env steps of each environment per collection'),
  updatesPerCollection: count
    .default(20)
    .describe('Updates of model, discriminator and policy per collection'),
  bufferSize: count.default(100_000).describe('Transitions kept for the forward model'),

  policyHidden: widths.default([100, 50]).describe('Hidden layers of the policy, ReLU'),
  policyStd: rate.default(0.3).describe('Fixed std of the Gaussian policy, action units'),
  policyRate: rate.default(1e-3).describe("Adam's rate for the policy"),
  policyBound: rate.default(1.5).describe("Bound of the policy's mean, in multiples of the action bound"),
  saturationWeight: z
    .number()
    .min(0)
    .default(0.01)
    .describe('Penalty on the mean before squashing, beyond saturationBeyond'),
  saturationBeyond: rate.default(2).describe('Where that penalty begins, action units'),
  averaging: share
    .default(0.998)
    .describe('Share of the old weights in the running average that is deployed'),

  discriminatorHidden: widths.default([100, 50]).describe('Hidden layers of the discriminator, ReLU'),
  discriminatorRate: rate.default(1e-3).describe("Adam's rate for the discriminator"),
  discriminatorBeta1: share.default(0.5).describe("Adam's beta1 for the discriminator"),
  discriminatorBatch: count
    .default(256)
    .describe('Expert pairs, and as many agent pairs, per discriminator update'),
  gradientPenalty: z.number().min(0).default(1).describe('Weight of the zero-centred gradient penalty'),
  negatives: z
    .enum(['imagined', 'replay'])
    .default('imagined')
    .describe("Agent pairs come from the previous update's imagined rollout, or from the latest env steps"),

  modelHidden: widths.default([128, 128]).describe('Hidden layers of each forward model, swish'),
  modelMembers: count.default(3).describe('Forward models in the ensemble'),
  modelRate: rate.default(1e-3).describe("Adam's rate for the forward models; it does not decay"),
  modelBatch: count.default(256).describe('Transitions per update of each forward model'),

  horizon: count.default(40).describe('Imagined steps per policy update'),
  starts: count.default(42).describe('Imagined trajectories per policy update; a multiple of modelMembers'),
  expertStarts: share
    .default(0.5)
    .describe('Probability that an imagined trajectory starts at an expert observation'),
  recentSteps: count.default(10_000).describe('The other starts come from this many latest env steps'),
  gamma: z.number().gt(0).max(1).default(0.99).describe('Discount along the imagined trajectory'),
  temperature: rate.default(1).describe('Temperature of the Gumbel-softmax (discrete actions)'),
  finalRateShare: share
    .default(0.02)
    .describe("Policy's and discriminator's rates fall linearly to this share at totalSteps"),

  engine: z
    .enum(['simd', 'tfjs'])
    .default('simd')
    .describe('What computes the updates: WebAssembly with SIMD, or the readable tensors of TensorFlow.js'),

  evalEvery: count.default(5000).describe('Env steps between evaluations'),
  evalEpisodes: count.default(10).describe('Episodes per evaluation'),
});

/** Settings after defaults. */
export type MailConfig = z.infer<typeof mailConfig>;
/** Settings as a caller writes them: everything has a default. */
export type MailOptions = z.input<typeof mailConfig>;

/**
 * Fills in defaults and checks.
 * @throws Error naming every unknown key and every value out of range
 */
export function parseMailConfig(options: MailOptions = {}): MailConfig {
  const config = parseConfig(mailConfig, options);
  if (config.starts % config.modelMembers !== 0)
    throw new Error(
      `The configuration is not valid: starts (${config.starts}) must be a multiple of modelMembers (${config.modelMembers})`,
    );
  return config;
}
