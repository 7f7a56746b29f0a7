// What every trainer takes and does alike: options, yielding to the event loop, means of metrics between two lines.
import type { Pairs } from '../data/types.ts';
import type { Env } from '../envs/types.ts';
import type { OnEvent } from '../experiment/record.ts';

/** How the caller follows and stops a run. Nothing here changes what is computed. */
export interface TrainOptions {
  /** Receives every line of the run's record as it comes. */
  readonly onEvent?: OnEvent;
  /** Stops the run, also within an update or an evaluation; the result is what was learnt so far. */
  readonly signal?: AbortSignal;
  /** Seconds on some clock, for the record's clock lines. Default: performance.now() / 1000. */
  readonly clock?: () => number;
  /** Saving the run's state as it goes, and going on from such a state. */
  readonly checkpoint?: Checkpointing;
}

/**
 * How a run that was stopped goes on: the rest of it is, byte for byte, what an uninterrupted run would have given.
 * States are plain data (records, arrays, typed arrays) that a structured clone can copy.
 */
export interface Checkpointing {
  /** The state that `save` was last given by a run of the same algorithm, task, settings and seed. */
  readonly from?: unknown;
  /** Receives the state after every evaluation. It must copy or write it at once: training changes it in place. */
  readonly save: (state: unknown) => void;
}

/** What a run of imitation depends on. The same setup gives the same record, clock and machine lines apart. */
export interface ImitationSetup<Options> {
  readonly config?: Options;
  readonly seed: number;
  /** Expert pairs, actions as the environment takes them. */
  readonly demos: Pairs;
  /** What the record says of the demonstrations: set, trajectories, sub-sampling, hash. */
  readonly aboutDemos?: Readonly<Record<string, unknown>>;
  /** Makes one more environment of the task, unwrapped. Those made in the run are closed in it. */
  readonly newEnv: () => Promise<Env>;
}

/** Lets timers, messages and interrupts be handled: a training loop that never yields cannot be stopped. */
export function breathe(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, 0));
}

/** A function to call often: it breathes if the last breath was 30 ms ago, soon enough for a run to stop within 100 ms. */
export function paced(): () => Promise<void> {
  let last = performance.now();
  return async () => {
    if (performance.now() - last < 30) return;
    await breathe();
    last = performance.now();
  };
}

/** Runs a computation that pauses, and breathes `paced` in the pauses. Undefined if a pause finds the run aborted. */
export async function unhurried<T>(
  steps: Generator<void, T>,
  signal: AbortSignal | undefined,
): Promise<T | undefined> {
  const breath = paced();
  for (;;) {
    const { done, value } = steps.next();
    if (done) return value;
    await breath();
    if (signal?.aborted) return undefined;
  }
}

/** Makes `n` environments one after the other, and closes each of them at the end, also if making the next one fails. */
export async function withEnvs<T>(
  n: number,
  newEnv: () => Promise<Env>,
  use: (envs: readonly Env[]) => Promise<T>,
): Promise<T> {
  const envs: Env[] = [];
  try {
    while (envs.length < n) envs.push(await newEnv());
    return await use(envs);
  } finally {
    for (const env of envs) env.close();
  }
}

/** Running means of named numbers. */
export interface Means {
  add(values: Readonly<Record<string, number>>): void;
  /** The means since the last call, and starts anew. */
  take(): Record<string, number>;
}

/** Fresh running means. `add` throws an Error naming a number that is not finite: training that goes on would hide it. */
export function means(): Means {
  let sums = new Map<string, { sum: number; count: number }>();
  return {
    add(values) {
      for (const [name, value] of Object.entries(values)) {
        if (!Number.isFinite(value))
          throw new Error(`Training diverged: ${name} is ${value}. Lower the learning rates`);
        const entry = sums.get(name) ?? { sum: 0, count: 0 };
        entry.sum += value;
        entry.count += 1;
        sums.set(name, entry);
      }
    },
    take() {
      const out = Object.fromEntries([...sums].map(([name, { sum, count }]) => [name, sum / count]));
      sums = new Map();
      return out;
    },
  };
}

/** A clock that leaves out what happens between `pause` and `resume` (evaluation is not training time). */
export interface StopWatch {
  seconds(): number;
  pause(): void;
  resume(): void;
}

/** Starts a stop-watch at `total` seconds. */
export function stopWatch(clock: () => number = () => performance.now() / 1000, total = 0): StopWatch {
  let since: number | undefined = clock();
  return {
    seconds: () => total + (since === undefined ? 0 : clock() - since),
    pause: () => {
      if (since !== undefined) total += clock() - since;
      since = undefined;
    },
    resume: () => {
      since ??= clock();
    },
  };
}
