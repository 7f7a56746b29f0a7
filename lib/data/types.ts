// The nouns that everyone shares: transitions in trajectories, demonstrations, batches of pairs.
import type { Env, EnvState } from '../envs/types.ts';

/** One episode. */
export interface Trajectory {
  /** Observations, [T+1, D] row-major, simulator units; row t is what the policy saw before action t. */
  readonly obs_Tp1D: Float32Array;
  /** Actions as given to `env.step`, [T, A]; for a discrete task A = 1 and the entry is the action's number. */
  readonly act_TA: Float32Array;
  /** Rewards, [T]. */
  readonly reward_T: Float64Array;
  /** True if the episode ended by the task's own rule. */
  readonly terminated: boolean;
  /** True if it was cut off, and then we bootstrap. */
  readonly truncated: boolean;
  /** Simulator states, [T+1], where the collector was asked for them. Files hold the first alone, as `start`. */
  readonly state_Tp1?: readonly EnvState[];
  /** Simulator state before the first action, where it was stored: `replayStates` makes the others from it. */
  readonly start?: EnvState;
}

/** A set of demonstrations of one task. */
export interface Demos {
  readonly env: string;
  readonly obsSize: number;
  /** Length of an action row: the action's dimension, or 1 for a discrete task. */
  readonly actSize: number;
  /** Number of actions of a discrete task, else 0. */
  readonly actions: number;
  readonly trajectories: readonly Trajectory[];
}

/** A task's name and sizes: what a file that does not name its task is read as. */
export type TaskShape = Omit<Demos, 'trajectories'>;

/** The name and sizes of an environment's task. */
export function taskShape({ id, obsSpace, actSpace }: Pick<Env, 'id' | 'obsSpace' | 'actSpace'>): TaskShape {
  const discrete = actSpace.type === 'discrete';
  return {
    env: id,
    obsSize: obsSpace.size,
    actSize: discrete ? 1 : actSpace.size,
    actions: discrete ? actSpace.n : 0,
  };
}

/** Observation-action pairs without order, [N, D] and [N, A]. */
export interface Pairs {
  readonly n: number;
  readonly obs_ND: Float32Array;
  readonly act_NA: Float32Array;
}

/** Number of actions in a trajectory. */
export function trajectoryLength(trajectory: Trajectory): number {
  return trajectory.reward_T.length;
}

/** Sum of rewards of a trajectory (undiscounted). */
export function trajectoryReturn(trajectory: Trajectory): number {
  return trajectory.reward_T.reduce((sum, reward) => sum + reward, 0);
}

/** Simulator state before a trajectory's first action, where it is known. */
export function startOf({ start, state_Tp1 }: Trajectory): EnvState | undefined {
  return start ?? state_Tp1?.[0];
}
