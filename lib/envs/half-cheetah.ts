// HalfCheetah: a two-legged runner in the plane learns to run forward.
import { HALF_CHEETAH_MJCF } from './half-cheetah-mjcf.ts';
import { type MujocoTask, sumOfSquares } from './mujoco-task.ts';

/**
 * The rules of Gymnasium's HalfCheetah-v5 (after Wawrzynski 2009). One step lasts 5 x 0.01 s.
 *
 * Action, [6], each in [-1, 1]: control of a motor. The simulator clamps, the cost does not.
 *
 * | index | motor | N m at 1 |
 * |---|---|---|
 * | 0, 1, 2 | back thigh, shin, foot | 120, 90, 60 |
 * | 3, 4, 5 | front thigh, shin, foot | 120, 60, 30 |
 *
 * Observation, [17]; the x position is left out:
 *
 * | index | quantity | unit |
 * |---|---|---|
 * | 0 | height of the trunk over its start | m |
 * | 1 | angle of the trunk, positive when the head is low | rad |
 * | 2, 3, 4 | angles of back thigh, shin, foot | rad |
 * | 5, 6, 7 | angles of front thigh, shin, foot | rad |
 * | 8, 9 | velocity of the trunk in x, in z | m/s |
 * | 10 | angular velocity of the trunk | rad/s |
 * | 11, ..., 16 | angular velocities of the joints in the same order | rad/s |
 *
 * Reward, the sum of:
 *
 * | term | value |
 * |---|---|
 * | reward_forward | (x after - x before) / 0.05 s |
 * | reward_ctrl | -0.1 * sum of the squared action as given |
 *
 * The episode never terminates (it may run on its back) and is truncated after 1000 steps. Start: all 0, plus
 * U[-0.1, 0.1] on every position and 0.1 * N(0, 1) on every velocity.
 */
export const HALF_CHEETAH: MujocoTask = {
  id: 'HalfCheetah-v5',
  mjcf: HALF_CHEETAH_MJCF,
  frameSkip: 5,
  maxSteps: 1000,
  obsSize: 17,
  resetNoise: { qpos: { shape: 'uniform', scale: 0.1 }, qvel: { shape: 'normal', scale: 0.1 } },

  observe(sim, obs) {
    const qpos = sim.view('qpos');
    for (let i = 0; i < 8; i++) obs[i] = qpos[i + 1]!;
    obs.set(sim.view('qvel'), 8);
  },

  before: (sim) => [sim.view('qpos')[0]!],

  terms: (sim, { before, action, dt }) => ({
    reward_forward: (sim.view('qpos')[0]! - before[0]!) / dt,
    reward_ctrl: -0.1 * sumOfSquares(action),
  }),

  facts(sim, step) {
    const x = sim.view('qpos')[0]!;
    return step ? { x_position: x, x_velocity: (x - step.before[0]!) / step.dt } : { x_position: x };
  },

  healthy: () => true,
};

/** HalfCheetah-v4: reward_forward is called reward_run. */
export const HALF_CHEETAH_V4: MujocoTask = {
  ...HALF_CHEETAH,
  id: 'HalfCheetah-v4',
  terms(sim, step) {
    const { reward_forward, reward_ctrl } = HALF_CHEETAH.terms(sim, step);
    return { reward_run: reward_forward!, reward_ctrl: reward_ctrl! };
  },
};
