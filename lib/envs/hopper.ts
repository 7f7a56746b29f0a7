// Hopper: a one-legged figure in the plane learns to hop forward.
import { HOPPER_MJCF } from './hopper-mjcf.ts';
import { type MujocoTask, sumOfSquares } from './mujoco-task.ts';

/**
 * The rules of Gymnasium's Hopper-v5 (after Erez, Tassa and Todorov 2011). One step lasts 4 x 0.002 s.
 *
 * Action, [3], each in [-1, 1]: control of a motor of 200 N m. The simulator clamps, the cost does not.
 *
 * | index | motor |
 * |---|---|
 * | 0 | thigh |
 * | 1 | leg |
 * | 2 | foot |
 *
 * Observation, [11]; the x position is left out:
 *
 * | index | quantity | unit |
 * |---|---|---|
 * | 0 | height of the torso | m |
 * | 1 | angle of the torso, positive when leaning forward | rad |
 * | 2, 3, 4 | angles of thigh, leg, foot joint | rad |
 * | 5, 6 | velocity of the torso in x, in z, clipped to +-10 | m/s |
 * | 7 | angular velocity of the torso, clipped to +-10 | rad/s |
 * | 8, 9, 10 | angular velocities of thigh, leg, foot joint, clipped to +-10 | rad/s |
 *
 * Reward, the sum of:
 *
 * | term | value |
 * |---|---|
 * | reward_forward | (x after - x before) / 0.008 s |
 * | reward_survive | 1 if healthy after the step, else 0 |
 * | reward_ctrl | -0.001 * sum of the squared action as given |
 *
 * The episode terminates when not healthy: height <= 0.7 m, abs(torso angle) >= 0.2 rad, or any of the joint
 * angles, velocities or the torso angle (unclipped) at or beyond +-100. It is truncated after 1000 steps.
 * Start: height 1.25, all else 0, plus U[-0.005, 0.005] on every position and velocity.
 */
export const HOPPER: MujocoTask = {
  id: 'Hopper-v5',
  mjcf: HOPPER_MJCF,
  frameSkip: 4,
  maxSteps: 1000,
  obsSize: 11,
  healthyBonus: 1,
  resetNoise: { qpos: { shape: 'uniform', scale: 5e-3 }, qvel: { shape: 'uniform', scale: 5e-3 } },

  observe(sim, obs) {
    const qpos = sim.view('qpos');
    const qvel = sim.view('qvel');
    for (let i = 0; i < 5; i++) obs[i] = qpos[i + 1]!;
    for (let i = 0; i < 6; i++) obs[i + 5] = Math.min(Math.max(qvel[i]!, -10), 10);
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

  healthy: (sim) => isHealthy(sim.view('qpos'), sim.view('qvel')),
};

/** Hopper-v4: the step on which it falls earns reward_survive as well. */
export const HOPPER_V4: MujocoTask = { ...HOPPER, id: 'Hopper-v4', bonusAtTheEnd: true };

function isHealthy(qpos: Float64Array, qvel: Float64Array): boolean {
  if (!(qpos[1]! > 0.7 && Math.abs(qpos[2]!) < 0.2)) return false;
  for (let i = 2; i < qpos.length; i++) if (!(Math.abs(qpos[i]!) < 100)) return false;
  for (let i = 0; i < qvel.length; i++) if (!(Math.abs(qvel[i]!) < 100)) return false;
  return true;
}
