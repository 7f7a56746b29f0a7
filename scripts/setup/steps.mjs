// The order of the set-up: npm packages, Python environment, kernelspec, native addon; each only when it is stale.
import { join } from 'node:path';
import { endAll } from './command.mjs';
import { installKernelspec } from './kernelspec.mjs';
import { withLock } from './lock.mjs';
import { installNative, nativeState, staleNative } from './native.mjs';
import { installNpm, staleNpm } from './npm-packages.mjs';
import { localDir, root, venvPython } from './paths.mjs';
import { installPython, stalePython } from './python-env.mjs';
import { createReport } from './report.mjs';

/** Sees to what is stale; see ensureSetup in ../setup.mjs. */
export async function setUp({ quiet = false, python = true, native = true, force = false } = {}) {
  const report = createReport({ quiet });
  // The native addon first: a wrong setting is told before anything is done.
  if ((native && staleNative()) || force || staleNpm() || (python && stalePython())) {
    const started = performance.now();
    const waiting = (pid) =>
      report.line(`Another set-up (process ${pid}) is at work in this folder: waiting for it`);
    await endChildrenOnSignals(() =>
      withLock(join(localDir, 'setup.lock'), waiting, async () => {
        if (force || staleNpm()) await installNpm(report, { force });
        if (python && (force || stalePython())) await installPython(report, { force });
        if (native && (force || staleNative())) await installNative(report, { force });
      }),
    );
    const seconds = ((performance.now() - started) / 1000).toFixed(1);
    // Why it is WASM has just been said, in a line of its own.
    report.line(
      `Set-up done in ${seconds} s; ${nativeState().state === 'wasm' ? 'WASM backend' : engineText()}`,
    );
  } else report.note(`Set-up: nothing to do; ${engineText()}`);
  if (python) installKernelspec();
  return { root, python: python ? venvPython : undefined, native: nativeState() };
}

function engineText() {
  const { state, tensorflow, how, reason } = nativeState();
  return state === 'native' ? `native TensorFlow ${tensorflow} (${how})` : `WASM backend only: ${reason}`;
}

/** Prints the state of each part. Returns whether all is in order. */
export function reportState({ python = true, native = true } = {}) {
  const parts = [['npm packages', staleNpm()]];
  if (python) parts.push(['Python environment', stalePython()]);
  if (native) parts.push(['native addon', staleNative()]);
  for (const [name, problem] of parts) process.stdout.write(`${name}: ${problem ?? 'in order'}\n`);
  if (native && !staleNative()) process.stdout.write(`engine: ${engineText()}\n`);
  return parts.every(([, problem]) => !problem);
}

/** Ctrl-C and a polite kill end the compilers and downloads as well; the lock goes with the exit handler. */
async function endChildrenOnSignals(work) {
  const handlers = ['SIGINT', 'SIGTERM', 'SIGHUP'].map((signal, index) => {
    const handler = () => {
      endAll();
      process.stderr.write(`\nSet-up interrupted; the same command takes it up again\n`);
      process.exit([130, 143, 129][index]);
    };
    process.on(signal, handler);
    return [signal, handler];
  });
  try {
    return await work();
  } finally {
    for (const [signal, handler] of handlers) process.off(signal, handler);
  }
}
