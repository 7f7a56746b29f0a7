// Runs in this process, one after the other: what the command line, the children of a sweep and notebooks share (Node side).
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { absorbedPairs } from '../agents/gail-ends.ts';
import { stream } from '../backend/rng.ts';
import { keepTrajectories, subsamplePairs } from '../data/demos.ts';
import { loadDemos } from '../data/files.ts';
import { makeEnv } from '../envs/make.ts';
import { policyFromText } from '../models/policy-file.ts';
import { algorithms, type RunSetup } from './algorithms.ts';
import { openResumableRun } from './checkpoint.ts';
import type { PlannedRun } from './experiment.ts';
import type { ExperimentRun } from './experiment-runs.ts';
import { identityText } from './identity.ts';
import { takeLock } from './lock.ts';
import { writeNetworks } from './network-files.ts';
import { recordFolder } from './profile.ts';
import type { RecordLine } from './record.ts';
import { expertFolder, type KeyedRun, keyedRun, readingKey, runTitle } from './run-key.ts';
import type { RunSpec } from './run-spec.ts';
import { readRecord } from './store.ts';

/** Where the record goes, and who hears of it. */
export interface RunOptions {
  /** Folder of records, below which every run has its place. */
  readonly folder: string;
  readonly onEvent?: (line: RecordLine) => void;
  readonly signal?: AbortSignal;
  /** Leaves a record that is there already as it is. Default: it is made anew, which gives the same. */
  readonly unlessRecorded?: boolean;
}

/** Somebody else is at the same run. */
export class HeldError extends Error {}

/**
 * Runs what a spec says, or goes on where it was interrupted, and leaves the record in its place; beside it, unless
 * `keyed.networks` is false, the policy, and the discriminator where there is one.
 * @returns whether the run came to its end; one that was aborted goes on from its last checkpoint the next time
 * @throws HeldError if another process is at this run; Error as the algorithm
 */
export async function run(keyed: KeyedRun, options: RunOptions): Promise<'finished' | 'aborted'> {
  const { folder, onEvent = () => {}, signal, unlessRecorded = false } = options;
  const { spec, identity, place, networks = true } = keyed;
  const path = join(folder, place);
  const release = takeLock(`${path}.lock`);
  if (typeof release === 'number')
    throw new HeldError(`Cannot run ${runTitle(keyed)} as process ${release} is at it`);
  try {
    if (unlessRecorded && existsSync(path)) return 'finished';
    const setup = await runSetup(spec);
    const resumable = openResumableRun(path, identityText(identity));
    let finished = false;
    try {
      const learnt = await algorithms[spec.algorithm].run(setup, {
        checkpoint: resumable.checkpoint,
        ...(signal ? { signal } : {}),
        onEvent: (line) => {
          resumable.onEvent(line);
          onEvent(line);
        },
      });
      if (!signal?.aborted) {
        if (learnt && networks) writeNetworks(path, learnt);
        finished = true;
      }
    } finally {
      if (finished) resumable.close();
      else resumable.suspend();
    }
    return finished ? 'finished' : 'aborted';
  } finally {
    release();
  }
}

/** What a spec says, with demonstrations loaded and environments to be made. @throws FormatError if there are no demonstrations */
export async function runSetup({ env: id, seed, config, trajectories, every }: RunSpec): Promise<RunSetup> {
  const folder = expertFolder(id);
  const { demos, card } = await loadDemos(folder, { env: id });
  // The pairs are the same in every run: which demonstrations were given is part of the task, not of the seed.
  const kept = keepTrajectories(demos, trajectories);
  const env = await makeEnv(id);
  const { maxSteps } = env;
  env.close();
  return {
    config,
    seed,
    demos: subsamplePairs(kept, { every, rng: stream(0, 'subsample') }),
    absorbedPairs: absorbedPairs(kept, { maxSteps, every }),
    aboutDemos: { set: card.name, sha256: card.sha256, trajectories, every },
    expert: () => {
      const file = join(folder, 'policy.json');
      return policyFromText(readFileSync(file, 'utf8'), file);
    },
    newEnv: () => makeEnv(id),
  };
}

/** Who hears of the runs, and what stops them. */
export interface RunHereOptions {
  readonly onEvent?: (line: RecordLine, run: PlannedRun) => void;
  /** Stops at the next update. The run that was under way is not among those returned, and goes on the next time. */
  readonly signal?: AbortSignal;
  /** Reads what is recorded in the same folder already instead of running it again. Default: false. */
  readonly reuse?: boolean;
}

/**
 * The same runs as `npm run sweep` makes, here and now, for notebooks: records go to `<MAIL_LAB_OUT>/records/`.
 * @returns the runs that came to their end, with their records
 * @throws HeldError if another process is at one of the runs; Error as the algorithms
 */
export async function runHere(
  planned: readonly PlannedRun[],
  { onEvent, signal, reuse = false }: RunHereOptions = {},
): Promise<ExperimentRun[]> {
  const folder = recordFolder();
  const finished: ExperimentRun[] = [];
  for (const each of planned) {
    const keyed = await keyedRun(each.spec);
    const outcome = await run(keyed, {
      folder,
      unlessRecorded: reuse,
      onEvent: (line) => onEvent?.(line, each),
      ...(signal ? { signal } : {}),
    });
    if (outcome === 'aborted') break;
    const path = join(folder, keyed.place);
    finished.push({ ...each, key: readingKey(keyed.identity), path, lines: readRecord(path) });
  }
  return finished;
}
