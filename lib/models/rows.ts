// Rows of numbers in flat arrays: put side by side, drawn by chance.
import { integer, type Rng } from '../backend/rng.ts';

/** Rows of x, [N, I], and y, [N, J], side by side, [N, I + J]. */
export function joinRows(x_NI: Float32Array, I: number, y_NJ: Float32Array, J: number): Float32Array {
  const N = x_NI.length / I;
  const out = new Float32Array(N * (I + J));
  for (let n = 0; n < N; n++) {
    out.set(x_NI.subarray(n * I, (n + 1) * I), n * (I + J));
    out.set(y_NJ.subarray(n * J, (n + 1) * J), n * (I + J) + I);
  }
  return out;
}

/** `n` rows of x, [N, I], drawn with replacement. */
export function drawRows(rows_NI: Float32Array, I: number, n: number, rng: Rng): Float32Array {
  const out = new Float32Array(n * I);
  const N = rows_NI.length / I;
  for (let b = 0; b < n; b++) {
    const row = integer(rng, N);
    out.set(rows_NI.subarray(row * I, (row + 1) * I), b * I);
  }
  return out;
}
