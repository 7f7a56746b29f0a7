// npm run scorecard: a verdict on each claim of the slides, by its rule, from the committed records: results/scorecard.json
// and the table in the README.
import { join } from 'node:path';
import { writeFileAtomic } from '../lib/data/atomic.ts';
import type { Effect } from '../lib/scorecard/claim.ts';
import { claims } from '../lib/scorecard/claims.ts';
import { recordedEvidence } from '../lib/scorecard/recorded-evidence.ts';
import { markdownTable, writeSection } from './section.ts';

const evidence = recordedEvidence();

const rounded = (value: number) => (Number.isFinite(value) ? Number(value.toPrecision(3)) : null);
const shown = (value: number) =>
  Number.isFinite(value) ? String(rounded(value)) : Number.isNaN(value) ? '?' : 'infinite';
const inWords = ({ setting, value, low, high }: Effect) =>
  `${setting} ${shown(value)}${Number.isNaN(low) ? '' : ` (${shown(low)} to ${shown(high)})`}`;
/** Claims with more effects than this are summed up: the file has them all. */
const LISTED = 4;

const verdicts = claims.map(({ judge, ...claim }) => ({ ...claim, ...judge(evidence) }));
writeFileAtomic(
  join('results', 'scorecard.json'),
  `${JSON.stringify(
    verdicts.map(({ effects, ...verdict }) => ({
      ...verdict,
      effects: effects.map((effect) => ({
        ...effect,
        value: rounded(effect.value),
        low: rounded(effect.low),
        high: rounded(effect.high),
      })),
    })),
    null,
    1,
  )}\n`,
);

const table = markdownTable(
  ['claim', 'in other words', 'measured', 'seeds:', 'verdict'],
  verdicts.map(({ id, claim, effects, verdict }) => {
    const holding = effects.filter(({ holds }) => holds).length;
    const measured =
      effects.length <= LISTED
        ? effects.map(inWords).join('; ')
        : `holds in ${holding} of ${effects.length} settings, for example ${inWords(effects.at(-1)!)}`;
    const seeds = effects.map((effect) => effect.seeds);
    const range = [...new Set([Math.min(...seeds), Math.max(...seeds)])].join(' to ');
    return [id, claim, measured || '-', effects.length > 0 ? range : '-', `**${verdict}**`];
  }),
);
console.log(table.join('\n'));
writeSection('README.md', 'scorecard', table);
console.log('\nWritten to results/scorecard.json and README.md');
