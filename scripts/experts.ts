// npm run experts -- --env Hopper-v5 --seed 3: trains an expert on the task's own reward, and writes its weights, its
// training record and 25 demonstrations with their card to data/<env>-expert.
import { createHash } from 'node:crypto';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { evaluate, rollTrajectories } from '../lib/agents/rollout.ts';
import { trainTrpo } from '../lib/agents/trpo.ts';
import { writeFileAtomic } from '../lib/data/atomic.ts';
import { saveDemos } from '../lib/data/files.ts';
import { ENV_IDS, makeEnv } from '../lib/envs/make.ts';
import { openResumableRun } from '../lib/experiment/checkpoint.ts';
import { expertPresets } from '../lib/experiment/presets.ts';
import { machineFacts } from '../lib/experiment/store.ts';
import { policyToText } from '../lib/models/policy-file.ts';
import { mean } from '../lib/stats/aggregate.ts';
import { progressLines } from './progress.ts';

const usage = `npm run experts -- --env ID [--seed N] [--steps N] [--out DIR]

  --env ID      one of ${ENV_IDS.join(', ')}
  --seed N      seed of the run (default 0)
  --steps N     env steps of training (default: the task's preset)
  --out DIR     where the set goes (default data/<env>-expert)`;

const { values } = parseArgs({
  options: {
    env: { type: 'string' },
    seed: { type: 'string', default: '0' },
    steps: { type: 'string' },
    out: { type: 'string' },
    help: { type: 'boolean', default: false },
  },
});
if (values.help || !values.env) {
  console.log(usage);
  process.exit(values.help ? 0 : 2);
}
const id = values.env;
const seed = Number(values.seed);
const dir = values.out ?? join('data', `${id.toLowerCase()}-expert`);
const config = { ...expertPresets[id], ...(values.steps ? { totalSteps: Number(values.steps) } : {}) };

const run = openResumableRun(join(dir, 'training.jsonl'), { algorithm: 'trpo', env: id, seed, config });
if (run.resumed) console.log(`expert ${id}: going on from the last checkpoint`);
const show = progressLines(`expert ${id}`, config.totalSteps);
const { best: policy } = await trainTrpo(
  { config, seed, newEnv: () => makeEnv(id) },
  {
    checkpoint: run.checkpoint,
    onEvent: (line) => {
      if (line.kind === 'end') run.record.write({ kind: 'machine', facts: machineFacts() });
      run.record.write(line);
      show(line);
    },
  },
);
run.close();

const weights = policyToText(policy);
const env = await makeEnv(id);
// A seed of its own, so that neither evaluation nor demonstrations repeat episodes seen in training.
const judged = evaluate(policy, env, { episodes: 20, seed: seed + 1_000_000, actions: 'sampled' });
const meanReturn = mean(judged.returns_E);
console.log(`expert ${id}: ${meanReturn.toFixed(1)} over 20 episodes with sampled actions`);
const trajectories = rollTrajectories(policy, env, { n: 25, seed: seed + 2_000_000, actions: 'sampled' });
writeFileAtomic(join(dir, 'policy.json'), weights);
const box = env.actSpace.type === 'box';
await saveDemos(
  dir,
  {
    env: id,
    obsSize: env.obsSpace.size,
    actSize: env.actSpace.type === 'box' ? env.actSpace.size : 1,
    actions: env.actSpace.type === 'box' ? 0 : env.actSpace.n,
    trajectories,
  },
  {
    name: `${id.toLowerCase()}-expert`,
    rules: box ? 'Gymnasium 1.4.0 rules, MuJoCo 3.14.0 (WASM)' : 'Gymnasium 1.4.0 rules',
    generator: `TRPO trained by this project, the snapshot of the best evaluation (policy.json, sha256 ${createHash('sha256').update(weights).digest('hex')}); npm run experts -- --env ${id} --seed ${seed}`,
    seed: seed + 2_000_000,
    actions: 'sampled',
    selection: '25 consecutive episodes, none left out, in the order in which they were rolled',
    licence: 'MIT',
  },
  { obsSpace: env.obsSpace, actSpace: env.actSpace },
);
env.close();
console.log(`wrote ${dir}`);
