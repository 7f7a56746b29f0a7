// npm run train -- mail --env Hopper-v5 --seed 201: one imitation run from the committed demonstrations; its record goes to
// where a sweep would write it, its policy and discriminator beside it.
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { type MailMode, mailModes } from '../lib/agents/mail-modes.ts';
import { settingRows } from '../lib/agents/setting-rows.ts';
import { algorithms, plannedSteps } from '../lib/experiment/algorithms.ts';
import { run } from '../lib/experiment/run-here.ts';
import { keyedRun } from '../lib/experiment/run-key.ts';
import { type AlgorithmName, imitate } from '../lib/experiment/run-spec.ts';
import { progressLines } from './progress.ts';

const usage = `npm run train -- ALGORITHM --env ID [options]
npm run train -- ALGORITHM --help-settings      every setting: default, range, meaning with its unit

  ALGORITHM            mail, gail (model-free), bc (cloning); expert and random learn nothing and are judged
  --env ID             a task with demonstrations in data/
  --seed N             seed of the run (default 0)
  --trajectories N     demonstrations used (default 4)
  --every K            keep one pair in K (default: the papers' protocol for the task)
  --mode NAME          of MAIL's settings: ${Object.keys(mailModes).join(', ')}
  --set KEY=VALUE      one setting, as JSON; may be repeated
  --out DIR            folder of records (default results): DIR/<algorithm>/<env>-<N>x1in<K>/<settings>/seed-<n>.jsonl

A run that was stopped goes on from its last checkpoint when the same command is given again, if its algorithm saves any.`;

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    env: { type: 'string' },
    seed: { type: 'string', default: '0' },
    trajectories: { type: 'string' },
    every: { type: 'string' },
    mode: { type: 'string' },
    set: { type: 'string', multiple: true, default: [] },
    out: { type: 'string', default: 'results' },
    help: { type: 'boolean', default: false },
    'help-settings': { type: 'boolean', default: false },
  },
});
const [name = ''] = positionals;
if (values['help-settings'] && Object.hasOwn(algorithms, name)) {
  for (const { setting, default: value, values: allowed, meaning } of settingRows(
    algorithms[name as AlgorithmName].settings,
  ))
    console.log(`${setting} = ${value}   (${allowed})\n    ${meaning}`);
  process.exit(0);
}
if (values.help || !values.env || !Object.hasOwn(algorithms, name)) {
  console.log(usage);
  process.exit(values.help ? 0 : 2);
}
const algorithm = name as AlgorithmName;
const config = Object.fromEntries(
  values.set.map((text) => {
    const at = text.indexOf('=');
    if (at < 1) throw new Error(`Cannot read --set ${text}: write KEY=VALUE`);
    return [text.slice(0, at), JSON.parse(text.slice(at + 1))];
  }),
);
const base = imitate(algorithm, values.env, {
  config,
  ...(values.trajectories ? { trajectories: Number(values.trajectories) } : {}),
  ...(values.every ? { every: Number(values.every) } : {}),
  ...(values.mode ? { mode: values.mode as MailMode } : {}),
});
const keyed = await keyedRun({ ...base, seed: Number(values.seed) });
const title = `${algorithm} ${values.env} seed ${values.seed}`;
await run(keyed, {
  folder: values.out,
  onEvent: progressLines(title, plannedSteps(algorithm, base.config)),
});
console.log(`wrote ${join(values.out, keyed.place)}`);
