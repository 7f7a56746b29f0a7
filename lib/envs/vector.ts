// Several copies of a task stepped together, with Gymnasium's three ways of starting over.
import { integer, stream } from '../backend/rng.ts';
import { makeEnv } from './make.ts';
import { contains } from './spaces.ts';
import type { Action, Box, Discrete, Env, EnvState, Info, ResetOptions, StartOptions } from './types.ts';

/**
 * What happens to a copy whose episode has ended.
 *
 * | mode | behaviour |
 * |---|---|
 * | next-step | the next step resets it and ignores its action (reward 0); `reset_B` marks such steps (Gymnasium's default) |
 * | same-step | it is reset at once; the observation of the end is in `finalObs_BD`, its info in `finalInfos` |
 * | disabled | the caller resets it with `reset({ mask })`; stepping before that is an error |
 */
export type AutoresetMode = 'next-step' | 'same-step' | 'disabled';

/** What a step gives. The arrays belong to the environment and hold until its next call: copy what you keep. */
export interface VectorStep {
  /** What the policy sees next, [B, D], row by row. */
  readonly obs_BD: Float64Array;
  readonly reward_B: Float64Array;
  /** 1 where the episode ended by the task's rule, else 0. */
  readonly terminated_B: Uint8Array;
  /** 1 where the episode was cut off, else 0. */
  readonly truncated_B: Uint8Array;
  /** 1 where this step reset the copy: in next-step mode instead of moving it, in same-step mode after moving it. */
  readonly reset_B: Uint8Array;
  /** In same-step mode, the last observation of the episode where `reset_B` is 1; other rows mean nothing. [B, D] */
  readonly finalObs_BD: Float64Array;
  readonly infos: readonly Info[];
  /** In same-step mode, the info of the episode's last step where `reset_B` is 1, else undefined. */
  readonly finalInfos: readonly (Info | undefined)[];
}

/** How copies are reset. */
export interface VectorResetOptions {
  /** Gives each copy a stream of its own, derived from this one; without it the running streams go on. */
  readonly seed?: number;
  /** How the episodes start, for every copy that is reset. */
  readonly options?: StartOptions;
  /** Which copies to reset, [B], truthy where; all if left out. */
  readonly mask?: ArrayLike<number | boolean>;
}

/** A copy's state: one whose episode has ended is reset by the next step, or waits for a reset, as its mode says. */
export type VectorEnvState = EnvState & { readonly ended: boolean };

/** B copies of one environment that are stepped together. */
export interface VectorEnv {
  readonly id: string;
  /** B, the number of copies. */
  readonly size: number;
  readonly mode: AutoresetMode;
  /** Of one copy. */
  readonly obsSpace: Box;
  /** Of one copy. */
  readonly actSpace: Box | Discrete;
  reset(options?: VectorResetOptions): Pick<VectorStep, 'obs_BD' | 'infos'>;
  /**
   * One step of every copy.
   * @param actions [B, A] row by row for a box, [B] integers for a discrete space
   */
  step(actions: ArrayLike<number>): VectorStep;
  /** The state of one copy, and whether its episode has ended. */
  getState(copy: number): VectorEnvState;
  /** Puts one copy into a saved state, from which its episode goes on, if it had not ended. Returns the observation, [D]. */
  setState(copy: number, state: EnvState | VectorEnvState): Float64Array;
  close(): void;
}

/**
 * `size` copies of a registered task.
 * @param options mode: default `next-step`; maxSteps: another time limit than the registered one
 * @throws Error if the name is unknown; RangeError if the size is not a positive integer
 */
export async function makeVectorEnv(
  id: string,
  options: { readonly size: number; readonly mode?: AutoresetMode; readonly maxSteps?: number },
): Promise<VectorEnv> {
  const { size, mode = 'next-step', maxSteps } = options;
  if (!(Number.isInteger(size) && size > 0))
    throw new RangeError(`Cannot make ${size} copies of ${id}: expected a positive integer`);
  const envs: Env[] = [];
  try {
    for (let i = 0; i < size; i++) envs.push(await makeEnv(id, maxSteps === undefined ? {} : { maxSteps }));
  } catch (cause) {
    for (const env of envs) env.close();
    throw cause;
  }
  return vectorize(envs, { mode });
}

/**
 * Environments of one task (own ones, wrapped ones) stepped together. They belong to the result from now on.
 * @throws Error if there are none or their spaces differ in size
 */
export function vectorize(
  envs: readonly Env[],
  { mode = 'next-step' }: { readonly mode?: AutoresetMode } = {},
): VectorEnv {
  const [first] = envs;
  if (!first) throw new Error('Cannot step no environments together: give at least one');
  const { id, obsSpace, actSpace } = first;
  const size = envs.length;
  const D = obsSpace.size;
  const A = actSpace.type === 'box' ? actSpace.size : 1;
  const odd = envs.find((env) => env.obsSpace.size !== D || actionSize(env) !== actionSize(first));
  if (odd) throw new Error(`Cannot step ${id} and ${odd.id} together: their spaces differ`);

  const obs_BD = new Float64Array(size * D);
  const finalObs_BD = new Float64Array(size * D);
  const act_BA = new Float64Array(size * A);
  const rows = envs.map((_, i) => obs_BD.subarray(i * D, (i + 1) * D));
  const finalRows = envs.map((_, i) => finalObs_BD.subarray(i * D, (i + 1) * D));
  const actions = envs.map((_, i) => act_BA.subarray(i * A, (i + 1) * A));
  const reward_B = new Float64Array(size);
  const terminated_B = new Uint8Array(size);
  const truncated_B = new Uint8Array(size);
  const reset_B = new Uint8Array(size);
  const infos: Info[] = envs.map(() => ({}));
  const finalInfos: (Info | undefined)[] = envs.map(() => undefined);
  const result = { obs_BD, reward_B, terminated_B, truncated_B, reset_B, finalObs_BD, infos, finalInfos };
  const ended_B = new Uint8Array(size);

  function resetCopy(i: number, options: Omit<ResetOptions, 'out'> = {}): void {
    const { obs, info } = envs[i]!.reset({ ...options, out: rows[i]! });
    // An environment of one's own may not write into `out`.
    if (obs !== rows[i]) rows[i]!.set(obs);
    infos[i] = info;
    ended_B[i] = 0;
  }

  function stepCopy(i: number): void {
    const action: Action = actSpace.type === 'box' ? actions[i]! : act_BA[i]!;
    const { obs, reward, terminated, truncated, info } = envs[i]!.step(action, rows[i]!);
    if (obs !== rows[i]) rows[i]!.set(obs);
    reward_B[i] = reward;
    terminated_B[i] = terminated ? 1 : 0;
    truncated_B[i] = truncated ? 1 : 0;
    infos[i] = info;
    ended_B[i] = terminated || truncated ? 1 : 0;
  }

  /** All before any is played: a refused action leaves every copy where it was. */
  function assertPlayable(given: ArrayLike<number>): void {
    for (let i = 0; i < given.length; i++) {
      const value = given[i]!;
      if (actSpace.type === 'discrete' ? !contains(actSpace, value) : !Number.isFinite(value))
        throw new Error(
          `Cannot step copy ${Math.floor(i / A)} of ${id} with ${value}: expected ${
            actSpace.type === 'discrete' ? `an integer from 0 to ${actSpace.n - 1}` : 'finite numbers'
          }`,
        );
    }
  }

  return {
    id,
    size,
    mode,
    obsSpace,
    actSpace,

    reset({ seed, options, mask } = {}) {
      if (mask && mask.length !== size)
        throw new Error(`Cannot reset ${size} copies of ${id} by a mask of ${mask.length} entries`);
      for (let i = 0; i < size; i++) {
        if (mask && !mask[i]) continue;
        resetCopy(i, {
          ...(options && { options }),
          ...(seed !== undefined && { seed: copySeed(seed, id, i) }),
        });
      }
      return { obs_BD, infos };
    },

    step(given) {
      if (given.length !== size * A)
        throw new Error(
          `Cannot step ${size} copies of ${id} with ${given.length} numbers: expected ${size * A}`,
        );
      if (mode === 'disabled' && ended_B.includes(1)) {
        const copies = envs.map((_, i) => i).filter((i) => ended_B[i]);
        throw new Error(
          `Cannot step copy ${copies.join(', ')} of ${id} after the end of an episode: call reset({ mask }) first`,
        );
      }
      assertPlayable(given);
      act_BA.set(given);
      for (let i = 0; i < size; i++) {
        reset_B[i] = 0;
        finalInfos[i] = undefined;
        if (mode === 'next-step' && ended_B[i]) {
          resetCopy(i);
          reward_B[i] = 0;
          terminated_B[i] = 0;
          truncated_B[i] = 0;
          reset_B[i] = 1;
          continue;
        }
        stepCopy(i);
        if (mode === 'same-step' && ended_B[i]) {
          finalRows[i]!.set(rows[i]!);
          finalInfos[i] = infos[i];
          resetCopy(i);
          reset_B[i] = 1;
        }
      }
      return result;
    },

    getState: (copy) => ({ ...copyOf(copy).getState(), ended: ended_B[copy] === 1 }),

    setState(copy, state) {
      const obs = copyOf(copy).setState(state);
      rows[copy]!.set(obs);
      ended_B[copy] = 'ended' in state && state.ended ? 1 : 0;
      return obs;
    },

    close() {
      for (const env of envs) env.close();
    },
  };

  function copyOf(copy: number): Env {
    const env = envs[copy];
    if (!env) throw new RangeError(`Cannot find copy ${copy} of ${id}: there are 0 to ${size - 1}`);
    return env;
  }
}

/** A seed for each copy. Seeds that follow each other share none, unlike Gymnasium's seed + i. */
function copySeed(seed: number, id: string, copy: number): number {
  return integer(stream(seed, id, 'copy', String(copy)), 2 ** 52);
}

function actionSize({ actSpace }: Env): string {
  return actSpace.type === 'box' ? `vector of ${actSpace.size}` : `one of ${actSpace.n}`;
}
