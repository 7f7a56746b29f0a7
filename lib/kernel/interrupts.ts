// Interrupting the running cell: from the request (SIGINT or an interrupt_request) to the end of the cell.
// Code that asked for `interruptSignal()` gets GRACE to finish on its own; a second press, or code that never asked, is stopped at
// once: what waits throws when it resumes, and a busy loop is cut off by the thread in sigint-worker.cjs.
import { executionAsyncId } from 'node:async_hooks';
import path from 'node:path';
import { Worker } from 'node:worker_threads';
import { createGuards, type Guards } from './await-guards.ts';
import { InterruptedError } from './errors.ts';
import { INTERRUPT_KEY } from './interrupt.ts';

/** How long code that listens to the signal may take to come to its own end. */
const GRACE_MS = 5_000;
/** How long other code may wait: enough for a loop to resume and throw at its own line. */
const SHORT_MS = 150;
/** How long other code may be busy before it is cut off. */
const BUSY_MS = 300;

/** One execution of a cell. */
export interface Run {
  /** True once an interrupt has come. */
  readonly interrupted: boolean;
  /** Runs the cell's code; rejects when `fail` is called or an interrupt ends the cell before the code does. */
  perform<T>(code: () => Promise<T>): Promise<T>;
  /** Ends the cell with an error that its code did not throw, such as an unhandled rejection. */
  fail(error: unknown): void;
  /** What `fail` got, if anything. */
  readonly failure: { readonly error: unknown } | undefined;
  finish(): void;
}

/** Stopping a cell, also one that never yields. */
export interface Interrupts {
  readonly guards: Guards;
  /** Starts a run, which is the current one until `finish`. */
  begin(): Run;
  readonly current: Run | undefined;
  interrupt(): void;
  /** Ends the thread. Node does not exit while it talks to the main thread's inspector. */
  close(): Promise<void>;
}

interface CurrentRun extends Run {
  readonly controller: AbortController;
  listens: boolean;
  inCode: boolean;
  presses: number;
  timer: NodeJS.Timeout | undefined;
}

/** Cells of the memory shared with the thread; it waits on ASKED and TURNS. */
const ASKED = 0;
const TURNS = 1;
const GRACE = 2;
const MAY_STOP = 3;
const STOPPED = 4;
const NAP = 5;
const KERNEL_KEY = 'mail-lab.kernel';

/** `recover` is called after a busy loop was cut off, which may have taken waiting promise callbacks with it. */
export function createInterrupts(root: string, recover: () => void): Interrupts {
  const cells = new Int32Array(new SharedArrayBuffer(6 * Int32Array.BYTES_PER_ELEMENT));
  const control = createGuards(() => new InterruptedError());
  const never = new AbortController().signal;
  const kernelFolder = path.join(root, 'lib', 'kernel') + path.sep;
  let current: CurrentRun | undefined;

  function stop(run: CurrentRun, error: InterruptedError): void {
    control.halt();
    clearTimeout(run.timer);
    run.timer = setTimeout(() => run.fail(error), SHORT_MS);
  }

  /** May run in the middle of a busy loop (called through the inspector), so it only takes notes and sets timers. */
  function interrupt(): void {
    // In a busy loop its stack tells where the loop is.
    const error = new InterruptedError();
    const run = current;
    const patient = run?.listens === true && run.presses === 0;
    Atomics.store(cells, GRACE, patient ? GRACE_MS : BUSY_MS);
    if (!run) control.advance();
    else {
      run.presses += 1;
      run.controller.abort(error);
      if (patient) run.timer = setTimeout(() => stop(run, error), GRACE_MS);
      else stop(run, error);
    }
    setImmediate(() => {
      const stopped = Atomics.exchange(cells, STOPPED, 0) === 1;
      announce(TURNS);
      if (!stopped) return;
      run?.fail(error);
      recover();
    });
    announce(ASKED);
  }

  /** Called through the inspector: says whether what runs at this moment may be cut off. */
  function look(): void {
    // In the callback of a timer or socket it may not: Node's bookkeeping of callbacks would be torn, which ends the process.
    const mayStop = current?.inCode === true && executionAsyncId() === 0 && runsUserCode(kernelFolder);
    Atomics.store(cells, MAY_STOP, mayStop ? 1 : 0);
    announce(ASKED);
  }

  function announce(index: number): void {
    Atomics.add(cells, index, 1);
    Atomics.notify(cells, index);
  }

  const globals = globalThis as unknown as Record<symbol, unknown>;
  globals[Symbol.for(KERNEL_KEY)] = { interrupt, look };
  globals[INTERRUPT_KEY] = {
    get signal() {
      if (!current) return never;
      current.listens = true;
      return current.controller.signal;
    },
  };

  // Node's own handler stays beneath the thread's: it is in force before the thread is ready, and should the thread fail.
  process.on('SIGINT', interrupt);
  const worker = new Worker(path.join(root, 'lib', 'kernel', 'sigint-worker.cjs'), {
    workerData: {
      cells,
      ...{ ASKED, TURNS, GRACE, MAY_STOP, STOPPED, NAP },
      expressions: {
        interrupt: `globalThis[Symbol.for('${KERNEL_KEY}')].interrupt()`,
        look: `globalThis[Symbol.for('${KERNEL_KEY}')].look()`,
      },
    },
  });
  worker.unref();

  return {
    guards: control.guards,
    interrupt,
    async close() {
      await worker.terminate();
    },
    get current() {
      return current;
    },
    begin() {
      let failure: Run['failure'];
      let reject: ((error: unknown) => void) | undefined;
      const run: CurrentRun = {
        controller: new AbortController(),
        listens: false,
        inCode: false,
        presses: 0,
        timer: undefined,
        get interrupted() {
          return this.presses > 0;
        },
        get failure() {
          return failure;
        },
        perform: (code) =>
          new Promise((resolve, rejectCell) => {
            reject = rejectCell;
            run.inCode = true;
            // Detached, so that cutting off the code leaves the caller's own chain of promises whole.
            Promise.resolve().then(code).then(resolve, rejectCell);
          }),
        fail(error) {
          failure ??= { error };
          control.halt();
          reject?.(error);
        },
        finish() {
          clearTimeout(run.timer);
          run.inCode = false;
          control.release();
          if (current === run) current = undefined;
        },
      };
      current = run;
      return run;
    },
  };
}

/** True if this was called in the middle of code of a cell or library, and not of the kernel's or of nothing at all. */
function runsUserCode(kernelFolder: string): boolean {
  const format = Error.prepareStackTrace;
  Error.prepareStackTrace = (_error, sites) => sites.map((site) => site.getFileName());
  const here = {} as { stack: (string | null)[] };
  Error.captureStackTrace(here, runsUserCode);
  const files = here.stack;
  Error.prepareStackTrace = format;
  // The first frame is `look`; the inspector's own and Node's have no name of a file.
  const innermost = files.slice(1).find((file) => file && !file.startsWith('node:'));
  return innermost != null && !innermost.startsWith(kernelFolder);
}
