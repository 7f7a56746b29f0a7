// `npm run notebooks`: executes notebooks through the real kernel and writes them back in place, with the hashes of the
// sources that their outputs were made from.
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
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
import { ensureSetup, isProgram, runProgram } from './setup.mjs';

const helpText = `Usage: npm run notebooks -- [options] [NAME ...]

Executes notebooks of notebooks/ (default: all; with names, those whose file name contains one of them) at the quick
profile and writes each back in place, to be committed: outputs, execution counts, and a hash of the sources that
"npm test" compares. A notebook with an error or with text on standard error is left as it was; what came of it is in
out/notebooks/. Nothing that an earlier run left in out/ is read.

  --jobs N         how many run at once, each in a kernel of its own (default: 2, or 1 on one core)
  --notebooks DIR  where the notebooks are (default: notebooks)
  --help           show this text
`;

function readOptions() {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      jobs: { type: 'string' },
      notebooks: { type: 'string' },
      help: { type: 'boolean', default: false },
    },
  });
  return { ...values, jobs: readJobs(values.jobs), names: positionals };
}

async function main({ names, jobs: atOnce, notebooks }) {
  const began = performance.now();
  const { root, python } = await ensureSetup({ quiet: true });
  const folder = notebooks ?? join(root, 'notebooks');
  const records = mkdtempSync(join(tmpdir(), 'mail-lab-notebooks-'));
  try {
    const jobs = findNotebooks(folder, names).map((source) => {
      const { page: _, ...job } = notebookJob(source, join(root, 'out'));
      return { ...job, out: join(records, job.name), in_place: true };
    });
    for (const { out } of jobs) mkdirSync(out);
    const env = kernelEnvironment(root, 'quick');
    const { results, code, stopped } = await runNotebooks({ root, python, jobs, env, atOnce });
    if (stopped) return 130;
    const problems = [...results].flatMap(([name, { problems = [] }]) => problems.map((one) => [name, one]));
    for (const [name, problem] of problems) process.stdout.write(`\n${describeProblem(name, problem)}\n`);
    const bad = new Set(problems.map(([name]) => name));
    const written = [...results].filter(([name, { problems }]) => problems && !bad.has(name)).length;
    process.stdout.write(
      `${written} of ${jobs.length} notebooks written (${clock(secondsSince(began))} min)\n`,
    );
    return written === jobs.length && code === 0 ? 0 : 1;
  } finally {
    rmSync(records, { recursive: true, force: true });
  }
}

if (isProgram(import.meta.url)) runProgram({ readOptions, helpText, main });
