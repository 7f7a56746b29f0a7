// Policies that learn nothing, judged as if they had: the expert, and one that draws its actions. Their records are
// ordinary ones, so that tables and figures need no special case.
import { z } from 'zod';
import { stream } from '../backend/rng.ts';
import type { Env } from '../envs/types.ts';
import type { HeaderLine } from '../experiment/record.ts';
import type { Act, Policy } from '../models/policy.ts';
import { parseConfig } from './parse-config.ts';
import { evaluationSteps, randomAct } from './rollout.ts';
import { breathe, stopWatch, type TrainOptions } from './training.ts';

/** Every setting of judging a policy that learns nothing. */
export const referenceConfig = z.strictObject({
  evalEpisodes: z.int().positive().default(50).describe('Episodes of each evaluation'),
});
/** Settings as a caller writes them. */
export type ReferenceOptions = z.input<typeof referenceConfig>;

/** Goes up when the same settings and seed no longer give the same record. */
export const referenceVersion = '1';

/** What the record of a reference depends on. */
export interface ReferenceSetup {
  readonly config?: ReferenceOptions;
  readonly seed: number;
  /** The expert; without one, actions are drawn uniformly. */
  readonly policy?: Policy;
  /** What the record says of the demonstrations that the expert gave. */
  readonly aboutDemos?: HeaderLine['demos'];
  /** Makes an environment of the task, which is closed in it. */
  readonly newEnv: () => Promise<Env>;
}

/**
 * Evaluates a reference policy by mean and by sampled actions, at 0 env steps. The random policy has no mean action:
 * asked for it, it draws all the same.
 * @throws Error if the configuration is not valid
 */
export async function judgeReference(
  setup: ReferenceSetup,
  { onEvent = () => {}, signal, clock }: TrainOptions = {},
): Promise<undefined> {
  const { seed, policy, aboutDemos = null } = setup;
  const config = parseConfig(referenceConfig, setup.config ?? {});
  const env = await setup.newEnv();
  try {
    onEvent({
      kind: 'header',
      schema: 1,
      algorithm: policy ? 'expert' : 'random',
      env: env.id,
      seed,
      config,
      demos: aboutDemos,
      versions: { algorithm: referenceVersion },
    });
    const watch = stopWatch(clock);
    for (const actions of ['mean', 'sampled'] as const) {
      const judged = policy ?? drawing(env, seed);
      const steps = evaluationSteps(judged, env, { episodes: config.evalEpisodes, seed, actions });
      let next = steps.next();
      while (!next.done && !signal?.aborted) {
        await breathe();
        next = steps.next();
      }
      if (!next.done) break;
      const moment = { envSteps: 0, updates: 0 };
      onEvent({ kind: 'evaluation', ...moment, weights: 'raw', actions, ...next.value });
    }
    onEvent({ kind: 'clock', envSteps: 0, wallSeconds: watch.seconds() });
    onEvent({ kind: 'end', envSteps: 0, updates: 0, reason: signal?.aborted ? 'aborted' : 'finished' });
  } finally {
    env.close();
  }
}

function drawing(env: Env, seed: number): Act {
  const random = randomAct(env);
  const own = stream(seed, 'random', 'mean-actions');
  return (obs, rng = own) => random(obs, rng);
}
