// A lock file, so that two set-ups at once do not get in each other's way, which outlives neither kill -9 nor a reboot.
import { randomBytes } from 'node:crypto';
import { linkSync, mkdirSync, renameSync, rmSync, statSync, utimesSync, writeFileSync } from 'node:fs';
import { hostname } from 'node:os';
import { dirname } from 'node:path';
import { endGroup, processBirth, runningProcesses } from './command.mjs';
import { readJson } from './stamp.mjs';

const pulseMs = 2_000;
/** A holder that has shown no pulse for this long is dead, whatever its process number says. */
export const pulseLimitMs = 120_000;

/**
 * Whether a lock's holder is gone: its process has ended (if it ran on this computer), or its pulse has stopped.
 *
 * @param {{pid: number, host: string, born?: string} | undefined} holder the lock file's content
 * @param {number} silentMs time since the last pulse
 */
export function isStale(holder, silentMs, host = hostname()) {
  if (silentMs > pulseLimitMs) return true;
  if (!holder || holder.host !== host) return false;
  if (!isAlive(holder.pid)) return true;
  const born = processBirth(holder.pid);
  return holder.born !== undefined && born !== undefined && born !== holder.born;
}

function isAlive(pid) {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return error.code === 'EPERM';
  }
}

/**
 * Waits for the lock, runs `work`, and lets the lock go.
 *
 * @param {string} path
 * @param {(pid: number) => void} onWait called once if another set-up holds the lock
 */
export async function withLock(path, onWait, work) {
  mkdirSync(dirname(path), { recursive: true });
  const token = randomBytes(8).toString('hex');
  const own = { pid: process.pid, host: hostname(), born: processBirth(process.pid), token, children: [] };
  let told = false;
  while (!take(path, own)) {
    if (removeIfStale(path)) continue;
    if (!told) onWait(readJson(path)?.pid);
    told = true;
    await new Promise((resolve) => setTimeout(resolve, 300));
  }
  const release = () => {
    if (readJson(path)?.token === token) rmSync(path, { force: true });
  };
  const pulse = setInterval(() => {
    if (readJson(path)?.token !== token) return;
    const children = runningProcesses();
    if (JSON.stringify(children) === JSON.stringify(own.children)) touch(path);
    else {
      own.children = children;
      writeFileSync(`${path}.${token}`, JSON.stringify(own));
      renameSync(`${path}.${token}`, path);
    }
  }, pulseMs);
  process.on('exit', release);
  try {
    return await work();
  } finally {
    clearInterval(pulse);
    process.off('exit', release);
    release();
  }
}

function touch(path) {
  const now = new Date();
  utimesSync(path, now, now);
}

/** Makes the lock file whole or not at all: a link to a finished file fails if the name is taken. */
function take(path, own) {
  const draft = `${path}.${own.token}`;
  writeFileSync(draft, JSON.stringify(own));
  try {
    linkSync(draft, path);
    return true;
  } catch (error) {
    if (error.code === 'EEXIST') return false;
    // A file system without hard links: an exclusive write is nearly as good.
    try {
      writeFileSync(path, JSON.stringify(own), { flag: 'wx' });
      return true;
    } catch (second) {
      if (second.code === 'EEXIST') return false;
      throw second;
    }
  } finally {
    rmSync(draft, { force: true });
  }
}

/** Takes a dead holder's lock away, and ends what it had left running. Returns whether the lock may be free now. */
export function removeIfStale(path) {
  let silentMs;
  try {
    silentMs = Date.now() - statSync(path).mtimeMs;
  } catch (error) {
    if (error.code === 'ENOENT') return true;
    throw error;
  }
  const holder = readJson(path);
  if (!isStale(holder, silentMs)) return false;
  const aside = `${path}.${randomBytes(8).toString('hex')}`;
  try {
    renameSync(path, aside);
  } catch (error) {
    if (error.code === 'ENOENT') return true;
    throw error;
  }
  const moved = readJson(aside);
  if (moved?.token !== holder?.token) {
    // Somebody else was quicker, and what was moved is their fresh lock: put it back.
    try {
      linkSync(aside, path);
    } finally {
      rmSync(aside, { force: true });
    }
    return false;
  }
  rmSync(aside, { force: true });
  for (const child of holder?.children ?? []) {
    const sameProcess = child.born !== undefined && processBirth(child.pid) === child.born;
    if (holder.host === hostname() && sameProcess) endGroup(child.pid);
  }
  return true;
}
