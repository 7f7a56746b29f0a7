// From the rules of a task to an environment: the order of calls, the time limit, seeding, checks of what comes in.
import { type Rng, stream } from '../backend/rng.ts';
import type { Action, Box, Discrete, Env, EnvState, Info, StartOptions } from './types.ts';

/** The rules of one task, without episodes: `episodic` makes an environment of it. */
export interface Dynamics {
  readonly obsSpace: Box;
  readonly actSpace: Box | Discrete;
  /** What `reset({ options })` may change about the start, with the task's own numbers; nothing if left out. */
  readonly startOptions?: Readonly<Record<string, number>>;
  /**
   * Draws a start state.
   * @param options all of `startOptions`, finite, `low` not above `high`
   */
  start(rng: Rng, options: Readonly<Record<string, number>>): Info;
  /** Moves on by one step; the action has been checked. */
  move(action: Action): { readonly reward: number; readonly terminated: boolean; readonly info: Info };
  /** Writes the observation of the present state into `obs`, [D]. */
  observe(obs: Float64Array): void;
  /** Whether the present state ends an episode. */
  ended(): boolean;
  /** What `info` tells about the present state, for a reset that draws none; nothing if left out. */
  facts?(): Info;
  save(): EnvState['vectors'];
  /** @throws Error if a vector is missing, unknown, of the wrong length or not finite */
  load(vectors: EnvState['vectors'], elapsed: number): void;
  close(): void;
}

/**
 * Adds episodes to a task's rules: a step is allowed only between `reset` (or `setState`) and the end, the
 * episode is truncated after `maxSteps` steps, and start states come from the stream `(seed, id, 'reset')`.
 * This is the only place where `truncated` is decided.
 * @returns an environment that throws an Error naming the task where it is stepped before a reset, after an episode's end or
 *   after `close`, or given an action outside its space
 */
export function episodic(dynamics: Dynamics, { id, maxSteps }: { id: string; maxSteps: number }): Env {
  const { obsSpace, actSpace } = dynamics;
  const checkAction = actSpace.type === 'box' ? boxCheck(id, actSpace) : discreteCheck(id, actSpace);
  let rng = stream(0, id, 'reset');
  let phase: 'new' | 'running' | 'ended' | 'closed' = 'new';
  let elapsed = 0;

  function assertStarted(what: string): void {
    if (phase === 'closed') throw new Error(`Cannot ${what} ${id} after close: make a new environment`);
    if (phase === 'new') throw new Error(`Cannot ${what} ${id} before its first reset: call reset first`);
  }

  function assertOwn(state: EnvState): void {
    if (state.env !== id)
      throw new Error(`Cannot set the state of ${id} to one of ${state.env}: take one of ${id}`);
  }

  function observe(out: Float64Array = new Float64Array(obsSpace.size)): Float64Array {
    if (out.length !== obsSpace.size)
      throw new Error(
        `Cannot write the observation of ${id} into ${out.length} numbers: expected ${obsSpace.size}`,
      );
    dynamics.observe(out);
    return out;
  }

  return {
    id,
    obsSpace,
    actSpace,
    maxSteps,

    reset({ seed, options = {}, out } = {}) {
      if (phase === 'closed') throw new Error(`Cannot reset ${id} after close: make a new environment`);
      const { state, ...given } = options;
      const start = startNumbers(id, given, dynamics.startOptions ?? {});
      if (state) assertOwn(state);
      if (seed !== undefined) rng = stream(seed, id, 'reset');
      if (state) dynamics.load(state.vectors, 0);
      const info = state ? (dynamics.facts?.() ?? {}) : dynamics.start(rng, start);
      elapsed = 0;
      phase = state && dynamics.ended() ? 'ended' : 'running';
      if (phase === 'ended')
        throw new Error(`Cannot reset ${id} to a state that ends an episode: give one from before its end`);
      return { obs: observe(out), info };
    },

    step(action, out) {
      assertStarted('step');
      if (phase === 'ended')
        throw new Error(`Cannot step ${id} after the end of an episode (step ${elapsed}): call reset first`);
      checkAction(action);
      const { reward, terminated, info } = dynamics.move(action);
      elapsed++;
      const truncated = elapsed >= maxSteps;
      if (terminated || truncated) phase = 'ended';
      return { obs: observe(out), reward, terminated, truncated, info };
    },

    getState() {
      assertStarted('read the state of');
      return { env: id, vectors: dynamics.save(), elapsed };
    },

    setState(state) {
      if (phase === 'closed')
        throw new Error(`Cannot set the state of ${id} after close: make a new environment`);
      assertOwn(state);
      if (!Number.isInteger(state.elapsed) || state.elapsed < 0)
        throw new Error(`Cannot set the state of ${id} at step ${state.elapsed}: expected an integer from 0`);
      dynamics.load(state.vectors, state.elapsed);
      elapsed = state.elapsed;
      phase = elapsed >= maxSteps || dynamics.ended() ? 'ended' : 'running';
      return observe();
    },

    close() {
      if (phase === 'closed') return;
      phase = 'closed';
      dynamics.close();
    },
  };
}

/** The numbers of a start: the task's own, in place of which `given` may stand. */
function startNumbers(
  id: string,
  given: Omit<StartOptions, 'state'>,
  own: Readonly<Record<string, number>>,
): Readonly<Record<string, number>> {
  for (const [name, value] of Object.entries(given)) {
    if (!Object.hasOwn(own, name))
      throw new Error(
        `Cannot reset ${id} with the option ${name}: it knows ${[...Object.keys(own), 'state'].join(', ')}`,
      );
    if (!Number.isFinite(value))
      throw new Error(`Cannot reset ${id} with ${name} = ${value}: expected a finite number`);
  }
  const all: Record<string, number> = { ...own, ...given };
  if (all.low! > all.high!)
    throw new Error(
      `Cannot reset ${id} between low = ${all.low} and high = ${all.high}: expected low <= high`,
    );
  return all;
}

/** The box without limits in `size` dimensions. */
export function unboundedBox(size: number): Box {
  return {
    type: 'box',
    size,
    low: new Float64Array(size).fill(Number.NEGATIVE_INFINITY),
    high: new Float64Array(size).fill(Number.POSITIVE_INFINITY),
  };
}

/**
 * A vector out of a saved state.
 * @throws Error if it is missing, has another length than `size`, or holds a number that is not finite
 */
export function savedVector(
  vectors: EnvState['vectors'],
  { env, name, size }: { env: string; name: string; size: number },
): readonly number[] {
  const vector = vectors[name];
  if (!vector) throw new Error(`Cannot set the state of ${env}: the vector ${name} is missing`);
  if (vector.length !== size)
    throw new Error(`Cannot set the state of ${env}: ${name} has ${vector.length} numbers, expected ${size}`);
  for (let i = 0; i < size; i++) {
    if (!Number.isFinite(vector[i]))
      throw new Error(
        `Cannot set the state of ${env}: ${name}[${i}] is ${vector[i]}, expected a finite number`,
      );
  }
  return vector;
}

/** @throws Error if a saved state holds vectors that the task does not know */
export function assertKnownVectors(
  vectors: EnvState['vectors'],
  { env, known }: { env: string; known: readonly string[] },
): void {
  for (const name of Object.keys(vectors)) {
    if (!known.includes(name))
      throw new Error(`Cannot set the state of ${env}: unknown vector ${name}, expected ${known.join(', ')}`);
  }
}

function boxCheck(id: string, { size }: Box): (action: Action) => void {
  return (action) => {
    if (typeof action === 'number' || action?.length !== size) {
      const given =
        typeof action === 'number' ? `the number ${action}` : `${action?.length ?? action} numbers`;
      throw new Error(`Cannot step ${id} with ${given}: its action has ${size} numbers`);
    }
    for (let i = 0; i < size; i++) {
      if (!Number.isFinite(action[i]))
        throw new Error(`Cannot step ${id} with action[${i}] = ${action[i]}: expected a finite number`);
    }
  };
}

function discreteCheck(id: string, { n }: Discrete): (action: Action) => void {
  return (action) => {
    if (typeof action !== 'number' || !Number.isInteger(action) || action < 0 || action >= n) {
      const given = typeof action === 'number' ? action : `[${Array.from(action ?? [])}]`;
      throw new Error(`Cannot step ${id} with action ${given}: expected an integer from 0 to ${n - 1}`);
    }
  };
}
