// `npm run reproduce`: executes the notebooks through the real kernel, from a fresh clone if need be, and writes
// executed copies, run records and an HTML report.
import { mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { availableParallelism, cpus } from 'node:os';
import { basename, join, relative, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import {
  clock,
  describeProblem,
  findNotebooks,
  kernelEnvironment,
  notebookJob,
  readJobs,
  runNotebooks,
  secondsSince,
} from './notebooks/run.mjs';
import { readRecords, summary, table, tableText } from './reproduce/records.mjs';
import { reportPage } from './reproduce/report.mjs';
import { readScorecard } from './reproduce/scorecard.mjs';
import { ensureSetup, isProgram, runProgram } from './setup.mjs';

const helpText = `Usage: npm run reproduce -- [options]

Does the set-up if it is missing, runs every notebook in notebooks/ through the kernel, prints what was reached, and
writes to out/: index.html (the report), a page and an executed copy of each notebook, and the run records.
The exit code is 0 only if every cell of every notebook ran.

  --profile P      quick (default: minutes) or full (the published budgets: hours)
  --jobs N         how many notebooks run at once, each in a kernel of its own (default: 2, or 1 on one core)
  --only NAME      only notebooks whose file name starts with or contains NAME, for example 03; may be repeated
  --out DIR        where to write (default: out)
  --notebooks DIR  where the notebooks are (default: notebooks)
  --help           show this text
`;

function readOptions() {
  const { values } = parseArgs({
    options: {
      profile: { type: 'string', default: 'quick' },
      jobs: { type: 'string' },
      only: { type: 'string', multiple: true, default: [] },
      out: { type: 'string' },
      notebooks: { type: 'string' },
      help: { type: 'boolean', default: false },
    },
  });
  if (!['quick', 'full'].includes(values.profile))
    throw new Error(`Cannot run profile "${values.profile}": expected quick or full`);
  return { ...values, jobs: readJobs(values.jobs) };
}

function versionsOf(root) {
  const { version, dependencies } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
  const named = ['@tensorflow/tfjs', '@mujoco/mujoco', 'tslab', 'plotly.js-dist'];
  return [
    ['mail-lab', version],
    ['Node.js', process.versions.node],
    ...named.map((name) => [name, dependencies[name] ?? '-']),
  ];
}

async function main(options) {
  const began = performance.now();
  const since = Date.now();
  const { root, python, native } = await ensureSetup({ quiet: true });
  // npm starts scripts at the project root, wherever it was called.
  const from = process.env.INIT_CWD ?? process.cwd();
  const out = options.out === undefined ? join(root, 'out') : resolve(from, options.out);
  const folder = options.notebooks === undefined ? join(root, 'notebooks') : resolve(from, options.notebooks);
  const sources = findNotebooks(folder, options.only);
  const jobs = sources.map((source) => notebookJob(source, out));
  for (const { out: runs } of jobs) mkdirSync(runs, { recursive: true });
  const env = kernelEnvironment(root, options.profile);
  process.stderr.write(
    `Running ${jobs.length} notebook${jobs.length === 1 ? '' : 's'}, profile ${options.profile}\n`,
  );
  const { results, code, stopped } = await runNotebooks({ root, python, jobs, env, atOnce: options.jobs });
  if (stopped) return 130;

  const ran = jobs.filter(({ name }) => results.get(name)?.problems !== undefined);
  const runs = readRecords(join(out, 'runs'), since).map(summary);
  const reached = table(runs);
  const backends = [...new Set(runs.map(({ versions }) => versions.backend).filter(Boolean))];
  const facts = [
    ['profile', options.profile],
    ['date', new Date(since).toISOString().slice(0, 10)],
    ['seeds', [...new Set(runs.map(({ seed }) => seed))].join(', ') || '-'],
    ['tensor engine', backends.join(', ') || (native.state === 'native' ? 'native TensorFlow' : 'WASM')],
    ['processor', `${cpus()[0]?.model ?? 'unknown'}, ${availableParallelism()} cores`],
    ['time', `${clock(secondsSince(began))} min`],
    ...versionsOf(root),
  ];
  const notebooks = ran.map((job) => ({
    ...results.get(job.name),
    file: basename(job.page),
    notebook: JSON.parse(readFileSync(job.executed, 'utf8')),
  }));
  const index = join(out, 'index.html');
  try {
    const scorecard = readScorecard(join(root, 'results', 'scorecard.json'));
    writeFileSync(`${index}.tmp`, reportPage({ runs: reached, scorecard, notebooks, facts }));
    renameSync(`${index}.tmp`, index);
  } finally {
    rmSync(`${index}.tmp`, { force: true });
  }

  if (runs.length > 0) process.stdout.write(`\nWhat was reached\n${tableText(reached)}\n`);
  const problems = ran.flatMap(({ name }) => results.get(name).problems.map((problem) => [name, problem]));
  for (const [name, problem] of problems) process.stdout.write(`\n${describeProblem(name, problem)}\n`);
  process.stdout.write(
    `\nReport: ${relative(from, index) || index} (${clock(secondsSince(began))} min in all)\n`,
  );
  const failed = problems.filter(([, { kind }]) => kind === 'error');
  if (failed.length > 0)
    process.stderr.write(`${failed.length} cell${failed.length === 1 ? '' : 's'} failed; see above\n`);
  if (ran.length < jobs.length)
    process.stderr.write(`${jobs.length - ran.length} of ${jobs.length} notebooks did not end; see above\n`);
  return failed.length === 0 && ran.length === jobs.length && code === 0 ? 0 : 1;
}

if (isProgram(import.meta.url)) runProgram({ readOptions, helpText, main });
