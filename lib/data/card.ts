// The card of a data set: what it holds and where it came from, as facts (card.json) and for readers (card.md).
import { z } from 'zod';
import { summary } from './demos.ts';
import { FormatError } from './format-error.ts';
import { type Demos, startOf } from './types.ts';

/** What whoever made the set says about it. */
export interface CardFacts {
  /** Name of the set, `<env>-<quality>`. */
  readonly name: string;
  /** Rules and simulator, for example `Gymnasium v5 rules, MuJoCo 3.14.0`. */
  readonly rules: string;
  /** What chose the actions: method, weights file and its hash. */
  readonly generator: string;
  /** Seed of the generation, where it is known. */
  readonly seed?: number;
  /** Whether actions were drawn from the policy or were its mean (mode). */
  readonly actions: 'sampled' | 'mean' | 'unknown';
  /** Which episodes are in the set and in what order. */
  readonly selection: string;
  readonly licence: string;
  /** Anything else that a user should know. */
  readonly notes?: string;
}

/** The whole card: the facts above and what was counted. */
export interface DataCard extends CardFacts {
  readonly schema: 1;
  readonly env: string;
  readonly obsSize: number;
  readonly actSize: number;
  /** Number of actions of a discrete task, else 0. */
  readonly discreteActions: number;
  readonly trajectories: number;
  readonly steps: number;
  readonly returns: Spread;
  readonly lengths: Spread;
  /** Shares of the trajectories, in [0, 1]. */
  readonly terminated: number;
  readonly truncated: number;
  /** Number type of observations and actions in the file. */
  readonly dtype: 'float32';
  /** Whether the simulator's state at the start of every trajectory is stored. */
  readonly simulatorStates: boolean;
  readonly file: string;
  readonly bytes: number;
  /** Hash of `file`, lower-case hexadecimal. */
  readonly sha256: string;
}

/** Over the trajectories; the standard deviation is the population's. */
export interface Spread {
  readonly mean: number;
  readonly std: number;
  readonly min: number;
  readonly max: number;
}

const spreadSchema = z.strictObject({ mean: z.number(), std: z.number(), min: z.number(), max: z.number() });
const count = z.int().nonnegative();
const share = z.number().min(0).max(1);
const cardSchema = z.strictObject({
  schema: z.literal(1),
  name: z.string(),
  env: z.string(),
  rules: z.string(),
  generator: z.string(),
  seed: count.optional(),
  actions: z.enum(['sampled', 'mean', 'unknown']),
  selection: z.string(),
  licence: z.string(),
  notes: z.string().optional(),
  obsSize: count,
  actSize: count,
  discreteActions: count,
  trajectories: count,
  steps: count,
  returns: spreadSchema,
  lengths: spreadSchema,
  terminated: share,
  truncated: share,
  dtype: z.literal('float32'),
  simulatorStates: z.boolean(),
  file: z.string(),
  bytes: count,
  sha256: z.string().regex(/^[0-9a-f]{64}$/),
});

/** The card of these demonstrations, stored in a file with this name, size and hash. */
export function makeCard(
  demos: Demos,
  facts: CardFacts,
  stored: { readonly file: string; readonly bytes: number; readonly sha256: string },
): DataCard {
  const counts = summary(demos);
  const { name, rules, generator, seed, actions, selection, licence, notes } = facts;
  return {
    schema: 1,
    name,
    env: demos.env,
    rules,
    generator,
    ...(seed === undefined ? {} : { seed }),
    actions,
    selection,
    licence,
    ...(notes === undefined ? {} : { notes }),
    obsSize: demos.obsSize,
    actSize: demos.actSize,
    discreteActions: demos.actions,
    trajectories: counts.trajectories,
    steps: counts.steps,
    returns: spread(counts.returns_E),
    lengths: spread(counts.lengths_E),
    terminated: counts.terminated / counts.trajectories,
    truncated: counts.truncated / counts.trajectories,
    dtype: 'float32',
    simulatorStates: demos.trajectories.every((trajectory) => startOf(trajectory) !== undefined),
    ...stored,
  };
}

/**
 * A card out of card.json.
 *
 * @throws FormatError naming the key if it is not one
 */
export function parseCard(text: string, file: string): DataCard {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    throw new FormatError({ file }, `not JSON (${(error as Error).message})`, { cause: error });
  }
  const result = cardSchema.safeParse(value);
  if (result.success) return value as DataCard;
  const issue = result.error.issues[0]!;
  const field = issue.path.join('.');
  throw new FormatError(field === '' ? { file } : { file, field }, issue.message);
}

const ACTIONS = { sampled: 'drawn from the policy', mean: "the policy's mean (mode)", unknown: 'unknown' };

/** The card as Markdown. It says what card.json says and nothing else. */
export function cardMarkdown(card: DataCard): string {
  const spreadText = ({ mean, std, min, max }: Spread, digits: number) =>
    `${mean.toFixed(digits)} ± ${std.toFixed(digits)} (${min.toFixed(digits)} to ${max.toFixed(digits)})`;
  const percent = (x: number) => `${Math.round(100 * x)} %`;
  const action =
    card.discreteActions > 0 ? `one of ${card.discreteActions} actions` : `${card.actSize} numbers`;
  const rows: readonly (readonly [string, string])[] = [
    ['Task', card.env],
    ['Rules', card.rules],
    ['Generator', card.generator],
    ['Seed', `${card.seed ?? 'unknown'}`],
    ['Actions', ACTIONS[card.actions]],
    ['Episodes', card.selection],
    ['Trajectories', `${card.trajectories}`],
    ['Steps', `${card.steps}`],
    ['Return', spreadText(card.returns, 1)],
    ['Length', spreadText(card.lengths, 1)],
    ['Ended', `${percent(card.terminated)} by the task's rule, ${percent(card.truncated)} cut off`],
    ['Observation', `${card.obsSize} numbers`],
    ['Action', action],
    ['Number type', `${card.dtype} (rewards float64)`],
    ['Simulator state', card.simulatorStates ? 'of the start of each trajectory (float64)' : 'not stored'],
    ['Licence', card.licence],
    ['File', `${card.file}, ${card.bytes} bytes`],
    ['SHA-256', `\`${card.sha256}\``],
    ...(card.notes === undefined ? [] : [['Notes', card.notes] as const]),
  ];
  const cell = (text: string) => text.replaceAll('|', '\\|').replaceAll(/\s*\n\s*/g, ' ');
  return [
    `# ${card.name}`,
    '',
    `Demonstrations of ${card.env} in Minari's format. Mean ± standard deviation over trajectories (least to most).`,
    '',
    '| | |',
    '|---|---|',
    ...rows.map(([name, text]) => `| ${name} | ${cell(text)} |`),
    '',
  ].join('\n');
}

function spread(values_E: readonly number[]): Spread {
  const mean = values_E.reduce((sum, value) => sum + value, 0) / values_E.length;
  const variance = values_E.reduce((sum, value) => sum + (value - mean) ** 2, 0) / values_E.length;
  return { mean, std: Math.sqrt(variance), min: Math.min(...values_E), max: Math.max(...values_E) };
}
