// Walker2d: a two-legged figure in the plane learns to walk forward.
import { type MujocoTask, sumOfSquares } from './mujoco-task.ts';
import { walker2dMjcf } from './walker2d-mjcf.ts';

/**
 * The rules of Gymnasium's Walker2d-v5. One step lasts 4 x 0.002 s.
 *
 * Action, [6], each in [-1, 1]: control of a motor of 100 N m. The simulator clamps, the cost does not.
 *
 * | index | motor |
 * |---|---|
 * | 0, 1, 2 | thigh, leg, foot on the right |
 * | 3, 4, 5 | thigh, leg, foot on the left |
 *
 * Observation, [17]; the x position is left out:
 *
 * | index | quantity | unit |
 * |---|---|---|
 * | 0 | height of the torso | m |
 * | 1 | angle of the torso, positive when leaning forward | rad |
 * | 2, 3, 4 | angles of thigh, leg, foot joint on the right | rad |
 * | 5, 6, 7 | angles of thigh, leg, foot joint on the left | rad |
 * | 8, 9 | velocity of the torso in x, in z, clipped to +-10 | m/s |
 * | 10 | angular velocity of the torso, clipped to +-10 | rad/s |
 * | 11, ..., 16 | angular velocities of the joints in the same order, clipped to +-10 | rad/s |
 *
 * Reward, the sum of:
 *
 * | term | value |
 * |---|---|
 * | reward_forward | (x after - x before) / 0.008 s |
 * | reward_survive | 1 if healthy after the step, else 0 |
 * | reward_ctrl | -0.001 * sum of the squared action as given |
 *
 * The episode terminates when not healthy: height outside (0.8, 2) m or abs(torso angle) >= 1 rad. It is truncated
 * after 1000 steps. Start: height 1.25, all else 0, plus U[-0.005, 0.005] on every position and velocity.
 */
export const WALKER2D: MujocoTask = {
  id: 'Walker2d-v5',
  mjcf: walker2dMjcf({ rightFootFriction: 1.9 }),
  frameSkip: 4,
  maxSteps: 1000,
  obsSize: 17,
  healthyBonus: 1,
  resetNoise: { qpos: { shape: 'uniform', scale: 5e-3 }, qvel: { shape: 'uniform', scale: 5e-3 } },

  observe(sim, obs) {
    const qpos = sim.view('qpos');
    const qvel = sim.view('qvel');
    for (let i = 0; i < 8; i++) obs[i] = qpos[i + 1]!;
    for (let i = 0; i < 9; i++) obs[i + 8] = Math.min(Math.max(qvel[i]!, -10), 10);
  },

  before: (sim) => [sim.view('qpos')[0]!],

  terms: (sim, { before, action, bonus, dt }) => ({
    reward_forward: (sim.view('qpos')[0]! - before[0]!) / dt,
    reward_survive: bonus,
    reward_ctrl: -1e-3 * sumOfSquares(action),
  }),

  facts(sim, step) {
    const qpos = sim.view('qpos');
    const position = { x_position: qpos[0]!, z_distance_from_origin: qpos[1]! - 1.25 };
    return step ? { ...position, x_velocity: (qpos[0]! - step.before[0]!) / step.dt } : position;
  },

  healthy(sim) {
    const qpos = sim.view('qpos');
    return qpos[1]! > 0.8 && qpos[1]! < 2 && Math.abs(qpos[2]!) < 1;
  },
};

/** Walker2d-v4: the right foot slips more (friction 0.9), and the step on which it falls earns reward_survive. */
export const WALKER2D_V4: MujocoTask = {
  ...WALKER2D,
  id: 'Walker2d-v4',
  mjcf: walker2dMjcf({ rightFootFriction: 0.9 }),
  bonusAtTheEnd: true,
};
