// The one door to the tensor engine (TensorFlow.js): picks the backend, reports it, and holds the few
// operations whose fastest form differs between backends. No other file knows which backend runs.
import '@tensorflow/tfjs-backend-wasm';
import * as tf from '@tensorflow/tfjs-core';
import { loadNative } from '#native-engine';

export { tf };

/** A tensor with one axis, float32 unless its maker says otherwise. */
export type Tensor1D = tf.Tensor1D;
/** A tensor with two axes. */
export type Tensor2D = tf.Tensor2D;
/** A tensor with three axes. */
export type Tensor3D = tf.Tensor3D;

/** `tensorflow` is the native C library behind tfjs-node, `wasm` is WebAssembly with SIMD. */
export type BackendName = 'tensorflow' | 'wasm';

/**
 * What a run mostly computes. Below a batch of about 100 rows the cost is the call, not the arithmetic, and
 * a WASM call costs half a native one; from about 256 rows on native arithmetic wins. `npm run bench` measures both.
 */
export type RunKind = 'small-batches' | 'large-batches';

/** What computes: for the record of a run. */
export interface EngineFacts {
  readonly backend: BackendName;
  readonly version: string;
  readonly threads: number;
  /** Why this backend: asked for, measured to be faster for this kind of run, or the other one is missing. */
  readonly reason: string;
}

const measuredChoice: Record<RunKind, BackendName> = {
  'small-batches': 'wasm',
  'large-batches': 'tensorflow',
};

let facts: EngineFacts | undefined;

/**
 * The backend that `startEngine` would start, and why. Loads the native engine if that is the one.
 *
 * @param asked as for `startEngine`
 * @throws Error if the backend that was asked for cannot start (with 'auto', WASM takes the native engine's place)
 */
export async function chooseBackend(
  kind: RunKind,
  asked = fromEnvironment(),
): Promise<{ readonly backend: BackendName; readonly reason: string }> {
  if (asked !== 'auto' && asked !== 'tensorflow' && asked !== 'wasm')
    throw new Error(`Cannot start the backend "${asked}": MAIL_LAB_BACKEND takes tensorflow, wasm or auto`);
  const backend = asked === 'auto' ? measuredChoice[kind] : asked;
  const missing = backend === 'tensorflow' ? await loadNative() : undefined;
  if (missing && asked === 'tensorflow')
    throw new Error(
      `Cannot start the native engine (${missing}): run npm run setup, or set MAIL_LAB_BACKEND=wasm`,
    );
  if (missing) return { backend: 'wasm', reason: `the native engine is missing (${missing})` };
  return { backend, reason: asked === 'auto' ? `measured to be faster for ${kind}` : 'asked for' };
}

/**
 * Starts the tensor engine, or switches to the backend that suits this kind of run. Idempotent.
 *
 * @param kind what the run mostly computes; decides the backend unless one is asked for
 * @param asked 'tensorflow', 'wasm' or 'auto'; default: the environment variable MAIL_LAB_BACKEND, else 'auto'
 * @throws Error as `chooseBackend`
 */
export async function startEngine(
  kind: RunKind = 'small-batches',
  asked = fromEnvironment(),
): Promise<EngineFacts> {
  const { backend, reason } = await chooseBackend(kind, asked);
  if (!(await tf.setBackend(backend))) throw new Error(`Cannot start the backend "${backend}"`);
  await tf.ready();
  const threads = backend === 'tensorflow' ? Number(environment('TF_NUM_INTRAOP_THREADS') ?? 1) : 1;
  facts = { backend, version: tf.version_core, threads, reason };
  return facts;
}

/** The running backend. @throws Error if the engine has not been started */
export function engineFacts(): EngineFacts {
  if (!facts) throw new Error('The tensor engine has not been started: await startEngine() first');
  return facts;
}

/** The running backend as a record's header states it. */
export function engineVersions(): Record<string, string> {
  const { backend, version, threads, reason } = engineFacts();
  return { backend, chosen: reason, tfjs: version, threads: String(threads) };
}

/** Runs `compute` and frees every tensor made in it except those that it returns (tf.tidy with an honest type). */
export function scope<T>(compute: () => T): T {
  let result: T;
  tf.tidy(() => {
    result = compute();
    return tensorsIn(result);
  });
  return result!;
}

/** The tensors of a result. tf.tidy looks for them itself, but in every number of a typed array too. */
function tensorsIn(result: unknown): tf.Tensor[] {
  if (result instanceof tf.Tensor) return [result];
  if (result === null || typeof result !== 'object' || ArrayBuffer.isView(result)) return [];
  return Object.values(result).flatMap(tensorsIn);
}

/** 1 where a ReLU's output is positive, else 0. `step` costs 6 us on WASM and 260 us on native, where `sign` is cheap. */
export function reluMask<T extends tf.Tensor>(activation: T): T {
  return (facts?.backend === 'tensorflow' ? tf.sign(activation) : tf.step(activation)) as T;
}

/** tanh; on WASM by way of the sigmoid, tanh x = 2 sigmoid(2x) - 1, which is a third of the cost there. */
export function tanh<T extends tf.Tensor>(x: T): T {
  if (facts?.backend === 'tensorflow') return tf.tanh(x);
  return tf.sub(tf.mul(tf.sigmoid(tf.mul(x, 2)), 2), 1) as T;
}

/** x transposed times y: [B, I] and [B, O] to [I, O], the shape of every weight gradient. */
export function matMulTransposedLeft(x_BI: Tensor2D, y_BO: Tensor2D): Tensor2D {
  if (facts?.backend === 'tensorflow') return tf.matMul(x_BI, y_BO, true, false);
  return tf.matMul(tf.transpose(x_BI), y_BO);
}

function fromEnvironment(): string {
  return environment('MAIL_LAB_BACKEND') || 'auto';
}

/** Browsers have no environment variables; there every look-up is undefined. */
function environment(name: string): string | undefined {
  return (globalThis as { process?: { env?: Record<string, string | undefined> } }).process?.env?.[name];
}
