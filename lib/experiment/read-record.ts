// Run records as text: every line is checked against the types of record.ts, in both directions.
import { z } from 'zod';
import { FormatError } from '../data/format-error.ts';
import type { RecordLine } from './record.ts';

const count = z.int().nonnegative();
const plainData = z.record(z.string(), z.json());

const lineSchema: z.ZodType<RecordLine> = z.discriminatedUnion('kind', [
  z.strictObject({
    kind: z.literal('header'),
    schema: z.literal(1),
    algorithm: z.string().min(1),
    env: z.string().min(1),
    seed: count,
    config: plainData,
    demos: plainData.nullable(),
    versions: z.record(z.string(), z.string()),
  }),
  z
    .strictObject({
      kind: z.literal('evaluation'),
      envSteps: count,
      updates: count,
      weights: z.enum(['raw', 'averaged']),
      actions: z.enum(['mean', 'sampled']),
      returns_E: z.array(z.number()).min(1),
      lengths_E: z.array(z.int().positive()),
    })
    .refine((line) => line.returns_E.length === line.lengths_E.length, {
      path: ['lengths_E'],
      message: 'expected as many lengths as returns',
    }),
  z.strictObject({
    kind: z.literal('metrics'),
    envSteps: count,
    updates: count,
    metrics: z.record(z.string(), z.number()),
  }),
  z.strictObject({ kind: z.literal('clock'), envSteps: count, wallSeconds: z.number().nonnegative() }),
  z.strictObject({
    kind: z.literal('machine'),
    facts: z.record(z.string(), z.union([z.string(), z.number()])),
  }),
  z.strictObject({
    kind: z.literal('end'),
    envSteps: count,
    updates: count,
    reason: z.enum(['finished', 'aborted']),
  }),
]);

/**
 * The lines of a run record.
 *
 * @param text JSON Lines: a header first, an end line nowhere but last
 * @param name the file's name, for errors
 * @throws FormatError naming the file and the line's number if a line is not JSON, is of an unknown kind, lacks a
 *   key or has one too many, or stands in the wrong place
 */
export function parseRecord(text: string, name: string): RecordLine[] {
  if (text === '') throw new FormatError({ file: name, field: 'line 1' }, 'the file is empty');
  const rows = text.split('\n');
  if (rows.at(-1) !== '')
    throw new FormatError(
      { file: name, field: `line ${rows.length}` },
      'the last line does not end: the file was cut short',
    );
  const lines = rows.slice(0, -1).map((row, i) => parseLine(row, { file: name, field: `line ${i + 1}` }));
  for (const [i, line] of lines.entries()) {
    const place = { file: name, field: `line ${i + 1}` };
    if ((line.kind === 'header') !== (i === 0))
      throw new FormatError(
        place,
        `found a line of kind ${line.kind}: the first line, and only it, is a header`,
      );
    if (line.kind === 'end' && i + 1 < lines.length)
      throw new FormatError(place, `${lines.length - i - 1} lines follow the end line`);
  }
  return lines;
}

/**
 * The text of one line, without the line break.
 *
 * @throws TypeError naming kind and key if the line would not read back as it is: a number that is not finite, an
 *   undefined value, a key that its kind does not have
 */
export function formatLine(line: RecordLine): string {
  const result = lineSchema.safeParse(line);
  if (!result.success)
    throw new TypeError(`Cannot record a line of kind ${line.kind}: ${problems(result.error)}`);
  return JSON.stringify(line);
}

/** What two equal runs share: the record without its clock and machine lines. */
export function comparable(record: readonly RecordLine[]): RecordLine[] {
  return record.filter((line) => line.kind !== 'clock' && line.kind !== 'machine');
}

function parseLine(row: string, place: { readonly file: string; readonly field: string }): RecordLine {
  let value: unknown;
  try {
    value = JSON.parse(row);
  } catch (error) {
    throw new FormatError(place, `not JSON (${(error as Error).message})`, { cause: error });
  }
  const result = lineSchema.safeParse(value);
  if (!result.success) throw new FormatError(place, problems(result.error));
  return value as RecordLine;
}

function problems(error: z.ZodError): string {
  return error.issues
    .map((issue) => (issue.path.length > 0 ? `${issue.path.join('.')}: ${issue.message}` : issue.message))
    .join('; ');
}
