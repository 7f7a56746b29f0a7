// npm run results: the committed run records as tables: every method and control (written into the README), and every seed of
// MAIL on Hopper.

import { stream } from '../lib/backend/rng.ts';
import { type ExperimentRun, experimentRuns } from '../lib/experiment/experiment-runs.ts';
import { imitationTable } from '../lib/experiment/experiments/imitation-table.ts';
import { expertCard } from '../lib/experiment/run-key.ts';
import { interquartileMean, median } from '../lib/stats/aggregate.ts';
import { bootstrap } from '../lib/stats/bootstrap.ts';
import { type RunSummary, summarize } from '../lib/stats/run-summary.ts';
import { lifetime, medianSteps } from '../lib/stats/survival.ts';
import { markdownTable, writeSection } from './section.ts';

const whole = (value: number | null) =>
  value === null || !Number.isFinite(value) ? 'not reached' : Math.round(value).toLocaleString('en-US');

/** Finished runs in groups of equal labels, as they come. */
function groups(runs: readonly ExperimentRun[]): RunGroup[] {
  const byLabels = new Map<string, RunGroup>();
  for (const { labels, spec, lines } of runs) {
    if (!lines) continue;
    const name = JSON.stringify(labels);
    const group = byLabels.get(name) ?? { labels, env: spec.env, runs: [] };
    group.runs.push(summarize(lines, 0.9 * expertCard(spec.env).returns.mean));
    byLabels.set(name, group);
  }
  return [...byLabels.values()];
}

interface RunGroup {
  readonly labels: ExperimentRun['labels'];
  readonly env: string;
  readonly runs: RunSummary[];
}

function methodRow({ labels, env, runs }: RunGroup): string[] {
  const finals = runs.map(({ lastThree }) => lastThree);
  const { value, low, high } = bootstrap([finals], ([drawn]) => interquartileMean(drawn!), {
    rng: stream(0, 'results', JSON.stringify(labels)),
  });
  const interval = Number.isNaN(low) ? '' : ` (${whole(low)} to ${whole(high)})`;
  const steps = median(runs.map(({ envSteps }) => envSteps));
  const reached = runs.filter(({ stepsToThreshold }) => stepsToThreshold !== null).length;
  return [
    env,
    String(labels.method),
    labels.trajectories ? String(labels.trajectories) : '-',
    String(runs.length),
    `${whole(value)}${interval}`,
    `${Math.round((100 * value) / expertCard(env).returns.mean)} %`,
    whole(median(runs.map(({ lastLength }) => lastLength))),
    steps > 0 ? whole(steps) : '-',
    steps > 0 ? `${reached} of ${runs.length}` : '-',
    steps > 0 ? whole(medianSteps(runs.map(lifetime))) : '-',
    steps > 0 ? whole(median(runs.map(({ seconds }) => seconds))) : '-',
  ];
}

const found = groups(experimentRuns(imitationTable, 'full'));
const table = markdownTable(
  [
    'task',
    'method',
    'trajectories:',
    'seeds:',
    'return (95 % interval):',
    'of the expert:',
    'length:',
    'env steps:',
    '90 % reached by:',
    'median env steps to it:',
    'seconds:',
  ],
  found.map(methodRow),
);
console.log(table.join('\n'));
writeSection('README.md', 'imitation-table', table);

const mail = found.find(
  ({ env, labels }) => env === 'Hopper-v5' && labels.method === 'MAIL' && labels.trajectories === 4,
);
console.log('\nMAIL on Hopper-v5, 4 trajectories, seed by seed\n');
console.log(
  markdownTable(
    [
      'seed:',
      'env steps to 90 %:',
      'best:',
      'last three:',
      'last, sampled actions:',
      'last length:',
      'seconds:',
    ],
    (mail?.runs ?? []).map((s) => [
      String(s.seed),
      ...[s.stepsToThreshold, s.best, s.lastThree, s.lastSampled, s.lastLength, s.seconds].map(whole),
    ]),
  ).join('\n'),
);
console.log('\nThe first table was written to README.md');
