import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { EvaluationLine, RecordLine } from '../../lib/experiment/record.ts';
import { finalBars, learningCurves } from '../../lib/plots/curves.ts';
import { sampleRun } from './sample-runs.ts';

const seeds = [0, 1, 2].map((seed) => sampleRun({ seed }));

test('one run is one line through the means of its averaged evaluations', () => {
  const run = sampleRun();
  const figure = learningCurves([run]);
  const [line] = figure.data;
  const expected = run.filter(
    (l): l is EvaluationLine => l.kind === 'evaluation' && l.weights === 'averaged',
  );
  assert.equal(figure.data.length, 1);
  assert.deepEqual(
    line!.y,
    expected.map(({ returns_E }) => returns_E.reduce((a, b) => a + b) / returns_E.length),
  );
});

test('several seeds are a band between quartiles, thin lines, and a thick line at the interquartile mean', () => {
  const runs = [1, 2, 3].map((level): RecordLine[] => [
    sampleRun({ seed: level })[0]!,
    ...[0, 100].map(
      (envSteps): EvaluationLine => ({
        kind: 'evaluation',
        envSteps,
        updates: 0,
        weights: 'averaged',
        actions: 'mean',
        returns_E: [level + envSteps, level + envSteps],
        lengths_E: [1, 1],
      }),
    ),
  ]);
  const [band, ...lines] = learningCurves(runs, { references: { expert: 3571 } }).data;
  assert.deepEqual(band!.x, [0, 100, 100, 0]);
  assert.deepEqual(band!.y, [2.5, 102.5, 101.5, 1.5]);
  assert.deepEqual(
    lines.map(({ y }) => y),
    [
      [1, 101],
      [2, 102],
      [3, 103],
      [2, 102],
      [3571, 3571],
    ],
  );
});

test('the caption names task, episodes, demonstrations, seeds and the meaning of the band', () => {
  const { caption } = learningCurves(seeds, { references: { expert: 3571 } });
  for (const part of [
    'Hopper-v5',
    '10 evaluation episodes',
    '4 trajectories (200 pairs)',
    '0, 1, 2',
    'quartiles',
    'expert',
  ])
    assert.ok(caption.includes(part), `${part} in: ${caption}`);
});

test('series are told apart by what the caller chooses', () => {
  const figure = learningCurves(seeds, { by: ({ seed }) => `seed ${seed}` });
  assert.deepEqual(
    figure.data.map(({ name }) => name),
    ['seed 0', 'seed 1', 'seed 2'],
  );
});

test('bars stand at the mean over seeds of the last evaluation', () => {
  const figure = finalBars(seeds);
  const last = seeds.map((run) => {
    const { returns_E } = run.filter((l): l is EvaluationLine => l.kind === 'evaluation').at(-1)!;
    return returns_E.reduce((a, b) => a + b) / returns_E.length;
  });
  assert.deepEqual(figure.data[0]!.y, [(last[0]! + last[1]! + last[2]!) / 3]);
  assert.deepEqual(figure.data[1]!.y, last);
});

test('a record that cannot be drawn is refused with its name', () => {
  assert.throws(() => learningCurves([]), /no run/);
  assert.throws(() => finalBars([]), /no run/);
  assert.throws(() => learningCurves([sampleRun().slice(1)]), /no header line/);
  const withoutEvaluations = sampleRun({ seed: 7 }).filter(({ kind }) => kind !== 'evaluation');
  assert.throws(() => learningCurves([withoutEvaluations]), /mail on Hopper-v5, seed 7.*no evaluation/);
  const onlyRaw = sampleRun().filter((l) => l.kind !== 'evaluation' || l.weights === 'raw');
  assert.throws(() => learningCurves([onlyRaw], { weights: 'averaged' }), /averaged weights/);
  assert.ok(learningCurves([onlyRaw]), 'without a wish, the raw evaluations are drawn');
});
