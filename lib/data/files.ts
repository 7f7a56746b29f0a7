// Data sets on disk (Node side): a folder with main_data.hdf5, metadata.json, card.json and card.md. Python's
// `minari.MinariDataset(folder)` opens the same folder.
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { basename, join, resolve } from 'node:path';
import type { Box, Discrete } from '../envs/types.ts';
import { writeFileAtomic } from './atomic.ts';
import { type CardFacts, cardMarkdown, type DataCard, makeCard, parseCard } from './card.ts';
import { demosFromD4rl, type ReadDemos } from './d4rl.ts';
import { FormatError } from './format-error.ts';
import { demosFromGail } from './gail.ts';
import { demosFromMinari, demosToMinari } from './minari.ts';
import { parsePythonJson } from './minari-metadata.ts';
import type { Demos, TaskShape } from './types.ts';

const DATA_FILE = 'main_data.hdf5';

/** Demonstrations with the card that says where they came from. */
export interface LoadedDemos {
  readonly demos: Demos;
  readonly card: DataCard;
}

/** Bounds for metadata.json; unbounded where left out. */
export interface SaveDemosOptions {
  readonly obsSpace?: Box;
  readonly actSpace?: Box | Discrete;
}

/**
 * Writes a data set. Each file is whole or not there, and the card, which holds the data's hash, comes last: after an
 * interruption `loadDemos` refuses the folder and never reads half of an old and half of a new set. Equal
 * demonstrations and facts give equal bytes.
 *
 * @param dir the set's folder, `data/<env>-<quality>`; made where missing
 * @param facts what the demonstrations do not say themselves
 * @returns the card written
 */
export async function saveDemos(
  dir: string,
  demos: Demos,
  facts: CardFacts,
  options: SaveDemosOptions = {},
): Promise<DataCard> {
  const { mainData, metadata } = await demosToMinari(demos, {
    ...options,
    datasetId: `mail-lab/${basename(resolve(dir))}-v0`,
    algorithmName: facts.generator,
    author: ['mail-lab'],
  });
  const stored = { file: DATA_FILE, bytes: mainData.length, sha256: sha256(mainData) };
  const card = makeCard(demos, facts, stored);
  writeFileAtomic(join(dir, DATA_FILE), mainData);
  writeFileAtomic(join(dir, 'metadata.json'), `${JSON.stringify(metadata, null, 2)}\n`);
  writeFileAtomic(join(dir, 'card.md'), cardMarkdown(card));
  writeFileAtomic(join(dir, 'card.json'), `${JSON.stringify(card, null, 2)}\n`);
  return card;
}

/**
 * Reads a data set that `saveDemos` wrote.
 *
 * @param options.env the task that is expected; another one is an error
 * @throws FormatError if a file is missing or damaged, the data is not what the card says (by hash), or the task is
 *   another one
 */
export async function loadDemos(dir: string, options: { readonly env?: string } = {}): Promise<LoadedDemos> {
  const read = (name: string) => readOf(join(dir, name));
  const card = parseCard(text(read('card.json')), join(dir, 'card.json'));
  const metadata = parsePythonJson(text(read('metadata.json')), { file: join(dir, 'metadata.json') });
  const bytes = read(DATA_FILE);
  const name = join(dir, DATA_FILE);
  const hash = sha256(bytes);
  if (hash !== card.sha256)
    throw new FormatError(
      { file: name },
      `its SHA-256 is ${hash} where card.json says ${card.sha256}: the data was changed or cut short, get the set anew`,
    );
  const { env = card.env } = options;
  return { demos: await demosFromMinari(bytes, metadata, { name, env }), card };
}

/**
 * Reads a Minari data set of any origin: a folder with main_data.hdf5 and metadata.json.
 *
 * @param options.env the task that is expected, needed where the set does not name its own
 * @throws FormatError as `demosFromMinari`, or if a file is missing
 */
export async function loadMinari(dir: string, options: { readonly env?: string } = {}): Promise<ReadDemos> {
  const file = join(dir, 'metadata.json');
  const metadata = parsePythonJson(text(readOf(file)), { file });
  const name = join(dir, DATA_FILE);
  return { demos: await demosFromMinari(readOf(name), metadata, { ...options, name }), notes: [] };
}

/** Reads a D4RL file. @throws FormatError as `demosFromD4rl`, or if it is missing */
export async function loadD4rl(
  path: string,
  options: { readonly task: TaskShape; readonly maxSteps?: number },
): Promise<ReadDemos> {
  const { task, ...rest } = options;
  return demosFromD4rl(readOf(path), task, { ...rest, name: path });
}

/** Reads a trajectory file of GAIL's authors. @throws FormatError as `demosFromGail`, or if it is missing */
export async function loadGail(path: string, options: { readonly task: TaskShape }): Promise<ReadDemos> {
  return demosFromGail(readOf(path), options.task, { name: path });
}

function readOf(path: string): Uint8Array {
  try {
    return readFileSync(path);
  } catch (error) {
    const missing = (error as NodeJS.ErrnoException).code === 'ENOENT';
    throw new FormatError({ file: path }, missing ? 'there is no such file' : (error as Error).message, {
      cause: error,
    });
  }
}

function text(bytes: Uint8Array): string {
  return new TextDecoder().decode(bytes);
}

function sha256(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex');
}
