// Environments by name.
import { CARTPOLE_LIMITS, makeCartPole } from './cartpole.ts';
import { HOPPER } from './hopper.ts';
import { type MujocoTask, makeMujocoEnv } from './mujoco-task.ts';
import type { Env } from './types.ts';

const MUJOCO_TASKS: Readonly<Record<string, MujocoTask>> = { [HOPPER.id]: HOPPER };

/** The names that `makeEnv` knows. */
export const ENV_IDS: readonly string[] = [...Object.keys(CARTPOLE_LIMITS), ...Object.keys(MUJOCO_TASKS)];

/**
 * Makes an environment with its own simulator and its own random stream (seed 0 until `reset({ seed })`).
 *
 * @param id a Gymnasium name, one of `ENV_IDS`
 * @param options maxSteps: another time limit than the registered one, steps
 * @throws Error if the name is unknown or maxSteps is not a positive integer
 */
export async function makeEnv(id: string, options: { readonly maxSteps?: number } = {}): Promise<Env> {
  const { maxSteps } = options;
  if (maxSteps !== undefined && !(Number.isInteger(maxSteps) && maxSteps > 0))
    throw new Error(`Cannot make ${id} with maxSteps ${maxSteps}: expected a positive integer`);
  if (Object.hasOwn(MUJOCO_TASKS, id)) {
    const task = MUJOCO_TASKS[id]!;
    return makeMujocoEnv(maxSteps === undefined ? task : { ...task, maxSteps });
  }
  if (Object.hasOwn(CARTPOLE_LIMITS, id))
    return makeCartPole({ id, maxSteps: maxSteps ?? CARTPOLE_LIMITS[id as keyof typeof CARTPOLE_LIMITS] });
  throw new Error(`Cannot make the environment ${id}: known are ${ENV_IDS.join(', ')}`);
}
