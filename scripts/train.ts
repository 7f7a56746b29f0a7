// npm run train -- mail --env Hopper-v5 --seed 101: one imitation run from the committed demonstrations; writes its
// record to results/ and its policy beside it.
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { trainBc } from '../lib/agents/bc.ts';
import { trainMail } from '../lib/agents/mail.ts';
import { stream } from '../lib/backend/rng.ts';
import { writeFileAtomic } from '../lib/data/atomic.ts';
import { keepTrajectories, subsamplePairs } from '../lib/data/demos.ts';
import { loadDemos } from '../lib/data/files.ts';
import { makeEnv } from '../lib/envs/make.ts';
import { mailPresets, pairsEvery } from '../lib/experiment/presets.ts';
import { machineFacts, openRecord } from '../lib/experiment/store.ts';
import { policyToText } from '../lib/models/policy-file.ts';
import { progressLines } from './progress.ts';

const usage = `npm run train -- ALGORITHM --env ID [options]

  ALGORITHM            mail or bc
  --env ID             Hopper-v5 or CartPole-v1
  --seed N             seed of the run (default 0)
  --trajectories N     demonstrations used (default 4)
  --every K            keep one pair in K (default: the papers' protocol for the task)
  --set KEY=VALUE      one setting, as JSON; may be repeated
  --out DIR            where the record goes (default results/<algorithm>/<env>-<N>x1in<K>)`;

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    env: { type: 'string' },
    seed: { type: 'string', default: '0' },
    trajectories: { type: 'string', default: '4' },
    every: { type: 'string' },
    set: { type: 'string', multiple: true, default: [] },
    out: { type: 'string' },
    help: { type: 'boolean', default: false },
  },
});
const [algorithm] = positionals;
if (values.help || !values.env || (algorithm !== 'mail' && algorithm !== 'bc')) {
  console.log(usage);
  process.exit(values.help ? 0 : 2);
}
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
const pairs = subsamplePairs(keepTrajectories(demos, Number(values.trajectories)), {
  every,
  rng: stream(0, 'subsample'),
});
const aboutDemos = { set: card.name, sha256: card.sha256, trajectories: Number(values.trajectories), every };
const dir =
  values.out ?? join('results', algorithm, `${id.toLowerCase()}-${values.trajectories}x1in${every}`);

const record = openRecord(join(dir, `seed-${seed}.jsonl`));
const config = algorithm === 'mail' ? { ...mailPresets[id], ...settings } : settings;
const show = progressLines(
  `${algorithm} ${id} seed ${seed}`,
  algorithm === 'mail' ? (config.totalSteps ?? 100_000) : undefined,
);
const setup = { config, seed, demos: pairs, aboutDemos, newEnv: () => makeEnv(id) };
const train = algorithm === 'mail' ? trainMail : trainBc;
const { policy } = await train(setup, {
  onEvent: (line) => {
    if (line.kind === 'end') record.write({ kind: 'machine', facts: machineFacts() });
    record.write(line);
    show(line);
  },
});
record.close();
writeFileAtomic(join(dir, `seed-${seed}.policy.json`), policyToText(policy));
console.log(`wrote ${join(dir, `seed-${seed}.jsonl`)}`);
