// Known-good settings per task: only what differs from the algorithms' defaults, with the reason where it is not plain.
import type { GailOptions } from '../agents/gail.ts';
import type { MailOptions } from '../agents/mail-config.ts';
import type { TrpoOptions } from '../agents/trpo.ts';

/** Settings of MAIL by task. A task that is not listed takes the defaults, which were measured on Hopper. */
export const mailPresets: Readonly<Record<string, MailOptions>> = {
  'Hopper-v5': {},
  // A short task that is learnt in a few thousand steps: shorter imagination, and negatives from real steps, since an
  // imagined one-hot pair differs from a real one in nothing that the discriminator could see.
  'CartPole-v1': { totalSteps: 20_000, horizon: 10, starts: 60, negatives: 'replay', evalEvery: 2000 },
};

/**
 * Shortened runs for notebooks: minutes on a laptop. One forward model instead of three, a shorter imagination for the
 * time that buys twice the updates.
 */
export const quickMailPresets: Readonly<Record<string, MailOptions>> = {
  'Hopper-v5': {
    totalSteps: 40_000,
    modelMembers: 1,
    horizon: 20,
    updatesPerCollection: 40,
    evalEvery: 4000,
    evalEpisodes: 3,
  },
  'CartPole-v1': { ...mailPresets['CartPole-v1'], totalSteps: 8000, evalEvery: 1000, evalEpisodes: 5 },
};

/** Settings of GAIL by task. */
export const gailPresets: Readonly<Record<string, GailOptions>> = {
  'CartPole-v1': { totalSteps: 60_000, evalEvery: 5000 },
  // The gradient penalty is what makes it learn: without, the discriminator tells 200 pairs apart at once, and the policy
  // stays below 210; with it and batches twice as large, it takes twice the env steps (seed 1, 240,000 env steps).
  'Hopper-v5': {
    totalSteps: 2_000_000,
    batchSteps: 2048,
    initialStd: 0.6,
    finalStd: 0.35,
    discriminatorSteps: 5,
    gradientPenalty: 1,
    evalEvery: 50_000,
  },
};

// Settings with which RL Baselines3 Zoo tuned TRPO for MuJoCo (hyperparams/trpo.yml): two copies, twice our passes over
// the batch for the value network.
const mujocoExpert: TrpoOptions = {
  envs: 2,
  batchSteps: 2048,
  valueEpochs: 20,
  initialStd: 0.6,
  finalStd: 0.3,
};

/** Settings of TRPO for the experts, by task. */
export const expertPresets: Readonly<Record<string, TrpoOptions>> = {
  'CartPole-v1': { totalSteps: 60_000, evalEvery: 10_000 },
  'MountainCar-v0': { totalSteps: 200_000, envs: 2, valueEpochs: 20, evalEvery: 10_000 },
  'Acrobot-v1': { totalSteps: 400_000, envs: 2, valueEpochs: 20, evalEvery: 20_000, evalEpisodes: 50 },
  'Pendulum-v1': {
    totalSteps: 400_000,
    envs: 2,
    gamma: 0.9,
    valueEpochs: 15,
    finalStd: 0.1,
    evalEvery: 20_000,
  },
  'InvertedPendulum-v5': { ...mujocoExpert, totalSteps: 200_000, evalEvery: 10_000 },
  'Reacher-v5': {
    ...mujocoExpert,
    totalSteps: 1_000_000,
    initialStd: 0.4,
    finalStd: 0.05,
    evalEvery: 50_000,
  },
  'Hopper-v5': {
    totalSteps: 1_500_000,
    batchSteps: 4000,
    gamma: 0.995,
    gaeLambda: 0.97,
    initialStd: 0.6,
    // Noise to the end: an expert trained with less leans so close to the limit of its torso's angle that whoever
    // imitates it almost perfectly still falls.
    finalStd: 0.35,
  },
  'Walker2d-v5': { ...mujocoExpert, totalSteps: 3_000_000 },
  'HalfCheetah-v5': { ...mujocoExpert, totalSteps: 3_000_000, maxKl: 0.02 },
  'Ant-v5': { ...mujocoExpert, totalSteps: 2_000_000, initialStd: 0.4, finalStd: 0.2 },
  // Actions are bounded by 0.4.
  'Humanoid-v5': { ...mujocoExpert, totalSteps: 800_000, initialStd: 0.25, finalStd: 0.1 },
};

/** What an expert should return, by task: the mean of 20 episodes with sampled actions. */
export const expertThresholds: Readonly<Record<string, number>> = {
  'CartPole-v1': 500,
  'MountainCar-v0': -110,
  'Acrobot-v1': -85,
  'Pendulum-v1': -180,
  'InvertedPendulum-v5': 1000,
  'Reacher-v5': -5,
  'Hopper-v5': 3000,
  'Walker2d-v5': 3500,
  'HalfCheetah-v5': 4000,
  'Ant-v5': 3000,
};

/** The sub-sampling protocol of the papers, by task: keep one pair in so many (GAIL, appendix A). */
export const pairsEvery: Readonly<Record<string, number>> = { 'Hopper-v5': 20, 'CartPole-v1': 10 };
