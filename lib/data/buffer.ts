// The replay ring: the latest `capacity` transitions in typed arrays. A plain record that structuredClone copies;
// `saveBuffer` and `restoreBuffer` are for checkpoints.
import { checkPositiveInteger } from '../backend/positive-integer.ts';
import { integer, type Rng } from '../backend/rng.ts';

/** A ring of transitions. Row r is written at every `capacity`-th push; change it only through `push`. */
export interface ReplayBuffer {
  readonly capacity: number;
  readonly obsSize: number;
  readonly actSize: number;
  readonly obs_ND: Float32Array;
  readonly act_NA: Float32Array;
  readonly nextObs_ND: Float32Array;
  /** 1 where the task's own rule ended the episode with this transition, else 0. */
  readonly terminated_N: Uint8Array;
  /** Row that the next push writes. */
  cursor: number;
  /** Transitions held, at most `capacity`. */
  count: number;
}

/** What one step teaches a model: what was seen, what was done, what came. */
export interface Transition {
  /** What was seen, [D], simulator units. */
  readonly obs: ArrayLike<number>;
  /** Action vector, [A], or the action's number for a discrete task (actSize 1). */
  readonly act: ArrayLike<number> | number;
  /** The episode's own next observation, [D], also at its end (never the first of the next episode). */
  readonly nextObs: ArrayLike<number>;
  readonly terminated: boolean;
}

/** Transitions drawn from a buffer, simulator units. */
export interface TransitionBatch {
  readonly n: number;
  readonly obs_BD: Float32Array;
  readonly act_BA: Float32Array;
  readonly nextObs_BD: Float32Array;
  readonly terminated_B: Uint8Array;
}

/** A buffer's filled rows and cursor: plain data, independent of the buffer it was saved from. */
export interface SavedBuffer {
  readonly capacity: number;
  readonly obsSize: number;
  readonly actSize: number;
  readonly cursor: number;
  readonly count: number;
  readonly obs_ND: Float32Array;
  readonly act_NA: Float32Array;
  readonly nextObs_ND: Float32Array;
  readonly terminated_N: Uint8Array;
}

/** How large a ring is. */
export interface BufferSizes {
  /** Transitions kept before the oldest is overwritten. */
  readonly capacity: number;
  readonly obsSize: number;
  /** Length of an action row: 1 for a discrete task. */
  readonly actSize: number;
}

/**
 * An empty ring.
 *
 * @throws RangeError if a size is not a positive integer
 */
export function createBuffer(sizes: BufferSizes): ReplayBuffer {
  const { capacity, obsSize, actSize } = sizes;
  checkPositiveInteger('capacity', capacity);
  checkPositiveInteger('obsSize', obsSize);
  checkPositiveInteger('actSize', actSize);
  return {
    capacity,
    obsSize,
    actSize,
    obs_ND: new Float32Array(capacity * obsSize),
    act_NA: new Float32Array(capacity * actSize),
    nextObs_ND: new Float32Array(capacity * obsSize),
    terminated_N: new Uint8Array(capacity),
    cursor: 0,
    count: 0,
  };
}

/**
 * Adds a transition, over the oldest one if the ring is full. Nothing is written if it is refused.
 *
 * @throws RangeError if a vector has the wrong length or holds a number that is not finite
 */
export function push(buffer: ReplayBuffer, transition: Transition): void {
  const { obsSize, actSize, cursor } = buffer;
  const act = typeof transition.act === 'number' ? [transition.act] : transition.act;
  checkVector('obs', transition.obs, obsSize);
  checkVector('act', act, actSize);
  checkVector('nextObs', transition.nextObs, obsSize);
  buffer.obs_ND.set(transition.obs, cursor * obsSize);
  buffer.act_NA.set(act, cursor * actSize);
  buffer.nextObs_ND.set(transition.nextObs, cursor * obsSize);
  buffer.terminated_N[cursor] = transition.terminated ? 1 : 0;
  buffer.cursor = (cursor + 1) % buffer.capacity;
  buffer.count = Math.min(buffer.count + 1, buffer.capacity);
}

/**
 * `n` transitions drawn uniformly and independently (with replacement), one draw of `rng` each.
 *
 * @throws RangeError if the buffer is empty or `n` is not a positive integer
 */
export function sample(buffer: ReplayBuffer, n: number, rng: Rng): TransitionBatch {
  return sampleRecent(buffer, n, buffer.capacity, rng);
}

/**
 * Like `sample`, but only from the `recent` transitions that were pushed last (all, where fewer are held).
 *
 * @throws RangeError if the buffer is empty, or `n` or `recent` is not a positive integer
 */
export function sampleRecent(buffer: ReplayBuffer, n: number, recent: number, rng: Rng): TransitionBatch {
  checkPositiveInteger('n', n);
  checkPositiveInteger('recent', recent);
  if (buffer.count === 0)
    throw new RangeError(`Cannot draw ${n} transitions as the buffer is empty: push transitions first`);
  const { capacity, cursor } = buffer;
  const among = Math.min(recent, buffer.count);
  const rows_B = new Int32Array(n);
  for (let b = 0; b < n; b++) {
    const age = integer(rng, among); // 0 is the transition pushed last
    rows_B[b] = (cursor - 1 - age + capacity) % capacity;
  }
  return transitionsAt(buffer, rows_B);
}

/**
 * The transitions in these rows, in their order.
 *
 * @throws RangeError if a row does not hold a transition
 */
export function transitionsAt(buffer: ReplayBuffer, rows_B: ArrayLike<number>): TransitionBatch {
  const { obsSize: D, actSize: A } = buffer;
  const n = rows_B.length;
  const obs_BD = new Float32Array(n * D);
  const act_BA = new Float32Array(n * A);
  const nextObs_BD = new Float32Array(n * D);
  const terminated_B = new Uint8Array(n);
  for (let b = 0; b < n; b++) {
    const row = rows_B[b]!;
    if (!Number.isInteger(row) || row < 0 || row >= buffer.count)
      throw new RangeError(`Cannot take row ${row} of a buffer that holds ${buffer.count} transitions`);
    obs_BD.set(buffer.obs_ND.subarray(row * D, (row + 1) * D), b * D);
    act_BA.set(buffer.act_NA.subarray(row * A, (row + 1) * A), b * A);
    nextObs_BD.set(buffer.nextObs_ND.subarray(row * D, (row + 1) * D), b * D);
    terminated_B[b] = buffer.terminated_N[row]!;
  }
  return { n, obs_BD, act_BA, nextObs_BD, terminated_B };
}

/** Contents and cursor for a checkpoint: only the filled rows, copied. */
export function saveBuffer(buffer: ReplayBuffer): SavedBuffer {
  const { capacity, obsSize, actSize, cursor, count } = buffer;
  return {
    capacity,
    obsSize,
    actSize,
    cursor,
    count,
    obs_ND: buffer.obs_ND.slice(0, count * obsSize),
    act_NA: buffer.act_NA.slice(0, count * actSize),
    nextObs_ND: buffer.nextObs_ND.slice(0, count * obsSize),
    terminated_N: buffer.terminated_N.slice(0, count),
  };
}

/**
 * The buffer that `saveBuffer` saved: the same pushes and draws from here on give the same numbers.
 *
 * @throws RangeError if the saved data contradicts itself
 */
export function restoreBuffer(saved: SavedBuffer): ReplayBuffer {
  const { capacity, obsSize, actSize, cursor, count } = saved;
  const buffer = createBuffer({ capacity, obsSize, actSize });
  const expectedCursor = count < capacity ? cursor === count : cursor >= 0 && cursor < capacity;
  if (
    !Number.isInteger(count) ||
    !Number.isInteger(cursor) ||
    count < 0 ||
    count > capacity ||
    !expectedCursor
  )
    throw new RangeError(
      `Cannot restore a buffer of capacity ${capacity} with count ${count} and cursor ${cursor}: the saved data is damaged`,
    );
  const arrays = ['obs_ND', 'act_NA', 'nextObs_ND', 'terminated_N'] as const;
  const sizes = { obs_ND: obsSize, act_NA: actSize, nextObs_ND: obsSize, terminated_N: 1 };
  for (const name of arrays) {
    if (saved[name].length !== count * sizes[name])
      throw new RangeError(
        `Cannot restore ${name} with ${saved[name].length} entries: expected ${count} rows of ${sizes[name]}`,
      );
    buffer[name].set(saved[name]);
  }
  buffer.cursor = cursor;
  buffer.count = count;
  return buffer;
}

function checkVector(name: string, vector: ArrayLike<number>, size: number): void {
  if (vector.length !== size)
    throw new RangeError(`Cannot push ${name} of length ${vector.length}: expected ${size}`);
  for (let i = 0; i < size; i++)
    if (!Number.isFinite(Math.fround(vector[i]!)))
      throw new RangeError(`Cannot push ${name}[${i}] = ${vector[i]}: expected a finite float32 number`);
}
