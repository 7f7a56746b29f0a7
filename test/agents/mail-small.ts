// Settings of MAIL that go through every line in a moment, and pairs for tasks of one continuous action.
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

/** Pairs of Pendulum-v1 with no meaning. */
export const pendulumPairs: Pairs = {
  n: 30,
  obs_ND: normals(stream(1), 90),
  act_NA: normals(stream(2), 30),
};
