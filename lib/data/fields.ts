// Fields of files as arrays of ours: of the shape that is expected, finite, in float32, and numbers of actions.
import { FormatError, type FormatPlace } from './format-error.ts';
import { type Group, readField } from './hdf5.ts';

/**
 * A field of numbers of a given shape. Its numbers may be anything: `float32`, `finite` and `actionNumbers` check those
 * that are used, so that their errors name the episode.
 *
 * @param field its path below `group`, also for errors
 * @param shape length of every axis; null where any will do
 * @returns the numbers row-major, [N], N the product of the lengths in `shape`
 * @throws FormatError if it is missing or of another shape, or as `readField`
 */
export function shapedField(
  group: Group,
  field: string,
  options: { readonly shape: readonly (number | null)[]; readonly place: FormatPlace },
): { readonly values: Float64Array; readonly shape: readonly number[] } {
  const { shape } = options;
  const place = { ...options.place, field };
  const read = readField(group, field.slice(field.lastIndexOf('/') + 1), place);
  const fits = read.shape.length === shape.length && shape.every((n, i) => n === null || n === read.shape[i]);
  if (!fits)
    throw new FormatError(
      place,
      `has shape [${read.shape.join(', ')}], expected [${shape.map((n) => n ?? 'any').join(', ')}]`,
    );
  return read;
}

/** The numbers, [N], as they are. @throws FormatError if one is not finite */
export function finite(values: Float64Array, place: FormatPlace): Float64Array {
  const bad = values.findIndex((value) => !Number.isFinite(value));
  if (bad >= 0) throw new FormatError(place, `entry ${bad} is ${values[bad]}`);
  return values;
}

/** The numbers, [N], in float32. @throws FormatError if one is not finite, or would not be in float32 */
export function float32(values: Float64Array, place: FormatPlace): Float32Array {
  finite(values, place);
  const out = Float32Array.from(values);
  const bad = out.findIndex((value) => !Number.isFinite(value));
  if (bad >= 0) throw new FormatError(place, `entry ${bad} is ${values[bad]}, beyond what float32 holds`);
  return out;
}

/**
 * Numbers of actions, [T], counted from 0.
 *
 * @param options.first number of the first action in the file
 * @throws FormatError if an entry is no action of the task
 */
export function actionNumbers(
  act_T: Float64Array,
  options: { readonly actions: number; readonly first?: number; readonly place: FormatPlace },
): Float32Array {
  const { actions, first = 0, place } = options;
  return Float32Array.from(act_T, (entry, t) => {
    const action = entry - first;
    if (!Number.isInteger(action) || action < 0 || action >= actions)
      throw new FormatError(
        place,
        `entry ${t} is ${entry}, expected an integer from ${first} to ${first + actions - 1}`,
      );
    return action;
  });
}
