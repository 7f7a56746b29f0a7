// Memory: one region that every call fills anew from its start, so that it grows to what the largest call needs and stays.

const start: usize = (__heap_base + 15) & ~15;
let top: usize = start;

/** Forgets all that was laid out. */
export function reset(): void {
  top = start;
}

/** Room for `floats` numbers of 32 bits, at an address divisible by 16; what was there before is still in it. */
export function alloc(floats: i32): usize {
  const at = top;
  top += ((<usize>floats + 3) & ~3) << 2;
  const missing = <i32>((top + 0xffff) >> 16) - memory.size();
  if (missing > 0 && memory.grow(missing) < 0) unreachable();
  return at;
}

/** Room for `rows` rows of `width` numbers, and for the up to 3 rows that a product may write beyond them. */
export function allocRows(rows: i32, width: i32): usize {
  return alloc((rows + 3) * width);
}

/** The same, with zeros in it. */
export function allocZeros(rows: i32, width: i32): usize {
  const at = allocRows(rows, width);
  memory.fill(at, 0, (<usize>((rows + 3) * width)) << 2);
  return at;
}

/** The next multiple of 8: rows of numbers are this wide in memory. */
export function padded(width: i32): i32 {
  return (width + 7) & ~7;
}
