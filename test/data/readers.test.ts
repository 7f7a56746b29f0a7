// Files of others: D4RL's flat HDF5 and the trajectories of GAIL's authors. Fixtures: make_fixtures.py.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { demosFromD4rl } from '../../lib/data/d4rl.ts';
import { loadD4rl, loadGail, loadMinari } from '../../lib/data/files.ts';
import { FormatError } from '../../lib/data/format-error.ts';
import { demosFromGail } from '../../lib/data/gail.ts';
import { addArray, type Group, type NumberArray, writeHdf5 } from '../../lib/data/hdf5.ts';
import { trajectoryLength, trajectoryReturn } from '../../lib/data/types.ts';
import { bearsDamage } from './damage.ts';

const folder = new URL('fixtures/', import.meta.url);
const bytesOf = (name: string) => new Uint8Array(readFileSync(new URL(name, folder)));
const jsonOf = (name: string) => JSON.parse(readFileSync(new URL(`${name}.json`, folder), 'utf8'));
const hopper = { env: 'Hopper-v5', obsSize: 11, actSize: 3, actions: 0 };
const gail = { env: 'Point-v0', obsSize: 4, actSize: 2, actions: 0 };
const close = (a: number, b: number) => assert.ok(Math.abs(a - b) < 1e-6, `${a} and ${b}`);

/** Rows from..to of a two-dimensional array of JSON as float32. */
const rows = (array: number[][], from: number, to: number) => Float32Array.from(array.slice(from, to).flat());

test('a D4RL file with next_observations reads number by number, states included', async () => {
  const expected = jsonOf('d4rl-next');
  const { demos, notes } = await demosFromD4rl(bytesOf('d4rl-next.hdf5'), hopper);
  const { trajectories, ...task } = demos;
  assert.deepEqual(task, hopper);
  let from = 0;
  for (const [e, T] of (expected.lengths as number[]).entries()) {
    const to = from + T;
    assert.deepEqual(trajectories[e], {
      obs_Tp1D: Float32Array.of(
        ...rows(expected.observations, from, to),
        ...rows(expected.next_observations, to - 1, to),
      ),
      act_TA: rows(expected.actions, from, to),
      reward_T: Float64Array.from(expected.rewards.slice(from, to)),
      terminated: e === 3,
      truncated: e !== 3,
      start: {
        env: 'Hopper-v5',
        vectors: { qpos: expected['infos/qpos'][from], qvel: expected['infos/qvel'][from] },
        elapsed: 0,
      },
    });
    from = to;
  }
  assert.deepEqual(notes, [
    'The last episode has no end in the file; it is taken as cut off after the last step',
  ]);
});

test('without next_observations the last step of every episode is left out, and a note says so', async () => {
  const expected = jsonOf('d4rl-flat');
  const { demos, notes } = await demosFromD4rl(bytesOf('d4rl-flat.hdf5'), hopper);
  assert.deepEqual(demos.trajectories.map(trajectoryLength), [3, 4, 2, 1]); // the one of a single step is gone
  assert.deepEqual(demos.trajectories[1]!.obs_Tp1D, rows(expected.observations, 5, 10));
  assert.deepEqual(demos.trajectories[1]!.act_TA, rows(expected.actions, 5, 9));
  assert.ok(demos.trajectories.every(({ terminated, truncated }) => !terminated && truncated));
  assert.match(notes[0]!, /last step of every episode is left out.*: 5 steps with rewards of/);
  assert.match(notes[1]!, /1 episodes of a single step/);
  const kept = demos.trajectories.reduce((sum, trajectory) => sum + trajectoryReturn(trajectory), 0);
  const all = (expected.rewards as number[]).reduce((sum, reward) => sum + reward, 0);
  close(kept + Number(notes[0]!.match(/rewards of (\S+)/)![1]), all);
});

test('a set of old without timeouts needs to be told the limit, and is split by it', async () => {
  const bytes = bytesOf('d4rl-v0.hdf5');
  await assert.rejects(demosFromD4rl(bytes, hopper), /timeouts: missing.* option maxSteps/);
  const { demos } = await demosFromD4rl(bytes, hopper, { maxSteps: 4 });
  assert.deepEqual(demos.trajectories.map(trajectoryLength), [3, 3, 2, 1]);
  await assert.rejects(demosFromD4rl(bytes, hopper, { maxSteps: 0 }), RangeError);
});

test("a trajectory file of GAIL's authors reads number by number, without its padding", async () => {
  const expected = jsonOf('gail-trajectories');
  const { demos, notes } = await demosFromGail(bytesOf('gail-trajectories.h5'), gail);
  const lengths = (expected.len_B as number[])
    .map((length, e) => ({ length, e }))
    .filter(({ length }) => length > 1);
  assert.equal(demos.trajectories.length, 3);
  for (const [i, { length, e }] of lengths.entries())
    assert.deepEqual(demos.trajectories[i], {
      obs_Tp1D: rows(expected.obs_B_T_Do[e], 0, length),
      act_TA: rows(expected.a_B_T_Da[e], 0, length - 1),
      reward_T: Float64Array.from(expected.r_B_T[e].slice(0, length - 1)),
      terminated: false,
      truncated: true,
    });
  assert.match(notes.join(), /4 steps with rewards.*1 episodes of a single step/);
  const discrete = await demosFromGail(bytesOf('gail-discrete.h5'), { ...gail, actSize: 1, actions: 3 });
  assert.deepEqual(
    [...discrete.demos.trajectories[1]!.act_TA],
    jsonOf('gail-discrete').a_B_T_Da[1].flat().slice(0, 4),
  );
});

test('files are opened by their paths, and a missing one is named', async () => {
  const path = (name: string) => new URL(name, folder).pathname;
  assert.equal((await loadD4rl(path('d4rl-next.hdf5'), { task: hopper })).demos.trajectories.length, 5);
  assert.equal((await loadGail(path('gail-trajectories.h5'), { task: gail })).demos.trajectories.length, 3);
  assert.equal((await loadMinari(path('minari-discrete'))).demos.env, 'CartPole-v1');
  await assert.rejects(
    loadD4rl('absent.hdf5', { task: hopper }),
    /Cannot read absent.hdf5: there is no such file/,
  );
  await assert.rejects(loadMinari('absent'), /absent\/metadata.json: there is no such file/);
});

type Arrays = Record<string, { data: NumberArray; shape: number[] } | null>;

/** A D4RL file of 3 steps, and a GAIL file of 2 episodes of up to 3 steps, with some arrays changed. */
const makers = {
  d4rl: (changes: Arrays) =>
    made({
      observations: { data: new Float32Array(6), shape: [3, 2] },
      actions: { data: new Float32Array(3), shape: [3, 1] },
      rewards: { data: new Float64Array(3), shape: [3] },
      terminals: { data: Uint8Array.of(0, 1, 0), shape: [3] },
      timeouts: { data: Uint8Array.of(0, 0, 1), shape: [3] },
      next_observations: { data: new Float32Array(6), shape: [3, 2] },
      ...changes,
    }),
  gail: (changes: Arrays) =>
    made({
      obs_B_T_Do: { data: new Float64Array(12), shape: [2, 3, 2] },
      a_B_T_Da: { data: new Float64Array(6), shape: [2, 3, 1] },
      r_B_T: { data: new Float64Array(6), shape: [2, 3] },
      len_B: { data: Float64Array.of(2, 3), shape: [2] },
      ...changes,
    }),
};
const readers = { d4rl: demosFromD4rl, gail: demosFromGail };
const small = { env: 'Point-v0', obsSize: 2, actSize: 1, actions: 0 };

function made(arrays: Arrays): Promise<Uint8Array> {
  return writeHdf5((root: Group) => {
    for (const [name, array] of Object.entries(arrays)) if (array) addArray(root, { name, ...array });
  });
}

/** Six float64 numbers, one of them this. */
const six = (value: number, at: number) => Float64Array.from({ length: 6 }, (_, i) => (i === at ? value : 0));
const flags = (...values: number[]) => ({ data: Uint8Array.from(values), shape: [values.length] });

const wrong: [keyof typeof readers, string, Arrays, RegExp][] = [
  ['d4rl', 'a missing field', { rewards: null }, /rewards: missing; found actions, next_observations/],
  ['d4rl', 'no terminals', { terminals: null }, /terminals: missing/],
  [
    'd4rl',
    'another width',
    { observations: { data: new Float32Array(9), shape: [3, 3] } },
    /observations: has shape \[3, 3\], expected \[3, 2\]/,
  ],
  [
    'd4rl',
    'too few actions',
    { actions: { data: new Float32Array(2), shape: [2, 1] } },
    /actions: has shape \[2, 1\], expected \[3, 1\]/,
  ],
  [
    'd4rl',
    'a NaN',
    { observations: { data: six(Number.NaN, 5), shape: [3, 2] } },
    /episode 1, observations: entry 1 is NaN/,
  ],
  [
    'd4rl',
    'an infinite next observation',
    { next_observations: { data: six(Number.POSITIVE_INFINITY, 2), shape: [3, 2] } },
    /episode 0, next_observations: entry 0 is Infinity/,
  ],
  [
    'd4rl',
    'more than float32 holds',
    { observations: { data: six(1e300, 0), shape: [3, 2] } },
    /episode 0, observations: entry 0 is 1e\+300, beyond/,
  ],
  [
    'd4rl',
    'an infinite reward',
    { rewards: { data: Float64Array.of(0, Number.NEGATIVE_INFINITY, 0), shape: [3] } },
    /episode 0, rewards: entry 1 is -Infinity/,
  ],
  ['d4rl', 'an odd flag', { timeouts: flags(0, 0, 2) }, /timeouts: entry 2 is 2, expected a boolean/],
  [
    'd4rl',
    'no step',
    { rewards: { data: new Float64Array(0), shape: [0] } },
    /rewards: the file holds no step/,
  ],
  ['gail', 'a missing field', { len_B: null }, /len_B: missing; found a_B_T_Da/],
  [
    'gail',
    'another width',
    { obs_B_T_Do: { data: new Float64Array(18), shape: [2, 3, 3] } },
    /obs_B_T_Do: has shape \[2, 3, 3\], expected \[2, 3, 2\]/,
  ],
  [
    'gail',
    'a length too many',
    { len_B: { data: Float64Array.of(2, 3, 1), shape: [3] } },
    /len_B: has shape \[3\], expected \[2\]/,
  ],
  [
    'gail',
    'a length beyond the padding',
    { len_B: { data: Float64Array.of(2, 4), shape: [2] } },
    /episode 1, len_B: is 4, expected an integer from 1 to 3/,
  ],
  ['gail', 'a length of 0', { len_B: { data: Float64Array.of(0, 3), shape: [2] } }, /episode 0, len_B: is 0/],
  [
    'gail',
    'a NaN',
    { a_B_T_Da: { data: six(Number.NaN, 4), shape: [2, 3, 1] } },
    /episode 1, a_B_T_Da: entry 1 is NaN/,
  ],
  [
    'gail',
    'a NaN reward',
    { r_B_T: { data: six(Number.NaN, 3), shape: [2, 3] } },
    /episode 1, r_B_T: entry 0 is NaN/,
  ],
  [
    'gail',
    'single steps alone',
    { len_B: { data: Float64Array.of(1, 1), shape: [2] } },
    /len_B: no episode is left of 2/,
  ],
];
for (const [format, what, changes, message] of wrong)
  test(`${format}: ${what} is an error that names file and field`, async () => {
    const read = readers[format];
    await read(await makers[format]({}), small); // as it is, the file reads
    const bytes = await makers[format](changes);
    await assert.rejects(read(bytes, small, { name: 'data/x.h5' }), (error) => {
      assert.ok(error instanceof FormatError, String(error));
      assert.match(error.message, /^Cannot read data\/x.h5, /);
      assert.match(error.message, message);
      return true;
    });
  });

test('what lies in the padding of a GAIL file is nobody’s business', async () => {
  const { demos } = await demosFromGail(
    await makers.gail({ r_B_T: { data: six(Number.NaN, 2), shape: [2, 3] } }),
    small,
  );
  assert.equal(demos.trajectories.length, 2);
});

test('a field that claims more than its file can hold is refused before memory is taken', async () => {
  for (const [rows, message] of [
    [1e12, /rewards: its shape \[1000000000000\] has more than/],
    [2e8, /rewards: its shape \[200000000\] claims 1600000000 bytes in a file of \d+/],
  ] as const) {
    const bytes = await writeHdf5((root) => {
      const args = { name: 'rewards', data: new Float64Array(1), shape: [1], chunks: [1], maxshape: [null] };
      root.create_dataset(args).resize([rows]);
    });
    await assert.rejects(demosFromD4rl(bytes, small), message);
  }
});

test('actions by number that the task does not have are an error', async () => {
  const task = { ...gail, actSize: 1, actions: 2 };
  await assert.rejects(
    demosFromGail(bytesOf('gail-discrete.h5'), task),
    /episode \d, a_B_T_Da: entry \d is 2, expected an integer from 0 to 1/,
  );
});

test('damaged files give the same numbers or an error that names the file, and never a crash', async () => {
  await bearsDamage(bytesOf('d4rl-next.hdf5'), (bytes) => demosFromD4rl(bytes, hopper));
  await bearsDamage(bytesOf('gail-trajectories.h5'), (bytes) => demosFromGail(bytes, gail));
});
