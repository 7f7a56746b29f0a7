import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { loadDemos } from '../../lib/data/files.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));
const folder = mkdtempSync(join(tmpdir(), 'mail-lab-demos-'));
after(() => rmSync(folder, { recursive: true }));

function convert(...args: string[]) {
  const command = ['--import', 'tsx', 'scripts/demos.ts', '--from', ...args];
  return spawnSync(process.execPath, command, { cwd: root, encoding: 'utf8' });
}

test('the command turns a D4RL file into a set with a card that says where it is from', async () => {
  const out = join(folder, 'hopper-d4rl');
  const args = ['test/data/fixtures/d4rl-next.hdf5', '--format', 'd4rl', '--env', 'Hopper-v5', '--out', out];
  const { stdout, status } = convert(...args, '--licence', 'Apache-2.0', '--source', 'somewhere');
  assert.equal(status, 0);
  assert.match(stdout, /5 trajectories, 15 steps, return/);
  const { demos, card } = await loadDemos(out, { env: 'Hopper-v5' });
  assert.equal(demos.trajectories.length, 5);
  assert.match(card.generator, /^somewhere, d4rl-next.hdf5 \(d4rl, sha256 [0-9a-f]{64}\)$/);
  assert.deepEqual([card.licence, card.actions, card.seed], ['Apache-2.0', 'unknown', undefined]);
  assert.match(card.notes!, /last episode has no end/);
  const again = convert(...args);
  assert.notEqual(again.status, 0);
  assert.match(again.stderr, /Cannot write to .* as it is there/);
});

test('the command refuses a file of another task and leaves no set behind', async () => {
  const out = join(folder, 'ant');
  const { stderr, status } = convert(
    'test/data/fixtures/d4rl-next.hdf5',
    '--format',
    'd4rl',
    '--env',
    'Pendulum-v1',
    '--out',
    out,
  );
  assert.notEqual(status, 0);
  assert.match(stderr, /observations: has shape \[15, 11\], expected \[15, 3\]/);
  await assert.rejects(loadDemos(out), /there is no such file/);
});
