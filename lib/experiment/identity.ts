// What makes two runs the same run: everything that their records are functions of, read off a plan or off a record.
import { chooseBackend } from '../backend/engine.ts';
import { algorithms } from './algorithms.ts';
import type { HeaderLine } from './record.ts';
import type { AlgorithmName, RunSpec, Settings } from './run-spec.ts';

/** Plain data; two runs with equal identities have equal records, clock and machine lines apart. */
export interface RunIdentity {
  readonly algorithm: AlgorithmName;
  readonly version: string;
  readonly env: string;
  readonly seed: number;
  /** All settings that the course of a run depends on, defaults included: not how often metrics are recorded. */
  readonly config: Readonly<Record<string, unknown>>;
  readonly demos: Readonly<Record<string, string | number>> | null;
  /**
   * What computed it: tensor backend, and what did MAIL's updates; null where no tensors were used. Left out, it is the
   * run whichever computed it.
   */
  readonly engine?: string | null;
}

/**
 * The identity of a run that is planned, whichever engine computes it.
 * @param sha256 hash of the task's demonstrations
 * @throws Error if a setting is wrong
 */
export function plannedIdentity(spec: RunSpec, sha256: string): RunIdentity {
  const { version, parse } = algorithms[spec.algorithm];
  return {
    algorithm: spec.algorithm,
    version,
    env: spec.env,
    seed: spec.seed,
    config: decisive(parse(spec.config)),
    demos: demosOf(spec.algorithm, { ...spec, sha256 }),
  };
}

/** What would compute a run here, as `RunIdentity` says it. Loads the native engine if that is the one. */
export async function plannedEngine({ algorithm, config }: RunSpec): Promise<string | null> {
  const { runKind, updates, parse } = algorithms[algorithm];
  if (runKind === null) return null;
  const { backend } = await chooseBackend(runKind);
  return engineOf(backend, updates?.(parse(config)));
}

/**
 * The identity of a run that was recorded; undefined if the record is of an algorithm or has settings that this version
 * of the code does not know, so that it cannot be a run that is planned now.
 */
export function recordedIdentity(header: HeaderLine): RunIdentity | undefined {
  const { env, seed, demos, versions } = header;
  if (!Object.hasOwn(algorithms, header.algorithm)) return undefined;
  const name = header.algorithm as AlgorithmName;
  const config = readBack(name, header.config as Settings);
  if (!config) return undefined;
  return {
    algorithm: name,
    // Records from before versions were written are of the first.
    version: versions.algorithm ?? '1',
    env,
    seed,
    config: decisive(config),
    demos: demosOf(name, demos ?? {}),
    engine: engineOf(versions.backend ?? null, versions.updates),
  };
}

/**
 * An identity as text with its keys in order, equal for equal identities. Settings at their defaults are left out, so that
 * a run is still the same run when the algorithm gets one more setting.
 */
export function identityText(identity: Omit<RunIdentity, 'seed'>): string {
  const defaults = algorithms[identity.algorithm].parse({});
  const config = Object.entries(identity.config).filter(
    ([name, value]) => JSON.stringify(value) !== JSON.stringify(defaults[name]),
  );
  return JSON.stringify({ ...identity, config: Object.fromEntries(config) }, (_, value) =>
    value === null || typeof value !== 'object' || Array.isArray(value)
      ? value
      : Object.fromEntries(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1))),
  );
}

function decisive({ recordEvery, ...config }: Readonly<Record<string, unknown>>): RunIdentity['config'] {
  return config;
}

function readBack(name: AlgorithmName, config: Settings) {
  try {
    return algorithms[name].parse(config);
  } catch {
    // Written by a version with other settings: that is what undefined says.
    return undefined;
  }
}

function demosOf(name: AlgorithmName, about: object): RunIdentity['demos'] {
  const { sha256, trajectories, every } = about as Record<string, string | number>;
  const { learnsFrom } = algorithms[name];
  if (learnsFrom === 'nothing') return null;
  return learnsFrom === 'expert'
    ? { sha256: sha256! }
    : { sha256: sha256!, trajectories: trajectories!, every: every! };
}

function engineOf(backend: string | null, updates: string | undefined): string | null {
  return backend === null ? null : [backend, updates].filter(Boolean).join('+');
}
