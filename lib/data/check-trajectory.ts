// What a trajectory must be before it is stored: whole, finite, and one with itself.
import type { EnvState } from '../envs/types.ts';
import { type Demos, type Trajectory, trajectoryLength } from './types.ts';

/**
 * Checks trajectory `e` of a set: lengths, endings, finite numbers, action numbers, simulator states.
 *
 * @throws RangeError naming the trajectory and what is wrong with it
 */
export function checkTrajectory(demos: Demos, trajectory: Trajectory, e: number): void {
  const T = trajectoryLength(trajectory);
  const { obs_Tp1D, act_TA, reward_T, state_Tp1, terminated, truncated } = trajectory;
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
  if (state_Tp1 !== undefined) checkStates(state_Tp1, { env: demos.env, rows: T + 1, refuse });
}

function checkStates(
  state_Tp1: readonly EnvState[],
  options: { readonly env: string; readonly rows: number; readonly refuse: (problem: string) => never },
): void {
  const { env, rows, refuse } = options;
  if (state_Tp1.length !== rows) refuse(`state_Tp1 has ${state_Tp1.length} states, expected ${rows}`);
  const layout = (state: EnvState) =>
    Object.entries(state.vectors)
      .map(([name, vector]) => `${name}[${vector.length}]`)
      .sort()
      .join(' ');
  for (const [t, state] of state_Tp1.entries()) {
    if (state.env !== env) refuse(`state ${t} belongs to ${state.env}`);
    if (layout(state) !== layout(state_Tp1[0]!))
      refuse(`state ${t} holds ${layout(state)}, the first one ${layout(state_Tp1[0]!)}`);
    const bad = Object.keys(state.vectors).find(
      (name) => name === 'elapsed' || /[/.]/.test(name) || name === '',
    );
    if (bad !== undefined) refuse(`a state vector cannot be called "${bad}"`);
    if (!Object.values(state.vectors).every((vector) => vector.every(Number.isFinite)))
      refuse(`state ${t} holds a number that is not finite`);
  }
}
