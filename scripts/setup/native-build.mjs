// The native addon from registry parts: TensorFlow's library from PyPI, npm's own node-gyp, and the system's compiler.
import { copyFileSync, existsSync, mkdirSync, renameSync, symlinkSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { findProgram, run } from './command.mjs';
import { packageDir, removeAddon } from './native-prebuilt.mjs';
import { nodeGyp, nodeHeaders } from './node-gyp.mjs';
import { fetchLibrary, hasLibrary, libraryDir, tensorflowVersion } from './tensorflow-wheel.mjs';

export const addonPath = join(packageDir, 'lib', 'napi-v8', 'tfjs_binding.node');

/** The names under which the addon is linked (-ltensorflow) and under which it looks for the libraries at run time. */
const libraryNames = {
  'libtensorflow.so': 'libtensorflow_cc.so.2',
  'libtensorflow_cc.so.2': 'libtensorflow_cc.so.2',
  'libtensorflow_framework.so': 'libtensorflow_framework.so.2',
  'libtensorflow_framework.so.2': 'libtensorflow_framework.so.2',
};

/** The compiler and make, or what of them is missing. */
export function buildTools(env = process.env) {
  const compiler =
    findProgram(env.CXX?.split(' ')[0] || 'g++', env) ??
    findProgram('c++', env) ??
    findProgram('clang++', env);
  const make = findProgram(env.MAKE || 'make', env) ?? findProgram('gmake', env);
  const missing = [compiler ? '' : 'C++ compiler', make ? '' : 'make'].filter(Boolean).join(' and no ');
  return { compiler, make, problem: missing ? `there is no ${missing} on the PATH` : undefined };
}

/** Where the built addon is kept, so that a reinstall of the npm packages costs nothing. */
export function keptAddon(cache, tfjsNodeVersion) {
  const machine = `${process.platform}-${process.arch}`;
  return join(
    cache,
    `tfjs-node-${tfjsNodeVersion}-tensorflow-${tensorflowVersion}-napi-8-${machine}`,
    'tfjs_binding.node',
  );
}

/** Links the cached libraries into the package, which loads them from its own deps folder. */
function linkLibrary(cache) {
  removeAddon();
  const library = libraryDir(cache);
  mkdirSync(join(packageDir, 'deps', 'lib'), { recursive: true });
  symlinkSync(join(library, 'include'), join(packageDir, 'deps', 'include'));
  for (const [name, file] of Object.entries(libraryNames))
    symlinkSync(join(library, 'lib', file), join(packageDir, 'deps', 'lib', name));
}

/** Puts an addon that was built before into the package. Returns whether there is one. */
export function installKept(cache, tfjsNodeVersion) {
  const kept = keptAddon(cache, tfjsNodeVersion);
  if (!existsSync(kept) || !hasLibrary(cache)) return false;
  linkLibrary(cache);
  mkdirSync(dirname(addonPath), { recursive: true });
  copyFileSync(kept, addonPath);
  return true;
}

/** Keeps the addon that was built for the next install. */
export function keepAddon(cache, tfjsNodeVersion) {
  const kept = keptAddon(cache, tfjsNodeVersion);
  mkdirSync(dirname(kept), { recursive: true });
  copyFileSync(addonPath, `${kept}.${process.pid}.tmp`);
  renameSync(`${kept}.${process.pid}.tmp`, kept);
}

/**
 * Builds the addon.
 *
 * @throws {CommandError} if the download or the compiler fails
 */
export async function buildAddon(cache, python, report) {
  if (!hasLibrary(cache)) await fetchLibrary(cache, python, report);
  linkLibrary(cache);
  const headers = nodeHeaders();
  const args = [
    nodeGyp(),
    ...['rebuild', '--jobs=max', `--python=${python}`, ...(headers ? [`--nodedir=${headers}`] : [])],
    ...['--module_name=tfjs_binding', `--module_path=${dirname(addonPath)}`],
    ...['--napi_version=8', '--napi_build_version=8'],
  ];
  await report.step('Building the TensorFlow addon (node-gyp)', (update) =>
    run(process.execPath, args, { cwd: packageDir, limitSeconds: 600, onLine: update }),
  );
}
