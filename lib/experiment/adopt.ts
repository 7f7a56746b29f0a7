// Records that were made elsewhere, brought to where they belong (Node side).
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { writeFileAtomic } from '../data/atomic.ts';
import { indexRecords } from './record-index.ts';
import { recordPlace, runKey } from './run-key.ts';

/**
 * Copies the whole runs of one folder of records, policies included, that another does not have.
 * @returns paths of the new records, and of those that were left as this version does not know their settings
 * @throws FormatError if a file is not a record
 */
export function adoptRecords(
  from: string,
  folder: string,
): { readonly adopted: readonly string[]; readonly left: readonly string[] } {
  const there = indexRecords(folder);
  const { runs, others } = indexRecords(from);
  const adopted = runs.flatMap(({ path, identity }) => {
    if (there.withKey(runKey(identity))) return [];
    const target = join(folder, recordPlace(identity));
    const policy = path.replace(/\.jsonl$/, '.policy.json');
    if (existsSync(policy)) writeFileAtomic(target.replace(/\.jsonl$/, '.policy.json'), readFileSync(policy));
    writeFileAtomic(target, readFileSync(path));
    return [target];
  });
  return { adopted, left: others };
}
