// What is drawn, against what the tasks themselves say of their geometry.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { randomAct, rollEpisode } from '../../lib/agents/rollout.ts';
import { normals, stream } from '../../lib/backend/rng.ts';
import type { Trajectory } from '../../lib/data/types.ts';
import { ENV_IDS, MUJOCO_TASKS, makeEnv } from '../../lib/envs/make.ts';
import { createSimulation } from '../../lib/envs/mujoco.ts';
import { type Skeleton, skeletonOf } from '../../lib/envs/skeleton.ts';

/** A trajectory that is in these postures, one after the other. */
function postures(env: string, qpos_T: readonly (readonly number[])[]): Trajectory {
  const steps = qpos_T.length - 1;
  return {
    obs_Tp1D: new Float32Array(0),
    act_TA: new Float32Array(0),
    reward_T: new Float64Array(steps),
    terminated: false,
    truncated: true,
    state_Tp1: qpos_T.map((qpos, elapsed) => ({ env, elapsed, vectors: { qpos } })),
  };
}

async function randomEpisode(id: string, seed: number, keepStates = true): Promise<Trajectory> {
  const env = await makeEnv(id, { maxSteps: 120 });
  const trajectory = rollEpisode(env, randomAct(env), { rng: stream(seed, 'actions'), seed, keepStates });
  env.close();
  return trajectory;
}

const end = ({ ends }: Skeleton, moment: number, part: number, which: 0 | 1) =>
  Array.from(ends[moment]!.subarray(6 * part + 3 * which, 6 * part + 3 * which + 3));
const apart = (p: readonly number[], q: readonly number[]) => Math.hypot(...p.map((x, axis) => x - q[axis]!));
const close = (a: number, b: number, tolerance: number, what: string) =>
  assert.ok(Math.abs(a - b) <= tolerance, `${what}: ${a}, expected ${b}`);

test('every task has a drawing: parts of some size that are somewhere, and the last moment is kept', async () => {
  for (const id of ENV_IDS) {
    const trajectory = await randomEpisode(id, 1);
    const { parts, ends, every } = await skeletonOf(id, trajectory, { every: 7 });
    assert.equal(every, 7);
    assert.equal(ends.length, Math.ceil(trajectory.reward_T.length / 7) + 1, id);
    assert.ok(parts.length > 1, id);
    assert.ok(
      parts.every(({ radius, shade }) => radius > 0 && shade >= 0 && shade <= 1),
      id,
    );
    for (const places of ends)
      assert.ok(places.length === 6 * parts.length && places.every(Number.isFinite), id);
    assert.equal(parts.find(({ shade }) => shade === 1)?.shade, 1, `${id} has a body to follow`);
  }
});

test('no part of a robot changes its length in any posture', async () => {
  const rng = stream(2, 'postures');
  for (const [id, task] of Object.entries(MUJOCO_TASKS)) {
    const sim = await createSimulation(task.mjcf);
    const qpos_T = Array.from({ length: 20 }, () => Array.from(normals(rng, sim.nq)));
    sim.close();
    const skeleton = await skeletonOf(id, postures(id, qpos_T), { every: 1 });
    skeleton.parts.forEach((_, part) => {
      const length = apart(end(skeleton, 0, part, 0), end(skeleton, 0, part, 1));
      for (let moment = 1; moment < 20; moment++)
        close(
          apart(end(skeleton, moment, part, 0), end(skeleton, moment, part, 1)),
          length,
          1e-12,
          `${id} ${part}`,
        );
    });
  }
});

test("Hopper's limbs hang on each other as the plane's trigonometry has it", async () => {
  const rng = stream(1, 'postures');
  const qpos_T = Array.from({ length: 50 }, () => Array.from(normals(rng, 6)));
  const skeleton = await skeletonOf('Hopper-v5', postures('Hopper-v5', qpos_T), { every: 1 });
  for (const [t, qpos] of qpos_T.entries()) {
    const [x, z, torso, thigh, leg, foot] = qpos as [number, number, number, number, number, number];
    // A turn about +y moves z towards x; the joints of the leg turn the other way.
    const along = (from: readonly number[], angle: number, d: number) => [
      from[0]! + d * Math.sin(angle),
      0,
      from[2]! + d * Math.cos(angle),
    ];
    const hip = along([x, 0, z], torso, -0.2);
    const knee = along(hip, torso - thigh, -0.45);
    const ankle = along(knee, torso - thigh - leg, -0.5);
    const level = torso - thigh - leg - foot + Math.PI / 2;
    const limbs = [
      [along([x, 0, z], torso, 0.2), hip],
      [hip, knee],
      [knee, ankle],
      [along(ankle, level, -0.13), along(ankle, level, 0.26)],
    ] as const;
    limbs.forEach(([p, q], part) => {
      const [a, b] = [end(skeleton, t, part, 0), end(skeleton, t, part, 1)];
      const miss = Math.min(Math.max(apart(a, p), apart(b, q)), Math.max(apart(a, q), apart(b, p)));
      assert.ok(miss < 1e-12, `limb ${part} is drawn ${miss} m away`);
    });
  }
});

test('robots that stand touch the ground and do not sink into it', async () => {
  // Lowest point of all parts at the published start, from the published lengths, m.
  const lowest = { 'Hopper-v5': 0.04, 'Walker2d-v5': 0.04, 'Humanoid-v5': 0.107 };
  for (const [id, height] of Object.entries(lowest)) {
    const sim = await createSimulation(MUJOCO_TASKS[id]!.mjcf);
    const skeleton = await skeletonOf(id, postures(id, [Array.from(sim.view('qpos'))]));
    sim.close();
    const low = skeleton.parts.map(
      ({ radius }, part) => Math.min(end(skeleton, 0, part, 0)[2]!, end(skeleton, 0, part, 1)[2]!) - radius,
    );
    close(Math.min(...low), height, 1e-3, id);
  }
});

test("Reacher's tip and target are as far apart as its observation says", async () => {
  const trajectory = await randomEpisode('Reacher-v5', 3);
  const skeleton = await skeletonOf('Reacher-v5', trajectory, { every: 1 });
  const goal = skeleton.parts.findIndex((part) => part.goal);
  assert.equal(goal, skeleton.parts.length - 1);
  // The observation's own is that of the integrator's last stage, except at the start.
  const seen = trajectory.obs_Tp1D.subarray(8, 10);
  const [tip, target] = [end(skeleton, 0, goal - 1, 0), end(skeleton, 0, goal, 0)];
  close(tip[0]! - target[0]!, seen[0]!, 1e-6, 'x');
  close(tip[1]! - target[1]!, seen[1]!, 1e-6, 'y');
});

test('without saved states, a robot has the same posture, and comes about as far from its start', async () => {
  for (const id of Object.keys(MUJOCO_TASKS)) {
    const trajectory = await randomEpisode(id, 4);
    const { state_Tp1: _, ...observed } = trajectory;
    const exact = await skeletonOf(id, trajectory, { every: 1 });
    const seen = await skeletonOf(id, observed, { every: 1 });
    const first = exact.parts.findIndex(({ shade }) => shade === 1);
    const start = end(exact, 0, first, 0).map((x, axis) => end(seen, 0, first, 0)[axis]! - x);
    for (const t of exact.ends.keys()) {
      const shift = end(seen, t, first, 0).map((x, axis) => x - end(exact, t, first, 0)[axis]!);
      close(shift[2]!, 0, 1e-5, `${id}: height`);
      assert.ok(apart(shift, start) < 0.3, `${id}: ${shift} m off after ${t} steps`);
      exact.parts.forEach(({ shade, goal }, part) => {
        if (shade === 0 || goal) return;
        const moved = end(exact, t, part, 1).map((x, axis) => x + shift[axis]!);
        assert.ok(apart(end(seen, t, part, 1), moved) < 1e-4, `${id}: part ${part} after ${t} steps`);
      });
    }
  }
});

test("CartPole's pole stands on the cart, one metre long, and leans to the side of its angle", async () => {
  const trajectory = await randomEpisode('CartPole-v1', 5);
  const skeleton = await skeletonOf('CartPole-v1', trajectory, { every: 1 });
  for (const t of skeleton.ends.keys()) {
    const [foot, tip] = [end(skeleton, t, 1, 0), end(skeleton, t, 1, 1)];
    close(apart(foot, tip), 1, 1e-12, 'length');
    close(foot[0]!, trajectory.obs_Tp1D[4 * t]!, 0, 'place');
    assert.equal(Math.sign(tip[0]! - foot[0]!), Math.sign(trajectory.obs_Tp1D[4 * t + 2]!));
  }
});

test("Acrobot's free end is above the line exactly when its rules end the episode", async () => {
  const env = await makeEnv('Acrobot-v1');
  // Torque with the first link's swing drives it up.
  const swing = (obs: ArrayLike<number>) => (obs[4]! > 0 ? 0 : 2);
  const trajectory = rollEpisode(env, swing, { seed: 0 });
  const { ends, scenery } = await skeletonOf('Acrobot-v1', trajectory, { every: 1 });
  const line = scenery[0]!.points[0]![2];
  assert.ok(trajectory.terminated);
  const above = ends.map((places) => places[11]! > line);
  assert.equal(above.indexOf(true), trajectory.reward_T.length);
});

test("MountainCar's wheels stand on the mountain, and Pendulum is up where its cost is least", async () => {
  const car = await skeletonOf('MountainCar-v0', await randomEpisode('MountainCar-v0', 1), { every: 1 });
  const hill = car.scenery[0]!.points;
  for (const t of car.ends.keys())
    for (const wheel of [0, 1]) {
      const gap =
        Math.min(...hill.map((point) => apart(point, end(car, t, wheel, 0)))) - car.parts[wheel]!.radius;
      assert.ok(gap > -0.01 && gap < 0.02, `${gap} m above the slope`);
    }
  const trajectory = await randomEpisode('Pendulum-v1', 1);
  const pendulum = await skeletonOf('Pendulum-v1', trajectory, { every: 1 });
  for (const t of pendulum.ends.keys()) {
    const [x, , z] = end(pendulum, t, 0, 1) as [number, number, number];
    const angle = Math.acos(Math.max(-1, Math.min(1, z)));
    close(Math.hypot(x, z), 1, 1e-6, 'length');
    if (t < trajectory.reward_T.length) assert.ok(-trajectory.reward_T[t]! >= angle ** 2 - 1e-3);
  }
});

test('what is not an episode of the task is refused', async () => {
  const trajectory = await randomEpisode('CartPole-v1', 1, false);
  await assert.rejects(
    skeletonOf('Chess-v0', trajectory),
    /Cannot draw Chess-v0: there are drawings of CartPole,/,
  );
  await assert.rejects(skeletonOf('Hopper-v9', trajectory), /Cannot draw Hopper-v9/);
  await assert.rejects(
    skeletonOf('Acrobot-v1', trajectory),
    /Cannot draw Acrobot-v1 from \d+ .*: expected 6 at each/,
  );
  await assert.rejects(
    skeletonOf('Hopper-v5', postures('Hopper-v5', [[0, 1]])),
    /Cannot draw Hopper-v5 from 2 positions \(state 0\): expected 6/,
  );
});
