// The npm packages: whether node_modules holds what package-lock.json says, and the install when it does not.
import { existsSync, readFileSync, realpathSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { CommandError, findProgram, indent, run, SetupError } from './command.mjs';
import { modulesDir, root } from './paths.mjs';
import { fileHash, readJson, writeJson } from './stamp.mjs';

const lockPath = join(root, 'package-lock.json');
const stampPath = join(modulesDir, '.mail-lab', 'npm.json');

/**
 * The first way in which an install differs from the lock file, or undefined.
 *
 * @param {object} lock package-lock.json
 * @param {object | undefined} installed node_modules/.package-lock.json, which npm writes at the end of an install
 * @param {{platform: string, arch: string}} machine packages for other machines are left out of the comparison
 */
export function firstStalePackage(lock, installed, { platform, arch }) {
  if (!installed?.packages) return 'node_modules is missing or was left half-made';
  for (const [path, wanted] of Object.entries(lock.packages)) {
    if (path === '' || wanted.link) continue;
    const found = installed.packages[path];
    if (!found) {
      const forUs = suits(wanted.os, platform) && suits(wanted.cpu, arch);
      // Of the packages for one C library npm leaves out the other kind, and it may leave out what fails to install.
      if (wanted.optional && (!forUs || wanted.libc)) continue;
      return `${path} is missing`;
    }
    if (found.version !== wanted.version) return `${path} is ${found.version}, not ${wanted.version}`;
    if (wanted.integrity && found.integrity && found.integrity !== wanted.integrity)
      return `${path} has another hash`;
  }
  return undefined;
}

function suits(allowed, value) {
  if (!allowed) return true;
  if (allowed.includes(`!${value}`)) return false;
  return allowed.every((entry) => entry.startsWith('!')) || allowed.includes(value);
}

/** Whether package.json asks for something that package-lock.json has not been told of. */
export function lockDisagreement(manifest, lock) {
  for (const group of ['dependencies', 'devDependencies', 'optionalDependencies']) {
    const asked = manifest[group] ?? {};
    const locked = lock.packages['']?.[group] ?? {};
    for (const name of new Set([...Object.keys(asked), ...Object.keys(locked)]))
      if (asked[name] !== locked[name])
        return `${name} is ${asked[name]} in the one and ${locked[name]} in the other`;
  }
  return undefined;
}

/** Why the npm packages must be installed, or undefined. */
export function staleNpm() {
  const machine = { platform: process.platform, arch: process.arch };
  const lock = JSON.parse(readFileSync(lockPath, 'utf8'));
  const difference = firstStalePackage(lock, readJson(join(modulesDir, '.package-lock.json')), machine);
  if (!difference) return goneFolder(lock);
  const stamp = readJson(stampPath);
  const accepted =
    stamp?.lock === fileHash(lockPath) && stamp.machine === `${machine.platform}-${machine.arch}`;
  return accepted ? goneFolder(lock) : difference;
}

/** A direct dependency whose folder somebody has deleted. */
function goneFolder(lock) {
  const { dependencies = {}, devDependencies = {} } = lock.packages[''] ?? {};
  const name = [...Object.keys(dependencies), ...Object.keys(devDependencies)].find(
    (direct) => !existsSync(join(modulesDir, direct, 'package.json')),
  );
  return name && `node_modules/${name} is missing`;
}

/** npm's own command-line script, to be run by this Node; also right on Windows, where npm is a shell script. */
export function npmScript(env = process.env) {
  const nodeDir = dirname(realpathSync(process.execPath));
  const onPath = findProgram('npm', env);
  const candidates = [
    env.npm_execpath,
    onPath && realpathSync(onPath),
    onPath && join(dirname(onPath), 'node_modules', 'npm', 'bin', 'npm-cli.js'),
    join(nodeDir, '..', 'lib', 'node_modules', 'npm', 'bin', 'npm-cli.js'),
    join(nodeDir, 'node_modules', 'npm', 'bin', 'npm-cli.js'),
  ];
  const found = candidates.find((path) => path?.endsWith('npm-cli.js') && existsSync(path));
  if (!found) throw new SetupError('Cannot find npm: install it with Node.js, or put it on the PATH');
  return found;
}

/** Installs exactly what package-lock.json says, without running the packages' own scripts. */
export async function installNpm(report, { force = false } = {}) {
  const disagreement = lockDisagreement(readJson(join(root, 'package.json')), readJson(lockPath));
  if (disagreement)
    throw new SetupError(
      `Cannot install the npm packages as package.json and package-lock.json disagree (${disagreement}): ` +
        'run npm install --ignore-scripts and commit package-lock.json',
    );
  // Where an older install is whole, only what differs is replaced: programs that run from it live on.
  const whole =
    !force && existsSync(join(modulesDir, '.package-lock.json')) && !goneFolder(readJson(lockPath));
  const verb = whole ? ['install', '--no-save'] : ['ci'];
  const total = Object.keys(readJson(lockPath).packages).length;
  let fetched = 0;
  const args = [npmScript(), ...verb, '--ignore-scripts', '--loglevel=http', '--no-audit', '--no-fund'];
  await report.step(`npm packages (npm ${verb.join(' ')} --ignore-scripts)`, async (update) => {
    try {
      await run(process.execPath, args, {
        cwd: root,
        isNoise: (line) => /^npm http (fetch|cache)|^npm notice|^npm error\s*$/.test(line),
        onLine(line) {
          if (/http (fetch|cache) .*\.tgz/.test(line)) fetched++;
          update(`${fetched} packages read, about ${total} in all`);
        },
      });
    } catch (error) {
      if (!(error instanceof CommandError)) throw error;
      throw new SetupError(
        `Cannot install the npm packages: npm ${verb.join(' ')} ${error.ending}\n${indent(error.lastLines.join('\n'))}\n` +
          'To mend: check the network (npm ping), a proxy (npm config get proxy) or the registry (npm config get ' +
          'registry), then run the same command again; see "Offline and behind a proxy" in environment.md',
      );
    }
  });
  writeJson(stampPath, { lock: fileHash(lockPath), machine: `${process.platform}-${process.arch}` });
}
