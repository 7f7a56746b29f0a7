// The rules of the advice on the discriminator, on made-up runs: what counts as enough seeds, and what tests can say with them.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { expertNoiseHelps, largeSlowRate } from '../../lib/scorecard/ablation-claims.ts';
import type { Evidence, EvidenceRun } from '../../lib/scorecard/claim.ts';
import { madeUpRun } from './made-up-run.ts';

const env = 'Task-v0';
const seedsTo = (n: number) => Array.from({ length: n }, (_, i) => i + 1);
const evidenceOf = (runs: readonly EvidenceRun[]): Evidence => ({
  runs: () => runs,
  analyses: () => [],
  expertReturn: () => 100,
});
/** Constant returns, a little different from seed to seed. */
const level = (labels: EvidenceRun['labels'], seeds: readonly number[], value: number, accuracy?: number) =>
  seeds.map((seed) => madeUpRun({ env, ...labels }, seed, Array(4).fill(value + seed / 100), accuracy));

const rateRuns = (seeds: readonly number[], rivalSeeds = seeds) => [
  ...level({ rate: 3e-3, decay: 'slow' }, seeds, 90),
  ...level({ rate: 3e-3, decay: 'constant' }, rivalSeeds, 30),
  ...level({ rate: 3e-3, decay: 'fast' }, seeds, 30),
  ...level({ rate: 3e-4, decay: 'slow' }, seeds, 30),
];

describe('claim C10b', () => {
  test('is supported by an overwhelming effect, however many seeds there are', () => {
    for (const n of [3, 5, 6, 7, 10])
      assert.equal(largeSlowRate.judge(evidenceOf(rateRuns(seedsTo(n)))).verdict, 'supported', `${n} seeds`);
  });

  test('is not in a task where one of the three differences has either sign', () => {
    const mixed = rateRuns(seedsTo(10)).map((run) =>
      run.labels.decay === 'fast' && run.seed % 2 === 0
        ? madeUpRun(run.labels, run.seed, [99, 99, 99, 99])
        : run,
    );
    assert.equal(largeSlowRate.judge(evidenceOf(mixed)).verdict, 'not supported');
  });

  test('is not yet measured while any rival has fewer than three seeds in common', () => {
    for (const others of [
      [1, 2],
      [1, 2, 11],
      [11, 12, 13],
    ])
      assert.equal(
        largeSlowRate.judge(evidenceOf(rateRuns(seedsTo(3), others))).verdict,
        'not yet measured',
        `rival with the seeds ${others}`,
      );
  });
});

describe('claim C10c', () => {
  const noiseRuns = (seeds: readonly number[]) => [
    ...level({ noise: 'expert 0' }, seeds, 30, 0.9),
    ...[0.02, 0.05, 0.1, 0.2, 0.5].flatMap((sigma) =>
      level({ noise: `expert ${sigma}` }, seeds, 90, 0.9 - sigma),
    ),
    ...[0.05, 0.2, 0.5].flatMap((sigma) => level({ noise: `both ${sigma}` }, seeds, 30.5)),
  ];

  test('is supported by an overwhelming effect with falling accuracy, however many seeds there are', () => {
    for (const n of [3, 5, 6, 8, 9])
      assert.equal(
        expertNoiseHelps.judge(evidenceOf(noiseRuns(seedsTo(n)))).verdict,
        'supported',
        `${n} seeds`,
      );
  });

  test('reports the controls beside it', () => {
    const { effects } = expertNoiseHelps.judge(evidenceOf(noiseRuns(seedsTo(5))));
    assert.equal(effects.filter(({ setting }) => setting.includes('noise on both')).length, 3);
  });
});
