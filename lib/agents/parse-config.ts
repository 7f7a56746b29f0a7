// Reading settings: defaults filled in, everything that is wrong said at once.
import type { z } from 'zod';

/**
 * The settings after defaults.
 * @throws Error with one line for every setting that is unknown or out of range: its name, its value, what was expected
 */
export function parseConfig<Schema extends z.ZodType>(
  schema: Schema,
  options: z.input<Schema>,
): z.output<Schema> {
  const result = schema.safeParse(options, { reportInput: true });
  if (result.success) return result.data;
  throw new Error(`The configuration is not valid:\n${result.error.issues.flatMap(inWords).join('\n')}`);
}

function inWords(issue: z.core.$ZodIssue): string[] {
  if (issue.code === 'unrecognized_keys')
    return issue.keys.map((key) => `- ${key}: there is no such setting`);
  return [`- ${issue.path.join('.') || 'it'} = ${JSON.stringify(issue.input)}: ${issue.message}`];
}
