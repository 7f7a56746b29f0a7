import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { alarmThresholds, firstAlarm, leadTimes } from '../../lib/confidence/lead-time.ts';

describe('the threshold', () => {
  const calm = [5, 1, 4, 2, 3, 9, 8, 7, 6, 10].map((lowest) => ({ x: [-99, 20, lowest, 20] }));
  const alarms = (threshold: number) =>
    calm.filter(({ x }) => firstAlarm(x, { threshold, from: 1 }) !== null).length;

  for (const falseAlarms of [0, 0.1, 0.25, 0.5])
    test(`lets at most a share of ${falseAlarms} of the calm episodes ring, and no lower one would do`, () => {
      const { x } = alarmThresholds(calm, { falseAlarms, from: 1 });
      assert.equal(alarms(x!), Math.floor(falseAlarms * 10));
      assert.ok(alarms(x! + 1e-9) > falseAlarms * 10);
    });

  test('refuses what has no answer', () => {
    assert.throws(() => alarmThresholds([], { falseAlarms: 0.1 }), /0 calm episodes/);
    assert.throws(() => alarmThresholds(calm, { falseAlarms: 1 }), /a share of 1 false alarms/);
    assert.throws(
      () => alarmThresholds(calm, { falseAlarms: 0, from: 4 }),
      /after step 4 in an episode of 4/,
    );
  });
});

describe('the lead time', () => {
  const down = (T: number, at: number) => Array.from({ length: T }, (_, t) => (t < at ? 1 : -1));
  const thresholds = { early: 0, reward: 0, silent: 0 };
  /** Falls at the last of 20 steps; `early` drops at 10, the reward at 15. */
  const fall = {
    signals: { early: down(20, 10), reward: down(20, 15), silent: down(20, 99) },
    from: 5,
    fell: true,
  };
  const unwarned = {
    signals: { early: down(20, 99), reward: down(20, 19), silent: down(20, 99) },
    from: 5,
    fell: true,
  };
  const stood = {
    signals: { early: down(20, 18), reward: down(20, 99), silent: down(20, 99) },
    from: 5,
    fell: false,
  };

  test('counts steps from alarm to fall, misses as 0, and who rang first', () => {
    const [early, reward, silent] = leadTimes([fall, fall, unwarned, stood], thresholds, {
      reference: 'reward',
    });
    assert.deepEqual(early, {
      signal: 'early',
      threshold: 0,
      falls: 3,
      warned: 2 / 3,
      medianLead: 9,
      alarmsWithoutFall: 1,
      beforeReference: 5,
      earlier: 2 / 3,
      together: 1 / 3,
      later: 0,
    });
    assert.deepEqual([reward!.medianLead, reward!.warned, reward!.together], [4, 2 / 3, 1]);
    assert.deepEqual([silent!.warned, silent!.medianLead, silent!.later], [0, 0, 2 / 3]);
    assert.equal(reward!.alarmsWithoutFall, 0);
  });

  test('does not count what rang before the perturbation', () => {
    const signals = { early: [-1, 1, 1, 1, 1], reward: [1, 1, 1, 1, 1] };
    const rows = leadTimes(
      [{ signals, from: 1, fell: true }],
      { early: 0, reward: 0 },
      { reference: 'reward' },
    );
    assert.deepEqual(
      rows.map(({ warned }) => warned),
      [0, 0],
    );
    assert.ok(Number.isNaN(rows[0]!.alarmsWithoutFall));
  });

  test('needs falls and a reference', () => {
    assert.throws(() => leadTimes([stood], thresholds, { reference: 'reward' }), /over 0 falls/);
    assert.throws(() => leadTimes([fall], thresholds, { reference: 'luck' }), /lead times before luck/);
  });
});
