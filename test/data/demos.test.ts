import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { rngState, stream } from '../../lib/backend/rng.ts';
import {
  allPairs,
  keepTrajectories,
  oneHot,
  pairStatistics,
  pairsOf,
  splitPairs,
  subsamplePairs,
  summary,
} from '../../lib/data/demos.ts';
import { trajectoryReturn } from '../../lib/data/types.ts';
import { numberedDemos } from './samples.ts';

/** Time indices of the pairs of each trajectory, read back from the numbered observations. */
function timesOf(obs_ND: Float32Array): Map<number, number[]> {
  const times = new Map<number, number[]>();
  for (let i = 0; i < obs_ND.length; i += 2) {
    const e = Math.floor(obs_ND[i]! / 1000);
    times.set(e, [...(times.get(e) ?? []), obs_ND[i]! % 1000]);
  }
  return times;
}

test('keeping n trajectories takes the first n and leaves the set alone', () => {
  const demos = numberedDemos([3, 4, 5]);
  const kept = keepTrajectories(demos, 2);
  assert.deepEqual(kept.trajectories, demos.trajectories.slice(0, 2));
  assert.equal(kept.env, demos.env);
  assert.equal(demos.trajectories.length, 3);
});

test('keeping more trajectories than there are says how many there are', () => {
  const demos = numberedDemos([3, 4, 5]);
  assert.throws(
    () => keepTrajectories(demos, 4),
    new RangeError('Cannot keep 4 trajectories of Hopper-v5 as the set holds 3: ask for at most 3'),
  );
  for (const n of [0, -1, 1.5, Number.NaN])
    assert.throws(() => keepTrajectories(demos, n), /positive integer/);
});

test('all pairs are every row but the last observation, in order', () => {
  const pairs = allPairs(numberedDemos([2, 3]));
  assert.equal(pairs.n, 5);
  assert.deepEqual([...pairs.act_NA], [-0, -1, -1000, -1001, -1002]);
  assert.deepEqual(
    [...timesOf(pairs.obs_ND).values()],
    [
      [0, 1],
      [0, 1, 2],
    ],
  );
});

test('sub-sampling takes every k-th pair of each trajectory from its own offset', () => {
  fc.assert(
    fc.property(
      fc.array(fc.integer({ min: 25, max: 90 }), { minLength: 1, maxLength: 6 }),
      fc.integer({ min: 1, max: 25 }),
      fc.nat(),
      (lengths_E, every, seed) => {
        const pairs = subsamplePairs(numberedDemos(lengths_E), { every, rng: stream(seed, 'demos') });
        const times = timesOf(pairs.obs_ND);
        assert.equal(times.size, lengths_E.length);
        for (const [e, T] of lengths_E.entries()) {
          const [offset, ...rest] = times.get(e)!;
          assert.ok(offset! < every);
          for (const [i, t] of rest.entries()) assert.equal(t, offset! + (i + 1) * every);
          assert.equal(times.get(e)!.length, Math.ceil((T - offset!) / every));
        }
        for (let i = 0; i < pairs.n; i++) assert.equal(pairs.act_NA[i], -pairs.obs_ND[2 * i]!);
      },
    ),
  );
});

test('offsets of sub-sampling reach every value from 0 to k - 1', () => {
  const pairs = subsamplePairs(numberedDemos(Array.from({ length: 60 }, () => 5)), {
    every: 5,
    rng: stream(1, 'demos'),
  });
  const offsets = [...timesOf(pairs.obs_ND).values()].map(([first]) => first!);
  assert.deepEqual([...new Set(offsets)].sort(), [0, 1, 2, 3, 4]);
  assert.equal(pairs.n, 60);
});

test('the same seed gives the same pairs, another seed other ones, and each trajectory costs one draw', () => {
  const demos = numberedDemos([100, 100, 100, 100]);
  const draw = (seed: number) => subsamplePairs(demos, { every: 20, rng: stream(seed, 'demos') });
  assert.deepEqual(draw(3), draw(3));
  assert.notDeepEqual(draw(3), draw(4));
  const [short, long] = [stream(3, 'demos'), stream(3, 'demos')];
  subsamplePairs(numberedDemos([20, 20]), { every: 20, rng: short });
  subsamplePairs(numberedDemos([500, 900]), { every: 20, rng: long });
  assert.deepEqual(rngState(short), rngState(long));
});

test('a trajectory that ends before its offset gives no pair, and a set without any pair is an error', () => {
  const demos = numberedDemos([1]);
  const seeds = Array.from({ length: 30 }, (_, seed) => seed);
  const outcomes = seeds.map((seed) => {
    try {
      return subsamplePairs(demos, { every: 2, rng: stream(seed, 'demos') }).n;
    } catch (error) {
      assert.match(String(error), /Cannot draw 1 in 2 pairs of Hopper-v5 .* lower every or load more/);
      return 0;
    }
  });
  assert.deepEqual([...new Set(outcomes)].sort(), [0, 1]);
  assert.throws(() => subsamplePairs(demos, { every: 0, rng: stream(0) }), /every = 0/);
});

test('a trajectory whose arrays disagree is refused by number', () => {
  const demos = numberedDemos([3, 4]);
  const broken = { ...demos.trajectories[1]!, act_TA: new Float32Array(9) };
  assert.throws(
    () => allPairs({ ...demos, trajectories: [demos.trajectories[0]!, broken] }),
    /trajectory 1 of Hopper-v5 with 4 rewards, 10 observation and 9 action entries: expected 10 and 4/,
  );
});

test('a split puts each pair into exactly one part', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 2, max: 200 }),
      fc.double({ min: 0.01, max: 0.99, noNaN: true }),
      fc.nat(),
      (T, share, seed) => {
        const held = Math.round(share * T);
        fc.pre(held >= 1 && held < T);
        const pairs = allPairs(numberedDemos([T]));
        const { train, validation } = splitPairs(pairs, { validation: share, rng: stream(seed) });
        assert.equal(validation.n, held);
        assert.equal(train.n, T - held);
        const times = [...train.act_NA, ...validation.act_NA].map((act) => -act).sort((a, b) => a - b);
        assert.deepEqual(
          times,
          Array.from({ length: T }, (_, t) => t),
        );
        for (let i = 0; i < train.n; i++) assert.equal(train.act_NA[i], -train.obs_ND[2 * i]!);
      },
    ),
  );
});

test('a split that would leave a part empty is refused', () => {
  const pairs = allPairs(numberedDemos([3]));
  for (const validation of [0, 1, -0.1, Number.NaN])
    assert.throws(() => splitPairs(pairs, { validation, rng: stream(0) }), /give a number in \(0, 1\)/);
  assert.throws(
    () => splitPairs(pairs, { validation: 0.1, rng: stream(0) }),
    /leaves 0 for validation and 3/,
  );
  assert.throws(
    () => splitPairs(pairs, { validation: 0.9, rng: stream(0) }),
    /leaves 3 for validation and 0/,
  );
});

test('statistics of pairs agree with the numbers worked by hand', () => {
  const pairs = {
    n: 4,
    obs_ND: Float32Array.of(1, 10, 2, 10, 3, 10, 6, 10),
    act_NA: Float32Array.of(-1, 1, -1, 1),
  };
  const { obsMean_D, obsStd_D, actMean_A, actStd_A } = pairStatistics(pairs);
  assert.deepEqual([...obsMean_D], [3, 10]);
  assert.deepEqual([...obsStd_D], [Math.sqrt(3.5), 0]);
  assert.deepEqual([...actMean_A], [0]);
  assert.deepEqual([...actStd_A], [1]);
});

test('statistics keep their digits on a column with a large mean', () => {
  const n = 100_000;
  const pairs = {
    n,
    obs_ND: Float32Array.from({ length: n }, (_, i) => 1e6 + (i % 2)),
    act_NA: new Float32Array(n),
  };
  const { obsMean_D, obsStd_D } = pairStatistics(pairs);
  assert.equal(obsMean_D[0], 1e6 + 0.5);
  assert.equal(obsStd_D[0], 0.5);
});

test('statistics of discrete actions are those of their one-hot rows', () => {
  const pairs = { n: 4, obs_ND: new Float32Array(4), act_NA: Float32Array.of(0, 2, 2, 0) };
  const { actMean_A, actStd_A } = pairStatistics(pairs, { actions: 3 });
  assert.deepEqual([...actMean_A], [0.5, 0, 0.5]);
  assert.deepEqual([...actStd_A], [0.5, 0, 0.5]);
});

test('one-hot rows hold a single 1 at the action, and a number that is no action is refused', () => {
  assert.deepEqual([...oneHot([2, 0], 3)], [0, 0, 1, 1, 0, 0]);
  for (const bad of [3, -1, 0.5, Number.NaN])
    assert.throws(() => oneHot([0, bad], 3), /\(entry 1\) of 3 actions: expected an integer from 0 to 2/);
});

test('pairs are taken by row, and a row outside the set is refused', () => {
  const pairs = allPairs(numberedDemos([5]));
  assert.deepEqual([...pairsOf(pairs, [4, 1, 1]).act_NA], [-4, -1, -1]);
  assert.throws(() => pairsOf(pairs, [5]), /Cannot take pair 5 of 5/);
  assert.throws(
    () => pairStatistics({ n: 0, obs_ND: new Float32Array(0), act_NA: new Float32Array(0) }),
    /0 pairs/,
  );
});

test('the summary counts trajectories, steps and endings', () => {
  const demos = numberedDemos([2, 6, 4]);
  const result = summary(demos);
  const returns_E = demos.trajectories.map(trajectoryReturn);
  const mean = (returns_E[0]! + returns_E[1]! + returns_E[2]!) / 3;
  assert.deepEqual(result.returns_E, returns_E);
  assert.deepEqual(result.lengths_E, [2, 6, 4]);
  assert.equal(result.steps, 12);
  assert.equal(result.trajectories, 3);
  assert.equal(result.returnMean, mean);
  assert.ok(
    Math.abs(result.returnStd ** 2 - returns_E.reduce((sum, r) => sum + (r - mean) ** 2, 0) / 3) < 1e-12,
  );
  assert.deepEqual([result.terminated, result.truncated], [2, 1]);
  assert.throws(() => summary({ ...demos, trajectories: [] }), /0 trajectories of Hopper-v5/);
});
