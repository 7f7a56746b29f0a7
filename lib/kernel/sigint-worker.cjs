'use strict';
// The thread that hears SIGINT while the main thread is busy. Node delivers signals through the main thread's event loop, which a
// synchronous loop never returns to. `breakOnSigint` is the exception: it wakes the thread that asked for it last, so this thread
// sleeps inside such a call. Woken, it asks the main thread through the inspector, which gets in even between two iterations of a
// busy loop, and as the last resort has the main thread's JavaScript stopped.

const { Session } = require('node:inspector');
const vm = require('node:vm');
const { workerData } = require('node:worker_threads');
const { cells, ASKED, TURNS, GRACE, MAY_STOP, STOPPED, NAP, expressions } = workerData;

/** How often a busy main thread is looked at again, if it cannot be stopped where it is. */
const AGAIN_MS = 50;
/** A native call (a large TensorFlow op) lets the inspector in when it returns. */
const NATIVE_CALL_MS = 60_000;

function changes(index, value, milliseconds) {
  Atomics.wait(cells, index, value, milliseconds);
  return Atomics.load(cells, index) !== value;
}

/** Has the main thread evaluate an expression, and waits until it has. */
function ask(expression) {
  const asked = Atomics.load(cells, ASKED);
  session.post('Runtime.evaluate', { expression });
  return changes(ASKED, asked, NATIVE_CALL_MS);
}

let session;

function interruptMainThread() {
  // A second press may have come in the middle of this; its session is still connected.
  session?.disconnect();
  session = new Session();
  session.connectToMainThread();
  const turns = Atomics.load(cells, TURNS);
  if (ask(expressions.interrupt)) {
    let turned = changes(TURNS, turns, Atomics.load(cells, GRACE));
    while (!turned && ask(expressions.look)) {
      if (Atomics.load(cells, MAY_STOP) === 1) {
        Atomics.store(cells, STOPPED, 1);
        session.post('Runtime.terminateExecution');
      }
      turned = changes(TURNS, turns, AGAIN_MS);
    }
  }
  session.disconnect();
  session = undefined;
}

function guarded(code) {
  for (;;) {
    try {
      vm.runInThisContext(code, { breakOnSigint: true });
    } catch (error) {
      if (error.code !== 'ERR_SCRIPT_EXECUTION_INTERRUPTED') throw error;
      interruptMainThread();
    }
  }
}

// Calls within calls: while one level deals with a press, the levels around it are armed for the next ones. A press that found
// none armed would end the process.
const LEVELS = 12;
globalThis.mailLabSleep = (level) => {
  if (level === LEVELS) Atomics.wait(cells, NAP, 0);
  else guarded(`mailLabSleep(${level + 1})`);
};
globalThis.mailLabSleep(0);
