// How a long computation learns that the user pressed Interrupt. Node-free: outside the kernel the signal never fires.

/** Where the kernel keeps the running cell's abort signal. Reading `signal` tells the kernel that the code listens. */
export const INTERRUPT_KEY: unique symbol = Symbol.for('mail-lab.interrupt');

interface InterruptSource {
  readonly signal: AbortSignal;
}

const never = new AbortController().signal;

/**
 * The abort signal of the cell that runs now. A loop that asks for it and checks `signal.aborted` (or listens) between
 * iterations may finish its iteration, return what it has reached, and the cell ends normally; code that never asks is
 * stopped by the kernel. Yield to the event loop now and then, as the request arrives there.
 *
 * @returns the running cell's signal; outside the kernel a signal that never aborts
 */
export function interruptSignal(): AbortSignal {
  const source = (globalThis as unknown as Record<symbol, InterruptSource | undefined>)[INTERRUPT_KEY];
  return source?.signal ?? never;
}
