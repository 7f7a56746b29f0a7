// CartPole for the tests of agents: an expert written down by hand, and environments that are counted.
import { rollEpisode } from '../../lib/agents/rollout.ts';
import { stream } from '../../lib/backend/rng.ts';
import { subsamplePairs } from '../../lib/data/demos.ts';
import type { Pairs } from '../../lib/data/types.ts';
import { makeEnv } from '../../lib/envs/make.ts';
import type { Env } from '../../lib/envs/types.ts';
import type { RecordLine } from '../../lib/experiment/record.ts';

/** Pushes towards where the pole falls, and a little towards the middle: balances for all 500 steps from any start. */
export function balance(obs: ArrayLike<number>): number {
  return obs[2]! + 0.5 * obs[3]! + 0.05 * obs[0]! + 0.1 * obs[1]! > 0 ? 1 : 0;
}

/** One pair in ten of three episodes of the hand-written expert. */
export async function balancedPairs(): Promise<Pairs> {
  const env = await makeEnv('CartPole-v1');
  const trajectories = [0, 1, 2].map((seed) => rollEpisode(env, balance, { seed }));
  env.close();
  const demos = { env: env.id, obsSize: 4, actSize: 1, actions: 2, trajectories };
  return subsamplePairs(demos, { every: 10, rng: stream(0, 'demos') });
}

/** Makes environments and keeps count of those that are open. */
export function countedEnvs(id = 'CartPole-v1', maxSteps?: number) {
  const count = { made: 0, open: 0 };
  const newEnv = async (): Promise<Env> => {
    const env = await makeEnv(id, maxSteps === undefined ? {} : { maxSteps });
    count.made++;
    count.open++;
    let closed = false;
    return {
      ...env,
      close() {
        if (!closed) count.open--;
        closed = true;
        env.close();
      },
    };
  };
  return { count, newEnv };
}

/** A record without the lines that hold the clock. */
export function timeless(lines: readonly RecordLine[]): readonly RecordLine[] {
  return lines.filter((line) => line.kind !== 'clock' && line.kind !== 'machine');
}

/** Mean return of the last evaluation of this kind. */
export function lastReturn(
  lines: readonly RecordLine[],
  { weights, actions }: { readonly weights: 'raw' | 'averaged'; readonly actions: 'mean' | 'sampled' },
): number {
  const line = lines.findLast(
    (each) => each.kind === 'evaluation' && each.weights === weights && each.actions === actions,
  );
  if (line?.kind !== 'evaluation')
    throw new Error(`The record has no evaluation of ${weights} weights, ${actions} actions`);
  return line.returns_E.reduce((sum, x) => sum + x, 0) / line.returns_E.length;
}
