// npm run results: the committed run records as Markdown tables, one per task: what the README shows.
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseCard } from '../lib/data/card.ts';
import { readRecords } from '../lib/experiment/store.ts';
import { interquartileMean, quantile } from '../lib/stats/aggregate.ts';
import { summarize } from '../lib/stats/run-summary.ts';

const whole = (value: number | null) =>
  value === null ? 'not reached' : Math.round(value).toLocaleString('en-US');

for (const algorithm of readdirSync('results'))
  for (const setting of readdirSync(join('results', algorithm))) {
    const runs = readRecords(join('results', algorithm, setting));
    if (runs.length === 0) continue;
    const { env } = summarize(runs[0]!, 0);
    const cardFile = join('data', `${env.toLowerCase()}-expert`, 'card.json');
    const expert = parseCard(readFileSync(cardFile, 'utf8'), cardFile).returns.mean;
    console.log(`\n${algorithm} on ${env}, ${setting} (expert ${whole(expert)})\n`);
    console.log(
      '| seed | env steps to 90 % | seconds to 90 % | best | last three | last, sampled actions | last length | env steps | seconds |',
    );
    console.log('|---|---|---|---|---|---|---|---|---|');
    const summaries = runs.map((run) => summarize(run, 0.9 * expert));
    for (const s of summaries) {
      const cells = [
        s.seed,
        whole(s.stepsToThreshold),
        whole(s.secondsToThreshold),
        whole(s.best),
        whole(s.lastThree),
        whole(s.lastSampled),
        whole(s.lastLength),
        whole(s.envSteps),
        whole(s.seconds),
      ];
      console.log(`| ${cells.join(' | ')} |`);
    }
    const held = summaries.filter(({ lastThree }) => lastThree >= 0.9 * expert).length;
    // A run that never got there counts as later than any other.
    const steps = summaries.map(({ stepsToThreshold }) => stepsToThreshold ?? Number.POSITIVE_INFINITY);
    const median = quantile(steps, 0.5);
    console.log(
      `\n${summaries.length} seeds: 90 % reached by ${steps.filter(Number.isFinite).length}, median ${Number.isFinite(median) ? `${whole(median)} env steps` : 'not reached'}; held at the end (last three) by ${held}; interquartile mean of the last three ${whole(interquartileMean(summaries.map(({ lastThree }) => lastThree)))}.`,
    );
  }
