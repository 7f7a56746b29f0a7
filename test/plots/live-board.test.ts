import assert from 'node:assert/strict';
import { test } from 'node:test';
import { DISPLAY_KEY, type DisplayDoor, type MimeBundle } from '../../lib/kernel/display.ts';
import type { ScatterTrace } from '../../lib/plots/figure.ts';
import { addLine, newLiveState } from '../../lib/plots/live.ts';
import { boardFigure, type LiveBoard, liveBoard } from '../../lib/plots/live-board.ts';
import { sampleRun } from './sample-runs.ts';

const options = { title: 'Sizes', runs: 3, envStepsPerRun: 50_000, references: { expert: 3400 } };

function boardRun(name: string, seed: number) {
  const state = newLiveState();
  for (const line of sampleRun({ seed })) addLine(state, line);
  return { name, state };
}

test('a board has a return and a metric for each run, and runs of one name share colour and legend', () => {
  const { data } = boardFigure(
    [boardRun('size 1', 0), boardRun('size 1', 1), boardRun('size 4', 0)],
    options,
  );
  const lines = data as ScatterTrace[];
  assert.deepEqual(
    lines.map(({ name, yaxis = 'y', showlegend = true }) => [name, yaxis, showlegend]),
    [
      ['size 1', 'y', true],
      ['size 1', 'y2', false],
      ['size 1', 'y', false],
      ['size 1', 'y2', false],
      ['size 4', 'y', true],
      ['size 4', 'y2', false],
      ['expert (3,400)', 'y', true],
    ],
  );
  assert.equal(lines[0]!.line!.color, lines[2]!.line!.color);
  assert.notEqual(lines[0]!.line!.color, lines[4]!.line!.color);
});

/** What a board shows in place while `follow` feeds it. */
function shownBy(follow: (board: LiveBoard) => void): MimeBundle[] {
  const sent: { bundle: MimeBundle; displayId: string | undefined }[] = [];
  const door: DisplayDoor = {
    show: (bundle, { displayId }) => sent.push({ bundle, displayId }),
    clear: () => {},
    newId: () => 'board',
  };
  const holder = globalThis as unknown as Record<symbol, DisplayDoor | undefined>;
  holder[DISPLAY_KEY] = door;
  try {
    follow(liveBoard(options));
  } finally {
    delete holder[DISPLAY_KEY];
  }
  return sent.filter(({ displayId }) => displayId === 'board').map(({ bundle }) => bundle);
}

test('a board follows runs in place, says how far they are, and ends as a whole figure', () => {
  const shown = shownBy((board) => {
    for (const line of sampleRun()) board.onEvent(line, 'size 1');
    board.done();
  });
  assert.match(String(shown[0]!['text/plain']), /^run 1 of 3 · [\d,]+ of 150,000 environment steps/);
  assert.ok('application/vnd.plotly.v1+json' in shown.at(-1)!);
});

test('a run that goes on from a checkpoint sends no header, and is a run of its own all the same', () => {
  const rest = sampleRun().filter(({ kind }) => kind !== 'header');
  const shown = shownBy((board) => {
    for (const line of rest) board.onEvent(line, 'size 1');
    for (const line of rest) board.onEvent(line, 'size 2');
    board.done();
  });
  const { data } = shown.at(-1)!['application/vnd.plotly.v1+json'] as { data: { name: string }[] };
  assert.deepEqual([...new Set(data.map(({ name }) => name))], ['size 1', 'size 2', 'expert (3,400)']);
});

test('an empty board is a figure that claims nothing', () => {
  const { data, caption } = boardFigure([], options);
  assert.equal(data.length, 1);
  assert.match(caption, /^Above: mean return/);
});
