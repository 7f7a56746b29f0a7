// The simulator's own Jacobians by central differences: what a perfect forward model would know. A simulator state is the
// vector of its coordinates, [Z]: more than is observed (the x position), or other than that (an angle, not its sine).
import type { Env, EnvState } from './types.ts';

/** Vectors of a saved state that are no coordinates: clocks, and the solver's memory, without which it starts afresh. */
const aside = ['time', 'qacc_warmstart', 'horizon'];

/** The coordinates of a state, [Z]: all its vectors one after the other, clocks and the solver's memory apart. */
export function stateCoordinates({ vectors }: EnvState): Float64Array {
  return Float64Array.from(coordinateVectors(vectors).flatMap(([, vector]) => vector));
}

/**
 * The state with these coordinates, [Z], at the start of its time limit. What follows from it is a function of them alone.
 * @param like a state of the same task, which tells the vectors' names and lengths
 */
export function stateAt(state_Z: ArrayLike<number>, like: EnvState): EnvState {
  const all = Array.from(state_Z);
  const vectors = coordinateVectors(like.vectors).map(([name, { length }]) => [name, all.splice(0, length)]);
  return { env: like.env, vectors: Object.fromEntries(vectors), elapsed: 0 };
}

/** One step of the simulator from a state, [Z], with an action, [A]; leaves the environment behind the step. */
export function simulatorStep(
  env: Env,
  { state_Z, act_A, like }: SimulatorPoint,
): { readonly next_Z: Float64Array; readonly terminated: boolean } {
  env.setState(stateAt(state_Z, like));
  const { terminated } = env.step(act_A);
  return { next_Z: stateCoordinates(env.getState()), terminated };
}

/** Where a Jacobian is taken. */
export interface SimulatorPoint {
  readonly state_Z: ArrayLike<number>;
  /** Action units. */
  readonly act_A: ArrayLike<number>;
  /** A state of the same task, which tells the vectors' names and lengths. */
  readonly like: EnvState;
}

/**
 * d next / d [state, action], [Z, Z + A] row-major, in simulator units, by 2 (Z + A) steps of the environment, which is
 * left anywhere. Actions beyond the simulator's own bound have derivative 0.
 * @param step change of one entry to either side, simulator units
 * @throws Error if the environment refuses a step to both sides of an entry
 */
export function stepJacobian(env: Env, { state_Z, act_A, like }: SimulatorPoint, step = 1e-5): Float64Array {
  const Z = state_Z.length;
  return jacobian(
    (x_I) => simulatorStep(env, { state_Z: x_I.subarray(0, Z), act_A: x_I.subarray(Z), like }).next_Z,
    Float64Array.of(...Array.from(state_Z), ...Array.from(act_A)),
    step,
  );
}

/**
 * d observation / d state, [D, Z] row-major, simulator units, by setting 2 Z states.
 * @param step change of one coordinate to either side, simulator units
 */
export function observationJacobian(
  env: Env,
  { state_Z, like }: Omit<SimulatorPoint, 'act_A'>,
  step = 1e-5,
): Float64Array {
  return jacobian((x_Z) => env.setState(stateAt(x_Z, like)), Float64Array.from(state_Z), step);
}

/** Central differences of f: [I] to [O], row by row, [O, I]; one-sided where f throws on the other side of an entry. */
function jacobian(f: (x_I: Float64Array) => Float64Array, at_I: Float64Array, step: number): Float64Array {
  const I = at_I.length;
  const columns = Array.from(at_I, (_, i) => {
    const moved = (by: number) => f(at_I.with(i, at_I[i]! + by));
    const [above, below] = [attempt(() => moved(step)), attempt(() => moved(-step))];
    if (above.error && below.error) throw above.error;
    // A state just beyond an episode's end cannot be stepped.
    const high_O = above.value ?? f(at_I);
    const low_O = below.value ?? f(at_I);
    const width = above.value && below.value ? 2 * step : step;
    return high_O.map((high, o) => (high - low_O[o]!) / width);
  });
  const O = columns[0]!.length;
  return Float64Array.from({ length: O * I }, (_, n) => columns[n % I]![Math.floor(n / I)]!);
}

function attempt<T>(f: () => T): { readonly value?: T; readonly error?: unknown } {
  try {
    return { value: f() };
  } catch (error) {
    return { error };
  }
}

function coordinateVectors(vectors: EnvState['vectors']) {
  return Object.entries(vectors).filter(([name]) => !aside.includes(name));
}
