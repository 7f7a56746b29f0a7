import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { cardMarkdown, parseCard } from '../../lib/data/card.ts';
import { summary } from '../../lib/data/demos.ts';
import { loadDemos, saveDemos } from '../../lib/data/files.ts';
import { FormatError } from '../../lib/data/format-error.ts';
import { numberedDemos, numberedDemosWithStates } from './samples.ts';

const folder = mkdtempSync(join(tmpdir(), 'mail-lab-data-'));
after(() => rmSync(folder, { recursive: true }));
let used = 0;
const freshDir = () => join(folder, `${used++}`, 'hopper-expert');

const facts = {
  name: 'hopper-expert',
  rules: 'Gymnasium v5 rules',
  generator: 'TRPO | 2 x 64 tanh\nweights abc',
  seed: 7,
  actions: 'sampled',
  selection: 'every episode, in the order collected',
  licence: 'MIT',
} as const;

test('a saved set loads as it was, with a card that counts it', async () => {
  const dir = freshDir();
  const demos = numberedDemosWithStates([3, 5, 4]);
  const card = await saveDemos(dir, demos, facts);
  const trajectories = demos.trajectories.map(({ state_Tp1, ...rest }) => ({
    ...rest,
    start: state_Tp1![0]!,
  }));
  assert.deepEqual(await loadDemos(dir), { demos: { ...demos, trajectories }, card });
  assert.deepEqual(readdirSync(dir).sort(), ['card.json', 'card.md', 'main_data.hdf5', 'metadata.json']);
  const counts = summary(demos);
  assert.equal(card.steps, 12);
  assert.equal(card.trajectories, 3);
  assert.equal(card.returns.mean, counts.returnMean);
  assert.ok(Math.abs(card.returns.std - counts.returnStd) < 1e-12);
  assert.deepEqual([card.lengths.min, card.lengths.max], [3, 5]);
  assert.deepEqual([card.terminated, card.truncated], [2 / 3, 1 / 3]);
  assert.equal(card.simulatorStates, true);
  assert.equal(card.bytes, readFileSync(join(dir, 'main_data.hdf5')).length);
});

test('saving the same set again gives the same bytes in every file', async () => {
  const [first, second] = [freshDir(), freshDir()];
  for (const dir of [first, second]) await saveDemos(dir, numberedDemos([30, 20]), facts);
  for (const name of readdirSync(first))
    assert.deepEqual(readFileSync(join(first, name)), readFileSync(join(second, name)), name);
});

test('card.md says what card.json says, one fact a row', async () => {
  const dir = freshDir();
  const card = await saveDemos(dir, numberedDemos([3, 5]), { ...facts, notes: 'a note' });
  const markdown = readFileSync(join(dir, 'card.md'), 'utf8');
  assert.equal(markdown, cardMarkdown(parseCard(readFileSync(join(dir, 'card.json'), 'utf8'), 'card.json')));
  for (const text of [
    card.sha256,
    '| Task | Hopper-v5 |',
    '| Seed | 7 |',
    'TRPO \\| 2 x 64 tanh weights abc',
    '50 %',
    'a note',
    'MIT',
  ])
    assert.ok(markdown.includes(text), text);
  const rows = markdown.split('\n').filter((line) => line.startsWith('| '));
  assert.ok(rows.every((row) => row.replaceAll('\\|', '').split('|').length === 4));
});

async function refuses(dir: string, message: RegExp, options?: { env: string }): Promise<void> {
  await assert.rejects(loadDemos(dir, options), (error) => {
    assert.ok(error instanceof FormatError, String(error));
    assert.match(error.message, message);
    return true;
  });
}

test('data that is not what the card says is refused by hash', async () => {
  const dir = freshDir();
  await saveDemos(dir, numberedDemos([3, 5]), facts);
  const path = join(dir, 'main_data.hdf5');
  const bytes = readFileSync(path);
  bytes[bytes.length >> 1]! ^= 1;
  writeFileSync(path, bytes);
  await refuses(
    dir,
    /main_data.hdf5: its SHA-256 is [0-9a-f]{64} where card.json says [0-9a-f]{64}: the data was changed/,
  );
});

test('a set that was replaced halfway is refused', async () => {
  const dir = freshDir();
  await saveDemos(dir, numberedDemos([3, 5]), facts);
  const oldCard = readFileSync(join(dir, 'card.json'));
  await saveDemos(dir, numberedDemos([4, 5]), facts);
  writeFileSync(join(dir, 'card.json'), oldCard);
  await refuses(dir, /SHA-256/);
});

test('a missing file, a damaged card and another task are errors', async () => {
  const dir = freshDir();
  await refuses(dir, /hopper-expert\/card.json: there is no such file/);
  await saveDemos(dir, numberedDemos([3, 5]), facts);
  await refuses(dir, /env_spec: the task is Hopper-v5, expected CartPole-v1/, { env: 'CartPole-v1' });
  const path = join(dir, 'card.json');
  const card = readFileSync(path, 'utf8');
  for (const [from, to, message] of [
    ['"seed": 7', '"seed": -7', /card.json, seed/],
    ['"licence": "MIT",', '', /card.json, licence/],
    ['"schema": 1', '"schema": 2', /card.json, schema/],
    ['"schema": 1', '"schema": 1, "more": 1', /card.json: .*more/],
    ['{', '', /card.json: not JSON/],
  ] as const) {
    assert.ok(card.includes(from));
    writeFileSync(path, card.replace(from, to));
    await refuses(dir, message);
  }
  writeFileSync(path, card);
  await loadDemos(dir);
  rmSync(join(dir, 'metadata.json'));
  await refuses(dir, /metadata.json: there is no such file/);
});

test('a set that cannot be stored leaves no file behind', async () => {
  const dir = freshDir();
  const demos = numberedDemos([3]);
  await assert.rejects(saveDemos(dir, { ...demos, obsSize: 3 }, facts), RangeError);
  assert.throws(() => readdirSync(dir), /ENOENT/);
});

test('sets load where lib is required and not imported, as in a notebook', async () => {
  const dir = freshDir();
  await saveDemos(dir, numberedDemosWithStates([3, 5]), facts);
  const program = `
    require('tsx/cjs');
    const { loadDemos } = require('./lib/data/files.ts');
    const { machineFacts } = require('./lib/experiment/store.ts');
    loadDemos(${JSON.stringify(dir)}).then(({ demos }) =>
      console.log(demos.trajectories.length, demos.trajectories[1].start.vectors.qpos.length, machineFacts().node));`;
  const root = fileURLToPath(new URL('../..', import.meta.url));
  const output = execFileSync(process.execPath, ['-e', program], { cwd: root, encoding: 'utf8' });
  assert.equal(output, `2 2 ${process.version}\n`);
});
