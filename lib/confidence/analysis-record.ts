// What the analyses of trained policies and models leave behind: a header, then plain lines, as JSON Lines; checked both ways.
import { z } from 'zod';
import { FormatError } from '../data/format-error.ts';
import { DISTURBANCE_KINDS } from './disturbances.ts';

const count = z.int().nonnegative();
const share = z.number().min(0).max(1);

const header = z.strictObject({
  kind: z.literal('header'),
  schema: z.literal(1),
  analysis: z.enum(['confidence', 'robustness', 'model-age']),
  env: z.string().min(1),
  /** Who is judged: the algorithm, its seed, and the hash of the policy's file. */
  algorithm: z.string().min(1),
  seed: count,
  policySha256: z.string().regex(/^[0-9a-f]{64}$/),
  /** Of the file of its discriminator; null where it has none. */
  discriminatorSha256: z
    .string()
    .regex(/^[0-9a-f]{64}$/)
    .nullable(),
  /** Return that areas are measured against. */
  expertReturn: z.number(),
  settings: z.record(z.string(), z.json()),
  versions: z.record(z.string(), z.string()),
});

const about = { condition: z.string().min(1), k: count };
const outcome = z.enum(['fall', 'lowReturn', 'lowEpisode']);

/** AUROC of every score; without any where too few episodes are of one kind. */
const aurocLine = z.strictObject({
  kind: z.literal('auroc'),
  ...about,
  outcome,
  from: count,
  episodes: count,
  /** Episodes with a step that has trouble ahead. */
  troubled: count,
  scores: z.record(z.string(), share),
});

/** One score's AUROC with an interval over the episodes of this seed, and by how much it is ahead of the baseline. */
const intervalLine = z.strictObject({
  kind: z.literal('interval'),
  ...about,
  outcome,
  score: z.string(),
  auroc: share,
  low: share,
  high: share,
  ahead: z.number(),
  aheadLow: z.number(),
  aheadHigh: z.number(),
});

const leadLine = z.strictObject({
  kind: z.literal('lead'),
  condition: z.string().min(1),
  signal: z.string(),
  threshold: z.number(),
  falls: count,
  warned: share,
  medianLead: z.number(),
  alarmsWithoutFall: share.nullable(),
  beforeReference: z.number(),
  earlier: share,
  together: share,
  later: share,
});

const calibrationLine = z.strictObject({
  kind: z.literal('calibration'),
  score: z.string(),
  /** Whose pairs stand against the expert's. */
  agent: z.string(),
  temperature: z.number().positive(),
  expectedError: share,
  brier: z.number(),
  logLoss: z.number(),
  bins: z.array(
    z.strictObject({
      low: share,
      high: share,
      count,
      meanProbability: share,
      expertShare: share,
    }),
  ),
});

const levelLine = z.strictObject({
  kind: z.literal('level'),
  disturbance: z.enum(DISTURBANCE_KINDS),
  level: z.number(),
  returns_E: z.array(z.number()).min(1),
  lengths_E: z.array(z.int().positive()),
});

/** A stage of training at which policy and model were kept. */
const stageLine = z.strictObject({
  kind: z.literal('stage'),
  stage: count,
  envSteps: count,
  /** Mean return of the policy then, not averaged, by its mean action. */
  evalReturn: z.number(),
});

/** One-step error of the model of one stage on states that no model was trained on. */
const modelErrorLine = z.strictObject({
  kind: z.literal('modelError'),
  /** Its stage. */
  model: count,
  states: z.enum(['policy', 'expert', 'random']),
  /** Stage of the policy that the states are of; null where they are not the policy's. */
  data: count.nullable(),
  /** Root mean square, in standard deviations of the observation. */
  error: z.number().positive(),
  /** The same of the prediction that nothing changes. */
  noChangeError: z.number().positive(),
  transitions: count,
});

const line = z.discriminatedUnion('kind', [
  header,
  aurocLine,
  intervalLine,
  leadLine,
  calibrationLine,
  levelLine,
  stageLine,
  modelErrorLine,
]);

/** First line: which policy was judged, and with what settings. */
export type AnalysisHeader = z.infer<typeof header>;
/** Any line of an analysis record. */
export type AnalysisLine = z.infer<typeof line>;
/** The AUROC of every score for one outcome under one condition. */
export type AurocLine = z.infer<typeof aurocLine>;
/** How early one signal rang before falls: a `LeadRow` with its condition. */
export type LeadLine = z.infer<typeof leadLine>;
/** How wrong the model of one stage is on the states of another, or of the expert, the policy or chance. */
export type ModelErrorLine = z.infer<typeof modelErrorLine>;
/** How well one score's probabilities are calibrated: a `Calibration` with whose pairs it is of. */
export type CalibrationLine = z.infer<typeof calibrationLine>;
/** A header and what was found. */
export type AnalysisRecord = readonly AnalysisLine[];

/** The first line. @throws TypeError if it is no header */
export function headerOf(record: AnalysisRecord): AnalysisHeader {
  const [first] = record;
  if (first?.kind !== 'header')
    throw new TypeError('An analysis record has no header: read it from its file');
  return first;
}

/**
 * The record as text, fractions rounded to four significant digits.
 * @throws TypeError naming kind and key of a line that would not read back
 */
export function formatAnalysis(record: AnalysisRecord): string {
  headerOf(record);
  const rows = record.map((given) => {
    const result = line.safeParse(rounded(given));
    if (!result.success)
      throw new TypeError(`Cannot record a line of kind ${given.kind}: ${z.prettifyError(result.error)}`);
    return JSON.stringify(result.data);
  });
  return `${rows.join('\n')}\n`;
}

/**
 * The record that `formatAnalysis` wrote.
 * @throws FormatError naming the file and the line that does not fit
 */
export function parseAnalysis(text: string, name: string): AnalysisRecord {
  const rows = text.split('\n');
  if (rows.pop() !== '' || rows.length === 0)
    throw new FormatError(
      { file: name, field: `line ${rows.length + 1}` },
      'the file is empty or was cut short',
    );
  return rows.map((row, i) => {
    const place = { file: name, field: `line ${i + 1}` };
    let json: unknown;
    try {
      json = JSON.parse(row);
    } catch (error) {
      throw new FormatError(place, `not JSON (${(error as Error).message})`, { cause: error });
    }
    const result = line.safeParse(json);
    if (!result.success) throw new FormatError(place, z.prettifyError(result.error));
    if ((result.data.kind === 'header') !== (i === 0))
      throw new FormatError(
        place,
        `found a line of kind ${result.data.kind}: the first line, and only it, is a header`,
      );
    return result.data;
  });
}

function rounded(value: unknown): unknown {
  if (typeof value === 'number') return Number.isInteger(value) ? value : Number(value.toPrecision(4));
  if (Array.isArray(value)) return value.map(rounded);
  if (value !== null && typeof value === 'object')
    return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, rounded(inner)]));
  return value;
}
