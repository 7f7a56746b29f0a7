// Fixed scaling of observations: what every network sees. Fitted once, stored with the network, undone nowhere.

/** obsNorm = clip((obs - mean) / scale, +-clip), entry by entry. */
export interface Standardizer {
  readonly mean_D: Float32Array;
  readonly scale_D: Float32Array;
  /** Bound after scaling, in standard deviations. */
  readonly clip: number;
}

/**
 * Scaling by the mean and std of given statistics, both in simulator units; `floor` is added to each std, so that a constant
 * entry stays finite. `clip` is in standard deviations.
 */
export function standardizer(
  mean_D: ArrayLike<number>,
  std_D: ArrayLike<number>,
  { floor = 1e-3, clip = 10 }: { floor?: number; clip?: number } = {},
): Standardizer {
  return { mean_D: Float32Array.from(mean_D), scale_D: Float32Array.from(std_D, (std) => std + floor), clip };
}

/** Scales one row, [D], into `out`. */
export function standardizeRow(
  { mean_D, scale_D, clip }: Standardizer,
  obs: ArrayLike<number>,
  out: Float64Array,
): Float64Array {
  for (let i = 0; i < out.length; i++) {
    const x = (obs[i]! - mean_D[i]!) / scale_D[i]!;
    out[i] = x > clip ? clip : x < -clip ? -clip : x;
  }
  return out;
}

/** Scales many rows, [N, D] row-major, to a new array. `clipped` false leaves out the bound. */
export function standardizeRows(
  { mean_D, scale_D, clip }: Standardizer,
  obs_ND: ArrayLike<number>,
  { clipped = true }: { clipped?: boolean } = {},
): Float32Array {
  const D = mean_D.length;
  const bound = clipped ? clip : Number.POSITIVE_INFINITY;
  return Float32Array.from(obs_ND, (obs, i) => {
    const x = (obs - mean_D[i % D]!) / scale_D[i % D]!;
    return Math.max(-bound, Math.min(bound, x));
  });
}
