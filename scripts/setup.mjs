// One command from a fresh clone to a working laboratory: `npm run setup`. Every other command calls ensureSetup first.
// Plain Node without dependencies, since node_modules may not be there yet. The steps are in scripts/setup/.
import { realpathSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { nodeVersionProblem } from './setup/node-version.mjs';

/**
 * Does everything that is missing or stale; a no-op of some milliseconds when nothing is.
 * Progress goes to standard error. Two set-ups at once wait for each other.
 *
 * @param {object} [options]
 * @param {boolean} [options.quiet] say nothing when there is nothing to do (work that is done is always shown)
 * @param {boolean} [options.python] false leaves out the Python environment and the kernelspec
 * @param {boolean} [options.native] false leaves out the native TensorFlow addon
 * @param {boolean} [options.force] do every step again
 * @returns {Promise<{root: string, python: string | undefined, native: {state: 'native' | 'wasm', how?: string,
 *   tensorflow?: string, reason?: string}}>} the project root, the Python of .venv, and which tensor engine is there
 * @throws {Error} named SetupError: which step failed, the command, its last lines, and how to mend it
 */
export async function ensureSetup(options = {}) {
  const problem = nodeVersionProblem(process.versions.node);
  if (problem) {
    const error = new Error(problem);
    error.name = 'SetupError';
    throw error;
  }
  const { setUp } = await import('./setup/steps.mjs');
  return setUp(options);
}

/** Whether a module is the program that Node was started with: `if (isProgram(import.meta.url)) runMain(main)`. */
export function isProgram(moduleUrl) {
  return Boolean(process.argv[1]) && realpathSync(process.argv[1]) === realpathSync(fileURLToPath(moduleUrl));
}

/** Runs a command-line main function: a SetupError is printed as it is, anything else with its stack; exit code 1. */
export function runMain(main) {
  main().then(
    (code) => {
      process.exitCode = code ?? 0;
    },
    (error) => {
      process.stderr.write(`${error.name === 'SetupError' ? error.message : (error.stack ?? error)}\n`);
      process.exitCode = 1;
    },
  );
}

/**
 * Runs a command-line program: wrong options are answered with the help text (exit code 2), --help with the help text
 * alone, anything else by `main`, whose value is the exit code.
 * @param {{readOptions: () => {help?: boolean}, helpText: string, main: (options: object) => Promise<number>}} program
 */
export function runProgram({ readOptions, helpText, main }) {
  runMain(async () => {
    let options;
    try {
      options = readOptions();
    } catch (error) {
      process.stderr.write(`${error.message}\n\n${helpText}`);
      return 2;
    }
    if (!options.help) return main(options);
    process.stdout.write(helpText);
    return 0;
  });
}

const helpText = `Usage: npm run setup -- [options]

Installs what is missing or stale: npm packages, the Python environment in .venv with JupyterLab and the mail-lab
kernel, and the native TensorFlow addon. A no-op when all is there.

  --check            report the state of each part and change nothing; exit code 1 when a part is missing or stale
  --force            do every step again
  --without-native   leave the native TensorFlow addon out; the WASM backend computes
  --without-python   leave JupyterLab, the kernelspec and the Python tests out
  --help             show this text

Environment variables and offline installs: environment.md
`;

async function main() {
  const known = ['--check', '--force', '--without-native', '--without-python', '--help'];
  const flags = process.argv.slice(2);
  const unknown = flags.find((flag) => !known.includes(flag));
  if (unknown || flags.includes('--help')) {
    if (unknown) process.stderr.write(`Unknown option "${unknown}"\n\n`);
    process.stdout.write(helpText);
    return unknown ? 2 : 0;
  }
  const options = {
    force: flags.includes('--force'),
    native: !flags.includes('--without-native'),
    python: !flags.includes('--without-python'),
  };
  if (flags.includes('--check')) {
    const problem = nodeVersionProblem(process.versions.node);
    if (problem) {
      process.stdout.write(`Node.js: ${problem}\n`);
      return 1;
    }
    const { reportState } = await import('./setup/steps.mjs');
    return reportState(options) ? 0 : 1;
  }
  await ensureSetup(options);
  return 0;
}

if (isProgram(import.meta.url)) runMain(main);
