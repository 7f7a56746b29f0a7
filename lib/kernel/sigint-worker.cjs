'use strict';
// The thread that hears SIGINT while the main thread is busy. Node delivers signals through the main thread's event loop, which a
// synchronous loop never returns to. `breakOnSigint` is the exception: it wakes the thread that asked for it last, so this thread
// sleeps inside such a call. Woken, it asks the main thread through the inspector, which gets in even between two iterations of a
// busy loop, and as the last resort has the main thread's JavaScript stopped.

const { Session } = require('node:inspector');
const vm = require('node:vm');
const { workerData } = require('node:worker_threads');
const { cells, ASKED, TURNS, GRACE, MAY_STOP, STOPPED, NAP, expression } = workerData;

function waitWhile(index, value, milliseconds) {
  Atomics.wait(cells, index, value, milliseconds);
  return Atomics.load(cells, index) !== value;
}

function interruptMainThread() {
  const asked = Atomics.load(cells, ASKED);
  const turns = Atomics.load(cells, TURNS);
  const session = new Session();
  session.connectToMainThread();
  session.post('Runtime.evaluate', { expression });
  // A native call (a large TensorFlow op) answers when it returns.
  if (waitWhile(ASKED, asked, 60_000)) {
    const turned = waitWhile(TURNS, turns, Atomics.load(cells, GRACE));
    if (!turned && Atomics.load(cells, MAY_STOP) === 1) {
      Atomics.store(cells, STOPPED, 1);
      session.post('Runtime.terminateExecution');
      waitWhile(TURNS, turns, 2_000);
    }
  }
  session.disconnect();
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

// Two levels: the outer call stays armed while the inner one is being re-armed, and takes a second press during the handling.
globalThis.mailLabSleep = () => Atomics.wait(cells, NAP, 0);
globalThis.mailLabArmed = () => guarded('mailLabSleep()');
guarded('mailLabArmed()');
