// `npm run reproduce`: executes the notebooks through the real kernel, from a fresh clone if need be, and writes
// executed copies, run records and an HTML report.
import { spawn } from 'node:child_process';
import { mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { availableParallelism, cpus } from 'node:os';
import { basename, dirname, join, relative, resolve } from 'node:path';
import { createInterface } from 'node:readline';
import { parseArgs } from 'node:util';
import { labEnvironment } from './lab.mjs';
import { readRecords, summary, table, tableText } from './reproduce/records.mjs';
import { reportPage } from './reproduce/report.mjs';
import { readScorecard } from './reproduce/scorecard.mjs';
import { ensureSetup, isProgram, runProgram } from './setup.mjs';

const helpText = `Usage: npm run reproduce -- [options]

Does the set-up if it is missing, runs every notebook in notebooks/ through the kernel, prints what was reached, and
writes to out/: index.html (the report), a page and an executed copy of each notebook, and the run records.
The exit code is 0 only if every cell of every notebook ran.

  --profile P      quick (default: minutes) or full (the published budgets: hours)
  --only NAME      only notebooks whose file name starts with or contains NAME, for example 03; may be repeated
  --out DIR        where to write (default: out)
  --notebooks DIR  where the notebooks are (default: notebooks)
  --help           show this text
`;

function readOptions() {
  const { values } = parseArgs({
    options: {
      profile: { type: 'string', default: 'quick' },
      only: { type: 'string', multiple: true, default: [] },
      out: { type: 'string' },
      notebooks: { type: 'string' },
      help: { type: 'boolean', default: false },
    },
  });
  if (!['quick', 'full'].includes(values.profile))
    throw new Error(`Cannot run profile "${values.profile}": expected quick or full`);
  return values;
}

/** Notebooks of a folder, sorted; with names, those that contain one of them. @throws if there are none */
export function findNotebooks(folder, only) {
  const all = readdirSync(folder)
    .filter((name) => name.endsWith('.ipynb'))
    .sort();
  const wanted = all.filter((name) => only.length === 0 || only.some((part) => name.includes(part)));
  if (wanted.length === 0)
    throw new Error(
      all.length === 0
        ? `Cannot find a notebook in ${folder}: expected *.ipynb files`
        : `Cannot find a notebook named like ${only.join(' or ')}: there are ${all.join(', ')}`,
    );
  return wanted.map((name) => join(folder, name));
}

const seconds = (since) => (performance.now() - since) / 1000;
const clock = (s) => `${Math.floor(s / 60)}:${String(Math.floor(s % 60)).padStart(2, '0')}`;

/** Progress on standard error: a live line on a terminal; elsewhere a line for every cell. */
function createProgress(stream = process.stderr) {
  const terminal = stream.isTTY === true;
  let began = 0;
  let at = '';
  const show = () => stream.write(`\r\u001b[2K  ${at}  ${clock(seconds(began))}`);
  let timer;
  return {
    start(text) {
      began = performance.now();
      at = text;
      if (terminal) timer = setInterval(show, 500);
      else stream.write(`  ${text}\n`);
    },
    update(text) {
      at = text;
      if (terminal) show();
      else stream.write(`  ${text}  (${clock(seconds(began))})\n`);
    },
    end(text) {
      clearInterval(timer);
      stream.write(terminal ? `\r\u001b[2K  ${text}\n` : `  ${text}\n`);
    },
  };
}

/** Runs the jobs in one Python process; resolves to what it told of each notebook. */
function runNotebooks({ root, python, jobs, env }) {
  const progress = createProgress();
  const results = new Map();
  // In a process group of its own: Ctrl-C reaches only us, and we close its input, at which it ends its kernel.
  const child = spawn(python, [join(root, 'scripts/reproduce/run_notebooks.py')], {
    cwd: root,
    env,
    stdio: ['pipe', 'pipe', 'inherit'],
    detached: process.platform !== 'win32',
  });
  let stopped = false;
  const stop = () => {
    if (!stopped) process.stderr.write('\nStopping: the kernel is shut down\n');
    stopped = true;
    child.stdin.end();
  };
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, stop);
  child.stdin.on('error', () => {}); // It may end first; its exit code tells.
  child.stdin.write(`${JSON.stringify({ kernel: 'mail-lab', cwd: dirname(jobs[0].source), jobs })}\n`);
  createInterface({ input: child.stdout }).on('line', (text) => {
    const line = JSON.parse(text);
    if (line.event === 'notebook') {
      results.set(line.name, { cells: line.cells });
      progress.start(`${line.name}: kernel starts`);
    } else if (line.event === 'cell' && line.cell !== null) {
      progress.update(`${line.name}: cell ${line.cell} of ${results.get(line.name).cells}`);
    } else if (line.event === 'done') {
      Object.assign(results.get(line.name), line);
      const failed = line.problems.some(({ kind }) => kind === 'error');
      progress.end(`${line.name}: ${failed ? 'FAILED' : 'ok'} after ${clock(line.seconds)}`);
    }
  });
  return new Promise((resolveRun, reject) => {
    child.on('error', reject);
    child.on('close', (code) => resolveRun({ results, code, stopped }));
  });
}

function describeProblem(name, problem) {
  const where = `${name}, cell ${problem.cell ?? '?'}`;
  if (problem.kind === 'stderr') return `${where}: wrote to standard error:\n${indented(problem.text)}`;
  return `${where}: ${problem.name}: ${problem.value}\n${indented(problem.traceback)}`;
}

function indented(text) {
  return text.trimEnd().replace(/^/gm, '    ');
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
  for (const part of ['notebooks', 'records']) mkdirSync(join(out, part), { recursive: true });
  const jobs = sources.map((source) => {
    const name = basename(source, '.ipynb');
    return {
      name,
      source,
      executed: join(out, 'notebooks', `${name}.ipynb`),
      page: join(out, `${name}.html`),
    };
  });
  const env = { ...labEnvironment(root, ''), MAIL_LAB_PROFILE: options.profile, MAIL_LAB_OUT: out };
  delete env.JUPYTER_TOKEN;
  mkdirSync(env.JUPYTER_RUNTIME_DIR, { recursive: true, mode: 0o700 });
  process.stderr.write(
    `Running ${jobs.length} notebook${jobs.length === 1 ? '' : 's'}, profile ${options.profile}\n`,
  );
  const { results, code, stopped } = await runNotebooks({ root, python, jobs, env });
  if (stopped) return 130;

  const ran = jobs.filter(({ name }) => results.get(name)?.problems !== undefined);
  const runs = readRecords(join(out, 'records'), since).map(summary);
  const reached = table(runs);
  const backends = [...new Set(runs.map(({ versions }) => versions.backend).filter(Boolean))];
  const facts = [
    ['profile', options.profile],
    ['date', new Date(since).toISOString().slice(0, 10)],
    ['seeds', [...new Set(runs.map(({ seed }) => seed))].join(', ') || '-'],
    ['tensor engine', backends.join(', ') || (native.state === 'native' ? 'native TensorFlow' : 'WASM')],
    ['processor', `${cpus()[0]?.model ?? 'unknown'}, ${availableParallelism()} cores`],
    ['time', `${clock(seconds(began))} min`],
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
  process.stdout.write(`\nReport: ${relative(from, index) || index} (${clock(seconds(began))} min in all)\n`);
  const failed = problems.filter(([, { kind }]) => kind === 'error');
  if (failed.length > 0)
    process.stderr.write(`${failed.length} cell${failed.length === 1 ? '' : 's'} failed; see above\n`);
  if (ran.length < jobs.length)
    process.stderr.write(`${jobs.length - ran.length} of ${jobs.length} notebooks did not end; see above\n`);
  return failed.length === 0 && ran.length === jobs.length && code === 0 ? 0 : 1;
}

if (isProgram(import.meta.url)) runProgram({ readOptions, helpText, main });
