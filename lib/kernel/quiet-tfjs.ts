// TensorFlow.js prints advice ("install our node backend") on stderr, where a notebook shows it as a red block. Its production flag
// does nothing but silence such notes, so it is set as soon as the package loads, whoever loads it.
import Module from 'node:module';

type Load = (request: string, ...rest: unknown[]) => unknown;

/** Sets that flag whenever `@tensorflow/tfjs-core` is loaded from now on. Call it once, first. */
export function silenceTfjsNotes(): void {
  const internals = Module as unknown as { _load: Load };
  const original = internals._load;
  internals._load = function load(this: unknown, request, ...rest) {
    const exports = original.call(this, request, ...rest);
    if (request === '@tensorflow/tfjs-core') (exports as { enableProdMode?: () => void }).enableProdMode?.();
    return exports;
  };
}
