// The metadata.json of a Minari data set: spaces and task, as Python's gymnasium serialises them.
import { z } from 'zod';
import type { Box, Discrete } from '../envs/types.ts';
import { FormatError, type FormatPlace } from './format-error.ts';
import type { Demos } from './types.ts';

/** What metadata.json holds. Unknown keys are Minari's or the author's own and are kept out of our way. */
export interface MinariMetadata {
  readonly dataset_id: string;
  readonly total_episodes: number;
  readonly total_steps: number;
  readonly data_format: 'hdf5';
  /** A space as JSON inside a string, with Python's bare `Infinity`. */
  readonly observation_space: string;
  readonly action_space: string;
  /** Gymnasium's EnvSpec as JSON inside a string. */
  readonly env_spec?: string;
  /** The task, in files of ours, also where Gymnasium does not know it. */
  readonly env_id?: string;
  readonly minari_version: string;
  readonly [key: string]: unknown;
}

/** What demonstrations do not say themselves. */
export interface MinariMeta {
  /** Minari's name of the set, `(namespace/)name-vN`. */
  readonly datasetId: string;
  readonly algorithmName?: string;
  readonly author?: readonly string[];
  readonly description?: string;
  /** Bounds; unbounded where left out. */
  readonly obsSpace?: Box;
  readonly actSpace?: Box | Discrete;
}

/** What a reader takes from metadata.json. */
export interface MinariTask {
  /** Null where the metadata does not name it. */
  readonly env: string | null;
  readonly obsSize: number;
  readonly actSize: number;
  readonly actions: number;
  /** First action number of a discrete task (Gymnasium's `start`). */
  readonly firstAction: number;
  readonly episodes: number;
  readonly steps: number;
}

/** Minari's version whose layout this is; 0.5.0 is understood by every later one. */
const MINARI_VERSION = '0.5.0';

/** Gymnasium's tasks that it can be asked to make again: module, class, time limit, reward threshold. */
const GYMNASIUM_TASKS: Readonly<Record<string, readonly [string, number, number | null]>> = {
  'CartPole-v0': ['classic_control.cartpole:CartPoleEnv', 200, 195],
  'CartPole-v1': ['classic_control.cartpole:CartPoleEnv', 500, 475],
  'MountainCar-v0': ['classic_control.mountain_car:MountainCarEnv', 200, -110],
  'Acrobot-v1': ['classic_control.acrobot:AcrobotEnv', 500, -100],
  'Pendulum-v1': ['classic_control.pendulum:PendulumEnv', 200, null],
  'InvertedPendulum-v5': ['mujoco.inverted_pendulum_v5:InvertedPendulumEnv', 1000, 950],
  'Reacher-v5': ['mujoco.reacher_v5:ReacherEnv', 50, -3.75],
  'Hopper-v5': ['mujoco.hopper_v5:HopperEnv', 1000, 3800],
  'Walker2d-v5': ['mujoco.walker2d_v5:Walker2dEnv', 1000, null],
  'HalfCheetah-v5': ['mujoco.half_cheetah_v5:HalfCheetahEnv', 1000, 4800],
  'Ant-v5': ['mujoco.ant_v5:AntEnv', 1000, 6000],
  'Humanoid-v5': ['mujoco.humanoid_v5:HumanoidEnv', 1000, null],
};

const metadataSchema = z.object({
  total_episodes: z.int().nonnegative(),
  total_steps: z.int().nonnegative(),
  data_format: z.literal('hdf5').optional(),
  observation_space: z.string(),
  action_space: z.string(),
  env_spec: z.string().optional(),
  env_id: z.string().optional(),
});
const boxSchema = z.object({ type: z.literal('Box'), shape: z.tuple([z.int().positive()]) });
const discreteSchema = z.object({
  type: z.literal('Discrete'),
  n: z.int().positive(),
  start: z.int().default(0),
});
const specSchema = z.object({ id: z.string().min(1) });

/** The metadata of these demonstrations. */
export function writeMetadata(
  demos: Demos,
  meta: MinariMeta,
  stored: { readonly steps: number; readonly bytes: number },
): MinariMetadata {
  const spec = gymnasiumSpec(demos.env);
  return {
    total_episodes: demos.trajectories.length,
    total_steps: stored.steps,
    data_format: 'hdf5',
    observation_space: spaceText(meta.obsSpace ?? unbounded(demos.obsSize)),
    action_space: spaceText(meta.actSpace ?? defaultActSpace(demos)),
    ...(spec === null ? {} : { env_spec: spec }),
    env_id: demos.env,
    dataset_id: meta.datasetId,
    ...(meta.algorithmName === undefined ? {} : { algorithm_name: meta.algorithmName }),
    ...(meta.author === undefined ? {} : { author: [...meta.author] }),
    ...(meta.description === undefined ? {} : { description: meta.description }),
    minari_version: MINARI_VERSION,
    dataset_size: Math.round(stored.bytes / 1e5) / 10, // MB, as minari counts
  };
}

/**
 * Task and counts out of metadata.json.
 *
 * @param metadata parsed JSON, of unknown origin
 * @throws FormatError naming the key if one is missing or is of a kind that demonstrations here cannot have
 */
export function readMetadata(metadata: unknown, file: string): MinariTask {
  const base = checked(metadataSchema, metadata, { file });
  const obsPlace = { file, field: 'observation_space' };
  const actPlace = { file, field: 'action_space' };
  const obsSpace = checked(boxSchema, parsePythonJson(base.observation_space, obsPlace), obsPlace);
  const actSpace = checked(
    z.discriminatedUnion('type', [boxSchema, discreteSchema]),
    parsePythonJson(base.action_space, actPlace),
    actPlace,
  );
  const discrete = actSpace.type === 'Discrete';
  return {
    env: taskName(base, file),
    obsSize: obsSpace.shape[0],
    actSize: discrete ? 1 : actSpace.shape[0],
    actions: discrete ? actSpace.n : 0,
    firstAction: discrete ? actSpace.start : 0,
    episodes: base.total_episodes,
    steps: base.total_steps,
  };
}

/**
 * Parses JSON as Python writes it: with bare `Infinity`, `-Infinity` (kept) and `NaN` (becomes null).
 *
 * @throws FormatError if it is not JSON otherwise
 */
export function parsePythonJson(text: string, place: FormatPlace): unknown {
  // Strings are matched first so that the words stay as they are inside of them; 1e999 is JSON for infinity.
  const json = text.replace(/"(?:[^"\\]|\\.)*"|-?\bInfinity\b|\bNaN\b/g, (token) => {
    if (token.startsWith('"')) return token;
    return token === 'NaN' ? 'null' : token.replace('Infinity', '1e999');
  });
  try {
    return JSON.parse(json);
  } catch (error) {
    throw new FormatError(place, `not JSON (${(error as Error).message})`, { cause: error });
  }
}

function taskName(
  base: { env_spec?: string | undefined; env_id?: string | undefined },
  file: string,
): string | null {
  if (base.env_id !== undefined) return base.env_id;
  if (base.env_spec === undefined) return null;
  const place = { file, field: 'env_spec' };
  return checked(specSchema, parsePythonJson(base.env_spec, place), place).id;
}

function checked<T>(schema: z.ZodType<T>, value: unknown, place: FormatPlace): T {
  const result = schema.safeParse(value);
  if (result.success) return result.data;
  const problems = result.error.issues.map((issue) =>
    [issue.path.join('.'), issue.message].filter(Boolean).join(': '),
  );
  throw new FormatError(place, problems.join('; '));
}

function gymnasiumSpec(env: string): string | null {
  const task = GYMNASIUM_TASKS[env];
  if (task === undefined) return null;
  const [entry, maxSteps, threshold] = task;
  return JSON.stringify({
    id: env,
    entry_point: `gymnasium.envs.${entry}`,
    reward_threshold: threshold,
    nondeterministic: false,
    max_episode_steps: maxSteps,
    order_enforce: true,
    disable_env_checker: false,
    kwargs: {},
    additional_wrappers: [],
    vector_entry_point: null,
  });
}

function defaultActSpace(demos: Demos): Box | Discrete {
  return demos.actions > 0 ? { type: 'discrete', n: demos.actions } : unbounded(demos.actSize);
}

function unbounded(size: number): Box {
  return {
    type: 'box',
    size,
    low: new Float64Array(size).fill(Number.NEGATIVE_INFINITY),
    high: new Float64Array(size).fill(Number.POSITIVE_INFINITY),
  };
}

/** A space as Gymnasium's JSON, which is not quite JSON: JSON.stringify would turn infinity into null. */
function spaceText(space: Box | Discrete): string {
  if (space.type === 'discrete')
    return JSON.stringify({ type: 'Discrete', dtype: 'int64', start: 0, n: space.n });
  const bounds = (values: Float64Array) => `[${Array.from(values, String).join(', ')}]`;
  return `{"type": "Box", "dtype": "float32", "shape": [${space.size}], "low": ${bounds(space.low)}, "high": ${bounds(space.high)}}`;
}
