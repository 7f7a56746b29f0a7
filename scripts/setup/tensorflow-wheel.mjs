// TensorFlow's C library and headers out of the wheel on PyPI, into the per-user cache. The wheel is checked by hash.
import { existsSync, mkdirSync, readdirSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { statfs } from 'node:fs/promises';
import { join } from 'node:path';
import { run } from './command.mjs';
import { scriptsDir } from './paths.mjs';
import { readJson, writeJson } from './stamp.mjs';

export const tensorflowVersion = '2.21.0';

/** The wheels that carry libtensorflow_cc.so.2. The Python version only names the file: no Python code is run. */
const wheels = {
  'linux-x64': {
    name: 'tensorflow-cpu',
    platform: 'manylinux_2_27_x86_64',
    sha256: '2b847d217b02ee7731ed91431daf3250daa0196c3c94614d23be27232e6e5b6c',
    megabytes: 274,
  },
  'linux-arm64': {
    name: 'tensorflow',
    platform: 'manylinux_2_27_aarch64',
    sha256: '4b24aca16d527a3cf1c37f720c04c484c3d20f4d0fdfa98632ac8b9f3be6eb5c',
    megabytes: 282,
  },
};

const machine = `${process.platform}-${process.arch}`;
/** Wheel, pip's copy of it while it downloads, and the unpacked libraries. */
const neededMegabytes = 1_600;

/** Where the library lies in a cache folder. */
export function libraryDir(cache) {
  return join(cache, `tensorflow-${tensorflowVersion}-${machine}`);
}

export function hasLibrary(cache) {
  return readJson(join(libraryDir(cache), 'complete.json'))?.version === tensorflowVersion;
}

/** Why the library cannot come from PyPI on this machine, or undefined. */
export function wheelProblem() {
  if (!wheels[machine])
    return `PyPI has no TensorFlow library for ${machine} that this set-up can build against`;
  const glibc = process.report?.getReport?.().header?.glibcVersionRuntime;
  if (!glibc) return 'the system has no GNU C library (Alpine?)';
  const [major, minor] = glibc.split('.').map(Number);
  if (major < 2 || (major === 2 && minor < 27))
    return `the GNU C library is ${glibc}, and 2.27 or newer is needed`;
  return undefined;
}

/** Why there is no room for the library, or undefined. */
export async function roomProblem(cache) {
  const { bavail, bsize } = await statfs(cache);
  const free = Math.floor((bavail * bsize) / 1e6);
  if (free >= neededMegabytes) return undefined;
  return `${cache} has ${free} MB free and ${neededMegabytes} MB are needed (MAIL_LAB_CACHE names another folder)`;
}

/**
 * Downloads the wheel with pip and unpacks what the addon needs; a complete folder appears under its name at once.
 *
 * @param {string} cache the cache folder
 * @param {string} python a Python with pip, of any version
 * @param {object} report where the steps are shown
 * @throws {CommandError} if pip or the unpacking fails
 */
export async function fetchLibrary(cache, python, report) {
  const wheel = wheels[machine];
  const scratch = join(cache, `download-${process.pid}`);
  clearScratch(cache);
  mkdirSync(join(scratch, 'tmp'), { recursive: true });
  try {
    await report.step(
      `TensorFlow ${tensorflowVersion} library from PyPI (${wheel.megabytes} MB)`,
      async (update) => {
        const list = join(scratch, 'wheel.txt');
        writeFileSync(list, `${wheel.name}==${tensorflowVersion} --hash=sha256:${wheel.sha256}\n`);
        const timer = setInterval(() => update(`${megabytesIn(scratch)} of ${wheel.megabytes} MB`), 500);
        try {
          await run(python, pipArguments(wheel, list, scratch), {
            env: { ...process.env, TMPDIR: join(scratch, 'tmp') },
          });
        } finally {
          clearInterval(timer);
        }
      },
    );
    const unpacked = join(scratch, 'unpacked');
    await report.step('Unpacking the library and its headers', async (update) => {
      const file = readdirSync(scratch).find((name) => name.endsWith('.whl'));
      const script = join(scriptsDir, 'setup', 'unpack_wheel.py');
      await run(python, [script, join(scratch, file), unpacked], { onLine: update });
    });
    writeJson(join(unpacked, 'complete.json'), { version: tensorflowVersion, sha256: wheel.sha256 });
    rmSync(libraryDir(cache), { recursive: true, force: true });
    renameSync(unpacked, libraryDir(cache));
  } finally {
    rmSync(scratch, { recursive: true, force: true });
  }
}

function pipArguments(wheel, list, folder) {
  return [
    ...['-m', 'pip', 'download', '--no-input', '--disable-pip-version-check', '--progress-bar', 'off'],
    ...['--no-cache-dir', '--no-deps', '--only-binary=:all:', '--require-hashes', '-r', list, '-d', folder],
    ...['--python-version', '311', '--implementation', 'cp', '--abi', 'cp311', '--platform', wheel.platform],
  ];
}

/** What set-ups that were interrupted have left; the caller holds the cache's lock. */
function clearScratch(cache) {
  for (const name of readdirSync(cache))
    if (name.startsWith('download-')) rmSync(join(cache, name), { recursive: true, force: true });
}

/** The size of the largest file below a folder: pip's download is one growing file. */
function megabytesIn(folder) {
  let largest = 0;
  try {
    for (const entry of readdirSync(folder, { withFileTypes: true, recursive: true }))
      if (entry.isFile()) {
        const path = join(entry.parentPath ?? entry.path, entry.name);
        if (existsSync(path)) largest = Math.max(largest, statSync(path).size);
      }
  } catch (error) {
    if (error.code !== 'ENOENT') throw error; // pip moves its files about while they are counted
  }
  return Math.floor(largest / 1e6);
}
