import assert from 'node:assert/strict';
import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { rollEpisode } from '../../lib/agents/rollout.ts';
import { loadDemos } from '../../lib/data/files.ts';
import { replayStates } from '../../lib/data/replay.ts';
import { ENV_IDS, makeEnv } from '../../lib/envs/make.ts';
import type { Env } from '../../lib/envs/types.ts';

/** A short episode of float32 actions, with every state. */
function rolled(env: Env) {
  let t = 0;
  return rollEpisode(
    env,
    () => {
      t += 1;
      if (env.actSpace.type === 'discrete') return t % env.actSpace.n;
      return Float32Array.from({ length: env.actSpace.size }, (_, i) => 0.3 * Math.sin(0.1 * t + i));
    },
    { seed: 5, keepStates: true },
  );
}

for (const id of ENV_IDS)
  test(`${id}: the first state and float32 actions give every state again, bit for bit`, async () => {
    const [env, other] = [await makeEnv(id), await makeEnv(id)];
    const { state_Tp1, ...trajectory } = rolled(env);
    assert.deepEqual(replayStates(other, { ...trajectory, start: state_Tp1![0]! }), state_Tp1);
    env.close();
    other.close();
  });

for (const set of readdirSync('data').filter((name) => existsSync(join('data', name, 'card.json'))))
  test(`data/${set}: the last two committed demonstrations replay exactly`, async () => {
    const { demos } = await loadDemos(join('data', set));
    const env = await makeEnv(demos.env);
    for (const trajectory of demos.trajectories.slice(-2))
      assert.equal(replayStates(env, trajectory).length, trajectory.reward_T.length + 1);
    env.close();
  });

test('a replay that leaves the record names the step, unless the tolerance allows it', async () => {
  const env = await makeEnv('CartPole-v1');
  const trajectory = rolled(env);
  const obs_Tp1D = trajectory.obs_Tp1D.slice();
  obs_Tp1D[3 * 4 + 1]! += 1e-3;
  const changed = { ...trajectory, obs_Tp1D };
  assert.throws(() => replayStates(env, changed), /beyond step 3 of \d+: entry 1 of the observation is/);
  assert.equal(replayStates(env, changed, { tolerance: 0.01 }).length, trajectory.state_Tp1!.length);
  const { state_Tp1: _, ...without } = trajectory;
  assert.throws(() => replayStates(env, without), /without its first state: roll it with keepStates/);
});
