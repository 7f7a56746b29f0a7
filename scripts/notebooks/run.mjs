// Runs notebooks through the real kernel, some of them at once, and tells how far each is: for `npm run reproduce` and
// `npm run notebooks`.
import { spawn } from 'node:child_process';
import { mkdirSync, readdirSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { createInterface } from 'node:readline';
import { labEnvironment } from '../lab.mjs';

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

/** The number of notebooks to run at once: `text`, or one a core and at most two. @throws if it is no positive whole number */
export function readJobs(text) {
  if (text === undefined) return Math.min(2, availableParallelism());
  const jobs = Number(text);
  if (!(Number.isInteger(jobs) && jobs > 0))
    throw new Error(`Cannot run ${text} notebooks at once: --jobs takes a positive whole number`);
  return jobs;
}

/** What a run of one notebook reads and writes: its executed copy, its records below runs/NAME, and its page. */
export function notebookJob(source, out) {
  const name = basename(source, '.ipynb');
  return {
    name,
    source,
    executed: join(out, 'notebooks', `${name}.ipynb`),
    // A folder for each: two that run at once may make the same run, and only one process may be at a run's record.
    out: join(out, 'runs', name),
    page: join(out, `${name}.html`),
  };
}

/** The environment of a kernel that runs notebooks at a profile. */
export function kernelEnvironment(root, profile) {
  const env = { ...labEnvironment(root, ''), MAIL_LAB_PROFILE: profile };
  delete env.JUPYTER_TOKEN;
  mkdirSync(env.JUPYTER_RUNTIME_DIR, { recursive: true, mode: 0o700 });
  return env;
}

export const secondsSince = (began) => (performance.now() - began) / 1000;
export const clock = (s) => `${Math.floor(s / 60)}:${String(Math.floor(s % 60)).padStart(2, '0')}`;

/** Progress on standard error: a live line on a terminal, for all that run now; elsewhere a line for every cell. */
function createProgress(stream = process.stderr) {
  const terminal = stream.isTTY === true;
  const running = new Map();
  const show = () => {
    const parts = [...running].map(([name, { at, began }]) => `${name}: ${at} ${clock(secondsSince(began))}`);
    stream.write(`\r\u001b[2K  ${parts.join(' · ')}`);
  };
  let timer;
  return {
    start(name, at) {
      running.set(name, { at, began: performance.now() });
      if (terminal) timer ??= setInterval(show, 500);
      else stream.write(`  ${name}: ${at}\n`);
    },
    update(name, at) {
      const { began } = running.get(name);
      running.set(name, { at, began });
      if (terminal) show();
      else stream.write(`  ${name}: ${at}  (${clock(secondsSince(began))})\n`);
    },
    end(name, said) {
      running.delete(name);
      stream.write(terminal ? `\r\u001b[2K  ${name}: ${said}\n` : `  ${name}: ${said}\n`);
    },
    stop: () => clearInterval(timer),
  };
}

/**
 * Runs the jobs in one Python process, `atOnce` kernels at a time. The results do not depend on how many that is.
 * @returns {Promise<{results: Map<string, {cells: number, seconds?: number, problems?: object[]}>, code: number, stopped: boolean}>}
 *   what was told of each notebook, the exit code, and whether a signal ended the runs
 */
export function runNotebooks({ root, python, jobs, env, atOnce }) {
  const progress = createProgress();
  const results = new Map();
  // In a process group of its own: Ctrl-C reaches only us, and we close its input, at which it ends its kernels.
  const child = spawn(python, [join(root, 'scripts/notebooks/run_notebooks.py')], {
    cwd: root,
    env,
    stdio: ['pipe', 'pipe', 'inherit'],
    detached: process.platform !== 'win32',
  });
  let stopped = false;
  const stop = () => {
    if (!stopped) process.stderr.write('\nStopping: the kernels are shut down\n');
    stopped = true;
    child.stdin.end();
  };
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, stop);
  child.stdin.on('error', () => {}); // It may end first; its exit code tells.
  const order = { kernel: 'mail-lab', cwd: dirname(jobs[0].source), at_once: atOnce, jobs };
  child.stdin.write(`${JSON.stringify(order)}\n`);
  createInterface({ input: child.stdout }).on('line', (text) => {
    const line = JSON.parse(text);
    if (line.event === 'notebook') {
      results.set(line.name, { cells: line.cells });
      progress.start(line.name, 'kernel starts');
    } else if (line.event === 'cell' && line.cell !== null) {
      progress.update(line.name, `cell ${line.cell} of ${results.get(line.name).cells}`);
    } else if (line.event === 'done') {
      Object.assign(results.get(line.name), line);
      const failed = line.problems.some(({ kind }) => kind === 'error');
      progress.end(line.name, `${failed ? 'FAILED' : 'ok'} after ${clock(line.seconds)}`);
    }
  });
  return new Promise((resolveRun, reject) => {
    child.on('error', reject);
    child.on('close', (code) => {
      progress.stop();
      resolveRun({ results, code, stopped });
    });
  });
}

/** One problem of one notebook, as it is printed. */
export function describeProblem(name, problem) {
  const where = problem.cell === null ? name : `${name}, cell ${problem.cell}`;
  if (problem.kind === 'stderr') return `${where}: wrote to standard error:\n${indented(problem.text)}`;
  return `${where}: ${problem.name}: ${problem.value}\n${indented(problem.traceback)}`;
}

function indented(text) {
  return text.trimEnd().replace(/^/gm, '    ');
}
