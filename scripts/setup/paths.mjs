// Where the set-up finds and puts things.
import { accessSync, constants, mkdirSync } from 'node:fs';
import { homedir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The project root. */
export const root = dirname(dirname(dirname(fileURLToPath(import.meta.url))));
export const scriptsDir = join(root, 'scripts');
export const modulesDir = join(root, 'node_modules');
export const venvDir = join(root, '.venv');
/** Locks and logs of this checkout; git-ignored. */
export const localDir = join(root, '.cache');
export const isWindows = process.platform === 'win32';

/** The Python of the project's environment. */
export const venvPython = isWindows ? join(venvDir, 'Scripts', 'python.exe') : join(venvDir, 'bin', 'python');

/** The folder that keeps TensorFlow's library for all checkouts of a user, so that a reinstall costs nothing. */
export function cacheDir(env = process.env) {
  if (env.MAIL_LAB_CACHE) return env.MAIL_LAB_CACHE;
  if (isWindows && env.LOCALAPPDATA) return join(env.LOCALAPPDATA, 'mail-lab');
  return join(env.XDG_CACHE_HOME || join(homedir(), '.cache'), 'mail-lab');
}

/** The per-user cache, made if need be; the checkout's own .cache where the home folder cannot be written. */
export function usableCacheDir(env = process.env) {
  const wanted = cacheDir(env);
  try {
    mkdirSync(wanted, { recursive: true });
    accessSync(wanted, constants.W_OK);
    return wanted;
  } catch (error) {
    if (env.MAIL_LAB_CACHE) throw error;
    const own = join(localDir, 'mail-lab');
    mkdirSync(own, { recursive: true });
    return own;
  }
}
