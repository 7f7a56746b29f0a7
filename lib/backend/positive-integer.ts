// The check of every count that a caller gives.

/** Checks a count. @throws RangeError naming it and its value if it is not a positive integer */
export function checkPositiveInteger(name: string, value: number): void {
  if (!Number.isSafeInteger(value) || value < 1)
    throw new RangeError(`Cannot use ${name} = ${value}: give a positive integer`);
}
