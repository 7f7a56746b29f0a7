// The running average of a network's parameters, which is steadier than any of them.

/** average = keep average + (1 - keep) now, in place, for parameters of one network, [P]. */
export function moveAverage(average: Float32Array, now: Float32Array, keep: number): void {
  now.forEach((x, i) => {
    average[i] = keep * average[i]! + (1 - keep) * x;
  });
}
