// One run in plain data: all that its record is a function of. The command line, sweeps and notebooks all start here.

import type { z } from 'zod';
import type { bcConfig } from '../agents/bc.ts';
import type { GailOptions } from '../agents/gail.ts';
import type { MailOptions } from '../agents/mail-config.ts';
import { type MailMode, mailModes } from '../agents/mail-modes.ts';
import type { ReferenceOptions } from '../agents/reference-policies.ts';
import { gailPresets, mailPresets, pairsEvery } from './presets.ts';

/** What can be run: MAIL, model-free GAIL, cloning, and two policies that learn nothing. */
export type AlgorithmName = 'mail' | 'gail' | 'bc' | 'expert' | 'random';

/** Settings of any of the algorithms, as a caller writes them. */
export type Settings = MailOptions | GailOptions | z.input<typeof bcConfig> | ReferenceOptions;

/** A run but for its seed. */
export interface BaseSpec {
  readonly algorithm: AlgorithmName;
  readonly env: string;
  /** Demonstrations that are given. */
  readonly trajectories: number;
  /** One pair in so many of them is given; 1: all. */
  readonly every: number;
  readonly config: Settings;
}

/** A run. */
export interface RunSpec extends BaseSpec {
  readonly seed: number;
}

/** What differs from the task's usual run. */
export interface ImitateOptions {
  /** Default 4. */
  readonly trajectories?: number;
  /** Default: the papers' protocol for the task. */
  readonly every?: number;
  /** Of MAIL's settings. */
  readonly mode?: MailMode;
  /** Settings beyond preset and mode, which they override. */
  readonly config?: Settings;
}

const presets: Partial<Record<AlgorithmName, Readonly<Record<string, Settings>>>> = {
  mail: mailPresets,
  gail: gailPresets,
};

/**
 * An algorithm on a task with the settings that are known to suit it (presets.ts): the task's preset, over it the mode,
 * over that `config`.
 * @throws Error if another algorithm than MAIL is given a mode
 */
export function imitate(algorithm: AlgorithmName, env: string, options: ImitateOptions = {}): BaseSpec {
  const { trajectories = 4, every = pairsEvery[env] ?? 20, mode, config } = options;
  if (mode !== undefined && !(algorithm === 'mail' && Object.hasOwn(mailModes, mode)))
    throw new Error(
      `Cannot train ${algorithm} in mode ${mode}: mail knows ${Object.keys(mailModes).join(', ')}, the others have none`,
    );
  const settings = { ...presets[algorithm]?.[env], ...(mode ? mailModes[mode] : {}), ...config };
  return { algorithm, env, trajectories, every, config: settings };
}
