// Parts of Markdown files that commands write: what stands between `<!-- name -->` and `<!-- /name -->`.
import { readFileSync } from 'node:fs';
import { writeFileAtomic } from '../lib/data/atomic.ts';

/** Replaces the lines between the two markers. @throws Error if they are missing */
export function writeSection(path: string, name: string, lines: readonly string[]): void {
  const text = readFileSync(path, 'utf8');
  const [open, close] = [`<!-- ${name} -->`, `<!-- /${name} -->`];
  const [from, to] = [text.indexOf(open), text.indexOf(close)];
  if (from < 0 || to < from)
    throw new Error(`Cannot write the section ${name} of ${path}: the line ${open} or ${close} is missing`);
  writeFileAtomic(path, `${text.slice(0, from + open.length)}\n${lines.join('\n')}\n${text.slice(to)}`);
}

/** Rows of cells as a Markdown table; columns whose heading ends in a colon are aligned to the right, without it. */
export function markdownTable(headings: readonly string[], rows: readonly (readonly string[])[]): string[] {
  const line = (cells: readonly string[]) => `| ${cells.join(' | ')} |`;
  return [
    line(headings.map((heading) => heading.replace(/:$/, ''))),
    `|${headings.map((heading) => (heading.endsWith(':') ? '--:' : '---')).join('|')}|`,
    ...rows.map(line),
  ];
}
