// What verdicts rest on, read from the records on disk (Node side).
import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { readAnalyses } from '../confidence/analysis-files.ts';
import { headerOf } from '../confidence/analysis-record.ts';
import { experimentRuns } from '../experiment/experiment-runs.ts';
import { experimentNamed } from '../experiment/experiments/index.ts';
import { expertCard } from '../experiment/run-key.ts';
import type { Evidence, EvidenceRun } from './claim.ts';

/**
 * The evidence of a folder of records. An experiment is read when it is first asked for, and kept.
 * @param folder default: results/, as committed
 */
export function recordedEvidence(folder = 'results'): Evidence {
  const recorded = new Map<string, readonly EvidenceRun[]>();
  return {
    runs: (name) => {
      const known = recorded.get(name) ?? runsOf(name, folder);
      recorded.set(name, known);
      return known;
    },
    analyses: (analysis, algorithm) => {
      const tasks = join(folder, 'analysis', analysis);
      if (!existsSync(tasks)) return [];
      return readdirSync(tasks)
        .sort()
        .flatMap((task) => readAnalyses(join(tasks, task)))
        .filter((record) => headerOf(record).algorithm === algorithm);
    },
    expertReturn: (env) => expertCard(env).returns.mean,
  };
}

function runsOf(experiment: string, folder: string): EvidenceRun[] {
  return experimentRuns(experimentNamed(experiment), 'full', [folder]).flatMap(({ labels, spec, lines }) =>
    lines ? [{ labels, seed: spec.seed, lines }] : [],
  );
}
