// The settings of an algorithm as a table, read off the schema that checks them, so that the two cannot disagree.
import { z } from 'zod';

/** One setting. Flat, so that it is a table's row. */
export interface SettingRow {
  readonly setting: string;
  /** As JSON; 'none' where it is left out unless it is given. */
  readonly default: string;
  /** Kind and range, or the names to choose from. */
  readonly values: string;
  /** What it is, with its unit. */
  readonly meaning: string;
}

interface SettingSchema {
  readonly description?: string;
  readonly default?: unknown;
  readonly type?: string;
  readonly enum?: readonly string[];
  readonly items?: SettingSchema;
  readonly minimum?: number;
  readonly maximum?: number;
  readonly exclusiveMinimum?: number;
  readonly exclusiveMaximum?: number;
}

/**
 * A row for every setting, in the order of the schema, for example `settingRows(mailConfig)`.
 * @throws Error naming a setting that is not a number, switch, choice or list, or has no description
 */
export function settingRows(schema: z.ZodObject): SettingRow[] {
  const { properties = {} } = z.toJSONSchema(schema, { io: 'input' });
  return Object.entries(properties as Record<string, SettingSchema>).map(([setting, declared]) => {
    if (!declared.description) throw new Error(`The setting ${setting} has no description: describe it`);
    return {
      setting,
      default: declared.default === undefined ? 'none' : JSON.stringify(declared.default),
      values: valuesOf(setting, declared),
      meaning: declared.description,
    };
  });
}

function valuesOf(setting: string, declared: SettingSchema): string {
  if (declared.enum) return declared.enum.map((name) => JSON.stringify(name)).join(', ');
  if (declared.type === 'boolean') return 'true, false';
  if (declared.type === 'array' && declared.items) return `list, each ${valuesOf(setting, declared.items)}`;
  if (declared.type === 'integer') return `integer${rangeOf(declared)}`;
  if (declared.type === 'number') return `number${rangeOf(declared)}`;
  throw new Error(`Cannot put the values of the setting ${setting} into words: its type is ${declared.type}`);
}

function rangeOf({ type, minimum, exclusiveMinimum, maximum, exclusiveMaximum }: SettingSchema): string {
  const least = type === 'integer' && exclusiveMinimum !== undefined ? exclusiveMinimum + 1 : minimum;
  // Of integers the schema names the largest that a number can hold.
  const most = maximum === Number.MAX_SAFE_INTEGER ? undefined : maximum;
  const above = type === 'integer' ? undefined : exclusiveMinimum;
  return [
    least === undefined ? '' : ` from ${least}`,
    above === undefined ? '' : ` above ${above}`,
    most === undefined ? '' : ` to ${most}`,
    exclusiveMaximum === undefined ? '' : ` below ${exclusiveMaximum}`,
  ].join('');
}
