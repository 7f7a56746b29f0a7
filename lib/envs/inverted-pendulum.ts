// InvertedPendulum: a cart on a rail keeps a pole upright, simulated by MuJoCo.
import { INVERTED_PENDULUM_MJCF } from './inverted-pendulum-mjcf.ts';
import type { MujocoTask } from './mujoco-task.ts';

/**
 * The rules of Gymnasium's InvertedPendulum-v5. One step lasts 2 x 0.02 s.
 *
 * Action, [1], in [-3, 3]: control of a motor that pushes the cart with 100 N per unit. The simulator clamps.
 *
 * Observation, [4]:
 *
 * | index | quantity | unit |
 * |---|---|---|
 * | 0 | position of the cart | m |
 * | 1 | angle of the pole from upright, positive when leaning to the right | rad |
 * | 2 | velocity of the cart | m/s |
 * | 3 | angular velocity of the pole | rad/s |
 *
 * Reward: 1 if healthy after the step, else 0 (`reward_survive`).
 *
 * The episode terminates when abs(angle) > 0.2 rad and is truncated after 1000 steps. Start: all 0, plus
 * U[-0.01, 0.01] on every position and velocity.
 */
export const INVERTED_PENDULUM: MujocoTask = {
  id: 'InvertedPendulum-v5',
  mjcf: INVERTED_PENDULUM_MJCF,
  frameSkip: 2,
  maxSteps: 1000,
  obsSize: 4,
  healthyBonus: 1,
  resetNoise: { qpos: { shape: 'uniform', scale: 0.01 }, qvel: { shape: 'uniform', scale: 0.01 } },

  observe(sim, obs) {
    obs.set(sim.view('qpos'));
    obs.set(sim.view('qvel'), 2);
  },

  terms: (_sim, { bonus }) => ({ reward_survive: bonus }),
  facts: () => ({}),
  healthy: (sim) => Math.abs(sim.view('qpos')[1]!) <= 0.2,
};

/** InvertedPendulum-v4: every step pays 1, the last one as well. */
export const INVERTED_PENDULUM_V4: MujocoTask = {
  ...INVERTED_PENDULUM,
  id: 'InvertedPendulum-v4',
  bonusAtTheEnd: true,
};
