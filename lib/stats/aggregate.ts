// What several numbers come to: the mean, and those that outliers among seeds do not move.

/** Arithmetic mean of values, [N]; NaN if there is none. */
export function mean(values: ArrayLike<number>): number {
  let sum = 0;
  for (let i = 0; i < values.length; i++) sum += values[i]!;
  return sum / values.length;
}

/**
 * The q-quantile of values, [N], at least one, linear between order statistics, as NumPy's default. Values may be
 * infinite: a run that never got there.
 * @param q share of the values below it, 0 to 1
 */
export function quantile(values: ArrayLike<number>, q: number): number {
  return sortedQuantile(new Float64Array(values).sort(), q);
}

/** `quantile` of values, [N], that are in ascending order already. */
export function sortedQuantile(sorted: ArrayLike<number>, q: number): number {
  const at = (sorted.length - 1) * q;
  const [low, high] = [sorted[Math.floor(at)]!, sorted[Math.ceil(at)]!];
  // Without the first case, infinity minus itself would make it NaN.
  return low === high ? low : low + (high - low) * (at - Math.floor(at));
}

/** The middle one of values, [N], at least one, or the mean of the two in the middle. */
export function median(values: ArrayLike<number>): number {
  return quantile(values, 0.5);
}

/**
 * Mean of what is left of values, [N], when a quarter of them (rounded down) is cut off at either end: IQM (rliable's
 * `aggregate_iqm`, SciPy's `trim_mean(values, 0.25)`).
 */
export function interquartileMean(values: ArrayLike<number>): number {
  const sorted = new Float64Array(values).sort();
  const cut = Math.floor(sorted.length / 4);
  return mean(sorted.subarray(cut, sorted.length - cut));
}
