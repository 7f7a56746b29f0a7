// npm run results: the committed run records as tables: every method and control (written into the README), and every seed of
// MAIL on Hopper, with and without cloning.
import { type ComparedRuns, compareExperiment } from '../lib/experiment/experiment-comparison.ts';
import { experimentRuns } from '../lib/experiment/experiment-runs.ts';
import { imitationTable } from '../lib/experiment/experiments/imitation-table.ts';
import { markdownTable, writeSection } from './section.ts';

const whole = (value: number | null) =>
  value === null || !Number.isFinite(value) ? 'not reached' : Math.round(value).toLocaleString('en-US');

function methodRow({ labels, env, row }: ComparedRuns): string[] {
  const interval = Number.isNaN(row.low) ? '' : ` (${whole(row.returnLow)} to ${whole(row.returnHigh)})`;
  const trained = row.envSteps > 0;
  return [
    env,
    String(labels.method),
    labels.trajectories ? String(labels.trajectories) : '-',
    String(row.seeds),
    `${whole(row.return)}${interval}`,
    `${Math.round(100 * row.score)} %`,
    whole(row.length),
    trained ? whole(row.envSteps) : '-',
    trained ? `${row.reached} of ${row.seeds}` : '-',
    trained ? whole(row.stepsToThreshold) : '-',
    trained ? whole(row.seconds) : '-',
  ];
}

const seedColumns = [
  'seed:',
  'env steps to 90 %:',
  'best:',
  'last three:',
  'last, sampled actions:',
  'last length:',
  'seconds:',
];

const found = compareExperiment(experimentRuns(imitationTable, 'full'));
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

for (const method of ['MAIL', 'MAIL, light cloning']) {
  const runs = found.find(
    ({ env, labels }) => env === 'Hopper-v5' && labels.method === method && labels.trajectories === 4,
  );
  const seedRows = (runs?.summaries ?? []).map((s) => [
    String(s.seed),
    ...[s.stepsToThreshold, s.best, s.lastThree, s.lastSampled, s.lastLength, s.seconds].map(whole),
  ]);
  console.log(`\n${method} on Hopper-v5, 4 trajectories, seed by seed\n`);
  console.log(markdownTable(seedColumns, seedRows).join('\n'));
}
console.log('\nThe first table was written to README.md');
