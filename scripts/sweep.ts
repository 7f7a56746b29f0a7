// npm run sweep -- d-size --profile full --workers 2: makes the runs of experiments that are not recorded yet, each in a
// process of its own, and goes on where it was stopped.
import { availableParallelism } from 'node:os';
import { parseArgs } from 'node:util';
import { adoptRecords } from '../lib/experiment/adopt.ts';
import type { Profile } from '../lib/experiment/experiment.ts';
import { experimentNamed, experiments } from '../lib/experiment/experiments/index.ts';
import { listQueue } from '../lib/experiment/queue.ts';
import { indexRecords } from '../lib/experiment/record-index.ts';
import { readingKey, runTitle } from '../lib/experiment/run-key.ts';
import { sweep } from '../lib/experiment/sweep.ts';
import { costs, planSweep, type SweepPlan } from '../lib/experiment/sweep-plan.ts';
import { duration, sweepBoard } from './progress.ts';

const usage = `npm run sweep -- NAME... [options]      makes the runs of these experiments that are not recorded
npm run sweep -- --list                 the experiments that there are
npm run sweep -- --adopt DIR            copies records that another checkout has in its folder DIR, and the networks beside
                                        them that analyses read (results/README.md)

  --profile P      quick or full (default full)
  --workers N      runs at a time (default: one for each core)
  --seeds A,B,...  only these seeds
  --env ID         only this task; may be repeated
  --dry-run        says what would be run
  --out DIR        folder of records (default results)

Ctrl-C stops it and the same command goes on from the last checkpoints. Several sweeps at a time share the work.`;

const { values, positionals: names } = parseArgs({
  allowPositionals: true,
  options: {
    profile: { type: 'string', default: 'full' },
    workers: { type: 'string', default: String(availableParallelism()) },
    seeds: { type: 'string' },
    env: { type: 'string', multiple: true },
    'dry-run': { type: 'boolean', default: false },
    list: { type: 'boolean', default: false },
    adopt: { type: 'string' },
    out: { type: 'string', default: 'results' },
    help: { type: 'boolean', default: false },
  },
});
const folder = values.out;
const workers = Number(values.workers);
if (!Number.isInteger(workers) || workers < 1)
  throw new Error(`Cannot run --workers ${values.workers}: give a positive integer`);

if (values.adopt !== undefined) {
  const read = await readByAnalyses();
  const { adopted, left } = adoptRecords(values.adopt, folder, {
    networks: (identity) => read.has(readingKey(identity)),
  });
  for (const path of adopted) console.log(path);
  console.log(
    `${adopted.length} records adopted, ${left.length} left as their settings are of another version`,
  );
} else if (values.list) await list();
else if (values.help || names.length === 0) {
  console.log(usage);
  process.exitCode = values.help ? 0 : 2;
} else process.exitCode = await make();

async function make(): Promise<number> {
  const index = indexRecords(folder);
  const plan = await planSweep(names.map(experimentNamed), {
    profile: asProfile(values.profile),
    index,
    ...(values.seeds ? { seeds: values.seeds.split(',').map(Number) } : {}),
    ...(values.env ? { envs: values.env } : {}),
  });
  console.log(summary(plan));
  if (values['dry-run']) for (const run of plan.missing) console.log(`  ${runTitle(run)}`);
  if (values['dry-run'] || plan.missing.length === 0) return 0;

  const stop = new AbortController();
  for (const name of ['SIGINT', 'SIGTERM'] as const) process.on(name, () => stop.abort());
  const queue = listQueue(plan.missing, { folder, signal: stop.signal });
  const board = sweepBoard(plan.missing, { costOf: costs(index), title: names.join(', '), queue });
  await sweep(queue, { folder, workers, signal: stop.signal, ...board });
  board.close();
  const { done, failed } = queue.state;
  for (const [key, error] of failed)
    console.error(`\nfailed: ${runTitle(plan.missing.find((run) => run.key === key)!)}\n${error.message}`);
  const left = plan.missing.length - done.size - failed.size;
  console.log(
    `${done.size} runs recorded in ${folder}, ${failed.size} failed${left > 0 ? `, ${left} left: the same command goes on with them` : ''}`,
  );
  if (failed.size > 0) return 1;
  return stop.signal.aborted ? 130 : 0;
}

function summary({ runs, missing, envSteps, seconds, costUnknown }: SweepPlan): string {
  const cost = [
    ...(seconds > 0 ? [`about ${duration(seconds)} of one core, evaluations apart`] : []),
    ...(costUnknown.length > 0 ? [`cost not known for ${costUnknown.join(', ')}`] : []),
  ];
  return [
    `${names.join(', ')} (${values.profile}): ${runs.length} runs, ${runs.length - missing.length} recorded, ${missing.length} to make`,
    `${envSteps.toLocaleString('en-US')} env steps`,
    ...cost,
  ].join('; ');
}

/** Reading keys of the runs whose networks an analysis reads. */
async function readByAnalyses(): Promise<ReadonlySet<string>> {
  const { runs } = await planSweep(experiments, { profile: 'full', index: indexRecords() });
  return new Set(runs.filter(({ networks }) => networks).map(({ identity }) => readingKey(identity)));
}

async function list(): Promise<void> {
  const index = indexRecords(folder);
  for (const experiment of experiments) {
    console.log(`\n${experiment.name}: ${experiment.question}\n  measured: ${experiment.measured}`);
    for (const profile of ['quick', 'full'] as const) {
      const { runs, missing } = await planSweep([experiment], { profile, index });
      console.log(`  ${profile}: ${runs.length} runs, ${runs.length - missing.length} recorded`);
    }
  }
}

function asProfile(name: string): Profile {
  if (name !== 'quick' && name !== 'full')
    throw new Error(`Cannot run --profile ${name}: expected quick or full`);
  return name;
}
