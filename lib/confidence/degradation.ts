// Robustness: how a policy's return falls as the disturbance grows, and the area under that curve (claim C3b).
import { trajectoryLength, trajectoryReturn } from '../data/types.ts';
import { type Act, actor, type Policy } from '../models/policy.ts';
import { mean } from '../stats/aggregate.ts';
import {
  DISTURBANCES,
  type Disturbance,
  type DisturbanceKind,
  onsetStep,
  type TestBench,
} from './disturbances.ts';

/** All levels of the kinds given, kind by kind. */
export function disturbanceGrid(
  kinds: readonly DisturbanceKind[] = Object.keys(DISTURBANCES) as DisturbanceKind[],
): Disturbance[] {
  return kinds.flatMap((kind) => DISTURBANCES[kind].map((level) => ({ kind, level })));
}

/** What one policy did at one level. */
export interface LevelResult extends Disturbance {
  /** Undiscounted, rounded to 0.1. */
  readonly returns_E: readonly number[];
  readonly lengths_E: readonly number[];
}

/** What `degradation` rolls. */
export interface DegradationOptions {
  readonly grid: readonly Disturbance[];
  /** Per level. */
  readonly episodes: number;
  /** Episode e starts from seed + e in every level and for every policy. */
  readonly seed: number;
  /** Steps between which a push comes; everything else is there from the first step. Default 100 to 300. */
  readonly pushBetween?: readonly [number, number];
}

/**
 * Evaluates a policy by its mean action at every level, each on the same starts. Undisturbed episodes are rolled once and
 * stand at the first level of every kind.
 */
export function* degradation(
  policy: Policy | Act,
  bench: TestBench,
  { grid, episodes, seed, pushBetween = [100, 300] }: DegradationOptions,
): Generator<LevelResult> {
  const act = typeof policy === 'function' ? policy : actor(policy);
  const at = (disturbance: Disturbance | null) => {
    const rolled = Array.from({ length: episodes }, (_, e) => {
      const onset = disturbance?.kind === 'push' ? onsetStep(seed + e, pushBetween) : 0;
      return bench.roll(act, disturbance, { at: onset, seed: seed + e });
    });
    return {
      returns_E: rolled.map((trajectory) => Math.round(10 * trajectoryReturn(trajectory)) / 10),
      lengths_E: rolled.map(trajectoryLength),
    };
  };
  const calm = at(null);
  for (const disturbance of grid) {
    const undisturbed = disturbance.level === DISTURBANCES[disturbance.kind][0];
    yield { ...disturbance, ...(undisturbed ? calm : at(disturbance)) };
  }
}

/** One kind's curve and its area. Flat, so that it is a table's row. */
export interface DegradationArea {
  readonly kind: DisturbanceKind;
  /** Mean return without disturbance. */
  readonly nominal: number;
  /** Area under mean return / reference return over the levels, scaled to a width of 1: 1 is the reference everywhere. */
  readonly area: number;
  /** The same over the policy's own undisturbed return: the share of what it can do that it keeps. */
  readonly kept: number;
}

/**
 * Areas under the degradation curves by the trapezoidal rule, for every kind that has two levels or more.
 * @param reference return that counts as 1, for example the expert's
 * @throws RangeError if a kind has no undisturbed level
 */
export function degradationAreas(
  levels: readonly LevelResult[],
  { reference }: { readonly reference: number },
): DegradationArea[] {
  return [...new Set(levels.map(({ kind }) => kind))].map((kind) => {
    const calmLevel = DISTURBANCES[kind][0];
    const curve = levels
      .filter((level) => level.kind === kind)
      .map(({ level, returns_E }) => ({ x: Math.abs(level - calmLevel), y: mean([...returns_E]) }))
      .sort((a, b) => a.x - b.x);
    const [first, last] = [curve[0]!, curve.at(-1)!];
    if (first.x !== 0 || last.x === 0)
      throw new RangeError(
        `Cannot take the area of ${kind} from ${curve.length} levels: give the undisturbed one, ${calmLevel}, and at least one more`,
      );
    let area = 0;
    for (let i = 1; i < curve.length; i++)
      area += ((curve[i]!.x - curve[i - 1]!.x) * (curve[i]!.y + curve[i - 1]!.y)) / 2 / last.x;
    return { kind, nominal: first.y, area: area / reference, kept: area / first.y };
  });
}
