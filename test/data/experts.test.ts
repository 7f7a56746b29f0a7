// The committed experts: weights, card and demonstrations belong together, and the demonstrations can be made again.
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { rollTrajectories } from '../../lib/agents/rollout.ts';
import { loadDemos } from '../../lib/data/files.ts';
import { makeEnv } from '../../lib/envs/make.ts';
import { expertThresholds } from '../../lib/experiment/presets.ts';
import { policyFromText } from '../../lib/models/policy-file.ts';

const sets = readdirSync('data').filter((name) => existsSync(join('data', name, 'card.json')));

test('there is an expert for every task that has a threshold', () => {
  const missing = Object.keys(expertThresholds).filter((id) => !sets.includes(`${id.toLowerCase()}-expert`));
  assert.deepEqual(missing, []);
});

for (const set of sets)
  test(`data/${set}: the card names the policy beside it, which makes the first demonstration again`, async () => {
    const file = join('data', set, 'policy.json');
    const text = readFileSync(file, 'utf8');
    const { demos, card } = await loadDemos(join('data', set));
    assert.ok(card.generator.includes(createHash('sha256').update(text).digest('hex')));
    const env = await makeEnv(demos.env);
    const options = { n: 1, seed: card.seed!, actions: 'sampled' } as const;
    const [again] = rollTrajectories(policyFromText(text, file), env, options);
    env.close();
    const first = demos.trajectories[0]!;
    assert.deepEqual(again!.act_TA, first.act_TA);
    assert.deepEqual(again!.obs_Tp1D, first.obs_Tp1D);
    assert.deepEqual(again!.reward_T, first.reward_T);
  });
