// The networks of a run, in files beside its record (Node side). Which of them are kept in results/: results/README.md.
import { existsSync, readFileSync } from 'node:fs';
import { writeFileAtomic } from '../data/atomic.ts';
import { discriminatorToText } from '../models/discriminator-file.ts';
import { policyToText } from '../models/policy-file.ts';
import type { Learnt } from './algorithms.ts';

/** What may lie beside `<run>.jsonl`: `<run>.policy.json` and `<run>.discriminator.json`. */
export const NETWORKS = ['policy', 'discriminator'] as const;

/** Where a network of a record lies. @param record path of the record, `....jsonl` */
export function networkFile(record: string, network: (typeof NETWORKS)[number]): string {
  return record.replace(/\.jsonl$/, `.${network}.json`);
}

/** Leaves the policy beside the record, and the discriminator where one was learnt. */
export function writeNetworks(record: string, { policy, discriminator }: Learnt): void {
  writeFileAtomic(networkFile(record, 'policy'), policyToText(policy));
  if (discriminator)
    writeFileAtomic(networkFile(record, 'discriminator'), discriminatorToText(discriminator));
}

/** Copies the networks that lie beside one record to where they belong beside another. */
export function copyNetworks(from: string, to: string): void {
  for (const network of NETWORKS) {
    const file = networkFile(from, network);
    if (existsSync(file)) writeFileAtomic(networkFile(to, network), readFileSync(file));
  }
}
