import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import fc from 'fast-check';
import { FormatError } from '../../lib/data/format-error.ts';
import { addArray, type Group, writeHdf5 } from '../../lib/data/hdf5.ts';
import { demosFromMinari, demosToMinari, type FromMinariOptions } from '../../lib/data/minari.ts';
import { parsePythonJson } from '../../lib/data/minari-metadata.ts';
import type { Demos, Trajectory } from '../../lib/data/types.ts';
import { numberedDemos, numberedDemosWithStates } from './samples.ts';

const meta = { datasetId: 'mail-lab/test-v0' };

function fixture(name: string) {
  const file = (part: string) => readFileSync(new URL(`fixtures/${name}/${part}`, import.meta.url));
  const metadata = parsePythonJson(file('metadata.json').toString(), { file: 'metadata.json' });
  const expected = JSON.parse(file('expected.json').toString()) as {
    observations: number[][];
    actions: number[] | number[][];
    rewards: number[];
    terminated: boolean;
    truncated: boolean;
  }[];
  return {
    bytes: new Uint8Array(file('main_data.hdf5')),
    metadata: metadata as Record<string, unknown>,
    expected,
  };
}

for (const [name, env, sizes] of [
  ['minari-box', 'Hopper-v5', { obsSize: 11, actSize: 3, actions: 0 }],
  ['minari-discrete', 'CartPole-v1', { obsSize: 4, actSize: 1, actions: 2 }],
] as const)
  test(`the data set ${name} that Python's minari wrote reads number by number`, async () => {
    const { bytes, metadata, expected } = fixture(name);
    const { trajectories, ...head } = await demosFromMinari(bytes, metadata, { env });
    assert.deepEqual(head, { env, ...sizes });
    assert.deepEqual(
      trajectories,
      expected.map((episode) => ({
        obs_Tp1D: Float32Array.from(episode.observations.flat()),
        act_TA: Float32Array.from(episode.actions.flat()),
        reward_T: Float64Array.from(episode.rewards),
        terminated: episode.terminated,
        truncated: episode.truncated,
      })),
    );
  });

test('a set that does not name its task needs to be told, and one that does is held to it', async () => {
  const box = fixture('minari-box');
  await assert.rejects(
    demosFromMinari(box.bytes, box.metadata),
    /metadata.json, env_spec: the task is not named/,
  );
  const discrete = fixture('minari-discrete');
  assert.equal((await demosFromMinari(discrete.bytes, discrete.metadata)).env, 'CartPole-v1');
  await assert.rejects(
    demosFromMinari(discrete.bytes, discrete.metadata, { env: 'Hopper-v5' }),
    /env_spec: the task is CartPole-v1, expected Hopper-v5/,
  );
});

const finite32 = fc.float({ noNaN: true, noDefaultInfinity: true });
const finite64 = fc.double({ noNaN: true, noDefaultInfinity: true });

const plainRecord = <T>(model: { [K in keyof T]: fc.Arbitrary<T[K]> }) =>
  fc.record(model, { noNullPrototype: true });

const anyDemos: fc.Arbitrary<Demos> = fc
  .record({
    obsSize: fc.integer({ min: 1, max: 5 }),
    width: fc.integer({ min: 1, max: 3 }),
    actions: fc.constantFrom(0, 2, 7),
  })
  .chain(({ obsSize, width, actions }) => {
    const actSize = actions > 0 ? 1 : width;
    const act = actions > 0 ? fc.integer({ min: 0, max: actions - 1 }) : finite32;
    const exactly = <T>(value: fc.Arbitrary<T>, n: number) => fc.array(value, { minLength: n, maxLength: n });
    const trajectory: fc.Arbitrary<Trajectory> = fc.integer({ min: 1, max: 9 }).chain((T) =>
      plainRecord({
        obs_Tp1D: exactly(finite32, (T + 1) * obsSize).map((x) => Float32Array.from(x)),
        act_TA: exactly(act, T * actSize).map((x) => Float32Array.from(x)),
        reward_T: exactly(finite64, T).map((x) => Float64Array.from(x)),
        terminated: fc.boolean(),
        truncated: fc.constant(true),
        start: fc.tuple(finite64, finite64, fc.nat()).map(([a, b, elapsed]) => ({
          env: 'Task-v0',
          vectors: { none: [], qpos: [a, b] },
          elapsed,
        })),
      }),
    );
    return plainRecord({
      env: fc.constant('Task-v0'),
      obsSize: fc.constant(obsSize),
      actSize: fc.constant(actSize),
      actions: fc.constant(actions),
      trajectories: fc.array(trajectory, { minLength: 1, maxLength: 12 }),
    });
  });

test('demonstrations come back from Minari exactly, the first simulator state in float64 included', async () => {
  await fc.assert(
    fc.asyncProperty(anyDemos, async (demos) => {
      const { mainData, metadata } = await demosToMinari(demos, meta);
      // Through JSON text and back, as on disk.
      const read = await demosFromMinari(
        mainData,
        parsePythonJson(JSON.stringify(metadata), { file: 'metadata.json' }),
      );
      assert.deepEqual(read, demos);
    }),
    { numRuns: 15 },
  );
});

test('of simulator states the first comes back, and where there are none, none', async () => {
  const write = async (demos: Demos) => {
    const { mainData, metadata } = await demosToMinari(demos, meta);
    return demosFromMinari(mainData, metadata);
  };
  const demos = numberedDemosWithStates([3, 1]);
  const trajectories = demos.trajectories.map(({ state_Tp1, ...rest }) => ({
    ...rest,
    start: state_Tp1![0]!,
  }));
  assert.deepEqual(await write(demos), { ...demos, trajectories });
  assert.deepEqual(await write(numberedDemos([3, 1])), numberedDemos([3, 1]));
});

test('equal demonstrations give equal bytes, whatever the clock says', async () => {
  const demos = numberedDemosWithStates([40, 30]);
  const first = await demosToMinari(demos, meta);
  const clock = Date.now;
  Date.now = () => clock() + 86_400_000;
  try {
    assert.deepEqual(await demosToMinari(demos, meta), first);
  } finally {
    Date.now = clock;
  }
});

test('arrays are compressed', async () => {
  const { mainData } = await demosToMinari(numberedDemos([1000, 1000, 1000]), meta);
  assert.ok(mainData.length < 3000 * (2 + 1 + 2) * 4, `${mainData.length} bytes`);
});

test('bounds are written as Gymnasium writes them, infinity included', async () => {
  const low = Float64Array.of(-4.5, Number.NEGATIVE_INFINITY);
  const high = Float64Array.of(4.5, Number.POSITIVE_INFINITY);
  const { metadata } = await demosToMinari(numberedDemos([2]), {
    ...meta,
    obsSpace: { type: 'box', size: 2, low, high },
  });
  assert.match(metadata.observation_space, /"low": \[-4.5, -Infinity\], "high": \[4.5, Infinity\]/);
  assert.equal(metadata.env_spec?.includes('gymnasium.envs.mujoco.hopper_v5:HopperEnv'), true);
});

test("Python's bare Infinity and NaN are understood, and text that says the same is left alone", () => {
  const place = { file: 'x' };
  assert.deepEqual(
    parsePythonJson(
      '{"low": [-Infinity, Infinity, NaN, 1], "Infinity": "a -Infinity \\" NaN, Infinity"}',
      place,
    ),
    {
      low: [Number.NEGATIVE_INFINITY, Number.POSITIVE_INFINITY, null, 1],
      Infinity: 'a -Infinity " NaN, Infinity',
    },
  );
  assert.throws(() => parsePythonJson('{"low": [Infinity', place), /Cannot read x: not JSON/);
});

const unstorable: [string, (demos: Demos) => Partial<Trajectory>, RegExp][] = [
  [
    'too few observations',
    () => ({ obs_Tp1D: new Float32Array(6) }),
    /obs_Tp1D has 6 entries, expected 8 for 3 steps/,
  ],
  ['too many actions', () => ({ act_TA: new Float32Array(4) }), /act_TA has 4 entries, expected 3/],
  ['a NaN reward', () => ({ reward_T: Float64Array.of(0, Number.NaN, 0) }), /reward_T\[1\] is NaN/],
  ['no end', () => ({ truncated: false }), /neither terminated nor truncated/],
  ['no step', () => ({ reward_T: new Float64Array(0) }), /it has no step/],
  [
    'the state of another task',
    () => ({ start: { env: 'Ant-v5', vectors: { qpos: [1] }, elapsed: 0 } }),
    /its first state belongs to Ant-v5/,
  ],
  [
    'a state that is not finite',
    () => ({ start: { env: 'Hopper-v5', vectors: { qpos: [Number.NaN] }, elapsed: 0 } }),
    /its first state holds a number that is not finite/,
  ],
  [
    'a state vector of a bad name',
    () => ({ start: { env: 'Hopper-v5', vectors: { 'a/b': [1] }, elapsed: 0 } }),
    /a state vector cannot be called "a\/b"/,
  ],
];
for (const [what, change, message] of unstorable)
  test(`a trajectory with ${what} is not stored`, async () => {
    const demos = numberedDemos([2, 3]);
    const trajectories = [demos.trajectories[0]!, { ...demos.trajectories[1]!, ...change(demos) }];
    await assert.rejects(
      demosToMinari({ ...demos, trajectories }, meta),
      (error) =>
        error instanceof RangeError &&
        /trajectory 1 of Hopper-v5/.test(error.message) &&
        message.test(error.message),
    );
  });

/** A file like ours of two episodes of 2 and 3 steps, whose second episode is written by `write`. */
async function crafted(write: (group: Group) => void): Promise<Uint8Array> {
  return writeHdf5((root) => {
    writeGood(root.create_group('episode_0'), 2, {});
    write(root.create_group('episode_1'));
  });
}

type Arrays = Record<string, { data: Float32Array | Float64Array | Uint8Array; shape: number[] } | null>;

function writeGood(group: Group, T: number, changes: Arrays): void {
  const arrays: Arrays = {
    observations: { data: new Float32Array((T + 1) * 2), shape: [T + 1, 2] },
    actions: { data: new Float32Array(T), shape: [T, 1] },
    rewards: { data: new Float64Array(T), shape: [T] },
    terminations: { data: new Uint8Array(T), shape: [T] },
    truncations: { data: Uint8Array.from({ length: T }, (_, t) => (t === T - 1 ? 1 : 0)), shape: [T] },
    ...changes,
  };
  for (const [name, array] of Object.entries(arrays)) if (array !== null) addArray(group, { name, ...array });
}

const damaged: [string, Arrays, RegExp][] = [
  ['a missing field', { rewards: null }, /episode 1, rewards: missing; found actions, observations, term/],
  [
    'observations one short',
    { observations: { data: new Float32Array(6), shape: [3, 2] } },
    /episode 1, observations: has shape \[3, 2\], expected \[4, 2\]/,
  ],
  [
    'observations of another width',
    { observations: { data: new Float32Array(12), shape: [4, 3] } },
    /episode 1, observations: has shape \[4, 3\], expected \[4, 2\]/,
  ],
  [
    'flat actions',
    { actions: { data: new Float32Array(3), shape: [3] } },
    /episode 1, actions: has shape \[3\]/,
  ],
  [
    'a NaN observation',
    { observations: { data: Float32Array.of(0, 0, 0, Number.NaN, 0, 0, 0, 0), shape: [4, 2] } },
    /episode 1, observations: entry 3 is NaN/,
  ],
  [
    'an infinite reward',
    { rewards: { data: Float64Array.of(0, 0, Number.POSITIVE_INFINITY), shape: [3] } },
    /episode 1, rewards: entry 2 is Infinity/,
  ],
  [
    'an observation beyond float32',
    { observations: { data: Float64Array.of(0, 0, 0, 0, 0, 1e300, 0, 0), shape: [4, 2] } },
    /episode 1, observations: entry 5 is 1e\+300, beyond what float32 holds/,
  ],
  [
    'an end in the middle',
    { terminations: { data: Uint8Array.of(0, 1, 0), shape: [3] } },
    /episode 1, terminations: true at step 1, before the episode's last step 2/,
  ],
  [
    'no end',
    { truncations: { data: new Uint8Array(3), shape: [3] } },
    /episode 1, truncations: the last step neither/,
  ],
  ['an odd flag', { truncations: { data: Uint8Array.of(0, 0, 2), shape: [3] } }, /truncations: entry 2 is 2/],
  [
    'no step',
    { rewards: { data: new Float64Array(0), shape: [0] } },
    /episode 1, rewards: the episode has no step/,
  ],
];

const good = async () => (await demosToMinari(numberedDemos([2, 3]), meta)).metadata;

async function refuses(
  bytes: Uint8Array,
  metadata: unknown,
  message: RegExp,
  options?: FromMinariOptions,
): Promise<void> {
  await assert.rejects(demosFromMinari(bytes, metadata, options), (error) => {
    assert.ok(error instanceof FormatError, String(error));
    assert.match(error.message, message);
    return true;
  });
}

for (const [what, changes, message] of damaged)
  test(`${what} is an error that names file, episode and field`, async () => {
    const bytes = await crafted((group) => writeGood(group, 3, changes));
    await refuses(bytes, await good(), message, { name: 'data/x.hdf5' });
    await refuses(bytes, await good(), /Cannot read data\/x.hdf5, episode 1, /, { name: 'data/x.hdf5' });
  });

test('text, groups and impossible sizes in the place of numbers are errors', async () => {
  const metadata = await good();
  const words = await crafted((group) => {
    writeGood(group, 3, { actions: null });
    group.create_dataset({ name: 'actions', data: ['a', 'b', 'c'] });
  });
  await refuses(words, metadata, /episode 1, actions: expected an array of numbers/);
  const nested = await crafted((group) => {
    writeGood(group, 3, { actions: null });
    group.create_group('actions');
  });
  await refuses(nested, metadata, /episode 1, actions: expected an array, found a Group/);
  const linked = await crafted((group) => {
    writeGood(group, 3, { actions: null });
    group.create_external_link('elsewhere.hdf5', '/actions', 'actions');
  });
  await refuses(linked, metadata, /episode 1, actions: expected an array, found a ExternalLink/);
  const huge = await crafted((group) => {
    writeGood(group, 3, { rewards: null });
    const args = { name: 'rewards', data: new Float64Array(1), shape: [1], chunks: [1], maxshape: [null] };
    group.create_dataset(args).resize([1e12]);
  });
  await refuses(huge, metadata, /episode 1, rewards: its shape \[1000000000000\] has more than/);
  const flat = await writeHdf5((root) => {
    writeGood(root.create_group('episode_0'), 2, {});
    addArray(root, { name: 'episode_1', data: new Float32Array(1), shape: [1] });
  });
  await refuses(flat, metadata, /episode 1: expected a group, found a Dataset/);
});

test('an action number that the task does not have is an error', async () => {
  const { bytes, metadata } = fixture('minari-discrete');
  const space = '{"type": "Discrete", "dtype": "int64", "start": 0, "n": 1}';
  await refuses(
    bytes,
    { ...metadata, action_space: space },
    /episode \d, actions: entry \d is 1, expected an integer from 0 to 0/,
  );
});

test('a file that is cut short anywhere, or is no HDF5 file, is an error and never a crash', async () => {
  const { mainData, metadata } = await demosToMinari(numberedDemos([20, 30]), meta);
  for (const share of [0, 0.001, 0.1, 0.5, 0.9, 0.999])
    await refuses(
      mainData.slice(0, Math.floor(share * mainData.length)),
      metadata,
      /main_data.hdf5.*: not a whole HDF5 file/,
    );
  await refuses(
    new Uint8Array(5000).fill(7),
    metadata,
    /main_data.hdf5: not a whole HDF5 file \(file signature not found\)/,
  );
});

test('flipped bytes give the same numbers or an error, and the next good file reads', async () => {
  const demos = numberedDemos([20, 30]);
  const { mainData, metadata } = await demosToMinari(demos, meta);
  let errors = 0;
  for (let at = 0; at < mainData.length; at += 61) {
    const flipped = mainData.slice();
    flipped[at]! ^= 0xff;
    try {
      await demosFromMinari(flipped, metadata);
    } catch (error) {
      assert.ok(error instanceof FormatError, `byte ${at}: ${error}`);
      errors += 1;
    }
  }
  assert.ok(errors > 0);
  assert.deepEqual(await demosFromMinari(mainData, metadata), demos);
});

test('metadata that contradicts the data, or lacks a key, is an error that names the key', async () => {
  const { mainData, metadata } = await demosToMinari(numberedDemos([2, 3]), meta);
  const without = (key: string) =>
    Object.fromEntries(Object.entries(metadata).filter(([name]) => name !== key));
  await refuses(mainData, { ...metadata, total_episodes: 3 }, /holds 2 episodes where the metadata says 3/);
  await refuses(mainData, { ...metadata, total_steps: 6 }, /holds 5 steps where the metadata says 6/);
  await refuses(mainData, without('observation_space'), /metadata.json: observation_space/);
  await refuses(mainData, without('total_steps'), /metadata.json: total_steps/);
  await refuses(mainData, null, /metadata.json/);
  await refuses(mainData, { ...metadata, data_format: 'arrow' }, /metadata.json: data_format/);
  await refuses(
    mainData,
    { ...metadata, observation_space: '{"type": "Dict"}' },
    /metadata.json, observation_space: type/,
  );
  await refuses(
    mainData,
    { ...metadata, observation_space: '{"type": "Box"' },
    /observation_space: not JSON/,
  );
  await refuses(mainData, { ...metadata, action_space: '{"type": "Tuple"}' }, /metadata.json, action_space/);
  const empty = await writeHdf5((root) => void root.create_group('something'));
  await refuses(empty, metadata, /main_data.hdf5: holds no episode; found something/);
  const gap = await writeHdf5((root) => {
    writeGood(root.create_group('episode_0'), 2, {});
    writeGood(root.create_group('episode_2'), 3, {});
  });
  await refuses(gap, metadata, /main_data.hdf5, episode 1: missing; found episode_0, episode_2/);
});
