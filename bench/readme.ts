// The tables of bench/README.md: each program of this folder replaces what stands between its own two markers.
import { loadavg } from 'node:os';
import { fileURLToPath } from 'node:url';
import { machineFacts } from '../lib/experiment/store.ts';
import { writeSection as writeMarkdownSection } from '../scripts/section.ts';

const path = fileURLToPath(new URL('README.md', import.meta.url));

/** Replaces the lines between `<!-- name -->` and `<!-- /name -->`. @throws Error if the markers are missing */
export function writeSection(name: string, lines: readonly string[]): void {
  writeMarkdownSection(path, name, lines);
  console.log(`\nWritten to bench/README.md`);
}

/** The machine and how busy it is, in one line. */
export function describeMachine(): string {
  const { cpu, cores, memoryGiB, node, platform } = machineFacts();
  const load = loadavg()[1]!.toFixed(1);
  return `${cpu}, ${cores} cores, ${memoryGiB} GiB, Node ${node}, ${platform}, load average over 5 minutes ${load}`;
}
