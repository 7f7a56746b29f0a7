// npm run scorecard: a verdict on each claim of the slides, by its rule, from the committed records: results/scorecard.json
// and the table in the README.
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { headerOf, parseAnalysis } from '../lib/confidence/analysis-record.ts';
import { writeFileAtomic } from '../lib/data/atomic.ts';
import { experimentRuns } from '../lib/experiment/experiment-runs.ts';
import { experimentNamed } from '../lib/experiment/experiments/index.ts';
import { expertCard } from '../lib/experiment/run-key.ts';
import type { Effect, Evidence, EvidenceRun } from '../lib/scorecard/claim.ts';
import { claims } from '../lib/scorecard/claims.ts';
import { markdownTable, writeSection } from './section.ts';

const recorded = new Map<string, readonly EvidenceRun[]>();
const evidence: Evidence = {
  runs: (name) => {
    // Several claims ask for the same experiment, and every answer reads all records.
    const known = recorded.get(name);
    if (known) return known;
    const runs = experimentRuns(experimentNamed(name), 'full').flatMap(({ labels, spec, lines }) =>
      lines ? [{ labels, seed: spec.seed, lines }] : [],
    );
    recorded.set(name, runs);
    return runs;
  },
  analyses: (analysis, algorithm) => {
    const folder = join('results', 'analysis', analysis);
    if (!existsSync(folder)) return [];
    return readdirSync(folder, { recursive: true, encoding: 'utf8' })
      .filter((name) => name.endsWith('.jsonl'))
      .sort()
      .map((name) => parseAnalysis(readFileSync(join(folder, name), 'utf8'), name))
      .filter((record) => headerOf(record).algorithm === algorithm);
  },
  expertReturn: (env) => expertCard(env).returns.mean,
};

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
