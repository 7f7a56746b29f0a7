// What one does with a space: draw from it, ask whether something lies in it.
import { integer, normal, type Rng, uniform } from '../backend/rng.ts';
import type { Action, Box, Discrete } from './types.ts';

/**
 * A random element, by Gymnasium's rule: uniform between two bounds, exponential beyond a single one, N(0, 1)
 * where there is none.
 * @returns an integer for a discrete space, a fresh vector [D] for a box
 */
export function sample(space: Discrete, rng: Rng): number;
export function sample(space: Box, rng: Rng): Float64Array;
export function sample(space: Box | Discrete, rng: Rng): number | Float64Array;
export function sample(space: Box | Discrete, rng: Rng): number | Float64Array {
  if (space.type === 'discrete') return integer(rng, space.n);
  return space.low.map((low, i) => between(low, space.high[i]!, rng));
}

/** Whether `value` is an element: of the right kind and length, and within the bounds. */
export function contains(space: Box | Discrete, value: Action): boolean {
  if (space.type === 'discrete')
    return typeof value === 'number' && Number.isInteger(value) && value >= 0 && value < space.n;
  if (typeof value === 'number' || value?.length !== space.size) return false;
  for (let i = 0; i < space.size; i++)
    if (!(value[i]! >= space.low[i]! && value[i]! <= space.high[i]!)) return false;
  return true;
}

function between(low: number, high: number, rng: Rng): number {
  const exponential = () => -Math.log(1 - uniform(rng));
  if (Number.isFinite(low) && Number.isFinite(high)) return uniform(rng, low, high);
  if (Number.isFinite(low)) return low + exponential();
  if (Number.isFinite(high)) return high - exponential();
  return normal(rng);
}
