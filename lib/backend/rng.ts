// Randomness as an argument. Every random number in lib/ comes from a stream that the caller passes in;
// streams are named, so that adding one (an extra evaluation, a plot) never shifts the numbers of another.
import { uniformFloat64 } from 'pure-rand/distribution/uniformFloat64';
import { uniformInt } from 'pure-rand/distribution/uniformInt';
import { type xoroshiro128plus, xoroshiro128plusFromState } from 'pure-rand/generator/xoroshiro128plus';

/** A stream of random numbers (xoroshiro128+). Drawing from it advances it; `rngState` saves where it is. */
export type Rng = ReturnType<typeof xoroshiro128plus>;

/**
 * The stream called `path` of a run with this seed, for example `stream(7, 'mail', 'policy-noise')`.
 * Different paths give unrelated streams; the same path gives the same stream on every machine.
 *
 * @param seed a non-negative safe integer
 * @throws RangeError if the seed is not one
 */
export function stream(seed: number, ...path: string[]): Rng {
  if (!Number.isSafeInteger(seed) || seed < 0)
    throw new RangeError(`Cannot seed a stream with ${seed}: give a non-negative integer`);
  const text = `${seed}/${path.map((name) => name.replace(/[%/]/g, encodeURIComponent)).join('/')}`;
  return xoroshiro128plusFromState([1, 2, 3, 4].map((salt) => hash32(text, salt)));
}

/** Where a stream is: four 32-bit integers that `rngFromState` turns back into the same stream. */
export function rngState(rng: Rng): readonly number[] {
  return rng.getState();
}

/** The stream that `rngState` saved. */
export function rngFromState(state: readonly number[]): Rng {
  return xoroshiro128plusFromState(state);
}

/** One number from U[low, high). */
export function uniform(rng: Rng, low = 0, high = 1): number {
  return low + (high - low) * uniformFloat64(rng);
}

/**
 * One integer from {0, ..., n - 1}, without modulo bias.
 * @throws RangeError if n is not a positive integer
 */
export function integer(rng: Rng, n: number): number {
  if (!Number.isSafeInteger(n) || n < 1)
    throw new RangeError(`Cannot draw an integer below ${n}: give a positive integer`);
  return uniformInt(rng, 0, n - 1);
}

/** One number from N(0, 1) (Box and Muller 1958, the cosine branch; no cached spare, so the state is the stream's). */
export function normal(rng: Rng): number {
  const radius = Math.sqrt(-2 * Math.log(1 - uniformFloat64(rng)));
  return radius * Math.cos(2 * Math.PI * uniformFloat64(rng));
}

/** `n` numbers, [N], from N(0, std^2), in whatever unit `std` has. */
export function normals(rng: Rng, n: number, std = 1): Float32Array {
  const out = new Float32Array(n);
  for (let i = 0; i < n; i += 2) {
    const radius = std * Math.sqrt(-2 * Math.log(1 - uniformFloat64(rng)));
    const angle = 2 * Math.PI * uniformFloat64(rng);
    out[i] = radius * Math.cos(angle);
    if (i + 1 < n) out[i + 1] = radius * Math.sin(angle);
  }
  return out;
}

/** A random order of 0, ..., n - 1, [N] (Fisher and Yates). */
export function permutation(rng: Rng, n: number): Int32Array {
  const order = Int32Array.from({ length: n }, (_, i) => i);
  for (let i = n - 1; i > 0; i--) {
    const j = integer(rng, i + 1);
    const kept = order[i]!;
    order[i] = order[j]!;
    order[j] = kept;
  }
  return order;
}

/** FNV-1a over UTF-16 code units, then murmur3's finaliser so that near-equal names give unrelated states. */
function hash32(text: string, salt: number): number {
  let h = Math.imul(0x811c9dc5 ^ salt, 0x01000193);
  for (let i = 0; i < text.length; i++) h = Math.imul(h ^ text.charCodeAt(i), 0x01000193);
  h ^= h >>> 16;
  h = Math.imul(h, 0x85ebca6b);
  h ^= h >>> 13;
  h = Math.imul(h, 0xc2b2ae35);
  return (h ^ (h >>> 16)) | 0;
}
