// Runs of seconds on CartPole-v1, and a program that sweeps over them: `tiny-runs.ts FOLDER WORKERS` says on standard output
// what it hears.
import { pathToFileURL } from 'node:url';
import { listQueue } from '../../lib/experiment/queue.ts';
import { keyedRun } from '../../lib/experiment/run-key.ts';
import { imitate, type RunSpec } from '../../lib/experiment/run-spec.ts';
import { sweep } from '../../lib/experiment/sweep.ts';
import { tiny } from '../agents/mail-small.ts';

const mail = imitate('mail', 'CartPole-v1', { config: { ...tiny, totalSteps: 400, negatives: 'replay' } });
const bc = imitate('bc', 'CartPole-v1', { config: { hidden: [8], epochs: 30, evalEpisodes: 1 } });
export const tinyRuns: readonly RunSpec[] = [
  { ...mail, seed: 1 },
  { ...mail, seed: 2 },
  { ...bc, seed: 1 },
];

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  const [folder = '', workers] = process.argv.slice(2);
  const stop = new AbortController();
  process.on('SIGINT', () => stop.abort());
  const { signal } = stop;
  const queue = listQueue(await Promise.all(tinyRuns.map(keyedRun)), { folder, signal });
  await sweep(queue, {
    folder,
    workers: Number(workers),
    signal,
    onLine: ({ place }, { kind }) => console.log(`${kind} ${place}`),
  });
  for (const error of queue.state.failed.values()) console.error(error.message);
  process.exitCode = queue.state.failed.size;
}
