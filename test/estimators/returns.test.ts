import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { gae, type RewardedSteps } from '../../lib/estimators/returns.ts';
import { assertClose } from '../nn/closeness.ts';

/** Steps of one stretch of experience; what is not given never ends and is worth nothing. */
function steps(
  given: { [K in keyof RewardedSteps]?: readonly number[] } & { readonly reward_T: readonly number[] },
): RewardedSteps {
  const zeros = given.reward_T.map(() => 0);
  return { value_T: zeros, nextValue_T: zeros, terminated_T: zeros, truncated_T: zeros, ...given };
}

const number = fc.integer({ min: -40, max: 40 }).map((x) => x / 8);
const share = fc.integer({ min: 0, max: 8 }).map((x) => x / 8);

/** Experience over several episodes, of which the values of a state seen twice agree. */
const experience = fc
  .array(
    fc.record({
      reward: number,
      value: number,
      afterEnd: number,
      end: fc.constantFrom('', '', '', 'terminated', 'truncated'),
    }),
    {
      minLength: 1,
      maxLength: 12,
    },
  )
  .map(
    (moments): RewardedSteps => ({
      reward_T: moments.map(({ reward }) => reward),
      value_T: moments.map(({ value }) => value),
      nextValue_T: moments.map(({ end, afterEnd }, t) =>
        end === '' ? (moments[t + 1]?.value ?? afterEnd) : afterEnd,
      ),
      terminated_T: moments.map(({ end }) => end === 'terminated'),
      truncated_T: moments.map(({ end }) => end === 'truncated'),
    }),
  );

/** The sum of the definition, one step after the other, without recursion. */
function slowAdvantage(
  x: RewardedSteps,
  t: number,
  { gamma, lambda }: { gamma: number; lambda: number },
): number {
  let sum = 0;
  for (let k = t; k < x.reward_T.length; k++) {
    const next = x.terminated_T[k] ? 0 : x.nextValue_T[k]!;
    sum += (gamma * lambda) ** (k - t) * (x.reward_T[k]! + gamma * next - x.value_T[k]!);
    if (x.terminated_T[k] || x.truncated_T[k]) break;
  }
  return sum;
}

describe('generalised advantage estimation', () => {
  test('gives a worked example', () => {
    // gamma 1/2, lambda 1/2; delta = (1 + 2/2 - 1, 0 + 3/2 - 2, 2 - 3) = (1, -1/2, -1); the last step terminates.
    const { advantage_T, target_T } = gae(
      steps({ reward_T: [1, 0, 2], value_T: [1, 2, 3], nextValue_T: [2, 3, 99], terminated_T: [0, 0, 1] }),
      { gamma: 0.5, lambda: 0.5 },
    );
    assert.deepEqual([...advantage_T], [1 - 0.75 / 4, -0.75, -1]);
    assert.deepEqual([...target_T], [2 - 0.75 / 4, 1.25, 2]);
  });

  test('with lambda 1 is the Monte-Carlo return minus the value', () => {
    const { advantage_T } = gae(
      steps({ reward_T: [1, 2, 4], value_T: [5, -3, 7], nextValue_T: [-3, 7, 99], terminated_T: [0, 0, 1] }),
      { gamma: 0.5, lambda: 1 },
    );
    assert.deepEqual([...advantage_T], [1 + 1 + 1 - 5, 2 + 2 + 3, 4 - 7]);
  });

  test('with lambda 0 is the TD error of every step alone', () => {
    const { advantage_T } = gae(steps({ reward_T: [1, 2], value_T: [5, -3], nextValue_T: [-3, 8] }), {
      gamma: 0.5,
      lambda: 0,
    });
    assert.deepEqual([...advantage_T], [1 - 1.5 - 5, 2 + 4 + 3]);
  });

  test('termination has nothing behind it, truncation has the value of the state that followed', () => {
    const common = { reward_T: [1], value_T: [2], nextValue_T: [8] };
    const of = (ends: { terminated_T?: number[]; truncated_T?: number[] }) =>
      gae(steps({ ...common, ...ends }), { gamma: 0.5, lambda: 0.9 }).advantage_T[0];
    assert.equal(of({ terminated_T: [1] }), -1);
    assert.equal(of({ truncated_T: [1] }), 3);
    assert.equal(of({ terminated_T: [1], truncated_T: [1] }), -1, 'where both are true termination decides');
    assert.equal(of({}), 3, 'the end of the collected steps bootstraps like truncation');
  });

  test('neither kind of end lets a later episode through', () => {
    for (const end of ['terminated_T', 'truncated_T'] as const) {
      const first = (later: number) =>
        gae(steps({ reward_T: [1, later], [end]: [1, 0] }), { gamma: 0.9, lambda: 1 }).advantage_T[0];
      assert.equal(first(0), first(1000));
    }
  });

  test('equals the sum of the definition on any experience', () => {
    fc.assert(
      fc.property(experience, share, share, (x, gamma, lambda) => {
        const { advantage_T, target_T } = gae(x, { gamma, lambda });
        const slow = Array.from(x.reward_T, (_, t) => slowAdvantage(x, t, { gamma, lambda }));
        assertClose(advantage_T, slow, { within: 1e-4 });
        assertClose(
          target_T,
          slow.map((advantage, t) => advantage + x.value_T[t]!),
          { within: 1e-4 },
        );
      }),
      { seed: 1, numRuns: 200 },
    );
  });

  test('is 0 where the values are right already', () => {
    // Reward 1 for ever: V = 1 / (1 - gamma).
    const value = new Array<number>(5).fill(4);
    const { advantage_T } = gae(steps({ reward_T: [1, 1, 1, 1, 1], value_T: value, nextValue_T: value }), {
      gamma: 0.75,
      lambda: 0.9,
    });
    assert.deepEqual([...advantage_T], [0, 0, 0, 0, 0]);
  });
});
