import assert from 'node:assert/strict';
import { test } from 'node:test';
import { changedPlan } from '../../lib/experiment/changed-plan.ts';
import { expandExperiment } from '../../lib/experiment/experiment.ts';
import { experimentNamed } from '../../lib/experiment/experiments/index.ts';

const sizes = experimentNamed('d-size');

test('without changes a plan is the experiment', () => {
  for (const profile of ['quick', 'full'] as const)
    assert.deepEqual(changedPlan(sizes, profile, {}), expandExperiment(sizes, profile));
});

test('seeds and levels replace those of the budget, settings lie between its own and those of the levels', () => {
  const runs = changedPlan(sizes, 'quick', {
    seeds: [1, 2],
    levels: { size: [2] },
    config: { gradientPenalty: 0, discriminatorScale: 9 },
  });
  assert.deepEqual(
    runs.map(({ labels, spec }) => [labels.size, spec.seed]),
    [
      [2, 1],
      [2, 2],
    ],
  );
  const [own] = expandExperiment(sizes, 'quick');
  assert.deepEqual(runs[0]!.spec.config, {
    ...own!.spec.config,
    gradientPenalty: 0,
    discriminatorScale: 2,
  });
});

test('one task alone can be asked for, and a task without a budget is an error that names those there are', () => {
  const tasks = changedPlan(sizes, 'full', { env: 'CartPole-v1' }).map(({ spec }) => spec.env);
  assert.deepEqual([...new Set(tasks)], ['CartPole-v1']);
  assert.throws(
    () => changedPlan(sizes, 'quick', { env: 'Hopper-v5' }),
    /Cannot run d-size \(quick\) on Hopper-v5: it runs on CartPole-v1/,
  );
});
