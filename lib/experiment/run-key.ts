// The key of a run and where its record goes (Node side).
import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type DataCard, parseCard } from '../data/card.ts';
import { FormatError } from '../data/format-error.ts';
import { conditionName } from './condition-name.ts';
import { identityText, plannedEngine, plannedIdentity, type RunIdentity } from './identity.ts';
import type { RunSpec } from './run-spec.ts';

/** A run with its name and place. */
export interface KeyedRun {
  readonly spec: RunSpec;
  readonly identity: RunIdentity;
  /** Hash of the identity. */
  readonly key: string;
  /** Path of the record below a folder of records. */
  readonly place: string;
  /** Whether policy and discriminator are left beside the record (default: they are); the record is the same. */
  readonly networks?: boolean;
}

/** Hash of an identity, 64 hexadecimal digits. */
export function runKey(identity: RunIdentity): string {
  return hash(identity);
}

/** The key of a run whichever engine computes it: by this records are read, so that figures are the same everywhere. */
export function readingKey({ engine, ...identity }: RunIdentity): string {
  return hash(identity);
}

/**
 * A run with its key as it would be computed here.
 * @throws Error if a setting is wrong; FormatError if there are no demonstrations of the task
 */
export async function keyedRun(spec: RunSpec): Promise<KeyedRun> {
  const engine = await plannedEngine(spec);
  const identity = { ...plannedIdentity(spec, expertCard(spec.env).sha256), engine };
  return { spec, identity, key: runKey(identity), place: recordPlace(identity) };
}

/**
 * Where the record of a run goes, below a folder of records:
 * `<algorithm>/<env>-<N>x1in<K>/<condition>_<hash>/seed-<n>.jsonl`, where the hash stands for all but the seed.
 */
export function recordPlace({ seed, ...condition }: RunIdentity): string {
  const { algorithm, env, demos } = condition;
  const pairs = demos?.trajectories === undefined ? '' : `-${demos.trajectories}x1in${demos.every}`;
  const folder = `${conditionName(condition)}_${hash(condition).slice(0, 8)}`;
  return join(algorithm, `${env.toLowerCase()}${pairs}`, folder, `seed-${seed}.jsonl`);
}

/** A run in words. */
export function runTitle({ spec, place }: KeyedRun): string {
  const { algorithm, env, seed } = spec;
  return `${algorithm} ${env} ${place.split(/[\\/]/).slice(-2)[0]} seed ${seed}`;
}

/** Folder of a task's expert: weights and demonstrations. */
export function expertFolder(env: string): string {
  return join('data', `${env.toLowerCase()}-expert`);
}

/** The card of a task's demonstrations. @throws FormatError if there is none, or it is not one */
export function expertCard(env: string): DataCard {
  const file = join(expertFolder(env), 'card.json');
  if (!existsSync(file)) {
    const there = readdirSync('data').filter((name) => name.endsWith('-expert'));
    throw new FormatError({ file }, `there are no demonstrations of ${env}: there are ${there.join(', ')}`);
  }
  return parseCard(readFileSync(file, 'utf8'), file);
}

function hash(identity: Omit<RunIdentity, 'seed'>): string {
  return createHash('sha256').update(identityText(identity)).digest('hex');
}
