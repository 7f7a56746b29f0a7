// Every setting of MAIL, declared once: type, default, range and meaning. The defaults are for MuJoCo-like tasks with
// few demonstration pairs and no cloning.
import { z } from 'zod';
import { type Schedule, schedules } from './mail-schedule.ts';
import { parseConfig } from './parse-config.ts';

const rate = z.number().positive();
const share = z.number().min(0).max(1);
const dropped = z.number().min(0).lt(1);
const weight = z.number().min(0);
const count = z.int().positive();
const widths = z.array(count).min(1);
const schedule = z.enum(Object.keys(schedules) as [Schedule, ...Schedule[]]);
const finalRate = z.number().gt(0).max(1);

/** Every setting of MAIL. `npm run train -- mail --help-settings` prints it as a table. */
export const mailConfig = z.strictObject({
  totalSteps: count.default(100_000).describe('Env steps of training, warm-up included'),
  warmupSteps: count.default(2000).describe('Env steps taken with the fresh policy before any learning'),
  warmupStd: weight
    .default(0.6)
    .describe("Std of the warm-up's action noise, action units (Gaussian policies); 0 is the policy's own"),
  warmupModelUpdates: z
    .int()
    .min(0)
    .default(500)
    .describe('Updates of the forward model alone on the warm-up data'),
  envs: count.default(8).describe('Environments that collect side by side'),
  collectSteps: count.default(50).describe('Env steps of each environment per collection'),
  updatesPerCollection: count
    .default(20)
    .describe('Updates of model, discriminator and policy per collection'),
  preparationUpdates: z
    .int()
    .min(0)
    .default(0)
    .describe('Updates of model and discriminator before the first of the policy; nothing is collected'),
  turnUpdates: z
    .int()
    .min(0)
    .default(0)
    .describe(
      'Policy and discriminator learn in turns of so many updates, and only in turns of the policy is collected; 0: both in every update',
    ),
  bufferSize: count.default(100_000).describe('Transitions kept for the forward model'),
  ends: z
    .enum(['task', 'fixed-horizon'])
    .default('task')
    .describe(
      'What follows an early end while collecting: a new episode, or the last observation to the end of time',
    ),

  policyHidden: widths.default([100, 50]).describe('Hidden layers of the policy, ReLU'),
  policyStd: rate.default(0.3).describe('Std of the Gaussian policy, in units of policyStdUnit'),
  policyStdUnit: z
    .enum(['action', 'expert'])
    .default('action')
    .describe("Action units, or the std of the expert's actions, entry by entry"),
  learnStd: z
    .boolean()
    .default(false)
    .describe('Whether the std is learnt, through a = mean + std xi, from policyStd on; it has no state'),
  policyRate: rate.default(1e-3).describe("Adam's rate for the policy"),
  policySchedule: schedule.default('linear').describe("Course of the policy's rate to policyFinalRate"),
  policyFinalRate: finalRate.default(0.02).describe("Share of the policy's rate that is left at totalSteps"),
  policyBound: weight
    .default(1.5)
    .describe("Bound of the policy's mean, in multiples of the action bound; 0 is none"),
  policyDropout: dropped
    .default(0)
    .describe(
      "Share of the policy's last hidden layer dropped, in its updates and in re-anchored collections",
    ),
  policyWeightDecay: weight
    .default(0)
    .describe("L2 term of the policy's gradient: times its weights, not biases"),
  saturationWeight: weight
    .default(0.01)
    .describe('Penalty on the mean before squashing, beyond saturationBeyond'),
  saturationBeyond: rate.default(2).describe('Where that penalty begins, action units'),
  averaging: share
    .default(0.998)
    .describe('Share of the old weights in the running average that is deployed'),
  initStd: rate
    .optional()
    .describe(
      'Std of every initial weight and bias of policy, discriminator and gated model; default: by width',
    ),
  cloningUpdates: z
    .int()
    .min(0)
    .default(0)
    .describe('Updates of cloning alone before the warm-up, at policyRate'),
  cloningWeight: weight
    .default(0)
    .describe('Weight of the cloning loss in every policy update: see cloningGradient'),
  cloningBatch: count.default(64).describe('Expert pairs per cloning gradient'),

  discriminatorHidden: widths.default([100, 50]).describe('Hidden layers of the discriminator, ReLU'),
  discriminatorScale: rate
    .optional()
    .describe("In place of discriminatorHidden: the policy's hidden widths times this"),
  discriminatorRate: rate.default(1e-3).describe("Adam's rate for the discriminator"),
  discriminatorSchedule: schedule
    .default('linear')
    .describe("Course of the discriminator's rate to discriminatorFinalRate"),
  discriminatorFinalRate: finalRate
    .default(0.02)
    .describe("Share of the discriminator's rate that is left at totalSteps"),
  discriminatorBeta1: dropped.default(0.5).describe("Adam's beta1 for the discriminator"),
  discriminatorBatch: count
    .default(256)
    .describe('Expert pairs, and as many agent pairs, per discriminator update'),
  gradientPenalty: weight.default(1).describe('Weight of the zero-centred gradient penalty'),
  discriminatorDropout: dropped
    .default(0)
    .describe("Share of the discriminator's last hidden layer dropped, in its updates and the policy's"),
  discriminatorWeightDecay: weight
    .default(0)
    .describe("L2 term of the discriminator's gradient: times its weights, not biases"),
  spectralNorm: weight
    .default(0)
    .describe(
      "Bound on the largest singular value of each of the discriminator's weight matrices; 0 is none",
    ),
  labelSmoothing: z
    .number()
    .min(0)
    .lt(0.5)
    .default(0)
    .describe('The discriminator is taught 1 - this for expert and this for agent pairs'),
  expertNoise: weight
    .default(0)
    .describe("Std of the noise on expert pairs in the discriminator's updates, standard deviations"),
  agentNoise: weight
    .default(0)
    .describe("Std of the noise on agent pairs in the discriminator's updates, standard deviations"),
  expertWeight: rate.default(1).describe("Weight of the expert pairs in the discriminator's loss"),
  negatives: z
    .enum(['imagined', 'replay'])
    .default('imagined')
    .describe("Agent pairs come from the previous policy update's rollout, or from the latest env steps"),

  model: z
    .enum(['mlp', 'gated', 'oracle'])
    .default('mlp')
    .describe(
      "Plain networks; the paper's gated ones, whose one width modelHidden repeats; or, re-anchored, none but the simulator's own Jacobians by central differences: the control",
    ),
  modelPredicts: z
    .enum(['delta', 'absolute'])
    .default('delta')
    .describe('Whether the network puts out the change of the observation, or the next one'),
  modelHidden: widths.default([128, 128]).describe('Hidden layers of each forward model, swish'),
  modelMembers: count.default(3).describe('Forward models in the ensemble'),
  modelRate: rate.default(1e-3).describe("Adam's rate for the forward models; it does not decay"),
  modelBatch: count.default(256).describe('Transitions per update of each forward model'),
  jacobianNoise: weight
    .default(0)
    .describe(
      "Std of an error in every entry of the model's Jacobian, fresh for every step: see JacobianError",
    ),

  rollouts: z
    .enum(['imagined', 'reanchored'])
    .default('imagined')
    .describe(
      "The policy's gradient goes along imagined trajectories, or along real ones by the model's Jacobian",
    ),
  derivative: z
    .enum(['total', 'partial'])
    .default('total')
    .describe('Whether states depend on the policy, or count as fixed: the control'),
  cost: z
    .enum(['cross-entropy', 'belief'])
    .default('cross-entropy')
    .describe('What a pair costs the policy: cross-entropy to "expert", or the belief D itself'),
  horizon: count
    .default(40)
    .describe('Steps along which the gradient goes; with 1 and no critic no model is trained or used'),
  critic: z
    .boolean()
    .default(false)
    .describe(
      'Whether a learnt value stands for all that follows the last step of an imagined trajectory; without, it counts for nothing',
    ),
  criticHidden: widths.default([64, 64]).describe('Hidden layers of the critic, swish'),
  criticRate: rate.default(1e-3).describe("Adam's rate for the critic; it does not decay"),
  criticAveraging: share
    .default(0.99)
    .describe('Share of the old weights in the running average of the critic that the policy is led by'),
  starts: count.default(42).describe('Trajectories per policy update; a multiple of modelMembers'),
  expertStarts: share
    .default(0.5)
    .describe('Probability that an imagined trajectory starts at an expert observation'),
  recentSteps: count
    .default(10_000)
    .describe('The other starts, and replayed negatives, come from this many latest env steps'),
  segmentSteps: count
    .default(1600)
    .describe(
      'Re-anchored trajectories come from this many latest env steps, and always the last collection',
    ),
  gamma: z.number().gt(0).max(1).default(0.99).describe('Discount along the trajectory'),
  temperature: rate.default(1).describe('Temperature of the Gumbel-softmax (discrete actions)'),
  gumbel: z
    .enum(['straight-through', 'soft'])
    .default('straight-through')
    .describe(
      'Discrete actions in the gradient are one-hot, or soft as nothing else that the discriminator sees',
    ),

  engine: z
    .enum(['simd', 'tfjs'])
    .default('simd')
    .describe(
      'What computes the updates: WebAssembly with SIMD, which hands over to tensors what it lacks (see simdLacks), or the readable tensors of TensorFlow.js',
    ),

  evalEvery: count
    .default(5000)
    .describe(
      'Env steps between evaluations; after the warm-up, one an update until those that it passed are made up for',
    ),
  evalEpisodes: count.default(10).describe('Episodes per evaluation'),
  recordEvery: count.default(1).describe('Rounds of updatesPerCollection between two lines of metrics'),
});

/** Settings after defaults. */
export type MailConfig = z.infer<typeof mailConfig>;
/** Settings as a caller writes them: everything has a default. */
export type MailOptions = z.input<typeof mailConfig>;

/**
 * Fills in defaults and checks. What comes out goes in again unchanged: `discriminatorScale` has become the widths that it
 * stands for.
 * @throws Error naming every unknown key and every value out of range
 */
export function parseMailConfig(options: MailOptions = {}): MailConfig {
  const config = parseConfig(mailConfig, options);
  const { discriminatorScale, ...rest } = config;
  const { starts, modelMembers, horizon, collectSteps } = config;
  const refuse = (reason: string) => {
    throw new Error(`The configuration is not valid: ${reason}`);
  };
  if (starts % modelMembers !== 0)
    refuse(`starts (${starts}) must be a multiple of modelMembers (${modelMembers})`);
  if (config.totalSteps <= config.warmupSteps)
    refuse(
      `totalSteps (${config.totalSteps}) must exceed warmupSteps (${config.warmupSteps}), or nothing is learnt`,
    );
  if (config.rollouts === 'reanchored' && horizon > collectSteps)
    refuse(`re-anchored, horizon (${horizon}) must not exceed collectSteps (${collectSteps})`);
  if (config.model === 'oracle') {
    const { rollouts, ends, jacobianNoise } = config;
    if (rollouts !== 'reanchored' || ends !== 'task' || jacobianNoise > 0)
      refuse("model oracle goes with rollouts 'reanchored', ends 'task' and jacobianNoise 0 alone");
  }
  if (
    config.critic &&
    (config.rollouts !== 'imagined' || config.derivative === 'partial' || config.gamma === 1)
  )
    refuse("critic goes with rollouts 'imagined', derivative 'total' and gamma below 1");
  if (config.labelSmoothing > 0 && (config.discriminatorDropout > 0 || config.expertWeight !== 1))
    refuse('labelSmoothing goes with neither discriminatorDropout nor expertWeight');
  if (discriminatorScale === undefined) return config;
  if (options.discriminatorHidden) refuse('give discriminatorHidden or discriminatorScale, not both');
  const discriminatorHidden = config.policyHidden.map((width) =>
    Math.max(1, Math.round(width * discriminatorScale)),
  );
  return { ...rest, discriminatorHidden };
}

/** Whether the policy's gradient depends on how states do: not over one step alone, nor along fixed real states. */
function seesAhead({ horizon, critic, rollouts, derivative }: MailConfig): boolean {
  return (horizon > 1 || critic) && !(rollouts === 'reanchored' && derivative === 'partial');
}

/** Whether the policy's gradient has any use for a forward model. */
export function usesModel(config: MailConfig): boolean {
  return seesAhead(config) && config.model !== 'oracle';
}

/** Whether the policy's gradient takes the simulator's own Jacobians. */
export function usesOracle(config: MailConfig): boolean {
  return seesAhead(config) && config.model === 'oracle';
}
