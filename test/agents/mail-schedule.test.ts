import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseMailConfig } from '../../lib/agents/mail-config.ts';
import {
  policyLearnsInRound,
  rateShares,
  type Schedule,
  schedules,
  turnOf,
} from '../../lib/agents/mail-schedule.ts';

for (const [name, course] of Object.entries(schedules))
  test(`the schedule ${name} starts at the full rate, never rises, and ends at the share that was asked for`, () => {
    const shares = Array.from({ length: 101 }, (_, i) => course(i / 100, 0.05));
    assert.equal(shares[0], 1);
    for (let i = 1; i < shares.length; i++) assert.ok(shares[i]! <= shares[i - 1]! + 1e-12);
    assert.ok(Math.abs(shares.at(-1)! - (name === 'constant' ? 1 : 0.05)) < 1e-12);
  });

test('the schedules are where they should be half-way', () => {
  const half = (name: Schedule) => schedules[name](0.5, 0.04);
  assert.equal(half('linear'), 0.5);
  assert.ok(Math.abs(half('exponential') - 0.2) < 1e-12);
  assert.ok(Math.abs(half('cosine') - 0.52) < 1e-12);
  assert.ok(Math.abs(half('step') - 0.2) < 1e-12);
});

test('policy and discriminator have a course each', () => {
  const config = parseMailConfig({
    totalSteps: 10_000,
    policySchedule: 'constant',
    discriminatorFinalRate: 0.5,
  });
  assert.deepEqual(rateShares(9000, config), { policy: 1, discriminator: 0.5 });
  assert.deepEqual(rateShares(2500, config), { policy: 1, discriminator: 0.75 });
});

test('both learn in every update, or by turns after preparation, the policy first', () => {
  const turns = (preparationUpdates: number, turnUpdates: number) =>
    Array.from({ length: 8 }, (_, k) => turnOf(k, { preparationUpdates, turnUpdates }))
      .map(({ policy, discriminator }) => (policy && discriminator ? 'b' : policy ? 'p' : 'd'))
      .join('');
  assert.equal(turns(0, 0), 'bbbbbbbb');
  assert.equal(turns(3, 0), 'dddbbbbb');
  assert.equal(turns(2, 2), 'ddppddpp');
  assert.equal(turns(0, 3), 'pppdddpp');
});

test('a round collects if the policy has its turn in any of its updates', () => {
  const config = { preparationUpdates: 3, turnUpdates: 4, updatesPerCollection: 2 };
  assert.deepEqual(
    [0, 2, 4, 6, 8, 10, 12].map((update) => policyLearnsInRound(update, config)),
    [false, true, true, true, false, true, true],
  );
});
