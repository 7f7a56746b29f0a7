// One process per run (Node side): a lock file that names its process, and counts for nothing once that process is gone.
import { linkSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';

/** The process that holds a lock; undefined if nobody does. */
export function lockHolder(lockPath: string): number | undefined {
  const text = readIfThere(lockPath);
  return text !== undefined && lives(text) ? Number.parseInt(text, 10) : undefined;
}

/**
 * Takes a lock for this process, also over that of a process that has gone.
 * @returns a function that gives it back, or the id of the living process that holds it
 * @throws Error of the file system, for example where the folder cannot be written
 */
export function takeLock(lockPath: string): (() => void) | number {
  mkdirSync(dirname(lockPath), { recursive: true });
  const mine = `${lockPath}.${process.pid}.tmp`;
  const text = signature(process.pid);
  for (;;) {
    // A link comes into being with its content, so that nobody reads half of it.
    writeFileSync(mine, text);
    try {
      linkSync(mine, lockPath);
      return () => rmSync(lockPath, { force: true });
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    } finally {
      rmSync(mine, { force: true });
    }
    const found = readIfThere(lockPath);
    if (found === undefined) continue;
    if (lives(found)) return Number.parseInt(found, 10);
    putAside(lockPath, found, mine);
  }
}

/** Removes a lock whose process is gone, unless another process has done so and taken it in the meantime. */
function putAside(lockPath: string, dead: string, aside: string): void {
  try {
    renameSync(lockPath, aside);
    if (readFileSync(aside, 'utf8') !== dead) linkSync(aside, lockPath);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code !== 'ENOENT' && code !== 'EEXIST') throw error;
  } finally {
    rmSync(aside, { force: true });
  }
}

/** Process id and, where the system tells, when it started: ids come again. */
function signature(pid: number): string {
  const stat = readIfThere(`/proc/${pid}/stat`);
  // The 22nd field; the second is the program's name, in parentheses, and may hold spaces.
  const started = stat?.slice(stat.lastIndexOf(')') + 2).split(' ')[19] ?? '';
  return `${pid} ${started}`;
}

function lives(text: string): boolean {
  const pid = Number.parseInt(text, 10);
  try {
    process.kill(pid, 0);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ESRCH') return false;
  }
  return signature(pid) === text;
}

function readIfThere(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT' || code === 'ESRCH') return undefined;
    throw error;
  }
}
