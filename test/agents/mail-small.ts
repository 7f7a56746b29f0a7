// Settings of MAIL that go through every line in a moment or balance CartPole in seconds, and pairs for tasks of one continuous action.
import type { MailOptions } from '../../lib/agents/mail-config.ts';
import { normals, stream } from '../../lib/backend/rng.ts';
import type { Pairs } from '../../lib/data/types.ts';

export const tiny: MailOptions = {
  totalSteps: 200,
  warmupSteps: 40,
  warmupModelUpdates: 3,
  envs: 2,
  collectSteps: 20,
  updatesPerCollection: 2,
  policyHidden: [8],
  discriminatorHidden: [8],
  discriminatorBatch: 16,
  modelHidden: [8],
  modelMembers: 2,
  modelBatch: 16,
  horizon: 3,
  starts: 4,
  evalEvery: 80,
  evalEpisodes: 2,
};

/** Enough to balance, in seconds. */
export const balancing: MailOptions = {
  totalSteps: 3000,
  warmupSteps: 500,
  warmupModelUpdates: 100,
  envs: 4,
  collectSteps: 25,
  policyHidden: [32],
  policyRate: 2e-3,
  averaging: 0.98,
  discriminatorHidden: [32],
  discriminatorBatch: 128,
  modelHidden: [32],
  modelMembers: 1,
  modelBatch: 128,
  horizon: 10,
  starts: 30,
  negatives: 'replay',
  evalEvery: 1000,
  evalEpisodes: 5,
};

/** Pairs of Pendulum-v1 with no meaning. */
export const pendulumPairs: Pairs = {
  n: 30,
  obs_ND: normals(stream(1), 90),
  act_NA: normals(stream(2), 30),
};
