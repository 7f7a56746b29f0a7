// The lock that keeps two set-ups apart, with real files and real processes.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import {
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { hostname, tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { processBirth } from '../../scripts/setup/command.mjs';
import { isStale, pulseLimitMs, removeIfStale, withLock } from '../../scripts/setup/lock.mjs';

const folder = mkdtempSync(join(tmpdir(), 'mail-lab-lock-'));
after(() => rmSync(folder, { recursive: true, force: true }));

/** The number of a process that has certainly ended. */
async function endedProcess() {
  const child = spawn(process.execPath, ['-e', '']);
  const { pid } = child;
  await once(child, 'exit');
  assert.ok(pid);
  return pid;
}

test('the holders of one lock work one after the other', async () => {
  const path = join(folder, 'turns.lock');
  const events = [];
  const turn = (name) =>
    withLock(
      path,
      () => {},
      async () => {
        events.push(`${name} in`);
        await new Promise((resolve) => setImmediate(resolve));
        events.push(`${name} out`);
      },
    );
  await Promise.all([turn('a'), turn('b'), turn('c')]);
  for (let i = 0; i < events.length; i += 2)
    assert.equal(events[i]?.[0], events[i + 1]?.[0], events.join(', '));
  assert.equal(events.length, 6);
  assert.deepEqual(readdirSync(folder), [], 'nothing is left behind');
});

test('the lock is let go when the work fails', async () => {
  const path = join(folder, 'fails.lock');
  const failing = withLock(
    path,
    () => {},
    async () => {
      assert.ok(existsSync(path));
      throw new Error('as planned');
    },
  );
  await assert.rejects(failing, /as planned/);
  assert.equal(existsSync(path), false);
});

test('the lock of a process that has ended is taken over', async () => {
  const path = join(folder, 'dead.lock');
  const holder = { pid: await endedProcess(), host: hostname(), token: 'x', children: [] };
  writeFileSync(path, JSON.stringify(holder));
  let waited = false;
  const got = await withLock(
    path,
    () => {
      waited = true;
    },
    async () => JSON.parse(readFileSync(path, 'utf8')).pid,
  );
  assert.equal(got, process.pid);
  assert.equal(waited, false);
});

test('a process that a dead holder left running is ended', async (t) => {
  const left = spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)'], {
    detached: true,
    stdio: 'ignore',
  });
  const born = processBirth(left.pid ?? 0);
  if (born === undefined) {
    left.kill('SIGKILL');
    t.skip('needs /proc');
    return;
  }
  const path = join(folder, 'orphan.lock');
  const holder = {
    pid: await endedProcess(),
    host: hostname(),
    token: 'y',
    children: [{ pid: left.pid, born }],
  };
  writeFileSync(path, JSON.stringify(holder));
  const ended = once(left, 'exit');
  assert.equal(removeIfStale(path), true);
  assert.equal((await ended)[1], 'SIGKILL');
});

test('a lock is kept while its holder lives, and while a holder on another computer shows a pulse', () => {
  const here = { pid: process.pid, host: hostname(), born: processBirth(process.pid), token: 'z' };
  assert.equal(isStale(here, 0), false);
  assert.equal(isStale({ ...here, host: 'elsewhere', pid: 1 }, pulseLimitMs - 1), false);
  assert.equal(isStale({ ...here, host: 'elsewhere' }, pulseLimitMs + 1), true);
});

test('a process number that was given out anew does not keep a lock alive', (t) => {
  if (processBirth(process.pid) === undefined) t.skip('needs /proc');
  else assert.equal(isStale({ pid: process.pid, host: hostname(), born: '1', token: 'z' }, 0), true);
});

test('a lock file that was torn is taken over once its pulse has stopped', () => {
  const path = join(folder, 'torn.lock');
  writeFileSync(path, '{"pid":');
  assert.equal(removeIfStale(path), false);
  const before = new Date(Date.now() - 2 * pulseLimitMs);
  utimesSync(path, before, before);
  assert.equal(removeIfStale(path), true);
  assert.equal(existsSync(path), false);
});
