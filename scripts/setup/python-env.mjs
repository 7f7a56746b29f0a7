// The Python environment in .venv: JupyterLab, nbclient and pytest at pinned versions, every file checked by its hash.
import { existsSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { CommandError, findProgram, indent, run, SetupError } from './command.mjs';
import { isWindows, root, scriptsDir, venvDir, venvPython } from './paths.mjs';
import { fileHash, firstDifference, readJson, writeJson, writeWhole } from './stamp.mjs';

const requirements = join(scriptsDir, 'requirements.lock');
const stampPath = join(venvDir, 'mail-lab.json');
export const oldestPython = [3, 10];

/** What the environment must have been made from. Its scripts hold absolute paths, so a moved checkout makes it stale. */
function wantedStamp() {
  return { requirements: fileHash(requirements), root };
}

/** Why the Python environment must be made, or undefined. */
export function stalePython() {
  if (!existsSync(venvPython)) return '.venv is missing, or the Python that it was made with is gone';
  const difference = firstDifference(readJson(stampPath), wantedStamp());
  if (difference === 'stamp') return '.venv was left half-made';
  if (difference === 'root') return 'the project folder was moved';
  return difference && 'scripts/requirements.lock has changed';
}

/** Makes or updates .venv. */
export async function installPython(report, { force = false } = {}) {
  const stamp = readJson(stampPath);
  const update = !force && stamp?.root === root && existsSync(venvPython);
  await report.step('Python environment (.venv: JupyterLab, nbclient, pytest)', async (show) => {
    if (!update) {
      rmSync(venvDir, { recursive: true, force: true });
      const python = await findPython();
      show(`Python ${python.version}`);
      await run(python.path, ['-m', 'venv', venvDir]).catch((error) => {
        throw explain(error, `Cannot make .venv with ${python.path}`, missingVenvAdvice);
      });
    }
    let count = 0;
    const pip = [
      '-m',
      'pip',
      'install',
      '--no-input',
      '--disable-pip-version-check',
      '--progress-bar',
      'off',
    ];
    await run(venvPython, [...pip, '--require-hashes', '-r', requirements], {
      isNoise: (line) => line.startsWith('Ignoring '),
      onLine(line) {
        if (/^\s*(Using cached|Downloading) /.test(line)) count++;
        if (/^Installing collected/.test(line)) show('unpacking');
        else if (/^Collecting (\S+)/.test(line))
          show(`${count} packages, ${line.split(' ')[1].split('=')[0]}`);
      },
    }).catch((error) => {
      throw explain(
        error,
        'Cannot install the Python packages',
        'To mend: check the network, a proxy (HTTPS_PROXY) or the package index (pip config list), then run the same ' +
          'command again; see "Offline and behind a proxy" in environment.md',
      );
    });
    settleIn();
    writeJson(stampPath, wantedStamp());
  });
}

/** Two small files that JupyterLab looks for. */
function settleIn() {
  // The project's package.json says "type": "module", which would break the CommonJS script in JupyterLab's package.
  writeWhole(join(venvDir, 'package.json'), '{ "private": true, "type": "commonjs" }\n');
  // No question about news, and no request for them, at the first start.
  writeJson(join(venvDir, 'etc', 'jupyter', 'labconfig', 'page_config.json'), {
    disabledExtensions: { '@jupyterlab/apputils-extension:announcements': true },
  });
}

const missingVenvAdvice =
  'To mend: install the modules venv and ensurepip of that Python (on Debian and Ubuntu: apt install python3-venv), ' +
  'or name another Python by MAIL_LAB_PYTHON';

function explain(error, what, advice) {
  if (!(error instanceof CommandError)) return error;
  return new SetupError(`${what}:\n${indent(error.message)}\n${advice}`);
}

const probe = `
import importlib.util, json, sys
missing = [m for m in ("venv", "ensurepip") if importlib.util.find_spec(m) is None]
print(json.dumps({"version": list(sys.version_info[:3]), "missing": missing, "path": sys.executable}))
`;

/**
 * A Python that can make the environment: the one named by MAIL_LAB_PYTHON, else the first on PATH that will do.
 *
 * @returns {Promise<{path: string, version: string}>}
 * @throws {SetupError} that says what was found and why it will not do
 */
export async function findPython(env = process.env) {
  const names = ['python3', 'python', 'python3.13', 'python3.12', 'python3.11', 'python3.10', 'python3.14'];
  const asked = env.MAIL_LAB_PYTHON;
  const rejected = [];
  for (const name of asked ? [asked] : names) {
    const path = findProgram(name, env);
    if (!path) {
      if (asked) rejected.push(`${asked} (named by MAIL_LAB_PYTHON) cannot be found or executed`);
      continue;
    }
    const verdict = await judge(path);
    if (verdict.path) return verdict;
    if (verdict.reason) rejected.push(verdict.reason);
  }
  const found = rejected.length ? `\n${indent(rejected.join('\n'))}\n` : ' as none is on the PATH: ';
  const lacksVenv = rejected.some((text) => text.includes('venv') || text.includes('ensurepip'));
  throw new SetupError(
    `Cannot find a Python for JupyterLab${found}${lacksVenv ? missingVenvAdvice : `install Python ${oldestPython.join('.')} or newer${isWindows ? ' from python.org' : ' (on Debian and Ubuntu: apt install python3 python3-venv)'}, or name one by MAIL_LAB_PYTHON`}. ` +
      'Without Python: npm run setup -- --without-python, and npm test -- --only node',
  );
}

async function judge(path) {
  let found;
  try {
    found = JSON.parse(await run(path, ['-c', probe], { limitSeconds: 20 }));
  } catch (error) {
    if (error instanceof CommandError || error instanceof SyntaxError)
      return { reason: `${path} does not run` };
    throw error;
  }
  const version = found.version.join('.');
  const [major, minor] = found.version;
  if (major !== oldestPython[0] || minor < oldestPython[1])
    return { reason: `${path} is Python ${version}, and ${oldestPython.join('.')} or newer is needed` };
  if (found.missing.length)
    return { reason: `${path} (Python ${version}) has no ${found.missing.join(' and no ')}` };
  return { path: found.path, version };
}
