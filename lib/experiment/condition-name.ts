// What a run is called on disk and in lists: its settings in a few words.
import { mailModes } from '../agents/mail-modes.ts';
import { algorithms } from './algorithms.ts';
import { type BaseSpec, type ImitateOptions, imitate } from './run-spec.ts';

/** How many settings a name spells out. */
const SPELT_OUT = 3;

/**
 * The settings of a run as what differs from the nearest set of settings that has a name, for example
 * `cloning_discriminatorHidden-50x25`. Not unique. How often metrics are recorded is left out.
 * @throws Error if a setting is wrong
 */
export function conditionName({
  algorithm,
  env,
  config,
}: Pick<BaseSpec, 'algorithm' | 'env' | 'config'>): string {
  const { parse } = algorithms[algorithm];
  const ours = parse(config);
  const modes = Object.keys(mailModes) as (keyof typeof mailModes)[];
  const named: [string, ImitateOptions][] =
    algorithm === 'mail' ? modes.map((mode) => [mode, { mode }]) : [['default', {}]];
  const candidates = named.map(([name, options]) => ({
    name,
    changes: changes(parse(imitate(algorithm, env, options).config), ours),
  }));
  const nearest = candidates.reduce((a, b) => (b.changes.length < a.changes.length ? b : a));
  const more = nearest.changes.length - SPELT_OUT;
  return [
    nearest.name,
    ...nearest.changes.slice(0, SPELT_OUT),
    ...(more > 0 ? [`and-${more}-more`] : []),
  ].join('_');
}

function changes(
  from: Readonly<Record<string, unknown>>,
  to: Readonly<Record<string, unknown>>,
): readonly string[] {
  return [...new Set([...Object.keys(from), ...Object.keys(to)])]
    .filter((name) => name !== 'recordEvery' && JSON.stringify(from[name]) !== JSON.stringify(to[name]))
    .map((name) => `${name}-${inWord(to[name])}`);
}

function inWord(value: unknown): string {
  const text = Array.isArray(value) ? value.join('x') : String(value ?? 'none');
  return text.replaceAll(/[^A-Za-z0-9.]+/g, '-');
}
