// Trust-region policy optimisation on a task's own reward: how the lab makes its experts.
import { z } from 'zod';
import type { Env } from '../envs/types.ts';
import type { Policy } from '../models/policy.ts';
import type { Mlp } from '../nn/mlp.ts';
import { type Learned, onPolicyConfig, trainOnPolicy } from './on-policy.ts';
import { parseConfig } from './parse-config.ts';
import type { TrainOptions } from './training.ts';
import { trpoLearnerConfig, updateLearner } from './trpo-learner.ts';

/** Every setting of TRPO; `settingRows(trpoConfig)` lists them. */
export const trpoConfig = z.strictObject({ ...onPolicyConfig, ...trpoLearnerConfig });
/** Settings after defaults. */
export type TrpoConfig = z.infer<typeof trpoConfig>;
/** Settings as a caller writes them. */
export type TrpoOptions = z.input<typeof trpoConfig>;

/** What a run of TRPO hands back. */
export interface TrpoResult {
  /** The policy as the last update left it. */
  readonly policy: Policy;
  /** The policy of the best evaluation with sampled actions: what an expert is taken from. Judge it on fresh episodes. */
  readonly best: Policy;
  readonly valueNet: Mlp;
  readonly envSteps: number;
}

interface TrpoLearned extends Learned {
  best: { readonly policy: Policy; readonly meanReturn: number };
}

/**
 * Trains a policy on the environment's own reward (Schulman et al. 2015). Aborting returns what was learnt so far.
 * @param setup.newEnv makes one more environment of the task; evaluation has its own, so that it never disturbs training
 * @throws Error if the configuration is not valid or training diverges
 */
export async function trainTrpo(
  setup: { readonly config?: TrpoOptions; readonly seed: number; readonly newEnv: () => Promise<Env> },
  options: TrainOptions = {},
): Promise<TrpoResult> {
  const config = parseConfig(trpoConfig, setup.config ?? {});
  const { learned, envSteps } = await trainOnPolicy<TrpoLearned>(
    () => ({
      name: 'trpo',
      version: '1',
      begin: (learner) => ({
        learner,
        best: { policy: learner.policy, meanReturn: Number.NEGATIVE_INFINITY },
      }),
      update: ({ learner }, collections, at) => updateLearner(learner, collections, config, at),
      judge(state, { actions, returns_E }) {
        const meanReturn = returns_E.reduce((sum, x) => sum + x, 0) / returns_E.length;
        if (actions === 'sampled' && meanReturn >= state.best.meanReturn)
          state.best = { policy: state.learner.policy, meanReturn };
      },
    }),
    { ...setup, config, demos: null },
    options,
  );
  const { policy, valueNet } = learned.learner;
  return {
    policy,
    best: Number.isFinite(learned.best.meanReturn) ? learned.best.policy : policy,
    valueNet,
    envSteps,
  };
}
