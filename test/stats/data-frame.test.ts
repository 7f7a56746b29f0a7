import assert from 'node:assert/strict';
import { test } from 'node:test';
import { loadNative } from '../../lib/backend/native.ts';
import { DISPLAY_METHOD } from '../../lib/kernel/display.ts';
import { evaluationFrame } from '../../lib/stats/data-frame.ts';
import { table } from '../../lib/stats/table.ts';
import { sampleRun } from '../plots/sample-runs.ts';

test('every evaluation is a row of the DataFrame, with the levels of an experiment as columns', async (t) => {
  const missing = await loadNative();
  if (missing) return t.skip(`danfojs needs the native package: ${missing}`);
  const runs = [0, 1].map((seed) => sampleRun({ seed, evaluations: 2 }));
  const frame = await evaluationFrame(runs, { labels: ({ seed }) => ({ size: seed === 0 ? 0.25 : 4 }) });
  assert.deepEqual(frame.shape, [12, 10]);
  assert.deepEqual(frame.columns.slice(0, 5), ['algorithm', 'env', 'seed', 'size', 'envSteps']);
  assert.deepEqual([...new Set<unknown>(frame.column('size').values)], [0.25, 4]);
});

test('a number that does not exist, such as the interval of one seed, is a dash in a table', () => {
  const shown = table([{ label: 'MAIL', low: Number.NaN }], { caption: 'One seed.' });
  assert.match(String(shown[DISPLAY_METHOD]()['text/html']), />–</);
});
