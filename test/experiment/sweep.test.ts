import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { after, before, describe, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { integer, stream } from '../../lib/backend/rng.ts';
import { writeFileAtomic } from '../../lib/data/atomic.ts';
import { lockHolder, takeLock } from '../../lib/experiment/lock.ts';
import { networkFile } from '../../lib/experiment/network-files.ts';
import { listQueue } from '../../lib/experiment/queue.ts';
import { comparable } from '../../lib/experiment/read-record.ts';
import type { RecordLine } from '../../lib/experiment/record.ts';
import { runHere } from '../../lib/experiment/run-here.ts';
import { type KeyedRun, keyedRun } from '../../lib/experiment/run-key.ts';
import { readRecord } from '../../lib/experiment/store.ts';
import { type Outcome, sweep } from '../../lib/experiment/sweep.ts';
import { tinyRuns } from './tiny-runs.ts';

const dir = mkdtempSync(join(tmpdir(), 'mail-lab-sweep-'));
after(() => rmSync(dir, { recursive: true }));
let runs: readonly KeyedRun[];
before(async () => {
  runs = await Promise.all(tinyRuns.map(keyedRun));
});

/** A process over the tiny runs, and what it says, line by line. */
function sweeping(folder: string, { workers = 2 } = {}) {
  const program = fileURLToPath(new URL('./tiny-runs.ts', import.meta.url));
  const child = spawn(process.execPath, ['--import', 'tsx', program, folder, String(workers)], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const heard: string[] = [];
  const lines = createInterface({ input: child.stdout });
  lines.on('line', (line) => heard.push(line));
  return { child, heard, ended: ended(child, lines) };
}

/** Resolves to the exit code once the process has ended and everything that it said was heard. */
async function ended(child: ChildProcess, lines: ReturnType<typeof createInterface>) {
  const [[code]] = await Promise.all([once(child, 'exit'), once(lines, 'close')]);
  return code as number | null;
}

const records = (folder: string) => runs.map(({ place }) => comparable(readRecord(join(folder, place))));
/** Files of a folder that are neither records nor networks. Temporary ones of killed processes are. */
const leftOvers = (folder: string) =>
  readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && !/\.(jsonl|(policy|discriminator)\.json|tmp)$/.test(entry.name))
    .map(({ name }) => name);

describe('a sweep', () => {
  let whole: readonly RecordLine[][];
  const kept = process.env.MAIL_LAB_OUT;
  before(async () => {
    process.env.MAIL_LAB_OUT = join(dir, 'whole');
    const here = await runHere(tinyRuns.map((spec) => ({ labels: {}, spec })));
    whole = here.map(({ lines }) => comparable(lines!));
  });
  after(() => {
    if (kept === undefined) delete process.env.MAIL_LAB_OUT;
    else process.env.MAIL_LAB_OUT = kept;
  });

  test('killed -9 at five random moments and resumed gives the records of runs that were never interrupted', async () => {
    const rng = stream(6, 'kill');
    const folders = [join(dir, 'killed-0')];
    for (let kills = 0; kills < 5; ) {
      const { child, heard, ended } = sweeping(folders.at(-1)!);
      const after = 1 + integer(rng, 6);
      child.stdout.on('data', () => {
        if (heard.length >= after) child.kill('SIGKILL');
      });
      // One that got to the end before that moment leaves nothing to be killed: on to a new folder.
      if ((await ended) === null) kills++;
      else folders.push(join(dir, `killed-${folders.length}`));
    }
    for (const folder of folders) {
      // At once: the last one's children may still be at it, until they see that it is gone.
      assert.equal(await sweeping(folder).ended, 0);
      assert.deepEqual(records(folder), whole);
      assert.deepEqual(leftOvers(folder), []);
    }
  });

  test('shares the work with another one on the same folder, and no run is made twice', async () => {
    const folder = join(dir, 'shared');
    const both = [sweeping(folder, { workers: 1 }), sweeping(folder, { workers: 1 })];
    assert.deepEqual(await Promise.all(both.map(({ ended }) => ended)), [0, 0]);
    const heard = both.flatMap((each) => each.heard);
    const told = whole.map((lines) => lines.filter(({ kind }) => kind === 'evaluation').length);
    assert.deepEqual(
      runs.map(({ place }) => heard.filter((line) => line === `evaluation ${place}`).length),
      told,
    );
    assert.deepEqual(records(folder), whole);
  });

  test('that is interrupted ends its runs at once and leaves them to the next one', async () => {
    const folder = join(dir, 'interrupted');
    const { child, ended } = sweeping(folder);
    await once(child.stdout, 'data');
    child.kill('SIGINT');
    assert.equal(await ended, 0);
    for (const { place } of runs) assert.equal(lockHolder(join(folder, `${place}.lock`)), undefined);
    assert.ok(runs.some(({ place }) => !existsSync(join(folder, place))));
  });

  test('leaves networks beside the records of those runs alone that ask for them', async () => {
    const folder = join(dir, 'networks');
    const [bc] = runs.slice(-1) as [KeyedRun];
    const other = await keyedRun({ ...bc.spec, seed: 2 });
    const { signal } = new AbortController();
    const queue = listQueue(
      [
        { ...bc, networks: true },
        { ...other, networks: false },
      ],
      { folder, signal },
    );
    await sweep(queue, { folder, signal, workers: 2 });
    const beside = [bc, other].map(({ place }) => existsSync(networkFile(join(folder, place), 'policy')));
    assert.deepEqual([beside, queue.state.done.size], [[true, false], 2]);
  });

  test('reports a run that fails, with its reason, and makes the others', async () => {
    const folder = join(dir, 'failed');
    const [bc] = runs.slice(-1) as [KeyedRun];
    const broken = await keyedRun({ ...bc.spec, trajectories: 1000 });
    const { signal } = new AbortController();
    const queue = listQueue([broken, bc], { folder, signal });
    const outcomes: Outcome['kind'][] = [];
    await sweep(queue, { folder, signal, workers: 1, onEnd: (_, { kind }) => outcomes.push(kind) });
    assert.deepEqual(outcomes, ['failed', 'done']);
    assert.deepEqual([...queue.state.done], [bc.key]);
    assert.match(queue.state.failed.get(broken.key)!.message, /Cannot keep 1000/);
  });
});

describe('a queue in memory', () => {
  const made = (folder: string, { place }: KeyedRun) => writeFileAtomic(join(folder, place), '');

  test('hands out each run once, and again if it is given back', async () => {
    const queue = listQueue(runs, { folder: join(dir, 'q1') });
    const [a, b, c] = [await queue.next(), await queue.next(), await queue.next()];
    assert.deepEqual([a, b, c], runs);
    assert.equal(await queue.next(), undefined);
    queue.returned(b!.key);
    assert.equal(await queue.next(), b);
    queue.done(a!.key);
    queue.failed(c!.key, new Error('no'));
    assert.deepEqual([...queue.state.done], [a!.key]);
    assert.deepEqual([...queue.state.failed.keys()], [c!.key]);
  });

  test('leaves a run to the process that holds its lock, and waits for it while nothing else is left', async () => {
    const folder = join(dir, 'q2');
    const [first, second, third] = runs as [KeyedRun, KeyedRun, KeyedRun];
    const release = takeLock(join(folder, `${first.place}.lock`)) as () => void;
    const releaseThird = takeLock(join(folder, `${third.place}.lock`)) as () => void;
    made(folder, second);
    const queue = listQueue(runs, { folder });
    let settled = false;
    const next = queue.next().finally(() => {
      settled = true;
    });
    await new Promise((resolve) => setImmediate(resolve));
    assert.deepEqual([settled, [...queue.state.done]], [false, [second.key]]);
    release();
    assert.equal(await next, first);
    made(folder, third);
    releaseThird();
    assert.equal(await queue.next(), undefined);
    assert.deepEqual([...queue.state.done], [second.key, third.key]);
  });

  test('hands out nothing once it is stopped, also to those who wait', async () => {
    const folder = join(dir, 'q3');
    const release = takeLock(join(folder, `${runs[0]!.place}.lock`)) as () => void;
    const stop = new AbortController();
    const queue = listQueue(runs.slice(0, 1), { folder, signal: stop.signal });
    const next = queue.next();
    stop.abort();
    assert.equal(await next, undefined);
    release();
    assert.equal(await queue.next(), undefined);
  });
});

describe('a lock', () => {
  const path = join(dir, 'run.lock');

  test('is had by one at a time', () => {
    const release = takeLock(path) as () => void;
    assert.equal(lockHolder(path), process.pid);
    assert.equal(takeLock(path), process.pid);
    release();
    assert.equal(lockHolder(path), undefined);
    assert.ok(!existsSync(path));
  });

  test('of a process that is gone is free, also if another process has its number now', async () => {
    const child = spawn(process.execPath, ['-e', '']);
    await once(child, 'exit');
    const [, started] = ownSignature();
    for (const dead of [`${child.pid} 1`, ...(started ? [`${process.pid} 1`] : [])]) {
      writeFileSync(path, dead);
      assert.equal(lockHolder(path), undefined, dead);
      const release = takeLock(path);
      assert.ok(typeof release === 'function', dead);
      release();
    }
  });

  function ownSignature(): string[] {
    const release = takeLock(path) as () => void;
    const text = readFileSync(path, 'utf8');
    release();
    return text.split(' ');
  }
});
