import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { findNotebooks } from '../../scripts/notebooks/run.mjs';
import { escaped } from '../../scripts/reproduce/html.mjs';
import { readRecords, summary, table, tableText } from '../../scripts/reproduce/records.mjs';
import { figuresOf, reportPage, titleOf } from '../../scripts/reproduce/report.mjs';
import { readScorecard, verdictCounts } from '../../scripts/reproduce/scorecard.mjs';
import { findChromium, inspect } from '../../scripts/test-browser.mjs';

const folder = mkdtempSync(join(tmpdir(), 'mail-lab-report-'));
after(() => rmSync(folder, { recursive: true }));

const evaluation = (envSteps, weights, returns_E, lengths_E) => ({
  kind: 'evaluation',
  envSteps,
  updates: 1,
  weights,
  actions: 'mean',
  returns_E,
  lengths_E,
});
const lines = [
  {
    kind: 'header',
    schema: 1,
    algorithm: 'mail',
    env: 'Hopper-v5',
    seed: 3,
    config: {},
    demos: null,
    versions: {},
  },
  evaluation(1000, 'averaged', [3000, 3200], [900, 1000]),
  evaluation(1000, 'raw', [9999], [1]),
  { kind: 'clock', envSteps: 2000, wallSeconds: 12.34 },
  evaluation(2000, 'averaged', [2000, 2200], [800, 900]),
  { kind: 'end', envSteps: 2500, updates: 2, reason: 'finished' },
];

test('a run is summed up by its averaged policy: best and last mean return, steps, seconds', () => {
  const run = summary({ file: 'a.jsonl', lines });
  assert.deepEqual(run.best, { ret: 3100, length: 950 });
  assert.deepEqual(run.last, { ret: 2100, length: 850 });
  assert.deepEqual([run.envSteps, run.wallSeconds, run.reason], [2500, 12.34, 'finished']);
});

test('a run that was cut short before its first evaluation is shown, with gaps', () => {
  const { rows } = table([summary({ file: 'b.jsonl', lines: lines.slice(0, 1) })]);
  assert.deepEqual(rows[0], ['Hopper-v5', 'mail', '3', '0', '-', '-', '-', '-', 'not ended']);
});

test('the text table is aligned', () => {
  const text = tableText(table([summary({ file: 'a.jsonl', lines })])).split('\n');
  assert.equal(new Set(text.map((line) => line.length)).size, 1);
  assert.match(text[2], /^Hopper-v5 {2}mail .* 3,100 .* 2,100 .* finished$/);
});

test('records are found below the folder; older and partial ones are left out; a broken one is named', () => {
  const text = lines.map((line) => JSON.stringify(line)).join('\n');
  mkdirSync(join(folder, 'sub'));
  for (const name of ['sub/new.jsonl', 'old.jsonl', 'half.jsonl.partial'])
    writeFileSync(join(folder, name), text);
  utimesSync(join(folder, 'old.jsonl'), 1, 1);
  const found = readRecords(folder, 10_000);
  assert.deepEqual(
    found.map(({ file }) => file),
    [join(folder, 'sub/new.jsonl')],
  );
  assert.deepEqual(found[0].lines, lines);
  writeFileSync(join(folder, 'broken.jsonl'), '{"kind":"header"}\n{');
  assert.throws(() => readRecords(folder), /broken\.jsonl, line 2/);
  assert.deepEqual(readRecords(join(folder, 'absent')), []);
});

test('notebooks are chosen by a part of their name, and a wrong name is answered with the right ones', () => {
  const books = join(folder, 'books');
  mkdirSync(books);
  for (const name of ['03-mail.ipynb', '01-start.ipynb', 'notes.md']) writeFileSync(join(books, name), '{}');
  assert.deepEqual(findNotebooks(books, ['03']), [join(books, '03-mail.ipynb')]);
  assert.equal(findNotebooks(books, []).length, 2);
  assert.throws(
    () => findNotebooks(books, ['07']),
    /named like 07: there are 01-start\.ipynb, 03-mail\.ipynb/,
  );
});

const notebook = {
  cells: [
    { cell_type: 'markdown', source: ['Intro\n', '# MAIL <on> Hopper\n'] },
    {
      cell_type: 'code',
      source: ['figure'],
      execution_count: 1,
      outputs: [
        {
          output_type: 'display_data',
          data: {
            'image/png': 'AAAA\n',
            'text/plain': ['A ', '"caption"'],
            'application/vnd.plotly.v1+json': {
              layout: { width: 760, height: 446, margin: { b: 94 }, annotations: [{ yshift: -48 }] },
            },
          },
        },
        { output_type: 'stream', name: 'stderr', text: ['careful\n'] },
      ],
    },
    {
      cell_type: 'code',
      source: 'throw',
      execution_count: null,
      outputs: [{ output_type: 'error', ename: 'RangeError', evalue: 'no', traceback: [] }],
    },
  ],
};

test('the report names title, results, figures and failures, and no text in it is taken for HTML', () => {
  assert.equal(titleOf(notebook, '03-mail'), 'MAIL <on> Hopper');
  // The margin at the bottom holds 46 pixels of caption: without it the picture is 400 high.
  assert.deepEqual(figuresOf(notebook), [
    { png: 'AAAA', caption: 'A "caption"', size: { width: 760, height: 400 } },
  ]);
  const page = reportPage({
    runs: table([summary({ file: 'a.jsonl', lines })]),
    scorecard: null,
    notebooks: [
      {
        name: '03-mail',
        file: '03-mail.html',
        seconds: 1.5,
        cells: 2,
        notebook,
        problems: [{ kind: 'error', cell: 2, name: 'RangeError', value: 'no <b>', traceback: 'at <b>' }],
      },
    ],
    facts: [['Node.js', '20']],
  });
  for (const text of [
    'MAIL &lt;on&gt; Hopper',
    '3,100',
    'base64,AAAA',
    'failed in cell 2',
    'at &lt;b&gt;',
    'aspect-ratio:760/400',
    '<figcaption>A &quot;caption&quot;</figcaption>',
    'npm run scorecard writes it',
  ])
    assert.ok(page.includes(text), text);
  assert.ok(!page.includes('<b>') && !/https?:/.test(page), 'escaped, and nothing fetched');
});

test('the report has the verdict, effect, interval and seeds of every claim, and its rule and settings', () => {
  const claims = readScorecard('results/scorecard.json');
  const page = reportPage({ runs: table([]), scorecard: claims, notebooks: [], facts: [] });
  const shown = (text) => assert.ok(page.includes(escaped(text)), text);
  assert.ok(claims.length >= 15);
  for (const { id, claim, measure, rule, measured, seeds, verdict, effects } of claims) {
    for (const text of [claim, measure, rule, measured]) shown(text);
    const [row] = page.match(new RegExp(`<tr><td><a href="#claim-${id}">.*?</tr>`));
    assert.ok(row.includes(`<td>${seeds}</td>`) && row.includes(`>${verdict}</span>`), id);
    assert.ok(page.includes(`<details id="claim-${id}">`));
    for (const text of effects.flatMap((effect) => [effect.setting, effect.text])) shown(text);
  }
  assert.equal(
    verdictCounts([{ verdict: 'mixed' }, { verdict: 'supported' }, { verdict: 'mixed' }]),
    '1 supported, 2 mixed',
  );
  assert.ok(page.includes(verdictCounts(claims)));
});

test('every entry of the contents leads somewhere in the page, and so does every claim', () => {
  const ran = { file: '03-mail.html', seconds: 1, cells: 2, problems: [], notebook };
  const page = reportPage({
    runs: table([]),
    scorecard: readScorecard('results/scorecard.json'),
    notebooks: [{ ...ran, name: '03-mail' }],
    facts: [['date', '2026-01-01']],
  });
  const targets = [...page.matchAll(/href="#([^"]+)"/g)].map(([, id]) => id);
  assert.ok(targets.includes('scorecard') && targets.includes('03-mail') && targets.includes('claim-C3a'));
  for (const id of targets) assert.equal(page.split(`id="${id}"`).length, 2, id);
});

test('a scorecard that is not there is null, and one that is not JSON is named', () => {
  assert.equal(readScorecard(join(folder, 'absent.json')), null);
  writeFileSync(join(folder, 'half.json'), '[{');
  assert.throws(() => readScorecard(join(folder, 'half.json')), /half\.json .* npm run scorecard/);
});

test('a saved notebook is searched for errors, stderr, cells that did not run, and figures to expect', () => {
  const { wrong, expected } = inspect(notebook);
  assert.deepEqual(wrong, [
    'cell 1 wrote to standard error: careful',
    'cell 2 did not run',
    'cell 2: RangeError: no',
  ]);
  assert.deepEqual(expected, { plots: 1, players: 0 });
});

test('without a browser the check says how to get one', () => {
  assert.throws(() => findChromium({ PATH: folder }), /apt-get install chromium/);
  assert.throws(() => findChromium({ MAIL_LAB_CHROMIUM: '/no/such' }), /MAIL_LAB_CHROMIUM names/);
});
