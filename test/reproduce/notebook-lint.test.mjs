import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { notebookFaults } from '../../scripts/notebooks/lint.mjs';
import { outputFaults } from '../../scripts/notebooks/outputs.mjs';
import { sourceHashes } from '../../scripts/notebooks/sources.mjs';
import { traps } from '../../scripts/notebooks/traps.mjs';
import { typeErrors } from '../../scripts/notebooks/types.mjs';

const root = fileURLToPath(new URL('../..', import.meta.url)).replace(/\/$/, '');
const folder = mkdtempSync(join(tmpdir(), 'mail-lab-lint-'));
after(() => rmSync(folder, { recursive: true }));

/** A notebook of code cells as a clean run leaves it; `change` damages it before the hashes are made. */
function notebookOf(sources, outputs = []) {
  const cells = sources.map((source, i) => ({
    cell_type: 'code',
    id: `cell-${i}`,
    metadata: {},
    source,
    execution_count: i + 1,
    outputs: outputs[i] ?? [],
  }));
  const notebook = { cells, metadata: {}, nbformat: 4, nbformat_minor: 5 };
  notebook.metadata.mail_lab = { sources: sourceHashes(notebook) };
  return notebook;
}

const printed = (text, name = 'stdout') => ({ output_type: 'stream', name, text: [text] });
const places = (faults) =>
  faults.map(({ cell, line }) => (line === undefined ? `${cell}` : `${cell}:${line}`));

const good = [
  "import { mean } from 'mail-lab';\nlet count = 1;\nconst size = { width: 2 };\ninterface Named { name: string }",
  'count += size.width;\nconst named: Named = { name: size.width.toFixed(1) };',
  'const size = mean([count]);\nconst later = await Promise.resolve(size);\nconst { name, ...rest } = named;\nlater * 2',
];

test('cells that see, replace and await what the kernel lets them are clean; each error is named by cell and line', () => {
  const bad = [
    ['const width: number = "wide";'],
    ['const size = 1;', 'const size = "text";', '// a comment\nsize * 2'],
    ['const list = [1];', '\nconst first: number = list[0];'],
    ['console.log(tooEarly);', 'const tooEarly = 1;'],
    ['const fixed = 1;\nlet text = "a";', 'fixed = 2;', 'text = 3;'],
    ['function f(x) { return x; }'],
    ['import { noSuchThing } from "mail-lab";'],
    ['const n = 1;', 'const open = ['],
    ['const a: { b?: number } = { b: undefined };'],
  ].map((sources, i) => ({ file: `${i}.ipynb`, notebook: notebookOf(sources) }));
  const errors = typeErrors(root, [{ file: 'good.ipynb', notebook: notebookOf(good) }, ...bad]);
  assert.deepEqual(
    errors.map(({ file, cell, line, text }) => `${file} ${cell}:${line} ${text.slice(0, 6)}`),
    [
      '0.ipynb 1:1 TS2322',
      '1.ipynb 3:2 TS2362',
      '2.ipynb 2:2 TS2322',
      '3.ipynb 1:1 TS2304',
      '4.ipynb 2:1 TS2632',
      '4.ipynb 3:1 TS2322',
      '5.ipynb 1:1 TS7006',
      '6.ipynb 1:1 TS2305',
      '7.ipynb 2:1 TS1137',
      '8.ipynb 1:1 TS2375',
    ],
  );
});

test('each trap of an unmodified tslab is named by cell and line; the same words within functions and texts are not', () => {
  const trapped = notebookOf([
    '1;\nawait (other)',
    'await [1]',
    'const five = await (async () => 5)();',
    '// a loop\nfor await (const x of [1]) console.log(x);',
    'export const a = 1;',
    'export { b };',
    '1;\n// @ts-ignore\nconst n: string = 1;',
    '/* @ts-expect-error */ 1',
  ]);
  assert.deepEqual(places(traps(trapped)), ['1:2', '2:1', '3:1', '4:2', '5:1', '6:1', '7:2', '8:1']);
  const free = notebookOf([
    'const f = async () => { await (other); for await (const x of [1]) await [x]; };',
    "const text = 'await (x)'; // await (x)\nconst word = '@ts-ignore';",
    '(await other).y',
    'const all = await Promise.all([1]);',
  ]);
  assert.deepEqual(traps(free), []);
});

test('a notebook as a clean run leaves it has no fault in its outputs', () => {
  const figure = {
    output_type: 'display_data',
    data: { 'image/png': `${'A'.repeat(200)}/home/AAA${'B'.repeat(200)}` },
  };
  const text = printed('see https://example.org/home/page, ./home/x and data/tmp/y at 3/home');
  assert.deepEqual(outputFaults(notebookOf(good, [[text, figure]])), []);
});

test('outputs are stale from the first cell that was edited, added, moved or taken away', () => {
  const stale = (edit) => {
    const notebook = notebookOf(['1', '2', '3']);
    edit(notebook.cells);
    notebook.cells.forEach((cell, i) => {
      cell.execution_count = i + 1;
    });
    return places(outputFaults(notebook));
  };
  assert.deepEqual(
    stale(() => {}),
    [],
  );
  assert.deepEqual(
    stale((cells) => Object.assign(cells[1], { source: ['2;'] })),
    ['2'],
  );
  assert.deepEqual(
    stale((cells) => cells.splice(0, 2, cells[1], cells[0])),
    ['1'],
  );
  assert.deepEqual(
    stale((cells) => cells.push({ ...cells[0], source: '4' })),
    ['4'],
  );
  assert.deepEqual(
    stale((cells) => cells.pop()),
    ['undefined'],
  );
  // A text beside the code may change.
  assert.deepEqual(
    stale((cells) => cells.push({ cell_type: 'markdown', id: 'm', source: 'more' })),
    [],
  );
  const unsaid = notebookOf(['1']);
  unsaid.metadata = {};
  assert.match(outputFaults(unsaid)[0].text, /do not say/);
});

test('counts out of order, errors, standard error and paths of the machine are faults of their cells', () => {
  const swapped = notebookOf(['1', '2']);
  swapped.cells[0].execution_count = 2;
  swapped.cells[1].execution_count = 1;
  assert.deepEqual(places(outputFaults(swapped)), ['1', '2']);
  const unrun = notebookOf(['1', '']);
  unrun.cells[0].execution_count = null;
  unrun.cells[1].execution_count = null;
  assert.deepEqual(places(outputFaults(unrun)), ['1']);
  const failed = { output_type: 'error', ename: 'RangeError', evalue: 'no', traceback: [] };
  const shown = { output_type: 'display_data', data: { 'text/html': ['<b>', '/home/someone/out</b>'] } };
  const faults = outputFaults(
    notebookOf(
      ['1', '2', '3', '4'],
      [[failed], [printed('careful', 'stderr')], [printed('wrote "/tmp/records/a.jsonl"')], [shown]],
    ),
  );
  assert.deepEqual(
    faults.map(({ cell, text }) => `${cell} ${text}`),
    [
      '1 ends with RangeError: no',
      '2 writes to standard error: careful',
      '3 shows a path of the machine that ran it: /tmp/records',
      '4 shows a path of the machine that ran it: /home/someone',
    ],
  );
});

test('the copies that JupyterLab keeps do not count as the size of the folder', () => {
  const kept = join(folder, 'kept');
  mkdirSync(join(kept, '.ipynb_checkpoints'), { recursive: true });
  writeFileSync(join(kept, '.ipynb_checkpoints', 'copy.ipynb'), ' '.repeat(5000));
  assert.deepEqual(notebookFaults({ root, folder: kept, mostBytes: 100 }), []);
  writeFileSync(join(kept, 'picture.png'), ' '.repeat(5000));
  assert.match(notebookFaults({ root, folder: kept, mostBytes: 100 }).join(), /holds 5000 bytes/);
});

test('the lint of a folder names notebook, cell and line, cells without an id of their own, and a folder too large', () => {
  const notebook = notebookOf(['await (x);\nconst y: number = "";']);
  notebook.cells.push({ cell_type: 'markdown', id: 'cell-0', metadata: {}, source: '' });
  writeFileSync(join(folder, 'bad.ipynb'), JSON.stringify(notebook));
  const faults = notebookFaults({ root, folder, mostBytes: 100 });
  assert.match(faults.join('\n'), /^bad\.ipynb: has cells without an id of their own \(cell-0\)/);
  assert.match(faults.join('\n'), /^bad\.ipynb, cell 1, line 1: tslab reads/m);
  assert.match(faults.join('\n'), /holds \d+ bytes, and 100 are the most/);
  assert.match(faults.join('\n'), /^bad\.ipynb, cell 1, line 2: TS2322: Type 'string'/m);
  const lint = (...args) =>
    spawnSync(process.execPath, ['scripts/notebooks/lint.mjs', ...args], { cwd: root, encoding: 'utf8' });
  const { status, stdout } = lint(folder);
  assert.equal(status, 1);
  assert.match(stdout, /bad\.ipynb, cell 1, line 2: TS2322/);
});
