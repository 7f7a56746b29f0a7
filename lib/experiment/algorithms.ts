// What a run needs to know of each algorithm: how its settings are read, what computes it, and how it is run.
import type { z } from 'zod';
import { bcConfig, bcVersion, trainBc } from '../agents/bc.ts';
import { type GailSetup, gailConfig, gailVersion, trainGail } from '../agents/gail.ts';
import { mailVersion, trainMail } from '../agents/mail.ts';
import { type MailConfig, type MailOptions, mailConfig, parseMailConfig } from '../agents/mail-config.ts';
import { simdLacks } from '../agents/mail-networks.ts';
import { parseConfig } from '../agents/parse-config.ts';
import { judgeReference, referenceConfig, referenceVersion } from '../agents/reference-policies.ts';
import type { TrainOptions } from '../agents/training.ts';
import type { RunKind } from '../backend/engine.ts';
import type { Discriminator } from '../models/discriminator.ts';
import type { Policy } from '../models/policy.ts';
import type { AlgorithmName, Settings } from './run-spec.ts';

/** What every algorithm is given; each takes of it what it needs. */
export interface RunSetup extends Omit<GailSetup, 'config'> {
  readonly config: Settings;
  /** The policy that gave the demonstrations. */
  readonly expert: () => Policy;
}

/** One algorithm, as runs see it. */
export interface Algorithm {
  /** Goes up when the same settings and seed no longer give the same record. */
  readonly version: string;
  /** The one declaration of its settings: `settingRows` makes a table of it. */
  readonly settings: z.ZodObject;
  /** Settings after defaults, which read back as they are. @throws Error naming every setting that is wrong */
  readonly parse: (config: Settings) => Readonly<Record<string, unknown>>;
  /** Which tensor backend it asks for; null if it uses none. */
  readonly runKind: RunKind | null;
  /** What computes its updates where that is not the tensor backend. */
  readonly updates?: (config: Readonly<Record<string, unknown>>) => string;
  /** Whether the record depends on how many pairs are given, on who gave them only, or on neither. */
  readonly learnsFrom: 'pairs' | 'expert' | 'nothing';
  /** Resolves to what was learnt, if anything was. */
  readonly run: (setup: RunSetup, options: TrainOptions) => Promise<Learnt | undefined>;
}

/** The policy to deploy, and the discriminator that taught it where there is one. */
export interface Learnt {
  readonly policy: Policy;
  readonly discriminator?: Discriminator;
}

// A setting of another algorithm fails in `parse`, which is why the casts below are safe.
/** Every algorithm that can be run by name. */
export const algorithms: Readonly<Record<AlgorithmName, Algorithm>> = {
  mail: {
    version: mailVersion,
    settings: mailConfig,
    parse: (config) => parseMailConfig(config as MailOptions),
    runKind: 'small-batches',
    updates: (config) =>
      config.engine === 'simd' && simdLacks(config as MailConfig).length === 0 ? 'simd' : 'tfjs',
    learnsFrom: 'pairs',
    run: (setup, options) => trainMail(setup as Parameters<typeof trainMail>[0], options),
  },
  gail: {
    version: gailVersion,
    settings: gailConfig,
    parse: (config) => parseConfig(gailConfig, config as GailSetup['config'] & {}),
    runKind: 'large-batches',
    learnsFrom: 'pairs',
    run: (setup, options) => trainGail(setup as GailSetup, options),
  },
  bc: {
    version: bcVersion,
    settings: bcConfig,
    parse: (config) => parseConfig(bcConfig, config as Parameters<typeof bcConfig.parse>[0] & {}),
    runKind: 'small-batches',
    learnsFrom: 'pairs',
    run: (setup, options) => trainBc(setup as Parameters<typeof trainBc>[0], options),
  },
  expert: {
    version: referenceVersion,
    settings: referenceConfig,
    parse: (config) => parseConfig(referenceConfig, config as object),
    runKind: null,
    learnsFrom: 'expert',
    run: ({ expert, ...setup }, options) =>
      judgeReference({ ...setup, config: setup.config as object, policy: expert() }, options),
  },
  random: {
    version: referenceVersion,
    settings: referenceConfig,
    parse: (config) => parseConfig(referenceConfig, config as object),
    runKind: null,
    learnsFrom: 'nothing',
    run: ({ config, seed, newEnv }, options) =>
      judgeReference({ config: config as object, seed, newEnv }, options),
  },
};

/** Env steps that a run of these settings takes. */
export function plannedSteps(algorithm: AlgorithmName, config: Settings): number {
  const { totalSteps } = algorithms[algorithm].parse(config);
  return typeof totalSteps === 'number' ? totalSteps : 0;
}
