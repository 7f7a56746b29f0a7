// What a trajectory must be before it is stored: whole, finite, and one with itself.
import type { EnvState } from '../envs/types.ts';
import { type Demos, startOf, type Trajectory, trajectoryLength } from './types.ts';

/**
 * Checks trajectory `e` of a set: lengths, endings, finite numbers, action numbers, the first simulator state.
 *
 * @throws RangeError naming the trajectory and what is wrong with it
 */
export function checkTrajectory(demos: Demos, trajectory: Trajectory, e: number): void {
  const T = trajectoryLength(trajectory);
  const { obs_Tp1D, act_TA, reward_T, terminated, truncated } = trajectory;
  const refuse = (problem: string): never => {
    throw new RangeError(`Cannot store trajectory ${e} of ${demos.env}: ${problem}`);
  };
  if (T === 0) refuse('it has no step');
  if (!terminated && !truncated) refuse('it is neither terminated nor truncated');
  const lengths = { obs_Tp1D: (T + 1) * demos.obsSize, act_TA: T * demos.actSize };
  for (const [name, array] of Object.entries({ obs_Tp1D, act_TA }))
    if (array.length !== lengths[name as keyof typeof lengths])
      refuse(
        `${name} has ${array.length} entries, expected ${lengths[name as keyof typeof lengths]} for ${T} steps`,
      );
  for (const [name, array] of Object.entries({ obs_Tp1D, act_TA, reward_T })) {
    const bad = array.findIndex((value: number) => !Number.isFinite(value));
    if (bad >= 0) refuse(`${name}[${bad}] is ${array[bad]}`);
  }
  if (demos.actions > 0) {
    const bad = act_TA.findIndex(
      (action) => !Number.isInteger(action) || action < 0 || action >= demos.actions,
    );
    if (bad >= 0)
      refuse(`act_TA[${bad}] is ${act_TA[bad]}, expected an integer from 0 to ${demos.actions - 1}`);
  }
  const start = startOf(trajectory);
  if (start !== undefined) checkState(start, { env: demos.env, refuse });
}

function checkState(
  state: EnvState,
  options: { readonly env: string; readonly refuse: (problem: string) => never },
): void {
  const { env, refuse } = options;
  if (state.env !== env) refuse(`its first state belongs to ${state.env}`);
  const bad = Object.keys(state.vectors).find(
    (name) => name === 'elapsed' || /[/.]/.test(name) || name === '',
  );
  if (bad !== undefined) refuse(`a state vector cannot be called "${bad}"`);
  if (![...Object.values(state.vectors), [state.elapsed]].every((vector) => vector.every(Number.isFinite)))
    refuse('its first state holds a number that is not finite');
}
