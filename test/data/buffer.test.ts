import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { stream } from '../../lib/backend/rng.ts';
import {
  createBuffer,
  push,
  type ReplayBuffer,
  restoreBuffer,
  sample,
  sampleRecent,
  saveBuffer,
  transitionsAt,
} from '../../lib/data/buffer.ts';

/** The i-th transition: every entry tells i. */
function numbered(i: number) {
  return { obs: [i, 2 * i], act: [3 * i], nextObs: [i + 1, 2 * i + 2], terminated: i % 3 === 0 };
}

function filled(capacity: number, pushes: number): ReplayBuffer {
  const buffer = createBuffer({ capacity, obsSize: 2, actSize: 1 });
  for (let i = 0; i < pushes; i++) push(buffer, numbered(i));
  return buffer;
}

const sizes = { capacity: fc.integer({ min: 1, max: 40 }), pushes: fc.integer({ min: 1, max: 120 }) };

test('a ring holds exactly the latest transitions', () => {
  fc.assert(
    fc.property(sizes.capacity, sizes.pushes, (capacity, pushes) => {
      const buffer = filled(capacity, pushes);
      const count = Math.min(capacity, pushes);
      assert.equal(buffer.count, count);
      const held = transitionsAt(
        buffer,
        Array.from({ length: count }, (_, row) => row),
      );
      const ids = Array.from({ length: count }, (_, b) => held.obs_BD[2 * b]!);
      assert.deepEqual(
        [...ids].sort((a, b) => a - b),
        Array.from({ length: count }, (_, i) => pushes - count + i),
      );
      for (const [b, i] of ids.entries()) {
        assert.equal(held.obs_BD[2 * b + 1], 2 * i);
        assert.equal(held.act_BA[b], 3 * i);
        assert.deepEqual([...held.nextObs_BD.slice(2 * b, 2 * b + 2)], [i + 1, 2 * i + 2]);
        assert.equal(held.terminated_B[b], i % 3 === 0 ? 1 : 0);
      }
    }),
  );
});

test('recent samples come only from the last pushed transitions, also across the ring’s seam', () => {
  fc.assert(
    fc.property(
      sizes.capacity,
      sizes.pushes,
      fc.integer({ min: 1, max: 60 }),
      fc.nat(),
      (capacity, pushes, recent, seed) => {
        const buffer = filled(capacity, pushes);
        const among = Math.min(recent, capacity, pushes);
        const batch = sampleRecent(buffer, 50, recent, stream(seed));
        for (let b = 0; b < 50; b++) {
          const i = batch.obs_BD[2 * b]!;
          assert.ok(i >= pushes - among && i < pushes, `drew ${i} of ${pushes} with recent ${among}`);
        }
      },
    ),
  );
});

test('samples reach every transition held, about equally often', () => {
  const buffer = filled(8, 13);
  const batch = sample(buffer, 8000, stream(5));
  const counts = new Map<number, number>();
  for (let b = 0; b < batch.n; b++)
    counts.set(batch.obs_BD[2 * b]!, (counts.get(batch.obs_BD[2 * b]!) ?? 0) + 1);
  assert.deepEqual(
    [...counts.keys()].sort((a, b) => a - b),
    [5, 6, 7, 8, 9, 10, 11, 12],
  );
  for (const count of counts.values()) assert.ok(Math.abs(count - 1000) < 150, `${count}`);
});

test('a restored buffer goes on exactly like the one that was saved', () => {
  fc.assert(
    fc.property(sizes.capacity, fc.nat({ max: 90 }), fc.nat(), (capacity, pushes, seed) => {
      const buffer = filled(capacity, pushes);
      const saved = saveBuffer(buffer);
      const restored = restoreBuffer(structuredClone(saved));
      assert.deepEqual(restored, buffer);
      for (let i = pushes; i < pushes + 17; i++)
        for (const ring of [buffer, restored]) push(ring, numbered(i));
      assert.deepEqual(restored, buffer);
      assert.deepEqual(sample(restored, 9, stream(seed)), sample(buffer, 9, stream(seed)));
    }),
  );
});

test('a saved buffer does not change with later pushes', () => {
  const buffer = filled(4, 6);
  const saved = saveBuffer(buffer);
  const copy = structuredClone(saved);
  push(buffer, numbered(99));
  assert.deepEqual(saved, copy);
});

test('a discrete action may be given as its number', () => {
  const buffer = createBuffer({ capacity: 2, obsSize: 1, actSize: 1 });
  push(buffer, { obs: [0], act: 1, nextObs: [1], terminated: false });
  assert.deepEqual([...sample(buffer, 1, stream(0)).act_BA], [1]);
});

test('a refused transition leaves the buffer as it was', () => {
  const buffer = filled(4, 2);
  const before = structuredClone(buffer);
  assert.throws(() => push(buffer, { ...numbered(2), obs: [1] }), /Cannot push obs of length 1: expected 2/);
  assert.throws(
    () => push(buffer, { ...numbered(2), act: [1, 2] }),
    /Cannot push act of length 2: expected 1/,
  );
  assert.throws(() => push(buffer, { ...numbered(2), nextObs: [0, Number.NaN] }), /nextObs\[1\] = NaN/);
  assert.throws(
    () => push(buffer, { ...numbered(2), obs: [1e39, 0] }),
    /obs\[0\] = 1e\+39: expected a finite float32/,
  );
  assert.deepEqual(buffer, before);
});

test('an empty buffer, absurd sizes and damaged saves are refused', () => {
  const empty = createBuffer({ capacity: 4, obsSize: 2, actSize: 1 });
  assert.throws(() => sample(empty, 3, stream(0)), /Cannot draw 3 transitions as the buffer is empty/);
  assert.throws(() => createBuffer({ capacity: 0, obsSize: 2, actSize: 1 }), /capacity = 0/);
  const buffer = filled(4, 6);
  assert.throws(() => sample(buffer, 0, stream(0)), /n = 0/);
  assert.throws(() => sampleRecent(buffer, 1, 0.5, stream(0)), /recent = 0.5/);
  assert.throws(() => transitionsAt(filled(4, 2), [2]), /row 2 of a buffer that holds 2/);
  const saved = saveBuffer(buffer);
  assert.throws(() => restoreBuffer({ ...saved, cursor: 4 }), /cursor 4: the saved data is damaged/);
  assert.throws(() => restoreBuffer({ ...saved, count: 3 }), /damaged/);
  assert.throws(() => restoreBuffer({ ...saved, obs_ND: saved.obs_ND.slice(1) }), /obs_ND with 7 entries/);
});
