// Demonstrations to and from Minari data sets (Farama's format, version 0.5): main_data.hdf5 as bytes and
// metadata.json as an object. Python's minari reads what this writes, and the other way round.
import type { EnvState } from '../envs/types.ts';
import { checkTrajectory } from './check-trajectory.ts';
import { actionNumbers, finite, float32, shapedField } from './fields.ts';
import { FormatError } from './format-error.ts';
import { addArray, addBooleans, type Group, namesIn, readGroup, readHdf5, writeHdf5 } from './hdf5.ts';
import {
  type MinariMeta,
  type MinariMetadata,
  type MinariTask,
  readMetadata,
  writeMetadata,
} from './minari-metadata.ts';
import { type Demos, startOf, type Trajectory, trajectoryLength } from './types.ts';

/** Group of an episode that holds the simulator's state at its start: a float64 array [n] a vector, and `elapsed` [1]. */
const START_GROUP = 'start';

/** A task whose name is known, from the file or from the caller. */
type NamedTask = MinariTask & { readonly env: string };

/** The two files of a Minari data set. */
export interface MinariFiles {
  /** Bytes of main_data.hdf5. */
  readonly mainData: Uint8Array;
  /** What metadata.json says. */
  readonly metadata: MinariMetadata;
}

/** What is expected of the file. */
export interface FromMinariOptions {
  /** The task that is expected: another one is an error, and a set that does not name its own is taken to be of it. */
  readonly env?: string;
  /** Name of the file for errors; `main_data.hdf5` where left out. */
  readonly name?: string;
}

/**
 * Demonstrations as a Minari data set. Observations and actions are float32 (discrete actions int64), rewards
 * float64, all gzip-compressed. Of the simulator's states only the first is stored, in float64: together with the
 * actions it gives the others again (`replayStates`), and all of them are two thirds of a file. Equal demonstrations
 * give equal bytes.
 *
 * @throws RangeError if a trajectory is empty, disagrees with itself, does not end, or holds a number that is not finite
 */
export async function demosToMinari(demos: Demos, meta: MinariMeta): Promise<MinariFiles> {
  for (const [e, trajectory] of demos.trajectories.entries()) checkTrajectory(demos, trajectory, e);
  const steps = demos.trajectories.reduce((sum, trajectory) => sum + trajectoryLength(trajectory), 0);
  const mainData = await writeHdf5((root) => {
    for (const [e, trajectory] of demos.trajectories.entries())
      writeEpisode(root.create_group(`episode_${e}`), { demos, trajectory, e });
  });
  return { mainData, metadata: writeMetadata(demos, meta, { steps, bytes: mainData.length }) };
}

/**
 * Demonstrations out of a Minari data set with a flat Box of observations and flat Box or Discrete actions.
 * Observations and actions become float32, whatever they were.
 *
 * @param bytes main_data.hdf5
 * @param metadata metadata.json, parsed by `parsePythonJson`
 * @throws FormatError naming file, episode and field if anything is missing, cut short, of the wrong shape, not a
 *   finite number, of another task, or contradicts the metadata
 */
export async function demosFromMinari(
  bytes: Uint8Array,
  metadata: unknown,
  options: FromMinariOptions = {},
): Promise<Demos> {
  const { name: file = 'main_data.hdf5' } = options;
  const read = readMetadata(metadata, 'metadata.json');
  const task = { ...read, env: checkedTask(read.env, options.env) };
  const trajectories = await readHdf5(bytes, {
    name: file,
    read: (root) =>
      Array.from({ length: episodesIn(root, task, file) }, (_, e) => readEpisode(root, { task, file, e })),
  });
  const steps = trajectories.reduce((sum, trajectory) => sum + trajectoryLength(trajectory), 0);
  if (steps !== task.steps)
    throw new FormatError({ file }, `holds ${steps} steps where the metadata says ${task.steps}`);
  const { env, obsSize, actSize, actions } = task;
  return { env, obsSize, actSize, actions, trajectories };
}

function writeEpisode(
  group: Group,
  { demos, trajectory, e }: { readonly demos: Demos; readonly trajectory: Trajectory; readonly e: number },
): void {
  const T = trajectoryLength(trajectory);
  const { obs_Tp1D, act_TA, reward_T } = trajectory;
  const start = startOf(trajectory);
  group.create_attribute('id', e, null, '<q');
  group.create_attribute('total_steps', T, null, '<q');
  addArray(group, { name: 'observations', data: obs_Tp1D, shape: [T + 1, demos.obsSize] });
  if (demos.actions > 0)
    addArray(group, { name: 'actions', data: BigInt64Array.from(act_TA, BigInt), shape: [T] });
  else addArray(group, { name: 'actions', data: act_TA, shape: [T, demos.actSize] });
  addArray(group, { name: 'rewards', data: reward_T, shape: [T] });
  addBooleans(group, { name: 'terminations', data: flagAtEnd(trajectory.terminated, T) });
  addBooleans(group, { name: 'truncations', data: flagAtEnd(trajectory.truncated, T) });
  group.create_group('infos'); // minari 0.5.4 cannot print an episode without
  if (start !== undefined) writeState(group.create_group(START_GROUP), start);
}

function writeState(group: Group, { vectors, elapsed }: EnvState): void {
  for (const [name, vector] of Object.entries({ ...vectors, elapsed: [elapsed] }))
    group.create_dataset({ name, data: Float64Array.from(vector), shape: [vector.length] });
}

function readEpisode(
  root: Group,
  { task, file, e }: { readonly task: NamedTask; readonly file: string; readonly e: number },
): Trajectory {
  const group = readGroup(root, `episode_${e}`, { file, episode: e });
  if (group === null) throw new FormatError({ file, episode: e }, `missing; found ${namesIn(root)}`);

  const place = { file, episode: e };
  const field = (name: string, shape: readonly (number | null)[], within: Group = group) =>
    shapedField(within, name, { shape, place }).values;

  const reward_T = finite(field('rewards', [null]), { ...place, field: 'rewards' });
  const T = reward_T.length;
  if (T === 0) throw new FormatError({ ...place, field: 'rewards' }, 'the episode has no step');
  const obs = field('observations', [T + 1, task.obsSize]);
  const act = field('actions', task.actions > 0 ? [T] : [T, task.actSize]);
  const terminated = flagAt(field('terminations', [T]), { ...place, field: 'terminations' });
  const truncated = flagAt(field('truncations', [T]), { ...place, field: 'truncations' });
  if (!terminated && !truncated)
    throw new FormatError(
      { ...place, field: 'truncations' },
      'the last step neither terminates nor truncates the episode',
    );
  const start = readGroup(group, START_GROUP, { ...place, field: START_GROUP });
  return {
    obs_Tp1D: float32(obs, { ...place, field: 'observations' }),
    act_TA:
      task.actions > 0
        ? actionNumbers(act, {
            actions: task.actions,
            first: task.firstAction,
            place: { ...place, field: 'actions' },
          })
        : float32(act, { ...place, field: 'actions' }),
    reward_T,
    terminated,
    truncated,
    ...(start ? { start: readState(start, { env: task.env, field }) } : {}),
  };
}

function readState(
  group: Group,
  options: {
    readonly env: string;
    readonly field: (name: string, shape: readonly (number | null)[], within: Group) => Float64Array;
  },
): EnvState {
  const { env, field } = options;
  const vectors = Object.fromEntries(
    group.keys().map((name) => [name, [...field(`${START_GROUP}/${name}`, [null], group)]]),
  );
  const { elapsed: _, ...rest } = vectors;
  return { env, vectors: rest, elapsed: field(`${START_GROUP}/elapsed`, [1], group)[0]! };
}

function checkedTask(found: string | null, expected: string | undefined): string {
  const place = { file: 'metadata.json', field: 'env_spec' };
  const env = found ?? expected;
  if (env === undefined)
    throw new FormatError(place, 'the task is not named: say which it is with the option env');
  if (expected !== undefined && env !== expected)
    throw new FormatError(place, `the task is ${env}, expected ${expected}`);
  return env;
}

/** Episodes to read. They are numbered from 0 without gaps, so the count is all there is to check. */
function episodesIn(root: Group, task: NamedTask, file: string): number {
  const found = root.keys().filter((name) => /^episode_\d+$/.test(name)).length;
  if (found === 0) throw new FormatError({ file }, `holds no episode; found ${namesIn(root)}`);
  if (found !== task.episodes)
    throw new FormatError({ file }, `holds ${found} episodes where the metadata says ${task.episodes}`);
  return found;
}

/** 0 everywhere but at the last step. */
function flagAtEnd(flag: boolean, T: number): Uint8Array {
  const flags = new Uint8Array(T);
  flags[T - 1] = flag ? 1 : 0;
  return flags;
}

function flagAt(
  flags: Float64Array,
  place: { readonly file: string; readonly episode: number; readonly field: string },
): boolean {
  for (const [t, flag] of flags.entries()) {
    if (flag !== 0 && flag !== 1) throw new FormatError(place, `entry ${t} is ${flag}, expected a boolean`);
    if (flag === 1 && t < flags.length - 1)
      throw new FormatError(place, `true at step ${t}, before the episode's last step ${flags.length - 1}`);
  }
  return flags.at(-1) === 1;
}
