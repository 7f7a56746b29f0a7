import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { startEngine, tf } from '../../lib/backend/engine.ts';
import { loadNative } from '../../lib/backend/native.ts';
import { DISPLAY_METHOD } from '../../lib/kernel/display.ts';
import { dataFrame, evaluationFrame } from '../../lib/stats/data-frame.ts';
import { table } from '../../lib/stats/table.ts';
import { sampleRun } from '../plots/sample-runs.ts';

test('every evaluation is a row of the DataFrame, with the levels of an experiment as columns', async () => {
  const runs = [0, 1].map((seed) => sampleRun({ seed, evaluations: 2 }));
  const frame = await evaluationFrame(runs, { labels: ({ seed }) => ({ size: seed === 0 ? 0.25 : 4 }) });
  assert.deepEqual(frame.shape, [12, 10]);
  assert.deepEqual(frame.columns.slice(0, 5), ['algorithm', 'env', 'seed', 'size', 'envSteps']);
  assert.deepEqual([...new Set<unknown>(frame.column('size').values)], [0.25, 4]);
});

test('the native engine still starts after a frame was made, and computes with its tensors', async (t) => {
  const frame = await dataFrame([{ a: 1 }, { a: 3 }]);
  const missing = await loadNative();
  if (missing) return t.skip(`there is no native engine: ${missing}`);
  await startEngine('large-batches', 'tensorflow');
  const { tensor } = frame as unknown as { tensor: tf.Tensor };
  assert.equal(tf.getBackend(), 'tensorflow');
  assert.equal(tf.sum(tensor).dataSync()[0], 4);
});

test('without the native addon frames work all the same, with tensors of the WASM engine', () => {
  const program = `
    const { loadNative } = await import('./lib/backend/native.ts');
    const { startEngine, tf } = await import('./lib/backend/engine.ts');
    const { dataFrame, frameTable } = await import('./lib/stats/data-frame.ts');
    const { DISPLAY_METHOD } = await import('./lib/kernel/display.ts');
    await startEngine();
    const frame = await dataFrame([{ a: 1, b: 'x' }, { a: 3, b: 'y' }, { a: 5, b: 'x' }]);
    const shown = frameTable(frame.groupby(['b']).col(['a']).mean(), { caption: '' });
    const sum = tf.sum(frame.loc({ columns: ['a'] }).tensor).dataSync()[0];
    const text = shown[DISPLAY_METHOD]()['text/plain'];
    console.log(JSON.stringify({ missing: await loadNative(), backend: tf.getBackend(), sum, text }));`;
  const root = fileURLToPath(new URL('../..', import.meta.url));
  for (const backend of ['wasm', 'auto']) {
    const { stdout, stderr, status } = spawnSync(
      process.execPath,
      [
        '--require',
        './test/stats/without-addon.cjs',
        '--import',
        'tsx',
        '--input-type=module',
        '-e',
        program,
      ],
      { cwd: root, encoding: 'utf8', env: { ...process.env, MAIL_LAB_BACKEND: backend } },
    );
    assert.equal(status, 0, stderr);
    const said = JSON.parse(stdout.trim().split('\n').at(-1)!);
    assert.match(said.missing, /tfjs_binding\.node/);
    assert.equal(said.backend, 'wasm');
    assert.equal(said.sum, 9);
    assert.match(said.text, /x +3\ny +3/);
  }
});

test('a number that does not exist, such as the interval of one seed, is a dash in a table', () => {
  const shown = table([{ label: 'MAIL', low: Number.NaN }], { caption: 'One seed.' });
  assert.match(String(shown[DISPLAY_METHOD]()['text/html']), />–</);
});
