// What a confidence measure is to foresee, step by step, from how the episode went on.
import { type Trajectory, trajectoryLength } from '../data/types.ts';

/** 1: it came, 0: it did not, -1: the episode was cut off before anyone could know. [T] */
export type Outcomes = Int8Array;

/**
 * Whether the episode ends by the task's own rule at one of the `k` steps t, ..., t + k - 1. For walkers that end is a
 * fall; in tasks that end on success (MountainCar, Acrobot) it is none.
 * @throws RangeError if k is not a positive integer
 */
export function fallsWithin(trajectory: Trajectory, k: number): Outcomes {
  assertSteps(k);
  const T = trajectoryLength(trajectory);
  const outcome = (left: number) => {
    if (trajectory.terminated) return left <= k ? 1 : 0;
    return left >= k ? 0 : -1;
  };
  return Int8Array.from({ length: T }, (_, t) => outcome(T - t));
}

/**
 * Whether the rewards of the `k` steps t, ..., t + k - 1 sum to less than `below`; after a fall they are 0.
 * @throws RangeError if k is not a positive integer
 */
export function earnsLess(
  trajectory: Trajectory,
  { k, below }: { readonly k: number; readonly below: number },
): Outcomes {
  const { terminated } = trajectory;
  return Int8Array.from(returnsAhead(trajectory, k), (earned, t) =>
    !terminated && t + k > trajectoryLength(trajectory) ? -1 : earned < below ? 1 : 0,
  );
}

/**
 * Sum of the rewards of steps t, ..., t + k - 1, as far as the episode went, [T]. Its low quantile over unperturbed
 * episodes is a fair `below` for `earnsLess`.
 * @throws RangeError if k is not a positive integer
 */
export function returnsAhead({ reward_T }: Trajectory, k: number): Float64Array {
  assertSteps(k);
  const T = reward_T.length;
  const sum_T = new Float64Array(T);
  for (let t = 0; t < T; t++) for (let i = t; i < Math.min(t + k, T); i++) sum_T[t]! += reward_T[i]!;
  return sum_T;
}

function assertSteps(k: number): void {
  if (!Number.isSafeInteger(k) || k < 1)
    throw new RangeError(`Cannot look ${k} steps ahead: give a positive integer`);
}
