// The program of one run of a sweep (Node side): is told what to run, says how it goes, and ends when its parent is gone.
import { HeldError, run } from './run-here.ts';
import type { KeyedRun } from './run-key.ts';
import type { ChildMessage } from './sweep.ts';

const say = (message: ChildMessage) => new Promise((sent) => process.send!(message, sent));

// What was written since the last checkpoint is lost, and made again by whoever goes on with the run.
process.on('disconnect', () => process.exit(1));
process.once('message', async ({ run: keyed, folder }: { run: KeyedRun; folder: string }) => {
  await say(await outcome(keyed, folder));
  process.exit(0);
});

async function outcome(keyed: KeyedRun, folder: string): Promise<ChildMessage> {
  try {
    await run(keyed, {
      folder,
      unlessRecorded: true,
      onEvent: (line) => {
        if (line.kind === 'evaluation' || line.kind === 'clock') void say({ kind: 'line', line });
      },
    });
    return { kind: 'done' };
  } catch (error) {
    if (error instanceof HeldError) return { kind: 'returned' };
    return {
      kind: 'failed',
      message: error instanceof Error ? (error.stack ?? error.message) : String(error),
    };
  }
}
