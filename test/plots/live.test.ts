import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { DISPLAY_KEY, type DisplayDoor, type MimeBundle } from '../../lib/kernel/display.ts';
import { addLine, clock, liveFigure, newLiveState, statusText } from '../../lib/plots/live.ts';
import { livePanel } from '../../lib/plots/live-panel.ts';
import { sampleRun } from './sample-runs.ts';

const options = { title: 'MAIL on Hopper', expertReturn: 3571, totalEnvSteps: 50_000 };

test('the panel shows raw and averaged return, the expert, and each metric that was logged', () => {
  const state = newLiveState();
  for (const line of sampleRun()) addLine(state, line);
  const names = liveFigure(state, options).data.map(({ name }) => name);
  assert.deepEqual(names, [
    'raw policy',
    'averaged policy',
    'expert (3,571)',
    'discriminator accuracy',
    'model error (mean sq.)',
    'policy gradient norm',
  ]);
});

test('a plot without data is left out, and an empty panel is still a figure', () => {
  const empty = liveFigure(newLiveState(), options);
  assert.deepEqual(Object.keys(empty.layout.axes), ['xaxis', 'yaxis']);
  const state = newLiveState();
  addLine(state, {
    kind: 'metrics',
    envSteps: 10,
    updates: 1,
    metrics: { 'model/mse': 0.1, 'other/tag': 1 },
  });
  assert.deepEqual(Object.keys(liveFigure(state, options).layout.axes), [
    'xaxis',
    'yaxis',
    'xaxis2',
    'yaxis2',
  ]);
});

test('long runs send a bounded number of points that keep the mean', () => {
  const state = newLiveState();
  for (let i = 1; i <= 10_000; i++)
    addLine(state, { kind: 'metrics', envSteps: i, updates: i, metrics: { 'disc/accuracy': i % 2 } });
  const curve = liveFigure(state, options).data.at(-1)!;
  assert.ok(curve.y.length <= 300);
  assert.ok(Math.abs(curve.y.map(Number).reduce((a, b) => a + b) / curve.y.length - 0.5) < 1e-9);
  assert.equal(curve.x.at(-1), 10_000);
});

test('status tells steps, speed and time left', () => {
  assert.equal(
    statusText(12_400, 50_000, 420),
    '12,400 of 50,000 environment steps · 420 steps/s · 1:30 left',
  );
  assert.equal(statusText(10, undefined, 0), '10 environment steps');
  assert.equal(clock(3_725), '1:02:05');
});

test('outside a notebook the panel draws nothing and does not fail', () => {
  const panel = livePanel(options);
  for (const line of sampleRun()) panel.onEvent(line);
  panel.done();
});

interface Feed {
  readonly maxHz: number;
  readonly seconds: number;
  /** What each drawing takes. */
  readonly cost_ms?: number;
}

/** When a panel draws that gets an event every millisecond, milliseconds by a clock of the test's own. */
function drawingTimes(t: TestContext, { maxHz, seconds, cost_ms = 0 }: Feed): number[] {
  let now = 0;
  t.mock.method(performance, 'now', () => now);
  const drawn: number[] = [];
  const door: DisplayDoor = {
    show(_, { displayId }) {
      if (displayId === undefined) return; // The library, in an output of its own.
      drawn.push(now);
      now += cost_ms;
    },
    clear: () => {},
    newId: () => 'panel-1',
  };
  const scope = globalThis as unknown as Record<symbol, unknown>;
  scope[DISPLAY_KEY] = door;
  try {
    const panel = livePanel({ ...options, maxHz });
    for (let envSteps = 1; now < seconds * 1000; envSteps++, now++)
      panel.onEvent({ kind: 'metrics', envSteps, updates: envSteps, metrics: { 'disc/accuracy': 0.5 } });
  } finally {
    delete scope[DISPLAY_KEY];
  }
  return drawn;
}

test('it redraws at most ten times a second, or less often if asked, however many events come', (t) => {
  for (const [maxHz, gap] of [
    [1000, 100],
    [10, 100],
    [2, 500],
  ] as const) {
    const drawn = drawingTimes(t, { maxHz, seconds: 10 });
    const gaps = drawn.slice(1).map((at, i) => at - drawn[i]!);
    assert.ok(Math.min(...gaps) >= gap && Math.max(...gaps) <= gap + 1, `${maxHz} Hz: ${gaps}`);
    assert.ok(drawn.length >= 9_900 / (gap + 1));
  }
});

test('drawing that takes long is done so seldom that it costs 3 % of the time', (t) => {
  const drawn = drawingTimes(t, { maxHz: 10, seconds: 60, cost_ms: 50 });
  const share = (50 * drawn.length) / 60_000;
  assert.ok(share > 0.025 && share < 0.033, `${share}`);
});

test('in a notebook it redraws one output in place and ends with the full bundle', () => {
  const messages: { bundle: MimeBundle; displayId: string | undefined; update: boolean | undefined }[] = [];
  const door: DisplayDoor = {
    show: (bundle, { displayId, update }) => messages.push({ bundle, displayId, update }),
    clear: () => {},
    newId: () => 'panel-1',
  };
  const scope = globalThis as unknown as Record<symbol, unknown>;
  scope[DISPLAY_KEY] = door;
  try {
    const panel = livePanel(options);
    for (const line of sampleRun()) panel.onEvent(line);
    panel.done();
  } finally {
    delete scope[DISPLAY_KEY];
  }
  const shown = messages.filter(({ displayId }) => displayId === 'panel-1');
  assert.ok(shown.length >= 2);
  assert.deepEqual(
    shown.map(({ update }) => update),
    shown.map((_, i) => i > 0),
  );
  assert.ok(String(shown[0]!.bundle['text/html']).includes('Plotly.react'));
  assert.ok('image/png' in shown.at(-1)!.bundle && 'application/vnd.plotly.v1+json' in shown.at(-1)!.bundle);
});
