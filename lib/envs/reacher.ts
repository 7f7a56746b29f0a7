// Reacher: an arm of two links brings its tip to a target that is somewhere else in every episode.
import { uniform } from '../backend/rng.ts';
import type { Simulation } from './mujoco.ts';
import { type MujocoTask, sumOfSquares } from './mujoco-task.ts';
import { REACHER_MJCF } from './reacher-mjcf.ts';

/** Bodies of the model, by number. */
const FINGERTIP = 3;
const TARGET = 4;

/**
 * The rules of Gymnasium's Reacher-v5. One step lasts 2 x 0.01 s.
 *
 * Action, [2], each in [-1, 1]: control of the motor (200 N m) of shoulder and elbow. The simulator clamps, the
 * cost does not.
 *
 * Observation, [10]:
 *
 * | index | quantity | unit |
 * |---|---|---|
 * | 0, 1 | cosine of the angle of shoulder, elbow | - |
 * | 2, 3 | sine of the angle of shoulder, elbow | - |
 * | 4, 5 | position of the target, x and y | m |
 * | 6, 7 | angular velocity of shoulder, elbow | rad/s |
 * | 8, 9 | fingertip minus target, x and y | m |
 *
 * Reward, the sum of:
 *
 * | term | value |
 * |---|---|
 * | reward_dist | -distance of fingertip and target after the step, m |
 * | reward_ctrl | -sum of the squared action as given |
 *
 * The positions of tip and target are the simulator's, which after a step are those of its last stage of
 * integration; so they belong to the saved state.
 *
 * The episode never terminates and is truncated after 50 steps. Start: arm at 0 plus U[-0.1, 0.1] rad, velocities
 * U[-0.005, 0.005] rad/s, target uniform in the disc of radius 0.2 m.
 */
export const REACHER: MujocoTask = {
  id: 'Reacher-v5',
  mjcf: REACHER_MJCF,
  frameSkip: 2,
  maxSteps: 50,
  obsSize: 10,
  reads: ['xpos'],
  resetNoise: { qpos: { shape: 'uniform', scale: 0.1 }, qvel: { shape: 'uniform', scale: 5e-3 } },

  place(rng, { qpos, qvel }) {
    do {
      qpos[2] = uniform(rng, -0.2, 0.2);
      qpos[3] = uniform(rng, -0.2, 0.2);
    } while (Math.hypot(qpos[2]!, qpos[3]!) >= 0.2);
    qvel[2] = 0;
    qvel[3] = 0;
  },

  observe(sim, obs) {
    const qpos = sim.view('qpos');
    const qvel = sim.view('qvel');
    for (let i = 0; i < 2; i++) {
      obs[i] = Math.cos(qpos[i]!);
      obs[i + 2] = Math.sin(qpos[i]!);
      obs[i + 4] = qpos[i + 2]!;
      obs[i + 6] = qvel[i]!;
      obs[i + 8] = offset(sim, i);
    }
  },

  terms: (sim, { action }) => ({ reward_dist: -distance(sim), reward_ctrl: -sumOfSquares(action) }),
  facts: () => ({}),
  healthy: () => true,
};

/** Reacher-v4: one more observation, [10], the vertical offset (always 0); reward_dist is that before the step. */
export const REACHER_V4: MujocoTask = {
  ...REACHER,
  id: 'Reacher-v4',
  obsSize: 11,
  observe(sim, obs) {
    REACHER.observe(sim, obs);
    obs[10] = offset(sim, 2);
  },
  before: (sim) => [distance(sim)],
  terms: (_sim, { before, action }) => ({ reward_dist: -before[0]!, reward_ctrl: -sumOfSquares(action) }),
};

/** Fingertip minus target along one axis, m. */
function offset(sim: Simulation, axis: number): number {
  const xpos = sim.view('xpos');
  return xpos[3 * FINGERTIP + axis]! - xpos[3 * TARGET + axis]!;
}

function distance(sim: Simulation): number {
  return Math.hypot(offset(sim, 0), offset(sim, 1), offset(sim, 2));
}
