// The native TensorFlow addon: found, from the cache, by the package's own script, or built; else the WASM backend.
import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { CommandError, indent, run, SetupError } from './command.mjs';
import { withLock } from './lock.mjs';
import { addonPath, buildAddon, buildTools, installKept, keepAddon } from './native-build.mjs';
import { installPrebuilt, packageDir, removeAddon, unreachable } from './native-prebuilt.mjs';
import { localDir, modulesDir, root, scriptsDir, usableCacheDir, venvPython } from './paths.mjs';
import { findPython } from './python-env.mjs';
import { firstDifference, readJson, writeJson } from './stamp.mjs';
import { hasLibrary, roomProblem, tensorflowVersion, wheelProblem } from './tensorflow-wheel.mjs';

export const nativeStampPath = join(modulesDir, '.mail-lab', 'native.json');
const logPath = join(localDir, 'native.log');
/** After a download or a build has failed, the next attempt waits this long, unless something has changed. */
const retryMs = 3_600_000;
const ways = ['auto', 'prebuilt', 'build', 'off'];

/** What the outcome depends on. An addon that works depends on less: it stays when a compiler goes. */
function wantedStamp(state) {
  const wanted = {
    tfjsNode: tfjsNodeVersion(),
    tensorflow: tensorflowVersion,
    machine: `${process.platform}-${process.arch}`,
  };
  if (state === 'native') return wanted;
  const { compiler = null, make = null } = buildTools();
  return {
    ...wanted,
    node: process.version,
    way: askedWay(),
    compiler,
    make,
    cache: process.env.MAIL_LAB_CACHE ?? null,
  };
}

function tfjsNodeVersion() {
  return readJson(join(packageDir, 'package.json'))?.version;
}

/** How the addon may be had, by MAIL_LAB_NATIVE. @throws {SetupError} if it is set to something else */
function askedWay() {
  const way = process.env.MAIL_LAB_NATIVE || 'auto';
  if (!ways.includes(way))
    throw new SetupError(`Cannot read MAIL_LAB_NATIVE=${way}: it takes ${ways.join(', ')}`);
  return way;
}

/** What the last set-up came to. */
export function nativeState() {
  const stamp = readJson(nativeStampPath);
  if (!stamp) return { state: 'wasm', reason: 'the set-up left the native addon out' };
  const { state, how, library, reason } = stamp;
  return state === 'native' ? { state, how, tensorflow: library } : { state, reason };
}

/** Why the native addon must be looked after, or undefined. A recorded fall-back to WASM counts as done for a while. */
export function staleNative(now = Date.now()) {
  askedWay();
  const stamp = readJson(nativeStampPath);
  if (!stamp) return 'the native addon has not been tried';
  const difference = firstDifference(stamp, wantedStamp(stamp.state));
  if (difference) return `${difference} has changed since the native addon was tried`;
  if (stamp.state === 'native') return libraryIsThere() ? undefined : 'the addon or its library is gone';
  const again = stamp.retry && now - stamp.tried > retryMs;
  return again ? 'an hour has passed since the native addon failed' : undefined;
}

/** Whether addon and library are where the addon looks for them; follows links into the cache. */
function libraryIsThere() {
  const library = { linux: 'libtensorflow_framework.so.2', darwin: 'libtensorflow.2.dylib' }[
    process.platform
  ];
  return existsSync(addonPath) && (!library || existsSync(join(packageDir, 'deps', 'lib', library)));
}

/** Sees to the native addon; never throws for want of it, but says in one clear line that WASM will compute, and why. */
export async function installNative(report, { force = false } = {}) {
  const way = askedWay();
  if (way === 'off') return fallBack(report, 'MAIL_LAB_NATIVE is off');
  const version = tfjsNodeVersion();
  if (!force && libraryIsThere() && (await settle('found', report))) return;
  const cache = usableCacheDir();
  const failures = [];
  const waiting = (pid) =>
    report.line(`  Another set-up (process ${pid}) is filling the cache: waiting for it`);
  await withLock(join(cache, 'setup.lock'), waiting, async () => {
    if (!force && way !== 'prebuilt' && installKept(cache, version) && (await settle('cache', report)))
      return;
    const attempts = { prebuilt: tryPrebuilt, build: tryBuild };
    for (const name of way === 'auto' ? ['prebuilt', 'build'] : [way]) {
      const failure = await attempts[name](report, cache, version);
      if (!failure) {
        for (const { details } of failures)
          if (details) report.line(`  What failed before that:\n${indent(details.join('\n'))}`);
        return;
      }
      failures.push(failure);
    }
    removeAddon();
    const last = failures.at(-1);
    const retry = failures.some((failure) => failure.retry);
    fallBack(report, last.reason, { retry, details: failures.flatMap((failure) => failure.details ?? []) });
  });
}

async function tryPrebuilt(report) {
  const away = await unreachable();
  if (away) return { reason: away, retry: true };
  try {
    await installPrebuilt(report);
    if (await settle('prebuilt', report)) return undefined;
    return { reason: 'the prebuilt addon does not load', retry: false };
  } catch (error) {
    if (!(error instanceof CommandError)) throw error;
    return { reason: "tfjs-node's own install script failed", retry: true, details: [error.message] };
  }
}

async function tryBuild(report, cache, version) {
  const problem =
    buildTools().problem ?? wheelProblem() ?? (hasLibrary(cache) ? undefined : await roomProblem(cache));
  if (problem) return { reason: problem, retry: problem.includes('MB free') };
  const python = await pipPython();
  if (!python) return { reason: 'there is no Python with pip to fetch the library with', retry: true };
  try {
    await buildAddon(cache, python, report);
  } catch (error) {
    if (!(error instanceof CommandError)) throw error;
    const what = hasLibrary(cache)
      ? 'the build of the addon failed'
      : 'the TensorFlow library could not be fetched';
    return { reason: what, retry: true, details: [error.message] };
  }
  if (!(await settle('build', report)))
    return { reason: 'the addon was built but does not load', retry: false };
  keepAddon(cache, version);
  return undefined;
}

/** The project's Python if it is there, else any on the PATH; it must have pip. */
async function pipPython() {
  const own = existsSync(venvPython) ? venvPython : undefined;
  const candidate = own ?? (await findPython().catch(() => undefined))?.path;
  if (!candidate) return undefined;
  return run(candidate, ['-m', 'pip', '--version']).then(
    () => candidate,
    () => undefined,
  );
}

/** Loads the addon in a process of its own. On success the stamp is written. */
async function settle(how, report) {
  try {
    const script = join(scriptsDir, 'setup', 'verify_native.cjs');
    const env = { ...process.env, TF_CPP_MIN_LOG_LEVEL: '3' };
    const output = await report.step(`TensorFlow addon: loading it (${how})`, () =>
      run(process.execPath, [script], { cwd: root, env, limitSeconds: 120 }),
    );
    const library = JSON.parse(output.trim().split('\n').at(-1)).tensorflow;
    writeJson(nativeStampPath, { ...wantedStamp('native'), state: 'native', how, library });
    return true;
  } catch (error) {
    if (!(error instanceof CommandError) && !(error instanceof SyntaxError)) throw error;
    report.line(indent(error.message));
    return false;
  }
}

function fallBack(report, reason, { retry = false, details = [] } = {}) {
  report.line(`The WASM backend will compute, without the native TensorFlow addon: ${reason}`);
  if (details.length) {
    report.line(indent(details.join('\n')));
    writeFileSync(logPath, `${details.join('\n')}\n`);
    report.line(
      'To mend: see "When the native addon fails" in environment.md, then npm run setup -- --force',
    );
  }
  writeJson(nativeStampPath, { ...wantedStamp('wasm'), state: 'wasm', reason, retry, tried: Date.now() });
}
