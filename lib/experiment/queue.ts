// What hands out the runs of a sweep. Workers know this interface and nothing of where the runs come from, so that a queue
// over several machines can take the place of the list in memory.
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { lockHolder } from './lock.ts';
import type { KeyedRun } from './run-key.ts';

/** Who hands out the runs of a sweep: behind it may stand one process or several machines. */
export interface RunQueue {
  /** A run to be made now, or undefined if none is left. While others are at all that are left, it waits. */
  readonly next: () => Promise<KeyedRun | undefined>;
  readonly done: (key: string) => void | Promise<void>;
  readonly failed: (key: string, error: Error) => void | Promise<void>;
  /** The run was not made, as another process was at it or the sweep was stopped: it is still to be made. */
  readonly returned: (key: string) => void | Promise<void>;
}

/** A queue that lives in this process, and what has become of its runs so far. */
export interface ListQueue extends RunQueue {
  readonly state: {
    /** Keys of runs whose records are there. */
    readonly done: ReadonlySet<string>;
    readonly failed: ReadonlyMap<string, Error>;
  };
}

/** Milliseconds between two looks at the locks of other processes. */
const LOOK_AGAIN = 300;

/**
 * A queue of one process that others on the same folder of records respect: a run whose record has appeared is done, one
 * whose lock is held is left to its holder, unless that goes away.
 * @param runs in the order in which they are handed out, each once
 * @param options.signal once aborted, nothing more is handed out
 */
export function listQueue(
  runs: readonly KeyedRun[],
  { folder, signal }: { readonly folder: string; readonly signal?: AbortSignal },
): ListQueue {
  const byKey = new Map(runs.map((run) => [run.key, run]));
  const waiting = new Map(byKey);
  const done = new Set<string>();
  const failed = new Map<string, Error>();

  function nextFree(): KeyedRun | undefined {
    for (const [key, run] of waiting) {
      const path = join(folder, run.place);
      if (existsSync(path)) done.add(key);
      else if (lockHolder(`${path}.lock`) !== undefined) continue;
      waiting.delete(key);
      if (!done.has(key)) return run;
    }
    return undefined;
  }

  return {
    async next() {
      while (!signal?.aborted) {
        const run = nextFree();
        if (run || waiting.size === 0) return run;
        await sleep(LOOK_AGAIN);
      }
      return undefined;
    },
    done: (key) => void done.add(key),
    failed: (key, error) => void failed.set(key, error),
    returned: (key) => void waiting.set(key, byKey.get(key)!),
    state: { done, failed },
  };
}
