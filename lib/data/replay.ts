// Making a trajectory's simulator states again from its first state and its actions.
import type { Env, EnvState } from '../envs/types.ts';
import { startOf, type Trajectory } from './types.ts';

/**
 * The simulator's states of a trajectory, [T+1]: puts the first one into `env` and takes the recorded actions.
 *
 * @param env a task of the trajectory's kind; afterwards it stands where the trajectory ends
 * @param options.tolerance how far an observation may be from the recorded one, simulator units. The default, 0, holds
 *   where the actions were taken as they are recorded, in float32; else contacts soon drive the two apart
 * @throws Error if the trajectory holds no state, or naming the step where the replay leaves the record
 */
export function replayStates(
  env: Env,
  trajectory: Trajectory,
  options: { readonly tolerance?: number } = {},
): EnvState[] {
  const { tolerance = 0 } = options;
  const { obs_Tp1D, act_TA, reward_T } = trajectory;
  const T = reward_T.length;
  const [D, A] = [obs_Tp1D.length / (T + 1), act_TA.length / T];
  const start = startOf(trajectory);
  if (start === undefined)
    throw new Error(
      `Cannot replay a trajectory of ${env.id} without its first state: roll it with keepStates`,
    );
  const compare = (obs: ArrayLike<number>, t: number): void => {
    for (let d = 0; d < D; d++) {
      const recorded = obs_Tp1D[t * D + d]!;
      const gap = Math.abs(Math.fround(obs[d]!) - recorded);
      if (!(gap <= tolerance))
        throw new Error(
          `Cannot replay the trajectory of ${env.id} beyond step ${t} of ${T}: entry ${d} of the observation is ${obs[d]} where ${recorded} was recorded; other rules or another simulator made it, or its actions were rounded`,
        );
    }
  };
  env.reset();
  compare(env.setState(start), 0);
  const state_Tp1 = [env.getState()];
  for (let t = 0; t < T; t++) {
    const row = act_TA.subarray(t * A, (t + 1) * A);
    compare(env.step(env.actSpace.type === 'discrete' ? row[0]! : row).obs, t + 1);
    state_Tp1.push(env.getState());
  }
  return state_Tp1;
}
