// A reader's version of an experiment: other seeds, levels and settings than its budget has.
import {
  type Budget,
  type Experiment,
  expandExperiment,
  type PlannedRun,
  type Profile,
} from './experiment.ts';

/** What a reader has otherwise: a budget of which everything may be left out. */
export interface PlanChanges extends Partial<Budget> {
  /** Only the runs on this task. Default: on all that the profile has a budget for. */
  readonly env?: string;
}

/**
 * The runs of an experiment with another budget: seeds and levels replace those of the profile's, settings lie over its
 * settings and under those of the levels. Without changes it is `expandExperiment`.
 * @throws Error if nothing is run at the profile on that task, and as `expandExperiment`
 */
export function changedPlan(
  experiment: Experiment,
  profile: Profile,
  { env, config, ...budget }: PlanChanges,
): PlannedRun[] {
  const budgeted = experiment.parts.filter((part) => part[profile] !== undefined);
  const parts = budgeted
    .filter(({ base }) => env === undefined || base.env === env)
    .map((part) => {
      const own = part[profile]!;
      return { ...part, [profile]: { ...own, ...budget, config: { ...own.config, ...config } } };
    });
  if (parts.length === 0)
    throw new Error(
      `Cannot run ${experiment.name} (${profile}) on ${env ?? 'any task'}: it runs on ${[...new Set(budgeted.map(({ base }) => base.env))].join(', ') || 'none at that profile'}`,
    );
  return expandExperiment({ ...experiment, parts }, profile);
}
