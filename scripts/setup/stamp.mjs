// Stamps: small JSON files that say from what a finished part was made. A part without a matching stamp is stale.
import { createHash, randomBytes } from 'node:crypto';
import { mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';

/** The parsed JSON of a file, or undefined if the file is missing or torn. */
export function readJson(path) {
  try {
    return JSON.parse(readFileSync(path, 'utf8'));
  } catch (error) {
    if (error.code === 'ENOENT' || error.code === 'ENOTDIR' || error instanceof SyntaxError) return undefined;
    throw error;
  }
}

/** Writes text by way of a temporary file, so that a reader never sees half of it. Returns false if it was there already. */
export function writeWhole(path, text) {
  try {
    if (readFileSync(path, 'utf8') === text) return false;
  } catch (error) {
    if (error.code !== 'ENOENT') throw error;
  }
  mkdirSync(dirname(path), { recursive: true });
  const partial = `${path}.${process.pid}.${randomBytes(4).toString('hex')}.tmp`;
  writeFileSync(partial, text);
  renameSync(partial, path);
  return true;
}

export function writeJson(path, value) {
  return writeWhole(path, `${JSON.stringify(value, null, 2)}\n`);
}

/** SHA-256 of a file's bytes, in hexadecimal. */
export function fileHash(path) {
  return createHash('sha256').update(readFileSync(path)).digest('hex');
}

/** The first key in which a stamp differs from what is wanted, or undefined if it holds all of it. */
export function firstDifference(stamp, wanted) {
  if (!stamp) return 'stamp';
  return Object.keys(wanted).find((key) => stamp[key] !== wanted[key]);
}
