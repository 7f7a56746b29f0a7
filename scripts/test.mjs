// `npm test`: formatter and linter, type check, notebook lint, the Node tests, and the tests of the running kernel by pytest.
import { spawn, spawnSync } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { join, relative } from 'node:path';
import { parseArgs } from 'node:util';
import { ensureSetup, isProgram, runProgram } from './setup.mjs';

const helpText = `Usage: npm test -- [options] [name ...]

Runs the checks (Biome, tsc, notebook lint), the Node tests (node:test) and the Python tests of the running kernel (pytest).
With names, only the test files whose path contains one of them, and no checks.

  --only PART   lint, node or python; may be given several times
  --help        show this text

MAIL_LAB_BACKEND=tensorflow | wasm chooses the engine; default: tensorflow if the native addon is there, else wasm.
`;

const parts = ['lint', 'node', 'python'];

/** Test files below a folder whose name fits, sorted; with names, those whose path contains one of them. */
export function findTests(root, fits, names = []) {
  const wanted = (path) => names.length === 0 || names.some((name) => path.includes(name));
  return readdirSync(join(root, 'test'), { withFileTypes: true, recursive: true })
    .filter((entry) => entry.isFile() && fits(entry.name))
    .map((entry) => relative(root, join(entry.parentPath ?? entry.path, entry.name)))
    .filter(wanted)
    .sort();
}

const isNodeTest = (name) => /\.test\.(ts|mjs)$/.test(name);
const isPythonTest = (name) => /^test_.*\.py$/.test(name);

/** Runs one command with its output going straight through. Resolves to whether it ended with exit code 0. */
function passes(command, args, options) {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, { stdio: 'inherit', ...options });
    child.on('error', reject);
    child.on('exit', (code) => resolve(code === 0));
  });
}

/** The engine that the tests will compute with, in one line, asked of the library itself. */
function engineLine(root, env) {
  const program =
    "const { startEngine } = await import('./lib/backend/engine.ts');" +
    'const { backend, version, threads, reason } = await startEngine();' +
    'console.log("backend " + backend + ", TensorFlow.js " + version + ", " + threads + " thread(s) (" + reason + ")");';
  const node = ['--import', 'tsx', '--input-type=module', '-e', program];
  const { stdout, stderr, status } = spawnSync(process.execPath, node, { cwd: root, env, encoding: 'utf8' });
  return status === 0
    ? stdout.trim()
    : `backend unknown: ${stderr
        .trim()
        .split('\n')
        .find((line) => /Error/.test(line))}`;
}

function readOptions() {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: { only: { type: 'string', multiple: true }, help: { type: 'boolean', default: false } },
  });
  const unknown = values.only?.find((part) => !parts.includes(part));
  if (unknown) throw new Error(`Cannot run only "${unknown}": --only takes ${parts.join(', ')}`);
  const defaults = positionals.length ? ['node', 'python'] : parts;
  return { names: positionals, chosen: values.only ?? defaults, help: values.help };
}

async function main(options) {
  const { names, chosen } = options;
  const { root, python, native } = await ensureSetup({
    python: chosen.includes('python'),
    native: !sameArray(chosen, ['lint']),
  });
  const env = { ...process.env, TF_CPP_MIN_LOG_LEVEL: process.env.TF_CPP_MIN_LOG_LEVEL ?? '3' };
  env.MAIL_LAB_BACKEND ||= native.state === 'native' ? 'tensorflow' : 'wasm';
  const node = (args) => passes(process.execPath, args, { cwd: root, env });
  const jobs = [];
  if (chosen.includes('lint')) {
    const biome = join('node_modules', '@biomejs', 'biome', 'bin', 'biome');
    jobs.push(['format and lint (Biome)', () => node([biome, 'ci', '--error-on-warnings'])]);
    jobs.push(['types (tsc)', () => node([join('node_modules', 'typescript', 'bin', 'tsc'), '--noEmit'])]);
    jobs.push(['notebooks (types, traps, outputs)', () => node([join('scripts', 'notebooks', 'lint.mjs')])]);
  }
  const nodeTests = chosen.includes('node') ? findTests(root, isNodeTest, names) : [];
  if (nodeTests.length) {
    const flags = ['--import', 'tsx', '--test', '--test-concurrency=2', '--test-reporter=spec'];
    jobs.push([
      `Node tests (${nodeTests.length} files, ${env.MAIL_LAB_BACKEND})`,
      () => node([...flags, ...nodeTests]),
    ]);
  }
  const pythonTests = chosen.includes('python') ? findTests(root, isPythonTest, names) : [];
  if (pythonTests.length) {
    const flags = ['-m', 'pytest', '-q', '-p', 'no:cacheprovider', '--durations=5'];
    const run = () =>
      passes(python, [...flags, ...pythonTests], {
        cwd: root,
        env: { ...env, PYTHONDONTWRITEBYTECODE: '1' },
      });
    jobs.push([`Python tests (${pythonTests.length} files, pytest)`, run]);
  }
  if (jobs.length === 0) {
    process.stderr.write(`No test file has ${names.map((name) => `"${name}"`).join(' or ')} in its path\n`);
    return 1;
  }
  if (nodeTests.length) process.stdout.write(`Engine: ${engineLine(root, env)}\n`);
  return runJobs(jobs);
}

/** Runs the jobs one after the other, all of them even if one fails, and ends with a table. */
async function runJobs(jobs) {
  const rows = [];
  for (const [title, job] of jobs) {
    process.stdout.write(`\n== ${title}\n`);
    const started = performance.now();
    const passed = await job();
    rows.push({ title, passed, seconds: ((performance.now() - started) / 1000).toFixed(1) });
  }
  const width = Math.max(...rows.map(({ title }) => title.length));
  process.stdout.write('\n');
  for (const { title, passed, seconds } of rows)
    process.stdout.write(
      `${passed ? 'passed' : 'FAILED'}  ${title.padEnd(width)}  ${seconds.padStart(7)} s\n`,
    );
  return rows.every(({ passed }) => passed) ? 0 : 1;
}

function sameArray(a, b) {
  return a.length === b.length && a.every((value, index) => value === b[index]);
}

if (isProgram(import.meta.url)) runProgram({ readOptions, helpText, main });
