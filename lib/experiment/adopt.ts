// Records that were made elsewhere, brought to where they belong (Node side).
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { writeFileAtomic } from '../data/atomic.ts';
import type { RunIdentity } from './identity.ts';
import { copyNetworks } from './network-files.ts';
import { indexRecords } from './record-index.ts';
import { recordPlace, runKey } from './run-key.ts';

/**
 * Copies the whole runs of one folder of records, with the networks that lie beside them, that another does not have.
 * @param options.networks which runs' networks are copied too; default: all that are there
 * @returns paths of the new records, and of those that were left as this version does not know their settings
 * @throws FormatError if a file is not a record
 */
export function adoptRecords(
  from: string,
  folder: string,
  { networks = () => true }: { readonly networks?: (identity: RunIdentity) => boolean } = {},
): { readonly adopted: readonly string[]; readonly left: readonly string[] } {
  const there = indexRecords(folder);
  const { runs, others } = indexRecords(from);
  const adopted = runs.flatMap(({ path, identity }) => {
    if (there.withKey(runKey(identity))) return [];
    const target = join(folder, recordPlace(identity));
    if (networks(identity)) copyNetworks(path, target);
    writeFileAtomic(target, readFileSync(path));
    return [target];
  });
  return { adopted, left: others };
}
