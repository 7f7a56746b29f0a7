// The environment interface: Gymnasium's semantics, stated once.

/** A box of real vectors, [D] with D = `size`: `low[i] <= x[i] <= high[i]`, infinite where unbounded. */
export interface Box {
  readonly type: 'box';
  readonly size: number;
  readonly low: Float64Array;
  readonly high: Float64Array;
}

/** The set {0, ..., n - 1}. */
export interface Discrete {
  readonly type: 'discrete';
  readonly n: number;
}

/** A vector for a Box action space, an integer for a Discrete one. */
export type Action = number | ArrayLike<number>;

/** Named numbers that explain a step: every reward term, positions, velocities. */
export type Info = Readonly<Record<string, number>>;

/** How an episode starts. */
export interface StartOptions {
  /** Every task: start there, with the whole time limit ahead, instead of drawing a start state. */
  readonly state?: EnvState;
  /** CartPole, MountainCar, Acrobot: bounds of the start state's random entries, in place of the task's own. */
  readonly low?: number;
  readonly high?: number;
  /** Pendulum: largest angle from upright, rad, and largest angular velocity, rad/s, of the start state. */
  readonly x_init?: number;
  readonly y_init?: number;
}

/** How to start an episode; all can be left out. */
export interface ResetOptions {
  /** Starts the environment's own random stream anew; without it the running stream goes on (at first: seed 0). */
  readonly seed?: number;
  /** Gymnasium's options of this task, or a state. @throws Error if the task does not know one */
  readonly options?: StartOptions;
  /** Where to write the observation, [D]; a fresh array if left out. */
  readonly out?: Float64Array;
}

/** What a step brought. */
export interface StepResult {
  /** What the policy sees next, [D], simulator units. A fresh array at every step, unless the caller gave one. */
  readonly obs: Float64Array;
  readonly reward: number;
  /** The episode ended by the task's own rule: its value from here on is 0. */
  readonly terminated: boolean;
  /**
   * The episode was cut off (time limit): bootstrap from `obs`, unless `terminated` is true as well, which is
   * possible at the very last step (Gymnasium's rule) and then decides.
   */
  readonly truncated: boolean;
  readonly info: Info;
}

/** Everything needed to continue from a moment exactly, time limit included. Plain data, safe to store. */
export interface EnvState {
  readonly env: string;
  /** Simulator state as named vectors, e.g. `{qpos, qvel, qacc_warmstart, time}` or `{state}`. */
  readonly vectors: Readonly<Record<string, readonly number[]>>;
  /** Steps since the last reset. */
  readonly elapsed: number;
}

/** One task. A handle on a simulator: use `close` when done. */
export interface Env {
  readonly id: string;
  readonly obsSpace: Box;
  readonly actSpace: Box | Discrete;
  /** Steps after which an episode is truncated. */
  readonly maxSteps: number;
  /** Starts an episode. @throws RangeError if the seed is not a non-negative integer */
  reset(options?: ResetOptions): { readonly obs: Float64Array; readonly info: Info };
  /**
   * Advances by one step.
   * @param out where to write the observation, [D]: spares loops that copy it anyway an array per step
   * @throws if called before `reset`, after the end, or with a malformed action
   */
  step(action: Action, out?: Float64Array): StepResult;
  getState(): EnvState;
  /**
   * Puts a saved state back and returns the observation that belongs to it. The random stream stays where it is.
   * @throws Error if the state belongs to another task or is malformed
   */
  setState(state: EnvState): Float64Array;
  /** Frees the simulator. The environment cannot be used afterwards. */
  close(): void;
}
