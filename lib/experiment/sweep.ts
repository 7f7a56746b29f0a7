// Makes the runs that a queue hands out, each in a process of its own: TensorFlow's native library is not made for worker
// threads, and a run that crashes takes nothing else with it (Node side).
import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import type { RunQueue } from './queue.ts';
import type { RecordLine } from './record.ts';
import type { KeyedRun } from './run-key.ts';

/** How the runs are made, and who hears of them. */
export interface SweepOptions {
  /** Folder of records. */
  readonly folder: string;
  /** Runs at a time. */
  readonly workers: number;
  /** Stops all runs; each goes on from its last checkpoint the next time. */
  readonly signal: AbortSignal;
  readonly onStart?: (run: KeyedRun) => void;
  /** Hears evaluation and clock lines as they come. */
  readonly onLine?: (run: KeyedRun, line: RecordLine) => void;
  readonly onEnd?: (run: KeyedRun, outcome: Outcome) => void;
}

/** How a process left its run. */
export type Outcome =
  | { readonly kind: 'done' }
  /** Not made: another process is at it, or the sweep was stopped. */
  | { readonly kind: 'returned' }
  | { readonly kind: 'failed'; readonly error: Error };

/** What a child says. */
export type ChildMessage =
  | { readonly kind: 'line'; readonly line: RecordLine }
  | { readonly kind: 'done' | 'returned' }
  | { readonly kind: 'failed'; readonly message: string };

/** Works until the queue hands out nothing more. A run that fails is reported to the queue and does not stop the others. */
export async function sweep(queue: RunQueue, options: SweepOptions): Promise<void> {
  const { workers, signal, onStart, onEnd } = options;
  await Promise.all(
    Array.from({ length: workers }, async () => {
      for (let run = await queue.next(); run && !signal.aborted; run = await queue.next()) {
        onStart?.(run);
        const outcome = await inChild(run, options);
        if (outcome.kind === 'failed') await queue.failed(run.key, outcome.error);
        else await queue[outcome.kind](run.key);
        onEnd?.(run, outcome);
      }
    }),
  );
}

async function inChild(run: KeyedRun, { folder, signal, onLine }: SweepOptions): Promise<Outcome> {
  const child = fork(new URL('./sweep-child.ts', import.meta.url), {
    execArgv: ['--import', import.meta.resolve('tsx')],
    env: { TF_CPP_MIN_LOG_LEVEL: '3', MAIL_LAB_THREADS: '1', ...process.env },
    stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
  });
  const stop = () => child.kill();
  signal.addEventListener('abort', stop);
  const stderr = lastOf(child);
  let said: ChildMessage | undefined;
  child.on('message', (message: ChildMessage) => {
    if (message.kind === 'line') onLine?.(run, message.line);
    else said = message;
  });
  child.send({ run, folder });
  const [code, killedBy] = await once(child, 'exit');
  signal.removeEventListener('abort', stop);
  if (said?.kind === 'done' || said?.kind === 'returned') return { kind: said.kind };
  if (said?.kind === 'failed') return { kind: 'failed', error: new Error(said.message) };
  if (signal.aborted) return { kind: 'returned' };
  const end = killedBy ? `was ended by ${killedBy}` : `ended with code ${code}`;
  return { kind: 'failed', error: new Error(`The run's process ${end}${stderr()}`) };
}

/** The end of what a child writes to its standard error. */
function lastOf(child: ChildProcess): () => string {
  let text = '';
  child.stderr?.setEncoding('utf8').on('data', (more: string) => {
    text = (text + more).slice(-2000);
  });
  return () => (text ? `:\n${text.trim()}` : '');
}
