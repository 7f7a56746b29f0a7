import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import fc from 'fast-check';
import { writeFileAtomic } from '../../lib/data/atomic.ts';
import { FormatError } from '../../lib/data/format-error.ts';
import { comparable, formatLine, parseRecord } from '../../lib/experiment/read-record.ts';
import type { EvaluationLine, HeaderLine, RecordLine } from '../../lib/experiment/record.ts';
import { machineFacts, openRecord, readRecord } from '../../lib/experiment/store.ts';

const folder = mkdtempSync(join(tmpdir(), 'mail-lab-store-'));
after(() => rmSync(folder, { recursive: true }));
let used = 0;
const freshPath = () => join(folder, `${used++}`, 'run.jsonl');

const header: HeaderLine = {
  kind: 'header',
  schema: 1,
  algorithm: 'mail',
  env: 'Hopper-v5',
  seed: 3,
  config: { horizon: 10, hidden: [100, 100], nested: { on: true, off: null } },
  demos: { set: 'hopper-expert', trajectories: 4 },
  versions: { backend: 'tensorflow 4.22.0' },
};
const evaluation: EvaluationLine = {
  kind: 'evaluation',
  envSteps: 1000,
  updates: 10,
  weights: 'averaged',
  actions: 'mean',
  returns_E: [3001.25, 0.1 + 0.2],
  lengths_E: [1000, 999],
};
const lines: RecordLine[] = [
  header,
  { kind: 'machine', facts: { cpu: 'x', cores: 2 } },
  evaluation,
  { kind: 'clock', envSteps: 1000, wallSeconds: 12.5 },
  { kind: 'metrics', envSteps: 1000, updates: 10, metrics: { 'disc/loss': 0.7 } },
  { kind: 'end', envSteps: 1000, updates: 10, reason: 'finished' },
];
const text = `${lines.map(formatLine).join('\n')}\n`;

test('a closed record reads back line by line, and only the final name is left', () => {
  const path = freshPath();
  const record = openRecord(path);
  for (const line of lines) {
    record.write(line);
    assert.ok(!existsSync(path));
  }
  assert.equal(record.lines(), lines.length);
  assert.equal(readFileSync(record.partialPath, 'utf8'), text);
  record.close();
  assert.deepEqual(readRecord(path), lines);
  assert.deepEqual(readdirSync(join(path, '..')), ['run.jsonl']);
});

test('any finite number and any text comes back as it was written', () => {
  const number = fc.double({ noNaN: true, noDefaultInfinity: true }).map((x) => (x === 0 ? 0 : x));
  fc.assert(
    fc.property(
      fc.dictionary(fc.string(), number),
      fc.string(),
      fc.array(number, { minLength: 1 }),
      (metrics, cpu, returns_E) => {
        const written: RecordLine[] = [
          { ...header, algorithm: `a${cpu}` },
          { kind: 'metrics', envSteps: 0, updates: 0, metrics },
          { kind: 'machine', facts: { cpu } },
          { ...evaluation, returns_E, lengths_E: returns_E.map(() => 1) },
        ];
        // JSON text is what is promised to survive; a prototype-less dictionary is not.
        assert.equal(
          JSON.stringify(parseRecord(`${written.map(formatLine).join('\n')}\n`, 'x')),
          JSON.stringify(written),
        );
      },
    ),
  );
});

test('a suspended record goes on where it was, and an older record of its name stays', () => {
  const path = freshPath();
  const first = openRecord(path);
  first.write(header);
  first.close();
  const second = openRecord(path);
  second.write({ ...header, seed: 4 });
  second.suspend();
  assert.deepEqual(readRecord(path), [header]);
  assert.deepEqual(readdirSync(join(path, '..')), ['run.jsonl', 'run.jsonl.partial']);
  const again = openRecord(path, { resumeAfter: 1 });
  again.write(evaluation);
  again.close();
  assert.deepEqual(readRecord(path), [{ ...header, seed: 4 }, evaluation]);
});

test('a closed record takes nothing more', () => {
  const record = openRecord(freshPath());
  record.write(header);
  record.close();
  assert.throws(() => record.write(evaluation), /Cannot write to .* closed already/);
  assert.throws(() => record.close(), /Cannot close .* closed already/);
  assert.throws(() => record.suspend(), /Cannot suspend .* closed already/);
});

test('a killed run leaves only the partial file, with every line that it wrote', async () => {
  const path = freshPath();
  const store = new URL('../../lib/experiment/store.ts', import.meta.url).href;
  const program = `
    import { openRecord } from ${JSON.stringify(store)};
    const record = openRecord(${JSON.stringify(path)});
    for (const line of ${JSON.stringify(lines.slice(0, 3))}) record.write(line);
    process.stdout.write('written');
    setInterval(() => {}, 1000);`;
  const child = spawn(process.execPath, ['--import', 'tsx', '--input-type=module', '-e', program], {
    cwd: fileURLToPath(new URL('../..', import.meta.url)),
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  await Promise.race([once(child.stdout, 'data'), once(child, 'exit')]);
  assert.equal(child.exitCode, null, 'the child ended before it wrote');
  child.kill('SIGKILL');
  await once(child, 'exit');
  assert.deepEqual(readdirSync(join(path, '..')), ['run.jsonl.partial']);
  assert.deepEqual(readRecord(`${path}.partial`), lines.slice(0, 3));
});

test('a resumed record equals one that was never interrupted', () => {
  const path = freshPath();
  const killed = openRecord(path);
  for (const line of lines.slice(0, 4)) killed.write(line);
  // The checkpoint was taken after three lines; the fourth, and half of a fifth, came after it.
  writeFileSync(killed.partialPath, `${readFileSync(killed.partialPath, 'utf8')}{"kind":"met`);
  const resumed = openRecord(path, { resumeAfter: 3 });
  assert.equal(resumed.lines(), 3);
  for (const line of lines.slice(3)) resumed.write(line);
  resumed.close();
  assert.equal(readFileSync(path, 'utf8'), text);
});

test('a record cannot be resumed after lines that are not there', () => {
  const path = freshPath();
  openRecord(path).write(header);
  assert.throws(
    () => openRecord(path, { resumeAfter: 2 }),
    /after 2 lines as it holds 1: start the run again/,
  );
  assert.throws(() => openRecord(path, { resumeAfter: 0.5 }), /after 0.5 lines/);
  assert.throws(() => openRecord(freshPath(), { resumeAfter: 1 }), /ENOENT/);
});

test('a line that would not read back is refused and leaves the file as it was', () => {
  const path = freshPath();
  const record = openRecord(path);
  record.write(header);
  const before = readFileSync(record.partialPath, 'utf8');
  const bad: [RecordLine, RegExp][] = [
    [
      { kind: 'metrics', envSteps: 1, updates: 1, metrics: { 'disc/loss': Number.NaN } },
      /kind metrics: metrics.disc\/loss/,
    ],
    [{ kind: 'clock', envSteps: 1, wallSeconds: Number.POSITIVE_INFINITY }, /kind clock: wallSeconds/],
    [{ ...header, config: { clip: Number.POSITIVE_INFINITY } }, /kind header: config.clip/],
    [{ ...header, config: { gone: undefined } }, /kind header: config.gone/],
    [{ ...evaluation, lengths_E: [1] }, /lengths_E: expected as many lengths as returns/],
    [{ ...evaluation, extra: 1 } as EvaluationLine, /extra/],
  ];
  for (const [line, message] of bad) assert.throws(() => record.write(line), message);
  assert.equal(readFileSync(record.partialPath, 'utf8'), before);
  assert.equal(record.lines(), 1);
  record.suspend();
});

const faults: [string, string, RegExp][] = [
  ['an empty file', '', /x.jsonl, line 1: the file is empty/],
  ['a cut last line', text.slice(0, -1), /x.jsonl, line 6: the last line does not end/],
  ['a line that is not JSON', text.replace('{"kind":"clock"', '{"kind:"clock"'), /x.jsonl, line 4: not JSON/],
  ['an unknown kind', text.replace('"kind":"clock"', '"kind":"clack"'), /x.jsonl, line 4: kind/],
  [
    'a missing key',
    text.replace('"wallSeconds":12.5', '"seconds":12.5'),
    /x.jsonl, line 4: wallSeconds: .*seconds/,
  ],
  ['a wrong type', text.replace('"seed":3', '"seed":"3"'), /x.jsonl, line 1: seed/],
  ['another schema', text.replace('"schema":1', '"schema":2'), /x.jsonl, line 1: schema/],
  [
    'a missing header',
    text.slice(text.indexOf('\n') + 1),
    /line 1: found a line of kind machine: the first line/,
  ],
  ['a second header', `${formatLine(header)}\n${text}`, /line 2: found a line of kind header/],
  ['lines after the end', `${text}${formatLine(evaluation)}\n`, /line 6: 1 lines follow the end line/],
  ['an empty line', text.replace('\n', '\n\n'), /line 2: not JSON/],
];
for (const [what, damaged, message] of faults)
  test(`${what} is an error that names file and line`, () => {
    assert.throws(
      () => parseRecord(damaged, 'x.jsonl'),
      (error) => error instanceof FormatError && message.test(error.message),
    );
  });

test('comparable lines of two equal runs on two machines are equal', () => {
  const elsewhere = lines.map((line) => {
    if (line.kind === 'clock') return { ...line, wallSeconds: 99 };
    return line.kind === 'machine' ? { ...line, facts: { cpu: 'y' } } : line;
  });
  assert.notDeepEqual(elsewhere, lines);
  assert.deepEqual(comparable(elsewhere), comparable(lines));
  assert.deepEqual(
    comparable(lines).map((line) => line.kind),
    ['header', 'evaluation', 'metrics', 'end'],
  );
});

test('machine facts fit a record', () => {
  const facts = machineFacts();
  assert.equal(facts.node, process.version);
  assert.ok(Number(facts.cores) >= 1);
  formatLine({ kind: 'machine', facts });
});

test('an atomic write makes its folder, replaces the old file, and on failure leaves nothing of its own', () => {
  const path = freshPath();
  writeFileAtomic(path, 'old');
  writeFileAtomic(path, Uint8Array.of(104, 105));
  assert.equal(readFileSync(path, 'utf8'), 'hi');
  assert.deepEqual(readdirSync(join(path, '..')), ['run.jsonl']);
  const occupied = join(path, '..', 'folder');
  writeFileAtomic(join(occupied, 'file'), 'x');
  assert.throws(() => writeFileAtomic(occupied, 'x'));
  assert.deepEqual(readdirSync(join(path, '..')).sort(), ['folder', 'run.jsonl']);
});
