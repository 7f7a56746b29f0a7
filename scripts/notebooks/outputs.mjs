// Whether a notebook's outputs are what a clean run of its present sources has left.
import { codeCells, sourceHashes, textOf } from './sources.mjs';

/**
 * What is wrong with the outputs of a notebook: made from other sources, counts that are not 1 to n in order, errors, text
 * on standard error, paths of the machine that ran it.
 * @returns {{cell?: number, text: string}[]} cells (code cells only) count from 1
 */
export function outputFaults(notebook) {
  const cells = codeCells(notebook);
  return [...staleness(notebook), ...counts(cells), ...cells.flatMap(contentFaults)];
}

const mend = 'run it again by "npm run notebooks"';

function staleness(notebook) {
  const was = notebook.metadata.mail_lab?.sources;
  if (was === undefined)
    return [{ text: `its outputs do not say what sources they were made from: ${mend}` }];
  const is = sourceHashes(notebook);
  const first = is.findIndex((hash, i) => hash !== was[i]);
  if (first !== -1)
    return [{ cell: first + 1, text: `was not like this when the outputs were made: ${mend}` }];
  return was.length > is.length
    ? [{ text: `has lost a code cell since its outputs were made: ${mend}` }]
    : [];
}

function counts(cells) {
  let next = 1;
  return cells.flatMap((cell, i) => {
    const wanted = textOf(cell).trim() === '' ? null : next++;
    return cell.execution_count === wanted
      ? []
      : [{ cell: i + 1, text: `has the execution count ${cell.execution_count}, not ${wanted}: ${mend}` }];
  });
}

function contentFaults(cell, i) {
  const faults = cell.outputs.flatMap((output) => {
    if (output.output_type === 'error') return [`ends with ${output.ename}: ${output.evalue}`];
    if (output.output_type === 'stream' && output.name === 'stderr')
      return [`writes to standard error: ${[output.text].flat().join('').trim()}`];
    return machinePaths(output).map((path) => `shows a path of the machine that ran it: ${path}`);
  });
  return faults.map((text) => ({ cell: i + 1, text }));
}

const PATHS = [
  /(?<![\w.:/])\/(?:home|root|Users|tmp|var|opt|mnt|private|work|workspace)\/[\w.@+-]+/g,
  /\bfile:\/\/[^\s"'<>\\]*/g,
  /\b[A-Z]:\\+(?:Users|Documents|Windows|Program|Temp)[^\s"'<>]*/g,
];
/** Pictures and the packed library, in which any few letters may occur by chance. */
const PACKED = /[A-Za-z0-9+/=]{120,}/g;

function machinePaths(output) {
  const text = JSON.stringify(output.text ?? output.data ?? '').replace(PACKED, '');
  return [...new Set(PATHS.flatMap((pattern) => text.match(pattern) ?? []))];
}
