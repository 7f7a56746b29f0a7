// Which sources a notebook's outputs were made from: hashes that the command which runs it leaves in its metadata.
import { createHash } from 'node:crypto';

/** A cell's text, which a notebook file holds as one string or as lines. */
export const textOf = (cell) => [cell.source].flat().join('');

/** The code cells of a notebook, in order. */
export const codeCells = (notebook) => notebook.cells.filter(({ cell_type }) => cell_type === 'code');

/**
 * For each code cell a hash of its text and that of all code cells before it. run_notebooks.py has the twin, which
 * writes them to `metadata.mail_lab.sources`.
 */
export function sourceHashes(notebook) {
  const soFar = createHash('sha256');
  return codeCells(notebook).map((cell) => {
    soFar.update(JSON.stringify(textOf(cell)));
    return soFar.copy().digest('hex').slice(0, 16);
  });
}
