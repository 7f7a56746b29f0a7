// npm run scorecard: a verdict on each claim of the slides, by its rule, from the committed records: results/scorecard.json
// and the table in the README.
import { join } from 'node:path';
import { writeFileAtomic } from '../lib/data/atomic.ts';
import { recordedEvidence } from '../lib/scorecard/recorded-evidence.ts';
import { judgeClaims, scorecardEntries } from '../lib/scorecard/scorecard.ts';
import { markdownTable, writeSection } from './section.ts';

const entries = scorecardEntries(judgeClaims(recordedEvidence()));
writeFileAtomic(join('results', 'scorecard.json'), `${JSON.stringify(entries, null, 1)}\n`);

const table = markdownTable(
  ['claim', 'in other words', 'measured', 'seeds:', 'verdict'],
  entries.map(({ id, claim, measured, seeds, verdict }) => [id, claim, measured, seeds, `**${verdict}**`]),
);
console.log(table.join('\n'));
writeSection('README.md', 'scorecard', table);
console.log('\nWritten to results/scorecard.json and README.md');
