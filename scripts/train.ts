// npm run train -- mail --env Hopper-v5 --seed 101: one imitation run from the committed demonstrations; writes its
// record to results/ and its policy beside it.
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { trainBc } from '../lib/agents/bc.ts';
import { trainGail } from '../lib/agents/gail.ts';
import { absorbedPairs } from '../lib/agents/gail-ends.ts';
import { trainMail } from '../lib/agents/mail.ts';
import { type MailMode, mailModes } from '../lib/agents/mail-modes.ts';
import { stream } from '../lib/backend/rng.ts';
import { writeFileAtomic } from '../lib/data/atomic.ts';
import { keepTrajectories, subsamplePairs } from '../lib/data/demos.ts';
import { loadDemos } from '../lib/data/files.ts';
import { makeEnv } from '../lib/envs/make.ts';
import { openResumableRun } from '../lib/experiment/checkpoint.ts';
import { gailPresets, mailPresets, pairsEvery } from '../lib/experiment/presets.ts';
import { policyToText } from '../lib/models/policy-file.ts';
import { progressLines } from './progress.ts';

const usage = `npm run train -- ALGORITHM --env ID [options]

  ALGORITHM            mail, gail (model-free) or bc (cloning)
  --env ID             a task with demonstrations in data/
  --seed N             seed of the run (default 0)
  --trajectories N     demonstrations used (default 4)
  --every K            keep one pair in K (default: the papers' protocol for the task)
  --mode NAME          of MAIL's settings: ${Object.keys(mailModes).join(', ')}
  --set KEY=VALUE      one setting, as JSON; may be repeated
  --out DIR            where the record goes (default results/<algorithm>/<env>-<N>x1in<K>[-<mode>])

A run that was stopped goes on from its last checkpoint when the same command is given again, if its algorithm saves any.`;

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    env: { type: 'string' },
    seed: { type: 'string', default: '0' },
    trajectories: { type: 'string', default: '4' },
    every: { type: 'string' },
    mode: { type: 'string' },
    set: { type: 'string', multiple: true, default: [] },
    out: { type: 'string' },
    help: { type: 'boolean', default: false },
  },
});
const trainers = { mail: trainMail, gail: trainGail, bc: trainBc };
const presets: Readonly<Record<string, Readonly<Record<string, object>>>> = {
  mail: mailPresets,
  gail: gailPresets,
};
const [algorithm = ''] = positionals;
if (values.help || !values.env || !Object.hasOwn(trainers, algorithm)) {
  console.log(usage);
  process.exit(values.help ? 0 : 2);
}
const { mode } = values;
if (mode !== undefined && !(algorithm === 'mail' && Object.hasOwn(mailModes, mode)))
  throw new Error(
    `Cannot train ${algorithm} in mode ${mode}: mail knows ${Object.keys(mailModes).join(', ')}, the others have none`,
  );
const id = values.env;
const seed = Number(values.seed);
const every = Number(values.every ?? pairsEvery[id] ?? 20);
const settings = Object.fromEntries(
  values.set.map((text) => {
    const at = text.indexOf('=');
    if (at < 1) throw new Error(`Cannot read --set ${text}: write KEY=VALUE`);
    return [text.slice(0, at), JSON.parse(text.slice(at + 1))];
  }),
);
const { demos, card } = await loadDemos(join('data', `${id.toLowerCase()}-expert`), { env: id });
// The pairs are the same in every run: which demonstrations were given is part of the task, not of the seed.
const kept = keepTrajectories(demos, Number(values.trajectories));
const pairs = subsamplePairs(kept, { every, rng: stream(0, 'subsample') });
const aboutDemos = { set: card.name, sha256: card.sha256, trajectories: Number(values.trajectories), every };
const dir =
  values.out ??
  join(
    'results',
    algorithm,
    [`${id.toLowerCase()}-${values.trajectories}x1in${every}`, ...(mode ? [mode] : [])].join('-'),
  );

const train = trainers[algorithm as keyof typeof trainers];
const config: { readonly totalSteps?: number } = {
  ...presets[algorithm]?.[id],
  ...(mode ? mailModes[mode as MailMode] : {}),
  ...settings,
};
const path = join(dir, `seed-${seed}.jsonl`);
const run = openResumableRun(path, { algorithm, env: id, seed, config, aboutDemos });
const title = `${algorithm} ${id} seed ${seed}`;
if (run.resumed) console.log(`${title}: going on from the last checkpoint`);
const show = progressLines(title, config.totalSteps ?? (algorithm === 'mail' ? 100_000 : undefined));
const env = await makeEnv(id);
const setup = {
  config,
  seed,
  demos: pairs,
  absorbedPairs: absorbedPairs(kept, { maxSteps: env.maxSteps, every }),
  aboutDemos,
  newEnv: () => makeEnv(id),
};
env.close();
const { policy } = await train(setup, {
  checkpoint: run.checkpoint,
  onEvent: (line) => {
    run.onEvent(line);
    show(line);
  },
});
run.close();
writeFileAtomic(join(dir, `seed-${seed}.policy.json`), policyToText(policy));
console.log(`wrote ${path}`);
