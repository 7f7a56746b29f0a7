// How long notebooks run (Node side): MAIL_LAB_PROFILE=quick shortens every run to minutes in all; full takes the time
// that the results need. And where they leave their records.
import { join } from 'node:path';
import type { Profile } from './experiment.ts';

/**
 * The profile of this process: MAIL_LAB_PROFILE, default quick.
 * @throws Error if it is neither quick nor full
 */
export function profile(): Profile {
  const name = process.env.MAIL_LAB_PROFILE || 'quick';
  if (name !== 'quick' && name !== 'full')
    throw new Error(`Cannot run at the profile "${name}": MAIL_LAB_PROFILE takes quick or full`);
  return name;
}

/** Where notebooks leave records: `<MAIL_LAB_OUT, default out>/records`. */
export function recordFolder(): string {
  return join(process.env.MAIL_LAB_OUT || 'out', 'records');
}

/** Where a notebook's run leaves its record: `<recordFolder>/<name>.jsonl`. */
export function recordPath(name: string): string {
  return join(recordFolder(), `${name}.jsonl`);
}
