// A run's lines on the terminal: one line an evaluation, and how far it is and how long it will take in between.
import type { RecordLine } from '../lib/experiment/record.ts';
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
