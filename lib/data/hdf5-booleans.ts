// Booleans in HDF5, as h5py has them: an enumeration {FALSE = 0, TRUE = 1} of int8. Python's masks need them (an array
// of 0 and 1 indexes rows 0 and 1), but h5wasm cannot create an enumeration. So the array is created with a compound
// type whose description in the file has the same length, and that description is replaced in the finished file.
// Layout: HDF5 file format specification 3.0, IV.A.1.b (object header 2) and IV.A.2.d (datatype message).

/** The only member of the stand-in; its 11 letters make both descriptions 33 bytes long. */
export const STAND_IN = 'h5-booleans';

const encoder = new TextEncoder();
/** Datatype message of the stand-in up to its name: version 3, class compound, 1 member, 1 byte. */
const compoundStart = [0x36, 1, 0, 0, 1, 0, 0, 0, ...encoder.encode(STAND_IN), 0];
/** Version 3, class enumeration, 2 members, 1 byte; then the type of the values, the names and the values. */
const enumStart = [0x38, 2, 0, 0, 1, 0, 0, 0];
const enumEnd = [...encoder.encode('FALSE\0TRUE\0'), 0, 1];
const INT8_BYTES = 12;

/**
 * Turns every stand-in of a file of format version 1.10 into booleans, in place.
 *
 * @throws Error if an object header is not what the specification says, so that nothing is broken silently
 */
export function standInsToBooleans(bytes: Uint8Array): void {
  for (let at = indexOf(bytes, compoundStart, 0); at >= 0; at = indexOf(bytes, compoundStart, at + 1)) {
    const header = objectHeader(bytes, at);
    const int8At = at + compoundStart.length + 1; // after the member's offset
    const int8 = bytes.slice(int8At, int8At + INT8_BYTES);
    bytes.set([...enumStart, ...int8, ...enumEnd], at);
    writeUint32(bytes, header.end, lookup3(bytes.subarray(header.start, header.end)));
  }
}

/** Extent of the object header (version 2, first chunk) that holds byte `at`; its checksum follows at `end`. */
function objectHeader(bytes: Uint8Array, at: number): { readonly start: number; readonly end: number } {
  const signature = [...encoder.encode('OHDR'), 2];
  let start = at;
  while (start >= 0 && !signature.every((byte, i) => bytes[start + i] === byte)) start -= 1;
  const flags = bytes[start + 5] ?? 0;
  const sizeAt = start + 6 + (flags & 0x20 ? 16 : 0) + (flags & 0x10 ? 4 : 0); // after times, attribute limits
  const sizeBytes = 1 << (flags & 3);
  let size = 0;
  for (let i = sizeBytes - 1; i >= 0; i--) size = size * 256 + (bytes[sizeAt + i] ?? 0);
  const end = sizeAt + sizeBytes + size;
  if (
    start < 0 ||
    end <= at ||
    end + 4 > bytes.length ||
    readUint32(bytes, end) !== lookup3(bytes.subarray(start, end))
  )
    throw new Error(`Cannot write booleans: byte ${at} belongs to no object header of version 2`);
  return { start, end };
}

/** HDF5's checksum of metadata: Bob Jenkins' lookup3 (hashlittle, 2006, public domain) from 0. */
export function lookup3(key: Uint8Array): number {
  let a = (0xdeadbeef + key.length) | 0;
  let b = a;
  let c = a;
  const rotate = (x: number, k: number) => (x << k) | (x >>> (32 - k));
  const word = (i: number) =>
    (key[i] ?? 0) | ((key[i + 1] ?? 0) << 8) | ((key[i + 2] ?? 0) << 16) | ((key[i + 3] ?? 0) << 24);
  let i = 0;
  for (; key.length - i > 12; i += 12) {
    a = (a + word(i)) | 0;
    b = (b + word(i + 4)) | 0;
    c = (c + word(i + 8)) | 0;
    a = ((a - c) ^ rotate(c, 4)) | 0;
    c = (c + b) | 0;
    b = ((b - a) ^ rotate(a, 6)) | 0;
    a = (a + c) | 0;
    c = ((c - b) ^ rotate(b, 8)) | 0;
    b = (b + a) | 0;
    a = ((a - c) ^ rotate(c, 16)) | 0;
    c = (c + b) | 0;
    b = ((b - a) ^ rotate(a, 19)) | 0;
    a = (a + c) | 0;
    c = ((c - b) ^ rotate(b, 4)) | 0;
    b = (b + a) | 0;
  }
  if (key.length === 0) return c >>> 0;
  a = (a + word(i)) | 0;
  b = (b + word(i + 4)) | 0;
  c = (c + word(i + 8)) | 0;
  c = ((c ^ b) - rotate(b, 14)) | 0;
  a = ((a ^ c) - rotate(c, 11)) | 0;
  b = ((b ^ a) - rotate(a, 25)) | 0;
  c = ((c ^ b) - rotate(b, 16)) | 0;
  a = ((a ^ c) - rotate(c, 4)) | 0;
  b = ((b ^ a) - rotate(a, 14)) | 0;
  c = ((c ^ b) - rotate(b, 24)) | 0;
  return c >>> 0;
}

function indexOf(bytes: Uint8Array, pattern: readonly number[], from: number): number {
  for (let at = bytes.indexOf(pattern[0]!, from); at >= 0; at = bytes.indexOf(pattern[0]!, at + 1))
    if (pattern.every((byte, i) => bytes[at + i] === byte)) return at;
  return -1;
}

function readUint32(bytes: Uint8Array, at: number): number {
  return new DataView(bytes.buffer, bytes.byteOffset).getUint32(at, true);
}

function writeUint32(bytes: Uint8Array, at: number, value: number): void {
  new DataView(bytes.buffer, bytes.byteOffset).setUint32(at, value, true);
}
