// The native engine: TensorFlow's C library through @tensorflow/tfjs-node. Node only; browsers get native-absent.ts.
import { createRequire } from 'node:module';

let outcome: string | undefined | null = null;

/** Loads tfjs-node, which registers the backend 'tensorflow'. Returns why it cannot be had, or undefined if it is there. */
export async function loadNative(): Promise<string | undefined> {
  if (outcome === null) outcome = tryToLoad();
  return outcome;
}

function tryToLoad(): string | undefined {
  // TensorFlow reads both before its library is loaded. One thread is faster than two for networks of this size.
  process.env.TF_CPP_MIN_LOG_LEVEL ??= '3';
  process.env.TF_NUM_INTRAOP_THREADS ??= process.env.MAIL_LAB_THREADS ?? '1';
  process.env.TF_NUM_INTEROP_THREADS ??= '1';
  const require = createRequire(import.meta.url);
  // tfjs-node 4.22 still calls two functions that Node 23 removed from node:util (tensorflow/tfjs#8609).
  const nodeUtil = require('node:util') as Record<string, unknown>;
  nodeUtil.isNullOrUndefined ??= (value: unknown) => value === null || value === undefined;
  nodeUtil.isArray ??= Array.isArray;
  try {
    require('@tensorflow/tfjs-node');
    return undefined;
  } catch (error) {
    return (error as Error).message.split('\n')[0];
  }
}
