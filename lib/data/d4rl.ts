// Demonstrations out of D4RL's flat HDF5 files: one row a step, episodes one after the other.
import { actionNumbers, finite, float32, shapedField } from './fields.ts';
import { FormatError } from './format-error.ts';
import { type Group, readGroup, readHdf5 } from './hdf5.ts';
import type { Demos, TaskShape, Trajectory } from './types.ts';

/** Demonstrations out of a file that says less than ours, and what a reader should know of how it was read. */
export interface ReadDemos {
  readonly demos: Demos;
  readonly notes: readonly string[];
}

/** What the file itself does not say. */
export interface FromD4rlOptions {
  /** Name of the file for errors. */
  readonly name?: string;
  /** Steps after which the task cuts an episode off; needed for files without `timeouts` (D4RL's v0 sets). */
  readonly maxSteps?: number;
}

/** The file's arrays, [N, ...], one row a step. */
interface Rows {
  readonly obs_ND: Float64Array;
  readonly act_NA: Float64Array;
  readonly reward_N: Float64Array;
  readonly terminal_N: Float64Array;
  readonly timeout_N: Float64Array | undefined;
  readonly nextObs_ND: Float64Array | undefined;
  readonly qpos_NQ: Float64Array | undefined;
  readonly qvel_NV: Float64Array | undefined;
}

/**
 * Demonstrations out of a D4RL file: `observations`, `actions`, `rewards`, `terminals`, where they are there
 * `timeouts`, `next_observations` and `infos/{qpos, qvel}`. An episode ends where `terminals` or `timeouts` says so,
 * without `timeouts` after `maxSteps`.
 *
 * A file without `next_observations` lacks the observation after an episode's last action. That step is left out, and
 * the episode counts as truncated, since how it ended was seen in what is left out.
 *
 * @param bytes the file
 * @param task what the file should hold; it does not name its task itself
 * @throws FormatError naming episode and field if anything is missing, of the wrong shape or not a finite number
 */
export async function demosFromD4rl(
  bytes: Uint8Array,
  task: TaskShape,
  options: FromD4rlOptions = {},
): Promise<ReadDemos> {
  const { name: file = 'D4RL file', maxSteps } = options;
  const rows = await readHdf5(bytes, { name: file, read: (root) => readRows(root, task, file) });
  if (rows.timeout_N === undefined && maxSteps === undefined)
    throw new FormatError(
      { file, field: 'timeouts' },
      'missing, as in old sets: say with the option maxSteps after how many steps the task cuts an episode off',
    );
  if (maxSteps !== undefined && !(Number.isSafeInteger(maxSteps) && maxSteps > 0))
    throw new RangeError(`Cannot cut episodes off after ${maxSteps} steps: give a positive integer`);
  const N = rows.reward_N.length;
  const trajectories: Trajectory[] = [];
  const [lost, unended] = [{ steps: 0, reward: 0, episodes: 0 }, { episodes: 0 }];
  for (let from = 0, e = 0; from < N; e++) {
    const to = endOfEpisode(rows, from, maxSteps);
    const ended = rows.terminal_N[to - 1] === 1 || rows.timeout_N?.[to - 1] === 1 || to - from === maxSteps;
    if (!ended) unended.episodes++;
    const whole = rows.nextObs_ND !== undefined;
    if (!whole) {
      lost.steps++;
      lost.reward += rows.reward_N[to - 1]!;
    }
    if (whole || to - from > 1) trajectories.push(episode(rows, { task, file, e, from, to }));
    else lost.episodes++;
    from = to;
  }
  if (trajectories.length === 0)
    throw new FormatError({ file, field: 'rewards' }, `no episode is left of ${N} steps`);
  return { demos: { ...task, trajectories }, notes: lossNotes(lost, unended.episodes) };
}

/** What is lost where a file holds no observation after an episode's last action. */
export function lossNotes(
  lost: { readonly steps: number; readonly reward: number; readonly episodes: number },
  unended = 0,
): string[] {
  const notes = [];
  if (lost.steps > 0)
    notes.push(
      `The last step of every episode is left out, as the file does not hold the observation after it: ${lost.steps} steps with rewards of ${Number(lost.reward.toPrecision(12))} in all`,
    );
  if (lost.episodes > 0) notes.push(`${lost.episodes} episodes of a single step are left out with it`);
  if (unended > 0)
    notes.push('The last episode has no end in the file; it is taken as cut off after the last step');
  return notes;
}

function readRows(root: Group, task: TaskShape, file: string): Rows {
  const infos = readGroup(root, 'infos', { file, field: 'infos' });
  const N = shapedField(root, 'rewards', { shape: [null], place: { file } }).values.length;
  if (N === 0) throw new FormatError({ file, field: 'rewards' }, 'the file holds no step');
  const field = (name: string, width: readonly (number | null)[], within = root) =>
    shapedField(within, name, { shape: [N, ...width], place: { file } }).values;
  const optional = (name: string, width: readonly (number | null)[], within: Group | null = root) =>
    within?.keys().includes(name.slice(name.lastIndexOf('/') + 1)) ? field(name, width, within) : undefined;
  const flags = (values: Float64Array | undefined, name: string) => {
    const bad = values?.findIndex((flag) => flag !== 0 && flag !== 1) ?? -1;
    if (bad >= 0)
      throw new FormatError({ file, field: name }, `entry ${bad} is ${values![bad]}, expected a boolean`);
    return values;
  };
  const actShape = task.actions > 0 ? [] : [task.actSize];
  return {
    obs_ND: field('observations', [task.obsSize]),
    act_NA: field('actions', actShape),
    reward_N: field('rewards', []),
    terminal_N: flags(field('terminals', []), 'terminals')!,
    timeout_N: flags(optional('timeouts', []), 'timeouts'),
    nextObs_ND: optional('next_observations', [task.obsSize]),
    qpos_NQ: optional('infos/qpos', [null], infos),
    qvel_NV: optional('infos/qvel', [null], infos),
  };
}

/** The row after the last one of the episode that begins in row `from`. */
function endOfEpisode(rows: Rows, from: number, maxSteps: number | undefined): number {
  const { terminal_N, timeout_N, reward_N } = rows;
  for (let t = from; t < reward_N.length; t++) {
    const timeout = timeout_N ? timeout_N[t] === 1 : t + 1 - from === maxSteps;
    if (terminal_N[t] === 1 || timeout) return t + 1;
  }
  return reward_N.length;
}

function episode(
  rows: Rows,
  options: {
    readonly task: TaskShape;
    readonly file: string;
    readonly e: number;
    readonly from: number;
    readonly to: number;
  },
): Trajectory {
  const { task, file, e, from, to } = options;
  const { env, obsSize: D, actSize: A, actions } = task;
  const at = (field: string) => ({ file, episode: e, field });
  const whole = rows.nextObs_ND !== undefined;
  const T = whole ? to - from : to - from - 1;
  const obs = rows.obs_ND.subarray(from * D, (from + (whole ? T : T + 1)) * D);
  const act = rows.act_NA.subarray(from * A, (from + T) * A);
  const obs_Tp1D = new Float32Array((T + 1) * D);
  obs_Tp1D.set(float32(obs, at('observations')));
  if (rows.nextObs_ND)
    obs_Tp1D.set(float32(rows.nextObs_ND.subarray((to - 1) * D, to * D), at('next_observations')), T * D);
  const terminated = whole && rows.terminal_N[to - 1] === 1;
  const row = (values: Float64Array, name: string) => {
    const width = values.length / rows.reward_N.length;
    return [...finite(values.subarray(from * width, (from + 1) * width), at(name))];
  };
  return {
    obs_Tp1D,
    act_TA: actions > 0 ? actionNumbers(act, { actions, place: at('actions') }) : float32(act, at('actions')),
    reward_T: finite(rows.reward_N.slice(from, to), at('rewards')).slice(0, T),
    terminated,
    truncated: !terminated || rows.timeout_N?.[to - 1] === 1,
    ...(rows.qpos_NQ && rows.qvel_NV
      ? {
          start: {
            env,
            vectors: { qpos: row(rows.qpos_NQ, 'infos/qpos'), qvel: row(rows.qvel_NV, 'infos/qvel') },
            elapsed: 0,
          },
        }
      : {}),
  };
}
