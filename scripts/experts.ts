// npm run experts -- --env Hopper-v5 --seed 4: trains an expert on the task's own reward, and writes its weights, its
// training record and demonstrations with their card to data/<env>-expert. With --list: a table of the experts there are.
import { createHash } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { evaluate, rollTrajectories } from '../lib/agents/rollout.ts';
import { trainTrpo } from '../lib/agents/trpo.ts';
import { writeFileAtomic } from '../lib/data/atomic.ts';
import { saveDemos } from '../lib/data/files.ts';
import { ENV_IDS, MUJOCO_TASKS, makeEnv } from '../lib/envs/make.ts';
import { openResumableRun } from '../lib/experiment/checkpoint.ts';
import { expertPresets, expertThresholds } from '../lib/experiment/presets.ts';
import { readRecord } from '../lib/experiment/store.ts';
import type { Policy } from '../lib/models/policy.ts';
import { policyFromText, policyToText } from '../lib/models/policy-file.ts';
import { mean } from '../lib/stats/aggregate.ts';
import { progressLines } from './progress.ts';

const usage = `npm run experts -- --env ID [--seed N] [--steps N] [--out DIR]
npm run experts -- --env ID --roll
npm run experts -- --list

  --env ID      one of ${ENV_IDS.join(', ')}
  --seed N      seed of the run (default 0)
  --steps N     env steps of training (default: the task's preset)
  --out DIR     where the set goes (default data/<env>-expert)
  --roll        no training: demonstrations of the expert that is there, written anew
  --list        judge the committed experts: a Markdown table

An interrupted training goes on from its last evaluation when it is started again.`;

const { values } = parseArgs({
  options: {
    env: { type: 'string' },
    seed: { type: 'string', default: '0' },
    steps: { type: 'string' },
    out: { type: 'string' },
    roll: { type: 'boolean', default: false },
    list: { type: 'boolean', default: false },
    help: { type: 'boolean', default: false },
  },
});
/** How many demonstrations a set holds, where it is not 25: Humanoid's 348 observations are mostly redundant and large. */
const demonstrations: Readonly<Record<string, number>> = { 'Humanoid-v5': 10 };

if (values.help || !(values.env || values.list)) {
  console.log(usage);
  process.exit(values.help ? 0 : 2);
}
if (values.list) await list();
else {
  const id = values.env!;
  const dir = values.out ?? folder(id);
  const seed = values.roll ? seedOf(dir) : Number(values.seed);
  await saveExpert(values.roll ? readPolicy(dir) : await train(id, seed, dir), id, seed, dir);
}

async function train(id: string, seed: number, dir: string): Promise<Policy> {
  const config = { ...expertPresets[id], ...(values.steps ? { totalSteps: Number(values.steps) } : {}) };
  const run = openResumableRun(join(dir, 'training.jsonl'), { algorithm: 'trpo', env: id, seed, config });
  if (run.resumed) console.log(`expert ${id}: going on from the last checkpoint`);
  const show = progressLines(`expert ${id}`, config.totalSteps);
  const { best } = await trainTrpo(
    { config, seed, newEnv: () => makeEnv(id) },
    {
      checkpoint: run.checkpoint,
      onEvent: (line) => {
        run.onEvent(line);
        show(line);
      },
    },
  );
  run.close();
  return best;
}

/** Judges the policy, rolls its demonstrations and writes both. */
async function saveExpert(policy: Policy, id: string, seed: number, dir: string): Promise<void> {
  const weights = policyToText(policy);
  const env = await makeEnv(id);
  console.log(
    `expert ${id}: ${mean(judge(policy, env, seed).returns_E).toFixed(1)} over 20 episodes with sampled actions`,
  );
  const n = demonstrations[id] ?? 25;
  const trajectories = rollTrajectories(policy, env, { n, seed: seed + 2_000_000, actions: 'sampled' });
  writeFileAtomic(join(dir, 'policy.json'), weights);
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
      rules: `Gymnasium 1.4.0 rules${id in MUJOCO_TASKS ? ', MuJoCo 3.14.0 (WASM)' : ''}`,
      generator: `TRPO trained by this project, the snapshot of the best evaluation (policy.json, sha256 ${createHash('sha256').update(weights).digest('hex')}); npm run experts -- --env ${id} --seed ${seed}`,
      seed: seed + 2_000_000,
      actions: 'sampled',
      selection: `${n} consecutive episodes, none left out, in the order in which they were rolled`,
      licence: 'MIT',
    },
    { obsSpace: env.obsSpace, actSpace: env.actSpace },
  );
  env.close();
  console.log(`wrote ${dir}`);
}

/** Twenty episodes by a seed of their own: neither evaluation nor demonstrations repeat episodes seen in training. */
function judge(policy: Policy, env: Awaited<ReturnType<typeof makeEnv>>, seed: number) {
  return evaluate(policy, env, { episodes: 20, seed: seed + 1_000_000, actions: 'sampled' });
}

async function list(): Promise<void> {
  console.log(
    '| task | return, 20 episodes with sampled actions (lowest) | threshold | length | env steps | minutes |',
  );
  console.log('|---|---|---|---|---|---|');
  for (const id of ENV_IDS) {
    const dir = folder(id);
    if (!existsSync(join(dir, 'policy.json'))) continue;
    const policy = readPolicy(dir);
    const clock = readRecord(join(dir, 'training.jsonl')).findLast(({ kind }) => kind === 'clock');
    if (clock?.kind !== 'clock') throw new Error(`The record of ${dir} has no clock: train the expert again`);
    const env = await makeEnv(id);
    const { returns_E, lengths_E } = judge(policy, env, seedOf(dir));
    env.close();
    const reached = mean(returns_E);
    const threshold = expertThresholds[id];
    const missed = threshold !== undefined && reached < threshold;
    const cells = [
      id,
      `${shown(reached)} (${shown(Math.min(...returns_E))})`,
      threshold === undefined
        ? 'none'
        : `${shown(threshold)}${missed ? `, missed by ${shown(threshold - reached)}` : ''}`,
      mean(lengths_E).toFixed(0),
      clock.envSteps.toLocaleString('en-US'),
      (clock.wallSeconds / 60).toFixed(0),
    ];
    console.log(`| ${cells.join(' | ')} |`);
  }
}

function shown(value: number): string {
  return value.toLocaleString('en-US', { maximumFractionDigits: Math.abs(value) < 200 ? 1 : 0 });
}

/** The seed that an expert was trained with. */
function seedOf(dir: string): number {
  const [header] = readRecord(join(dir, 'training.jsonl'));
  if (header?.kind !== 'header')
    throw new Error(`The record of ${dir} has no header: train the expert again`);
  return header.seed;
}

function readPolicy(dir: string): Policy {
  const file = join(dir, 'policy.json');
  return policyFromText(readFileSync(file, 'utf8'), file);
}

function folder(id: string): string {
  return join('data', `${id.toLowerCase()}-expert`);
}
