// The tables of bench/README.md: each program of this folder replaces what stands between its own two markers.
import { readFileSync } from 'node:fs';
import { loadavg } from 'node:os';
import { fileURLToPath } from 'node:url';
import { writeFileAtomic } from '../lib/data/atomic.ts';
import { machineFacts } from '../lib/experiment/store.ts';

const path = fileURLToPath(new URL('README.md', import.meta.url));

/** Replaces the lines between `<!-- name -->` and `<!-- /name -->`. @throws Error if the markers are missing */
export function writeSection(name: string, lines: readonly string[]): void {
  const text = readFileSync(path, 'utf8');
  const [open, close] = [`<!-- ${name} -->`, `<!-- /${name} -->`];
  const [from, to] = [text.indexOf(open), text.indexOf(close)];
  if (from < 0 || to < from)
    throw new Error(
      `Cannot write the section ${name} of bench/README.md: the line ${open} or ${close} is missing`,
    );
  writeFileAtomic(path, `${text.slice(0, from + open.length)}\n${lines.join('\n')}\n${text.slice(to)}`);
  console.log(`\nWritten to bench/README.md`);
}

/** The machine and how busy it is, in one line. */
export function describeMachine(): string {
  const { cpu, cores, memoryGiB, node, platform } = machineFacts();
  const load = loadavg()[1]!.toFixed(1);
  return `${cpu}, ${cores} cores, ${memoryGiB} GiB, Node ${node}, ${platform}, load average over 5 minutes ${load}`;
}
