// Runs on the terminal. One run: a line an evaluation, and how far it is and how long it will take in between. A sweep: a
// board of what is under way.
import { clearScreenDown, moveCursor } from 'node:readline';
import { plannedSteps } from '../lib/experiment/algorithms.ts';
import type { ListQueue } from '../lib/experiment/queue.ts';
import type { RecordLine } from '../lib/experiment/record.ts';
import { type KeyedRun, runTitle } from '../lib/experiment/run-key.ts';
import type { SweepOptions } from '../lib/experiment/sweep.ts';
import { mean } from '../lib/stats/aggregate.ts';

/** A receiver of record lines that prints progress to standard output. */
export function progressLines(title: string, totalSteps?: number): (line: RecordLine) => void {
  const began = performance.now();
  let shownAt = began;
  return (line) => {
    const seconds = (performance.now() - began) / 1000;
    if (line.kind === 'evaluation') {
      console.log(
        `${title}  ${line.envSteps} env steps  ${seconds.toFixed(0)} s  ${line.weights} ${line.actions}: ` +
          `return ${mean(line.returns_E).toFixed(1)} (${Math.min(...line.returns_E).toFixed(0)} to ${Math.max(...line.returns_E).toFixed(0)}), ` +
          `length ${mean(line.lengths_E).toFixed(0)}`,
      );
    }
    if (line.kind === 'clock' && totalSteps && performance.now() - shownAt > 10_000) {
      shownAt = performance.now();
      const left = (seconds * (totalSteps - line.envSteps)) / line.envSteps;
      console.log(
        `${title}  ${line.envSteps} of ${totalSteps} env steps  ${seconds.toFixed(0)} s, about ${left.toFixed(0)} s left`,
      );
    }
  };
}

/** Seconds in words. */
export function duration(seconds: number): string {
  if (seconds < 100) return `${seconds.toFixed(0)} s`;
  return seconds < 6000 ? `${(seconds / 60).toFixed(0)} min` : `${(seconds / 3600).toFixed(1)} h`;
}

interface UnderWay {
  readonly run: KeyedRun;
  /** Env steps when it was first heard of. */
  first: number;
  steps: number;
  result: string;
}

/**
 * The runs of a sweep on the terminal: what is under way, redrawn in place every second; where there is no terminal, a line
 * whenever a run begins or ends.
 */
export function sweepBoard(
  runs: readonly KeyedRun[],
  {
    title,
    costOf,
    queue,
  }: { title: string; costOf: (run: KeyedRun) => number | undefined; queue: ListQueue },
): Pick<Required<SweepOptions>, 'onStart' | 'onLine' | 'onEnd'> & { readonly close: () => void } {
  const { stdout } = process;
  const began = performance.now();
  const underWay = new Map<string, UnderWay>();
  let worked = 0; // core-seconds as estimated, of what was made here
  let drawn = 0;
  // Where nothing is known, every run counts as much as any other.
  const known = runs.map((run) => costOf(run)).filter((cost) => cost !== undefined);
  const usual = known.length > 0 ? mean(known) : 1;
  const cost = (run: KeyedRun) => costOf(run) ?? usual;
  /** What so many env steps of a run cost. */
  const costOfSteps = (run: KeyedRun, steps: number) =>
    (cost(run) * steps) / (plannedSteps(run.spec.algorithm, run.spec.config) || 1);
  const sum = (of: (entry: UnderWay) => number) =>
    [...underWay.values()].reduce((total, entry) => total + of(entry), 0);

  function status(): string {
    const { done, failed } = queue.state;
    const made = worked + sum(({ run, first, steps }) => costOfSteps(run, steps - first));
    const left = runs
      .filter(({ key }) => !done.has(key) && !failed.has(key))
      .reduce((total, run) => total + cost(run), 0);
    const ahead = left - sum(({ run, steps }) => costOfSteps(run, steps));
    const seconds = (performance.now() - began) / 1000;
    const eta = made > 0 ? `, about ${duration((seconds * ahead) / made)} left` : '';
    return `${title}: ${done.size} of ${runs.length} runs done, ${failed.size} failed, ${duration(seconds)}${eta}`;
  }
  function erase(): void {
    if (drawn > 0) moveCursor(stdout, 0, -drawn);
    clearScreenDown(stdout);
    drawn = 0;
  }
  function draw(): void {
    erase();
    const lines = [
      ...[...underWay.values()].map(
        // What changes comes first: names are long, and cut where the terminal ends.
        ({ run, steps, result }) =>
          `  ${steps.toLocaleString('en-US').padStart(9)} env steps  ${result.padEnd(13)}  ${runTitle(run)}`,
      ),
      status(),
    ];
    stdout.write(lines.map((line) => `${line.slice(0, stdout.columns - 1)}\n`).join(''));
    drawn = lines.length;
  }
  function say(line: string): void {
    if (stdout.isTTY) erase();
    console.log(line);
    if (stdout.isTTY) draw();
  }

  const timer = stdout.isTTY ? setInterval(draw, 1000) : undefined;
  return {
    onStart(run) {
      underWay.set(run.key, { run, first: 0, steps: 0, result: '' });
      if (!stdout.isTTY) say(`began ${runTitle(run)}`);
    },
    onLine(run, line) {
      const entry = underWay.get(run.key);
      if (!entry || (line.kind !== 'clock' && line.kind !== 'evaluation')) return;
      // Of a run that goes on, what was made before is no measure of how fast it is now.
      if (entry.steps === 0) entry.first = line.envSteps;
      entry.steps = line.envSteps;
      if (line.kind === 'evaluation') entry.result = `return ${mean(line.returns_E).toFixed(1)}`;
    },
    onEnd(run, { kind }) {
      const entry = underWay.get(run.key);
      underWay.delete(run.key);
      if (entry && kind === 'done') worked += cost(run) - costOfSteps(run, entry.first);
      if (kind !== 'returned') say(`${kind} ${runTitle(run)}  ${entry?.result ?? ''}\n${status()}`);
    },
    close() {
      clearInterval(timer);
      if (stdout.isTTY) erase();
    },
  };
}
