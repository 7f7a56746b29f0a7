// Recordings of Gymnasium, read from fixtures/.
import { readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';

const read = new Map<string, unknown>();

/** The recording `fixtures/<name>.json.gz`, parsed once; treat it as read-only. */
export function fixture<T>(name: string): T {
  if (!read.has(name)) {
    const file = readFileSync(new URL(`fixtures/${name}.json.gz`, import.meta.url));
    read.set(name, JSON.parse(gunzipSync(file).toString('utf8')));
  }
  return read.get(name) as T;
}
