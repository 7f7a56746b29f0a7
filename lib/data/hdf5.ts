// HDF5 files as bytes: the door to h5wasm, which is loaded when first needed and works in memory, in Node and in a
// browser. The import is dynamic because the package cannot be `require`d.
import type { Dataset, File, Group } from 'h5wasm';
import { FormatError, type FormatPlace } from './format-error.ts';
import { STAND_IN, standInsToBooleans } from './hdf5-booleans.ts';

export type { Dataset, Group } from 'h5wasm';

type H5wasm = typeof import('h5wasm');

/** Entries that a single field may hold; a file may claim any number. */
const MAX_ENTRIES = 2 ** 28;
/** Bytes that one byte of a file may stand for: gzip's bound is 1,032. More means that a header claims what is not there. */
const MAX_RATIO = 1100;

let loading: Promise<H5wasm> | undefined;
let files = 0;
/** Sizes in bytes of the files that are open. */
const openFiles = new Map<bigint, number>();

/**
 * Opens the bytes of an HDF5 file, hands its root to `read` and closes it again.
 *
 * @param bytes the file
 * @param options.name its name, for errors
 * @throws FormatError if the bytes are no HDF5 file, or not all of one
 */
export async function readHdf5<T>(
  bytes: Uint8Array,
  options: { readonly name: string; readonly read: (root: Group) => T },
): Promise<T> {
  const h5wasm = await load();
  const { FS } = await h5wasm.ready;
  const path = nextPath();
  FS.writeFile(path, bytes);
  let file: File | undefined;
  try {
    file = rethrown({ file: options.name }, () => new h5wasm.File(path, 'r'));
    openFiles.set(file.file_id, bytes.length);
    return options.read(file);
  } catch (error) {
    throw isHdf5Error(error) ? formatError({ file: options.name }, error) : error;
  } finally {
    if (file) openFiles.delete(file.file_id);
    file?.close();
    FS.unlink(path);
  }
}

/**
 * The bytes of the HDF5 file that `write` fills. The same calls give the same bytes.
 *
 * HDF5 stamps every object with the time of its creation and h5wasm has no switch for that, so the clock that it
 * reads stands at 1970 while `write` runs; `write` is synchronous, so nobody else sees it.
 *
 * Version 1.10 of the format (2016) stores an array of one chunk without an index, which saves 2 KB an array.
 */
export async function writeHdf5(write: (root: Group) => void): Promise<Uint8Array> {
  const h5wasm = await load();
  const { FS } = await h5wasm.ready;
  const path = nextPath();
  const clock = Date.now;
  Date.now = () => 0;
  try {
    const file = new h5wasm.File(path, 'w', { libver: 'v110' });
    try {
      write(file);
    } finally {
      file.close();
    }
    const bytes = FS.readFile(path) as Uint8Array;
    standInsToBooleans(bytes);
    return bytes;
  } finally {
    Date.now = clock;
    FS.unlink(path);
  }
}

/** Adds an array [rows, ...] to a group, gzip-compressed in one chunk. */
export function addArray(
  group: Group,
  array: { readonly name: string; readonly data: NumberArray; readonly shape: readonly number[] },
): void {
  const { name, data } = array;
  const shape = [...array.shape];
  // A chunk cannot be empty, so an array without entries (qpos of a task without joints) is stored plainly.
  const stored =
    data.length > 0 ? { chunks: shape, compression: 9, maxshape: [null, ...shape.slice(1)] } : {};
  group.create_dataset({ name, data, shape, ...stored });
}

/** Adds booleans [rows], given as 0 and 1. */
export function addBooleans(group: Group, array: { readonly name: string; readonly data: Uint8Array }): void {
  const { name, data } = array;
  const [shape, columns] = [[data.length], new Map([[STAND_IN, data]])];
  group.create_dataset({
    name,
    data: columns,
    dtype: [[STAND_IN, '<b']],
    shape,
    chunks: shape,
    compression: 9,
  });
}

/** The kinds of arrays that can be written. */
export type NumberArray = Float32Array | Float64Array | Uint8Array | BigInt64Array;

/** A field of numbers, converted to float64, row-major, [N], with its shape: N is the product of its lengths. */
export interface Field {
  readonly values: Float64Array;
  readonly shape: readonly number[];
}

/**
 * Reads a field of numbers or booleans. Absurd sizes are refused before memory is taken for them.
 *
 * @throws FormatError if it is missing, is no array of numbers, claims more than a file of this size can hold, or is
 *   damaged
 */
export function readField(group: Group, name: string, place: FormatPlace): Field {
  const dataset = rethrown(place, () => group.get(name));
  if (dataset === null) throw new FormatError(place, `missing; found ${namesIn(group)}`);
  if (!('metadata' in dataset && 'slice' in dataset))
    throw new FormatError(place, `expected an array, found a ${kindOf(dataset)}`);
  const { shape, kind } = rethrown(place, () => ({ shape: dataset.shape, kind: numberKind(dataset) }));
  if (shape === null || kind === null) throw new FormatError(place, 'expected an array of numbers');
  const entries = shape.reduce((product, length) => product * length, 1);
  if (!(entries <= MAX_ENTRIES))
    throw new FormatError(place, `its shape [${shape}] has more than the ${MAX_ENTRIES} entries allowed`);
  const claimed = entries * dataset.metadata.size;
  const fileBytes = openFiles.get(group.file_id) ?? 0;
  if (claimed > 1e6 + MAX_RATIO * fileBytes)
    throw new FormatError(place, `its shape [${shape}] claims ${claimed} bytes in a file of ${fileBytes}`);
  const raw = rethrown(place, () => dataset.value) as ArrayLike<number | bigint>;
  if (raw === null || raw.length !== entries)
    throw new FormatError(
      place,
      `holds ${raw?.length ?? 0} entries where its shape [${shape}] says ${entries}`,
    );
  return { values: Float64Array.from(raw, Number), shape };
}

/** Reads an attribute that is a text. @throws FormatError if it is missing or something else */
export function readText(group: Group, name: string, place: FormatPlace): string {
  const attribute = rethrown(place, () => group.attrs[name]?.value);
  if (typeof attribute !== 'string')
    throw new FormatError(
      { ...place, field: name },
      attribute === undefined ? 'the attribute is missing' : 'expected a text',
    );
  return attribute;
}

/** The sub-group of this name, or null where there is none. @throws FormatError if it is something else */
export function readGroup(group: Group, name: string, place: FormatPlace): Group | null {
  const entity = rethrown(place, () => group.get(name));
  if (entity === null) return null;
  if (!('keys' in entity)) throw new FormatError(place, `expected a group, found a ${kindOf(entity)}`);
  return entity;
}

/** Names in a group, for errors: the first ten. */
export function namesIn(group: Group): string {
  const names = group.keys();
  if (names.length === 0) return 'nothing';
  return names.length > 10
    ? `${names.slice(0, 10).join(', ')} and ${names.length - 10} more`
    : names.join(', ');
}

/** What an entry of a group is, in a word, for errors. */
function kindOf(entity: object): string {
  return 'type' in entity ? String(entity.type) : 'Reference';
}

/** 'number' of a dataset's little-endian integers, floats and enumerations (h5py's booleans), else null. */
function numberKind(dataset: Dataset): 'number' | null {
  const { type, littleEndian, size, vlen } = dataset.metadata;
  const [integer, float, enumeration] = [0, 1, 8];
  if (vlen || (!littleEndian && size > 1)) return null;
  return type === integer || type === float || type === enumeration ? 'number' : null;
}

/** Runs calls of h5wasm: whatever goes wrong in them is the file's fault. */
function rethrown<T>(place: FormatPlace, read: () => T): T {
  try {
    return read();
  } catch (error) {
    throw formatError(place, error);
  }
}

/** HDF5's error as ours. It is a trace from the call to the cause; the innermost entry is the telling one. */
function formatError(place: FormatPlace, error: unknown): FormatError {
  const causes = [...String(error).matchAll(/#\d+: .* in \w+\(\): (.*)/g)].map((match) => match[1]!);
  const cause = causes.at(-1) ?? (error instanceof Error ? error.message : String(error));
  return new FormatError(place, `not a whole HDF5 file (${cause})`, { cause: error });
}

/** Whether HDF5, or its WASM code on a file that misleads it, threw this, and not our own. */
function isHdf5Error(error: unknown): boolean {
  return (
    error instanceof Error &&
    (error.message.includes('HDF5-DIAG') || error instanceof WebAssembly.RuntimeError)
  );
}

/** A name of its own for each file: after a failed read HDF5 may still hold the old one open. */
function nextPath(): string {
  return `/mail-lab-${files++}.hdf5`;
}

function load(): Promise<H5wasm> {
  loading ??= import('h5wasm').then(async (h5wasm) => {
    const module = await h5wasm.ready;
    module.activate_throwing_error_handler(); // else HDF5 prints its errors and carries on
    return h5wasm;
  });
  return loading;
}
