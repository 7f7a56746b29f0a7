// npm run demos -- --from hopper.hdf5 --format d4rl --env Hopper-v5 --out data/hopper-d4rl: a data set of another origin
// as one of ours, with a card. `--format gail-policy` rolls a policy file of GAIL's authors in our environment.
import { createHash } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { parseArgs } from 'node:util';
import { readGailSnapshot } from '../lib/agents/gail-snapshot.ts';
import { rollTrajectories } from '../lib/agents/rollout.ts';
import { summary } from '../lib/data/demos.ts';
import { loadD4rl, loadGail, loadMinari, saveDemos } from '../lib/data/files.ts';
import { taskShape } from '../lib/data/types.ts';
import { makeEnv } from '../lib/envs/make.ts';

const usage = `npm run demos -- --from FILE --format d4rl|gail|minari|gail-policy --env ID --out DIR [options]

  --from FILE       the file; a folder for minari
  --env ID          the task whose demonstrations they are; the sizes must be its own
  --out DIR         where the set goes; must not be there
  --max-steps N     d4rl: steps after which the task cuts an episode off (files without timeouts)
  --iteration N     gail-policy: which snapshot (default: the last)
  --trajectories N  gail-policy: episodes to roll, with sampled actions (default 25)
  --seed N          gail-policy: seed of the roll (default 0)
  --source TEXT     where the file is from, for the card
  --licence TEXT    its licence, for the card (default unknown)`;

const { values } = parseArgs({
  options: {
    from: { type: 'string' },
    format: { type: 'string' },
    env: { type: 'string' },
    out: { type: 'string' },
    'max-steps': { type: 'string' },
    iteration: { type: 'string' },
    trajectories: { type: 'string', default: '25' },
    seed: { type: 'string', default: '0' },
    source: { type: 'string' },
    licence: { type: 'string', default: 'unknown' },
    help: { type: 'boolean', default: false },
  },
});
const { from, format, env: id, out } = values;
if (values.help || !from || !format || !id || !out) {
  console.log(usage);
  process.exit(values.help ? 0 : 2);
}
if (existsSync(out)) throw new Error(`Cannot write to ${out} as it is there: name a folder that is not`);
const env = await makeEnv(id);
const task = taskShape(env);
const seed = Number(values.seed);

async function rollPolicy(path: string) {
  const options = values.iteration === undefined ? {} : { iteration: Number(values.iteration) };
  const snapshot = await readGailSnapshot(readFileSync(path), { ...options, name: path });
  const n = Number(values.trajectories);
  const trajectories = rollTrajectories(snapshot.policy, env, { n, seed, actions: 'sampled' });
  const notes = [`Rolled here by snapshot ${snapshot.iteration} of a policy trained on ${snapshot.env}`];
  return { demos: { ...task, trajectories }, notes };
}

const maxSteps = values['max-steps'];
const readers: Record<string, () => ReturnType<typeof loadMinari>> = {
  d4rl: () => loadD4rl(from, { task, ...(maxSteps === undefined ? {} : { maxSteps: Number(maxSteps) }) }),
  gail: () => loadGail(from, { task }),
  minari: () => loadMinari(from, { env: id }),
  'gail-policy': () => rollPolicy(from),
};
const read = readers[format];
if (!read)
  throw new Error(`Cannot read the format ${format}: give one of ${Object.keys(readers).join(', ')}`);
const { demos, notes } = await read();
const file = format === 'minari' ? join(from, 'main_data.hdf5') : from;
const hash = createHash('sha256').update(readFileSync(file)).digest('hex');
const rolled = format === 'gail-policy';
const box = env.actSpace.type === 'box';
await saveDemos(
  out,
  demos,
  {
    name: basename(out),
    rules: rolled ? `Gymnasium 1.4.0 rules${box ? ', MuJoCo 3.14.0 (WASM)' : ''}` : 'those of its source',
    generator: `${values.source ?? 'unknown source'}, ${basename(from)} (${format}, sha256 ${hash})`,
    ...(rolled ? { seed } : {}),
    actions: rolled ? 'sampled' : 'unknown',
    selection: rolled ? 'consecutive episodes, none left out' : 'all of the file, in its order',
    licence: values.licence,
    ...(notes.length > 0 ? { notes: notes.join('. ') } : {}),
  },
  { obsSpace: env.obsSpace, actSpace: env.actSpace },
);
env.close();
for (const note of notes) console.log(note);
const { trajectories, steps, returnMean, returnStd } = summary(demos);
console.log(
  `wrote ${out}: ${trajectories} trajectories, ${steps} steps, return ${returnMean.toFixed(1)} ± ${returnStd.toFixed(1)}`,
);
