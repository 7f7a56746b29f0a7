// `node scripts/notebooks/lint.mjs [FOLDER]`, a part of `npm test`: committed notebooks are typed, free of traps, and show
// what a clean run of their present sources shows.
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { outputFaults } from './outputs.mjs';
import { traps } from './traps.mjs';
import { typeErrors } from './types.mjs';

/** Most bytes that the folder of notebooks may hold in all. */
const MOST_BYTES = 15_000_000;

/**
 * Every fault of the notebooks in a folder, one a line: notebook, cell (code cells count from 1), line, what.
 * @param {{root: string, folder: string, mostBytes?: number}} options `root` is the project whose library the cells import
 */
export function notebookFaults({ root, folder, mostBytes = MOST_BYTES }) {
  const notebooks = readdirSync(folder)
    .filter((name) => name.endsWith('.ipynb'))
    .sort()
    .map((file) => ({ file, notebook: JSON.parse(readFileSync(join(folder, file), 'utf8')) }));
  const faults = notebooks.flatMap(({ file, notebook }) =>
    [...idFaults(notebook), ...traps(notebook), ...outputFaults(notebook)].map((fault) => ({
      file,
      ...fault,
    })),
  );
  // Without .ipynb_checkpoints, where JupyterLab keeps copies of what was saved in it.
  const bytes = readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath ?? entry.path, entry.name))
    .filter((path) => !path.includes('.ipynb_checkpoints'))
    .reduce((sum, path) => sum + statSync(path).size, 0);
  if (bytes > mostBytes)
    faults.push({
      file: folder,
      text: `holds ${bytes} bytes, and ${mostBytes} are the most: draw fewer points`,
    });
  return [...faults, ...typeErrors(root, notebooks)].map(faultLine);
}

function idFaults({ cells }) {
  const ids = cells.map(({ id }) => id);
  const bad = ids.find((id, i) => id === undefined || ids.indexOf(id) !== i);
  return new Set(ids).size === ids.length && !ids.includes(undefined)
    ? []
    : [{ text: `has cells without an id of their own (${bad}): run it by "npm run notebooks"` }];
}

function faultLine({ file, cell, line, text }) {
  const place = [file, cell && `cell ${cell}`, line && `line ${line}`].filter(Boolean).join(', ');
  return `${place}: ${text}`;
}

function main() {
  const root = join(dirname(fileURLToPath(import.meta.url)), '..', '..');
  const folder = resolve(process.argv[2] ?? join(root, 'notebooks'));
  const faults = notebookFaults({ root, folder });
  process.stdout.write(
    faults.length === 0 ? 'The notebooks are clean.\n' : faults.map((line) => `${line}\n`).join(''),
  );
  process.exitCode = faults.length === 0 ? 0 : 1;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) main();
