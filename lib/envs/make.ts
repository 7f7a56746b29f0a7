// Environments by name.
import { ACROBOT_LIMIT, makeAcrobot } from './acrobot.ts';
import { ANT, ANT_V4 } from './ant.ts';
import { CARTPOLE_LIMITS, makeCartPole } from './cartpole.ts';
import { HALF_CHEETAH, HALF_CHEETAH_V4 } from './half-cheetah.ts';
import { HOPPER, HOPPER_V4 } from './hopper.ts';
import { HUMANOID, HUMANOID_V4 } from './humanoid.ts';
import { INVERTED_PENDULUM, INVERTED_PENDULUM_V4 } from './inverted-pendulum.ts';
import { MOUNTAIN_CAR_LIMIT, makeMountainCar } from './mountain-car.ts';
import { type MujocoTask, makeMujocoEnv } from './mujoco-task.ts';
import { makePendulum, PENDULUM_LIMIT } from './pendulum.ts';
import { REACHER, REACHER_V4 } from './reacher.ts';
import type { Env } from './types.ts';
import { WALKER2D, WALKER2D_V4 } from './walker2d.ts';

interface ClassicTask {
  readonly maxSteps: number;
  readonly make: (options: { id: string; maxSteps: number }) => Env;
}

const CLASSIC_TASKS: Readonly<Record<string, ClassicTask>> = {
  'CartPole-v0': { maxSteps: CARTPOLE_LIMITS['CartPole-v0'], make: makeCartPole },
  'CartPole-v1': { maxSteps: CARTPOLE_LIMITS['CartPole-v1'], make: makeCartPole },
  'MountainCar-v0': { maxSteps: MOUNTAIN_CAR_LIMIT, make: makeMountainCar },
  'Acrobot-v1': { maxSteps: ACROBOT_LIMIT, make: makeAcrobot },
  'Pendulum-v1': { maxSteps: PENDULUM_LIMIT, make: makePendulum },
};

/** The tasks that MuJoCo simulates, by name: v5 and v4 rules. */
export const MUJOCO_TASKS: Readonly<Record<string, MujocoTask>> = Object.fromEntries(
  [
    [INVERTED_PENDULUM, REACHER, HOPPER, WALKER2D, HALF_CHEETAH, ANT, HUMANOID],
    [INVERTED_PENDULUM_V4, REACHER_V4, HOPPER_V4, WALKER2D_V4, HALF_CHEETAH_V4, ANT_V4, HUMANOID_V4],
  ]
    .flat()
    .map((task) => [task.id, task]),
);

/** The names that `makeEnv` knows. */
export const ENV_IDS: readonly string[] = [...Object.keys(CLASSIC_TASKS), ...Object.keys(MUJOCO_TASKS)];

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
  if (Object.hasOwn(CLASSIC_TASKS, id)) {
    const task = CLASSIC_TASKS[id]!;
    return task.make({ id, maxSteps: maxSteps ?? task.maxSteps });
  }
  throw new Error(`Cannot make the environment ${id}: known are ${ENV_IDS.join(', ')}`);
}
