import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import {
  degradation,
  degradationAreas,
  disturbanceGrid,
  type LevelResult,
} from '../../lib/confidence/degradation.ts';
import { DISTURBANCES, onsetStep, testBench } from '../../lib/confidence/disturbances.ts';

const still = () => [0, 0, 0];
const obsStd_D = new Float64Array(11).fill(0.1);

describe('a degradation curve', () => {
  const level = (level: number, value: number): LevelResult => ({
    kind: 'mass',
    level,
    returns_E: [value - 1, value + 1],
    lengths_E: [5, 5],
  });

  test('has the area of its trapezoids, over the reference and over the undisturbed return', () => {
    // Falls from 80 to 40 over the first half of the range and stays there: (60 + 40) / 2 = 50.
    const [area] = degradationAreas([level(1, 80), level(1.15, 40), level(1.3, 40)], { reference: 100 });
    assert.equal(area!.nominal, 80);
    assert.ok(Math.abs(area!.area - 0.5) < 1e-9, `${area!.area}`);
    assert.ok(Math.abs(area!.kept - 50 / 80) < 1e-9, `${area!.kept}`);
  });

  test('that stays flat keeps everything, and one without its undisturbed level is refused', () => {
    const flat = [level(1, 30), level(1.05, 30), level(1.3, 30)];
    assert.deepEqual(degradationAreas(flat, { reference: 60 }), [
      { kind: 'mass', nominal: 30, area: 0.5, kept: 1 },
    ]);
    assert.throws(
      () => degradationAreas(flat.slice(1), { reference: 60 }),
      /area of mass from 2 levels.*undisturbed/,
    );
  });
});

describe('a policy under disturbances', () => {
  test('is judged at every level on the same starts, twice the same', async () => {
    const grid = disturbanceGrid(['push', 'mass']);
    const bench = await testBench('Hopper-v5', grid, { obsStd_D, maxSteps: 60 });
    const options = { grid, episodes: 2, seed: 3, pushBetween: [5, 10] } as const;
    const first = [...degradation(still, bench, options)];
    assert.deepEqual([...degradation(still, bench, options)], first);
    assert.deepEqual(
      first.map(({ kind, level }) => [kind, level]),
      [...DISTURBANCES.push.map((l) => ['push', l]), ...DISTURBANCES.mass.map((l) => ['mass', l])],
    );
    const [calm, strongest, normalWeight] = [first[0]!, first[5]!, first[6]!];
    assert.deepEqual(normalWeight.returns_E, calm.returns_E, 'undisturbed is undisturbed, whatever the kind');
    assert.notDeepEqual(strongest.returns_E, calm.returns_E);
    bench.close();
  });
});

describe('an episode on the bench', () => {
  test('is the undisturbed one up to the step at which the disturbance sets in', async () => {
    const kinds = [
      { kind: 'push', level: 1 },
      { kind: 'mass', level: 1.3 },
      { kind: 'friction', level: 0.5 },
      { kind: 'noise', level: 0.4 },
    ] as const;
    const bench = await testBench('Hopper-v5', kinds, { obsStd_D, maxSteps: 50 });
    const episode = { at: 20, seed: 5 };
    const calm = bench.roll(still, null, episode);
    for (const disturbance of kinds) {
      const disturbed = bench.roll(still, disturbance, episode);
      const until = 20 * 11;
      assert.deepEqual(disturbed.obs_Tp1D.slice(0, until), calm.obs_Tp1D.slice(0, until), disturbance.kind);
      assert.notDeepEqual(disturbed.obs_Tp1D, calm.obs_Tp1D.slice(), disturbance.kind);
      assert.deepEqual(bench.roll(still, disturbance, episode), disturbed, 'twice the same');
    }
    bench.close();
  });

  test('pushes forward on even seeds, backward on odd ones', async () => {
    const bench = await testBench('Hopper-v5', [], { obsStd_D, maxSteps: 10 });
    const speedGained = (seed: number) => {
      const episode = { at: 3, seed };
      const [pushed, calm] = [
        bench.roll(still, { kind: 'push', level: 1 }, episode),
        bench.roll(still, null, episode),
      ];
      return pushed.obs_Tp1D[4 * 11 + 5]! - calm.obs_Tp1D[4 * 11 + 5]!;
    };
    assert.ok(speedGained(2) > 0.5 && speedGained(3) < -0.5);
    bench.close();
  });

  test('needs the bodies that it was built with, and a robot that has one', async () => {
    const bench = await testBench('Hopper-v5', [], { obsStd_D });
    assert.throws(
      () => bench.roll(still, { kind: 'mass', level: 1.3 }, { at: 0, seed: 1 }),
      /mass 1\.3: name it when the bench is built/,
    );
    bench.close();
    await assert.rejects(
      testBench('CartPole-v1', [{ kind: 'mass', level: 2 }], { obsStd_D: [1, 1, 1, 1] }),
      /Cannot change the mass of CartPole-v1/,
    );
  });

  test('is disturbed at a step that its seed draws, within the bounds', () => {
    const steps = Array.from({ length: 200 }, (_, seed) => onsetStep(seed, [80, 160]));
    assert.ok(steps.every((step) => step >= 80 && step < 160));
    assert.ok(new Set(steps).size > 50);
    assert.equal(onsetStep(7, [80, 160]), onsetStep(7, [80, 160]));
  });
});
