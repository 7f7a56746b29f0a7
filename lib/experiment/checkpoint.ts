// A run that can be stopped at any moment, kill -9 included, and goes on from its last checkpoint (Node side): its record
// and its checkpoint file together.
import { existsSync, readFileSync, rmSync } from 'node:fs';
import { deserialize, serialize } from 'node:v8';
import type { Checkpointing } from '../agents/training.ts';
import { writeFileAtomic } from '../data/atomic.ts';
import type { OnEvent } from './record.ts';
import { machineFacts, openRecord, type RecordFile } from './store.ts';

interface CheckpointFile {
  readonly key: string;
  /** Lines of the record when the state was saved. */
  readonly lines: number;
  readonly state: unknown;
}

/** A record that is being written, with its checkpoint. */
export interface ResumableRun {
  readonly record: RecordFile;
  /** Hand this to the trainer. */
  readonly checkpoint: Checkpointing;
  /** Whether an interrupted run is being continued. */
  readonly resumed: boolean;
  /** Writes a line to the record; the machine's facts come before the end. */
  readonly onEvent: OnEvent;
  /** Gives the record its name and removes the checkpoint. */
  readonly close: () => void;
  /** Leaves record and checkpoint as they are, to go on from another time. */
  readonly suspend: () => void;
}

/**
 * Opens the record of a run, at the point of its last checkpoint if it was interrupted before.
 * @param path final name of the record, `....jsonl`; the checkpoint is `<path>.checkpoint`, in V8's serialisation
 * @param key whatever the run is a function of: algorithm, task, settings, seed
 * @throws Error if the checkpoint that is there belongs to another key, or is damaged
 */
export function openResumableRun(path: string, key: unknown): ResumableRun {
  const checkpointPath = `${path}.checkpoint`;
  const keyText = JSON.stringify(key);
  // Without a partial record the run was closed, and killed before its checkpoint went.
  const interrupted = existsSync(checkpointPath) && existsSync(`${path}.partial`);
  const saved = interrupted ? readCheckpoint(checkpointPath) : undefined;
  if (saved && saved.key !== keyText)
    throw new Error(
      `Cannot go on with ${checkpointPath} as it belongs to a run with other settings: expected ${keyText}, found ${saved.key}. Delete it to start afresh`,
    );
  const record = openRecord(path, saved ? { resumeAfter: saved.lines } : {});
  return {
    record,
    resumed: saved !== undefined,
    checkpoint: {
      ...(saved ? { from: saved.state } : {}),
      save(state) {
        const file: CheckpointFile = { key: keyText, lines: record.lines(), state };
        writeFileAtomic(checkpointPath, serialize(file));
      },
    },
    onEvent(line) {
      if (line.kind === 'end') record.write({ kind: 'machine', facts: machineFacts() });
      record.write(line);
    },
    close() {
      record.close();
      rmSync(checkpointPath, { force: true });
    },
    suspend: record.suspend,
  };
}

function readCheckpoint(path: string): CheckpointFile {
  try {
    const file = deserialize(readFileSync(path)) as Partial<CheckpointFile>;
    if (typeof file?.key !== 'string' || typeof file.lines !== 'number' || !('state' in file))
      throw new Error('expected key, lines and state');
    return file as CheckpointFile;
  } catch (cause) {
    throw new Error(
      `Cannot read the checkpoint ${path}: ${(cause as Error).message}. Delete it to start afresh`,
      {
        cause,
      },
    );
  }
}
