// The drawn outlines against MuJoCo's own positions.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { normals, stream } from '../../lib/backend/rng.ts';
import { HOPPER_MJCF } from '../../lib/envs/hopper-mjcf.ts';
import { createSimulation } from '../../lib/envs/mujoco.ts';
import { cartPoleSkeleton, hopperPosition, hopperSkeleton } from '../../lib/envs/skeleton.ts';

test("Hopper's capsules end where MuJoCo's do, in any posture", async () => {
  const sim = await createSimulation(HOPPER_MJCF);
  const sizes = sim.modelField('geom_size');
  const rng = stream(1, 'postures');
  for (let k = 0; k < 50; k++) {
    const qpos = Array.from(normals(rng, 6));
    sim.view('qpos').set(qpos);
    sim.forward();
    const center = sim.view('geom_xpos');
    const turn = sim.view('geom_xmat');
    for (const [i, { from, to, radius, name }] of hopperSkeleton(qpos).entries()) {
      const geom = i + 1;
      assert.equal(radius, sizes[3 * geom], `radius of ${name}`);
      const half = sizes[3 * geom + 1]!;
      const ends = [1, -1].map((side) =>
        [0, 2].map((axis) => center[3 * geom + axis]! + side * half * turn[9 * geom + 3 * axis + 2]!),
      );
      const apart = (p: readonly number[], q: readonly number[]) => Math.hypot(p[0]! - q[0]!, p[1]! - q[1]!);
      const miss = Math.min(
        Math.max(apart(from, ends[0]!), apart(to, ends[1]!)),
        Math.max(apart(from, ends[1]!), apart(to, ends[0]!)),
      );
      assert.ok(miss < 1e-12, `${name} is drawn ${miss} m away`);
    }
  }
  sim.close();
});

test('an observation of Hopper and an x give the positions back', () => {
  assert.deepEqual(
    hopperPosition([1.2, 0.1, -0.1, -0.2, 0.3, 1, 2, 3, 4, 5, 6], 7),
    [7, 1.2, 0.1, -0.1, -0.2, 0.3],
  );
});

test('the pole stands on the cart, one metre long, and leans to the side of its angle', () => {
  const { cart, pole } = cartPoleSkeleton([0.5, 0, 0.1, 0]);
  assert.deepEqual(pole.from, [0.5, 0]);
  assert.ok(pole.to[0] > 0.5);
  assert.ok(Math.abs(Math.hypot(pole.to[0] - 0.5, pole.to[1]) - 1) < 1e-15);
  assert.deepEqual((cart[0][0] + cart[1][0]) / 2, 0.5);
});

test('vectors of another length are refused', () => {
  assert.throws(() => hopperSkeleton([0, 1]), /Cannot draw Hopper-v5 from 2 positions: expected 6/);
  assert.throws(() => hopperPosition([0, 1]), /from 2 numbers: expected 11/);
  assert.throws(() => cartPoleSkeleton([0, 1]), /from 2 numbers: expected 4/);
});
