import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { normals, rngState, stream } from '../../lib/backend/rng.ts';
import { allPairs, keepTrajectories, pairStatistics } from '../../lib/data/demos.ts';
import { addNoise, mixDemos, splitTrajectories } from '../../lib/data/prepare.ts';
import type { Demos } from '../../lib/data/types.ts';
import { numberedDemos, numberedDemosWithStates } from './samples.ts';

/** One long trajectory whose columns have a std of 1 and 100; `actions` as given. */
function wideDemos(T: number, actions = 0): Demos {
  const x = normals(stream(8), (T + 1) * 2);
  const trajectory = {
    obs_Tp1D: x.map((value, i) => (i % 2 === 0 ? value : 100 * value)),
    act_TA: Float32Array.from({ length: T }, (_, t) => (actions > 0 ? t % actions : 5 * x[t]!)),
    reward_T: new Float64Array(T),
    terminated: true,
    truncated: false,
  };
  return { env: 'Wide-v0', obsSize: 2, actSize: 1, actions, trajectories: [trajectory] };
}

const differences = (a: Float32Array, b: Float32Array) => Float32Array.from(a, (x, i) => x - b[i]!);

test('noise has the asked std in units of each column of the data, and leaves the set alone', () => {
  const demos = wideDemos(20_000);
  const before = structuredClone(demos);
  const noisy = addNoise(demos, { obs: 0.3, act: 0.5, rng: stream(1) });
  assert.deepEqual(demos, before);
  const [old, now] = [demos.trajectories[0]!, noisy.trajectories[0]!];
  const noise = {
    n: 20_000,
    obs_ND: differences(now.obs_Tp1D, old.obs_Tp1D).slice(0, 40_000),
    act_NA: differences(now.act_TA, old.act_TA),
  };
  const [data, added] = [pairStatistics(allPairs(demos)), pairStatistics(noise)];
  for (const d of [0, 1]) assert.ok(Math.abs(added.obsStd_D[d]! / data.obsStd_D[d]! - 0.3) < 0.01);
  assert.ok(Math.abs(added.actStd_A[0]! / data.actStd_A[0]! - 0.5) < 0.02);
  assert.deepEqual(now.reward_T, old.reward_T);
});

test('the same seed gives the same noise, twice as large at twice the scale; no scale, no change', () => {
  const demos = numberedDemosWithStates([5, 8]);
  const noise = (obs: number, act: number) =>
    addNoise(demos, { obs, act, rng: stream(3) }).trajectories.map((trajectory, e) => ({
      obs: differences(trajectory.obs_Tp1D, demos.trajectories[e]!.obs_Tp1D),
      act: differences(trajectory.act_TA, demos.trajectories[e]!.act_TA),
    }));
  assert.deepEqual(noise(0.5, 0.5), noise(0.5, 0.5));
  assert.ok(noise(0, 0).every(({ obs, act }) => [...obs, ...act].every((x) => x === 0)));
  assert.deepEqual(
    noise(0.5, 0).map(({ obs }) => obs),
    noise(0.5, 2).map(({ obs }) => obs),
  ); // one by one
  const [once, twice] = [noise(0.5, 0)[1]!.obs, noise(1, 0)[1]!.obs];
  for (let i = 0; i < once.length; i += 2) assert.ok(Math.abs(twice[i]! - 2 * once[i]!) < 1e-3, `${i}`);
  const [one, other] = [stream(3), stream(3)];
  addNoise(demos, { obs: 0, rng: one });
  addNoise(demos, { obs: 1, act: 2, rng: other });
  assert.deepEqual(rngState(one), rngState(other));
});

test('noise on discrete actions replaces the asked share by actions of the task', () => {
  const demos = wideDemos(20_000, 4);
  const old = demos.trajectories[0]!.act_TA;
  const now = addNoise(demos, { act: 0.4, rng: stream(2) }).trajectories[0]!.act_TA;
  assert.ok(now.every((action) => [0, 1, 2, 3].includes(action)));
  const changed = now.filter((action, t) => action !== old[t]).length / now.length;
  assert.ok(Math.abs(changed - 0.4 * 0.75) < 0.02, `${changed}`); // a quarter of the new ones are the old ones
});

test('noise leaves out the states, and refuses scales that are none', () => {
  const noisy = addNoise(numberedDemosWithStates([4]), { obs: 0.1, rng: stream(0) });
  assert.ok(!('state_Tp1' in noisy.trajectories[0]!) && !('start' in noisy.trajectories[0]!));
  for (const obs of [-0.1, Number.NaN, Number.POSITIVE_INFINITY])
    assert.throws(
      () => addNoise(numberedDemos([4]), { obs, rng: stream(0) }),
      /noise with obs = .*give a number from 0/,
    );
  assert.throws(() => addNoise(wideDemos(4, 2), { act: 1.5, rng: stream(0) }), /share of 1.5 of discrete/);
});

test('a mixture holds the first trajectories of every part and says where each is from', () => {
  fc.assert(
    fc.property(fc.nat(4), fc.nat(4), fc.option(fc.nat()), (extraA, extraB, seed) => {
      const [a, b] = [
        numberedDemos([3, 4, 5, 6, 7].slice(0, 1 + extraA)),
        numberedDemos([13, 14, 15, 16, 17].slice(0, 1 + extraB)),
      ];
      const parts = [
        { demos: a, n: 1 + Math.floor(extraA / 2) },
        { demos: b, n: 1 + extraB },
      ];
      const { demos, part_E } = mixDemos(parts, seed === null ? {} : { rng: stream(seed) });
      assert.equal(part_E.length, demos.trajectories.length);
      for (const [part, { demos: from, n }] of parts.entries()) {
        const got = demos.trajectories.filter((_, e) => part_E[e] === part);
        const byLength = (x: Demos['trajectories']) =>
          [...x].sort((s, t) => s.reward_T.length - t.reward_T.length);
        assert.deepEqual(byLength(got), [...keepTrajectories(from, n).trajectories]);
      }
      if (seed === null) assert.deepEqual(part_E, [...part_E].sort());
    }),
  );
});

test('a mixture in random order is the same for the same seed, and mixes what is kept of it', () => {
  const sets = [numberedDemos(Array(20).fill(3)), numberedDemos(Array(20).fill(4))];
  const mix = (seed: number) =>
    mixDemos(
      sets.map((demos) => ({ demos, n: 20 })),
      { rng: stream(seed) },
    );
  assert.deepEqual(mix(1), mix(1));
  assert.notDeepEqual(mix(1).part_E, mix(2).part_E);
  assert.equal(new Set(mix(1).part_E.slice(0, 12)).size, 2);
});

test('sets of other tasks, too few trajectories and nothing at all are not mixed', () => {
  const demos = numberedDemos([3]);
  assert.throws(
    () =>
      mixDemos([
        { demos, n: 1 },
        { demos: numberedDemos([3], 'Ant-v5'), n: 1 },
      ]),
    /Cannot mix set 1 of Ant-v5 with 2 .* with one of Hopper-v5/,
  );
  assert.throws(() => mixDemos([{ demos, n: 2 }]), /the set holds 1/);
  assert.throws(() => mixDemos([]), /0 sets/);
});

test('a split by trajectory puts each one whole into exactly one part, in the old order', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 2, max: 30 }),
      fc.double({ min: 0.05, max: 0.95, noNaN: true }),
      fc.nat(),
      (E, share, seed) => {
        const held = Math.round(share * E);
        fc.pre(held >= 1 && held < E);
        const demos = numberedDemos(Array.from({ length: E }, (_, e) => e + 1));
        const { train, validation } = splitTrajectories(demos, { validation: share, rng: stream(seed) });
        assert.equal(validation.trajectories.length, held);
        for (const part of [train, validation]) {
          const rows = part.trajectories.map((trajectory) => demos.trajectories.indexOf(trajectory));
          assert.deepEqual(
            rows,
            [...rows].sort((a, b) => a - b),
          );
        }
        assert.equal(new Set([...train.trajectories, ...validation.trajectories]).size, E);
      },
    ),
  );
  for (const validation of [0, 1, 0.1, Number.NaN])
    assert.throws(
      () => splitTrajectories(numberedDemos([3, 4]), { validation, rng: stream(0) }),
      /Cannot hold out a share of .* of 2 trajectories/,
    );
});
