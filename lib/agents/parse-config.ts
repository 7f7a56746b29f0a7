// Reading settings: defaults filled in, everything that is wrong said at once.
import type { z } from 'zod';
import { nearestName } from './nearest-name.ts';

/**
 * The settings after defaults.
 * @param schema the one declaration of the settings: types, defaults, ranges, meanings
 * @throws Error with one line for every setting that is unknown or out of range: its name, its value, what was expected; for
 *   an unknown one the nearest that there is
 */
export function parseConfig<Schema extends z.ZodObject>(
  schema: Schema,
  options: z.input<Schema>,
): z.output<Schema> {
  const result = schema.safeParse(options, { reportInput: true });
  if (result.success) return result.data;
  const known = Object.keys(schema.shape);
  const lines = result.error.issues.flatMap((issue) => inWords(issue, known));
  throw new Error(`The configuration is not valid:\n${lines.join('\n')}`);
}

function inWords(issue: z.core.$ZodIssue, known: readonly string[]): string[] {
  if (issue.code === 'unrecognized_keys')
    return issue.keys.map((key) => {
      const nearest = nearestName(key, known);
      return `- ${key}: there is no such setting${nearest ? `; is it ${nearest}?` : ''}`;
    });
  return [`- ${issue.path.join('.') || 'it'} = ${JSON.stringify(issue.input)}: ${issue.message}`];
}
