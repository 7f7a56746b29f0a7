// An experiment is a question and the runs that answer it, in plain data. Each is a file of experiments/.
import { algorithms } from './algorithms.ts';
import type { BaseSpec, RunSpec, Settings } from './run-spec.ts';

/** How long: quick is what a notebook runs itself, full what the results rest on. */
export type Profile = 'quick' | 'full';

/** What distinguishes the runs of an experiment, for figures and tables: columns and what stands in them. */
export type Labels = Readonly<Record<string, string | number>>;

/** One level of a factor. */
export interface Level {
  readonly label: string | number;
  /**
   * What is different: fields of the spec (algorithm, env, trajectories, every) are replaced, everything else is a setting;
   * `undefined` removes a setting of the base.
   */
  readonly set: Partial<Omit<BaseSpec, 'config'>> & Settings;
}

/** How much of a part is run at a profile. */
export interface Budget {
  readonly seeds: readonly number[];
  /** Settings over the base's, under the levels'. */
  readonly config?: Settings;
  /** The levels that are run, by factor; all where left out. */
  readonly levels?: Readonly<Record<string, readonly Level['label'][]>>;
}

/** Runs that share a base: one for every combination of levels and every seed. */
export interface ExperimentPart {
  /** Labels of all of its runs. */
  readonly labels?: Labels;
  readonly base: BaseSpec;
  readonly factors?: Readonly<Record<string, readonly Level[]>>;
  /** Whether a sweep leaves the networks beside the records: only where an analysis reads them (results/README.md). */
  readonly networks?: boolean;
  /** Without a budget, nothing of this part is run at that profile. */
  readonly quick?: Budget;
  readonly full?: Budget;
}

/** A question, and the runs that answer it. */
export interface Experiment {
  /** Lower case with dashes, as on the command line. */
  readonly name: string;
  readonly question: string;
  /** What is read off the records. */
  readonly measured: string;
  readonly parts: readonly ExperimentPart[];
}

/** A run of an experiment. Several, of one experiment or of many, may be the same run. */
export interface PlannedRun {
  readonly labels: Labels;
  readonly spec: RunSpec;
  /** Whether an analysis reads what was learnt. */
  readonly networks?: boolean;
}

/**
 * The runs of an experiment: parts in order, levels of the last factor fastest, then seeds.
 * @throws Error naming the experiment if a setting or a seed is wrong, there is no seed, or a budget names a factor or level that is not there
 */
export function expandExperiment(experiment: Experiment, profile: Profile): PlannedRun[] {
  try {
    return experiment.parts.flatMap((part) => expandPart(part, part[profile]));
  } catch (cause) {
    throw new Error(`Cannot expand ${experiment.name} (${profile}): ${(cause as Error).message}`, { cause });
  }
}

function expandPart(
  { labels = {}, base, factors = {}, networks = false }: ExperimentPart,
  budget: Budget | undefined,
): PlannedRun[] {
  if (!budget) return [];
  const wrong = budget.seeds.find((seed) => !Number.isSafeInteger(seed) || seed < 0);
  if (budget.seeds.length === 0 || wrong !== undefined)
    throw new Error(
      `there ${wrong === undefined ? 'are no seeds' : `is a seed ${wrong}`}: give integers of 0 or more, at least one`,
    );
  for (const name of Object.keys(budget.levels ?? {}))
    if (!factors[name]) throw new Error(`there is no factor ${name}`);
  let conditions: { labels: Labels; spec: BaseSpec }[] = [
    { labels, spec: changed(base, budget.config ?? {}) },
  ];
  for (const [name, levels] of Object.entries(factors))
    conditions = conditions.flatMap((condition) =>
      chosen(name, levels, budget.levels?.[name]).map(({ label, set }) => ({
        labels: { ...condition.labels, [name]: label },
        spec: changed(condition.spec, set),
      })),
    );
  return conditions.flatMap((condition) => {
    algorithms[condition.spec.algorithm].parse(condition.spec.config);
    return budget.seeds.map((seed) => ({
      labels: condition.labels,
      spec: { ...condition.spec, seed },
      networks,
    }));
  });
}

function chosen(
  name: string,
  levels: readonly Level[],
  labels: readonly Level['label'][] | undefined,
): readonly Level[] {
  if (!labels) return levels;
  return labels.map((label) => {
    const level = levels.find((each) => each.label === label);
    if (!level)
      throw new Error(
        `${name} has no level ${label}: there are ${levels.map((each) => each.label).join(', ')}`,
      );
    return level;
  });
}

function changed(
  spec: BaseSpec,
  { algorithm, env, trajectories, every, ...settings }: Level['set'],
): BaseSpec {
  const config = Object.entries({ ...spec.config, ...settings }).filter(([, value]) => value !== undefined);
  return {
    algorithm: algorithm ?? spec.algorithm,
    env: env ?? spec.env,
    trajectories: trajectories ?? spec.trajectories,
    every: every ?? spec.every,
    config: Object.fromEntries(config),
  };
}
