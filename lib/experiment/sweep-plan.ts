// What a sweep has to do, before it starts: each run once, without what is recorded, and what it will cost (Node side).
import { quantile } from '../stats/aggregate.ts';
import { plannedSteps } from './algorithms.ts';
import { type Experiment, expandExperiment, type Profile } from './experiment.ts';
import type { RecordIndex } from './record-index.ts';
import { type KeyedRun, keyedRun } from './run-key.ts';

/** What a sweep has to do, and what that will cost. */
export interface SweepPlan {
  /** Each run of the experiments once, whatever number of conditions it belongs to. */
  readonly runs: readonly KeyedRun[];
  /** Those that are not recorded: the first seed of every condition, then the second. */
  readonly missing: readonly KeyedRun[];
  /** Env steps of what is missing. */
  readonly envSteps: number;
  /** Core-seconds of what is missing, as far as a run like it is recorded. */
  readonly seconds: number;
  /** Algorithms and tasks of missing runs whose cost is not known. */
  readonly costUnknown: readonly string[];
}

/**
 * Plans a sweep over experiments.
 * @param options.seeds only these
 * @param options.envs only these tasks
 */
export async function planSweep(
  experiments: readonly Experiment[],
  {
    profile,
    seeds,
    envs,
    index,
  }: {
    readonly profile: Profile;
    readonly seeds?: readonly number[];
    readonly envs?: readonly string[];
    readonly index: RecordIndex;
  },
): Promise<SweepPlan> {
  const ranked = new Map<string, { run: KeyedRun; rank: number }>();
  for (const experiment of experiments) {
    const seen = new Map<string, number>();
    for (const { labels, spec, networks = false } of expandExperiment(experiment, profile)) {
      const condition = JSON.stringify(labels);
      const rank = seen.get(condition) ?? 0;
      seen.set(condition, rank + 1);
      if ((seeds && !seeds.includes(spec.seed)) || (envs && !envs.includes(spec.env))) continue;
      const run = { ...(await keyedRun(spec)), networks };
      const known = ranked.get(run.key);
      if (!known) ranked.set(run.key, { run, rank });
      else if (networks) ranked.set(run.key, { ...known, run });
    }
  }
  const runs = [...ranked.values()].sort((a, b) => a.rank - b.rank).map(({ run }) => run);
  const missing = runs.filter(({ key }) => !index.withKey(key));
  const costOf = costs(index);
  const estimates = missing.map((run) => costOf(run));
  return {
    runs,
    missing,
    envSteps: missing.reduce((sum, { spec }) => sum + plannedSteps(spec.algorithm, spec.config), 0),
    seconds: estimates.reduce<number>((sum, seconds) => sum + (seconds ?? 0), 0),
    costUnknown: [
      ...new Set(missing.filter((_, i) => estimates[i] === undefined).map(({ spec }) => kindOf(spec))),
    ],
  };
}

/**
 * What a run will cost, in seconds of training: its env steps (or 1 where it takes none) times the median of what a step
 * took in recorded runs of the same algorithm on the same task; undefined where there are none.
 */
export function costs(index: RecordIndex): (run: KeyedRun) => number | undefined {
  const perStep = new Map<string, number[]>();
  for (const { identity, lines } of index.runs) {
    const clock = lines.findLast((line) => line.kind === 'clock');
    if (clock?.kind !== 'clock') continue;
    const kind = kindOf(identity);
    perStep.set(kind, [...(perStep.get(kind) ?? []), clock.wallSeconds / (clock.envSteps || 1)]);
  }
  return ({ spec }) => {
    const recorded = perStep.get(kindOf(spec));
    return recorded && quantile(recorded, 0.5) * (plannedSteps(spec.algorithm, spec.config) || 1);
  };
}

function kindOf({ algorithm, env }: { readonly algorithm: string; readonly env: string }): string {
  return `${algorithm} on ${env}`;
}
