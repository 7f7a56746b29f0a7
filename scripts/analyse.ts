// npm run analyse -- confidence|robustness --env Hopper-v5 --policy RUN puts trained policies to the test; model-age follows the
// forward model of a run. What was found goes to results/analysis/.
import { createHash } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { engineVersions, startEngine } from '../lib/backend/engine.ts';
import { stream } from '../lib/backend/rng.ts';
import { analyseConfidence, confidenceSettings, disturbedConditions } from '../lib/confidence/analysis.ts';
import { type AnalysisLine, formatAnalysis } from '../lib/confidence/analysis-record.ts';
import { degradation, disturbanceGrid } from '../lib/confidence/degradation.ts';
import { testBench } from '../lib/confidence/disturbances.ts';
import { writeFileAtomic } from '../lib/data/atomic.ts';
import { allPairs, keepTrajectories, pairStatistics, subsamplePairs } from '../lib/data/demos.ts';
import { loadDemos } from '../lib/data/files.ts';
import { plannedSteps } from '../lib/experiment/algorithms.ts';
import { analyseModelAge, modelAgeSettings, modelAgeSpec } from '../lib/experiment/model-age.ts';
import { pairsEvery } from '../lib/experiment/presets.ts';
import { imitate } from '../lib/experiment/run-spec.ts';
import { readRecord } from '../lib/experiment/store.ts';
import { discriminatorFromText } from '../lib/models/discriminator-file.ts';
import { policyFromText } from '../lib/models/policy-file.ts';
import { progressLines } from './progress.ts';

const usage = `npm run analyse -- confidence|robustness --env ID --policy RUN [options]
npm run analyse -- model-age --env ID --seed N [--steps N]

  confidence           of the discriminator in the policy
  robustness           of the policy
  model-age            trains MAIL, and tries its forward model of ${modelAgeSettings.stages} stages on the states of each of them
  --env ID             a task with demonstrations in data/; for confidence and robustness one of MuJoCo
  --policy RUN         a run's path without its ending: RUN.jsonl, RUN.policy.json, and RUN.discriminator.json where there
                       is one; or "expert"; may be repeated
  --trajectories N     demonstrations that the imitator was given (default 4)
  --every K            one pair in K of them (default: the papers' protocol for the task)
  --episodes N         per level or condition (default: 10 for robustness, ${confidenceSettings.episodes} for confidence)
  --seed N             of all episodes (default 1; use the same one for all policies); for model-age of the run
  --steps N            of model-age: env steps of training (default: the task's, at most 60,000)
  --out DIR            where the records go (default results/analysis/<ANALYSIS>/<env>)`;

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    env: { type: 'string' },
    policy: { type: 'string', multiple: true, default: [] },
    trajectories: { type: 'string', default: '4' },
    every: { type: 'string' },
    episodes: { type: 'string' },
    seed: { type: 'string', default: '1' },
    steps: { type: 'string' },
    out: { type: 'string' },
    help: { type: 'boolean', default: false },
  },
});
const [analysis] = positionals;
const followsModel = analysis === 'model-age';
if (
  values.help ||
  !values.env ||
  (values.policy.length === 0 && !followsModel) ||
  !/^(confidence|robustness|model-age)$/.test(analysis ?? '')
) {
  console.log(usage);
  process.exit(values.help ? 0 : 2);
}
const id = values.env;
const seed = Number(values.seed);
const out = values.out ?? join('results', 'analysis', analysis!, id.toLowerCase());
if (followsModel) {
  const totalSteps = Number(
    values.steps ?? Math.min(60_000, plannedSteps('mail', imitate('mail', id).config)),
  );
  const spec = modelAgeSpec(id, { seed, totalSteps });
  const onEvent = progressLines(`mail ${id} seed ${seed}`, totalSteps);
  const lines = await analyseModelAge(spec, { ...modelAgeSettings, onEvent });
  const path = join(out, `mail-seed-${seed}.jsonl`);
  writeFileAtomic(path, formatAnalysis(lines));
  console.log(`wrote ${path}`);
  process.exit(0);
}
const expertFolder = join('data', `${id.toLowerCase()}-expert`);
const { demos, card } = await loadDemos(expertFolder, { env: id });
const given = Number(values.trajectories);
const kept = keepTrajectories(demos, given);
const every = Number(values.every ?? pairsEvery[id] ?? 20);
const pairs = subsamplePairs(kept, { every, rng: stream(0, 'subsample') });
const { obsStd_D } = pairStatistics(allPairs(kept));
await startEngine('small-batches');
const hash = (text: string) => createHash('sha256').update(text).digest('hex');

for (const run of values.policy) {
  const isExpert = run === 'expert';
  const policyFile = isExpert ? join(expertFolder, 'policy.json') : `${run}.policy.json`;
  const text = readFileSync(policyFile, 'utf8');
  const policy = policyFromText(text, policyFile);
  const { algorithm, seed: runSeed } = isExpert
    ? { algorithm: 'expert', seed: 0 }
    : runHeader(`${run}.jsonl`);
  const discriminatorFile = `${run}.discriminator.json`;
  const judge = existsSync(discriminatorFile) ? readFileSync(discriminatorFile, 'utf8') : null;
  const lines: AnalysisLine[] = [];
  const header = (settings: object): AnalysisLine => ({
    kind: 'header',
    schema: 1,
    analysis: analysis as 'confidence' | 'robustness',
    env: id,
    algorithm,
    seed: runSeed,
    policySha256: hash(text),
    discriminatorSha256: judge === null ? null : hash(judge),
    expertReturn: card.returns.mean,
    settings: { ...settings, trajectories: given, every },
    versions: { ...engineVersions(), analysis: '1' },
  });
  if (analysis === 'robustness') {
    const options = { grid: disturbanceGrid(), episodes: Number(values.episodes ?? 10), seed: 1000 * seed };
    const bench = await testBench(id, options.grid, { obsStd_D });
    lines.push(header({ episodes: options.episodes, seed }));
    for (const { kind, ...level } of degradation(policy, bench, options))
      lines.push({
        kind: 'level',
        disturbance: kind,
        ...level,
        returns_E: [...level.returns_E],
        lengths_E: [...level.lengths_E],
      });
    bench.close();
  } else {
    const episodes = Number(values.episodes ?? confidenceSettings.episodes);
    const settings = { ...confidenceSettings, seed, episodes };
    const bench = await testBench(id, disturbedConditions, { obsStd_D, maxSteps: settings.maxSteps });
    const unseen = { ...demos, trajectories: demos.trajectories.slice(given) };
    const judged = {
      policy,
      pairs,
      demos: kept,
      unseen,
      ...(judge === null ? {} : { discriminator: discriminatorFromText(judge, discriminatorFile) }),
    };
    lines.push(header(settings), ...analyseConfidence(judged, bench, settings));
    bench.close();
  }
  const path = join(out, isExpert ? 'expert.jsonl' : `${algorithm}-seed-${runSeed}.jsonl`);
  writeFileAtomic(path, formatAnalysis(lines));
  console.log(`wrote ${path}`);
}

/** Who learnt, and by which seed, from the record beside a policy. */
function runHeader(path: string): { readonly algorithm: string; readonly seed: number } {
  const [header] = readRecord(path);
  if (header?.kind !== 'header')
    throw new Error(`Cannot say whose policy lies beside ${path}: it has no header`);
  return header;
}
