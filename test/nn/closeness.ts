// Measures of agreement between two computations, for all numeric tests.
import assert from 'node:assert/strict';
import { normals, type Rng } from '../../lib/backend/rng.ts';

/** |a - b| / |b|, over whole vectors. */
export function relativeDistance(a: ArrayLike<number>, b: ArrayLike<number>): number {
  let gap = 0;
  let size = 0;
  for (let i = 0; i < b.length; i++) {
    gap += (a[i]! - b[i]!) ** 2;
    size += b[i]! ** 2;
  }
  return Math.sqrt(gap / size);
}

/** Fails unless |a - b| <= within |b|, over whole vectors; the message has the distance. */
export function assertRelativelyClose(a: ArrayLike<number>, b: ArrayLike<number>, within: number): void {
  const distance = relativeDistance(a, b);
  assert.ok(distance <= within, `relative distance ${distance}, expected at most ${within}`);
}

/** Fails unless the vectors have one length and every entry differs by at most `within`. */
export function assertClose(
  actual: ArrayLike<number>,
  expected: ArrayLike<number>,
  { within, what = 'entry' }: { readonly within: number; readonly what?: string },
): void {
  assert.equal(actual.length, expected.length, `${what}: lengths`);
  for (let i = 0; i < expected.length; i++)
    assert.ok(
      Math.abs(actual[i]! - expected[i]!) <= within,
      `${what} ${i} is ${actual[i]}, expected ${expected[i]} to ${within}`,
    );
}

export function dot(a: ArrayLike<number>, b: ArrayLike<number>): number {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += a[i]! * b[i]!;
  return sum;
}

/**
 * Fails unless `gradient` predicts how `f` changes between at + step and at - step in random directions, to `within`
 * of |gradient| |step|. The steps are those that float32 really takes, so that only the third derivative is in the way.
 */
export function assertGradient(
  f: (x: Float32Array) => number,
  at: Float32Array,
  gradient: ArrayLike<number>,
  options: {
    readonly rng: Rng;
    readonly step?: number;
    readonly within?: number;
    readonly directions?: number;
  },
): void {
  const { rng, step = 1e-3, within = 1e-4, directions = 6 } = options;
  assert.equal(gradient.length, at.length, 'the gradient has one entry a parameter');
  assert.ok(dot(gradient, gradient) > 0, 'a gradient of zeros would agree with anything flat');
  for (let k = 0; k < directions; k++) {
    const move = normals(rng, at.length, step);
    const plus = at.map((x, i) => x + move[i]!);
    const minus = at.map((x, i) => x - move[i]!);
    const taken = plus.map((x, i) => x - minus[i]!);
    const gap = f(plus) - f(minus) - dot(gradient, taken);
    const size = Math.sqrt(dot(gradient, gradient) * dot(taken, taken));
    assert.ok(
      Math.abs(gap) <= within * size,
      `direction ${k}: off by ${Math.abs(gap) / size} of |gradient| |step|`,
    );
  }
}
