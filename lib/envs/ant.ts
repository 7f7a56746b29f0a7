// Ant: a four-legged body in space learns to run forward.
import { ANT_MJCF } from './ant-mjcf.ts';
import type { Simulation } from './mujoco.ts';
import { type MujocoTask, type StepFacts, sumOfSquares } from './mujoco-task.ts';
import type { Info } from './types.ts';

/** The torso's place among the bodies. */
const TORSO = 1;
/** Length of position and velocity in the observation; contact forces follow. */
const POSTURE = 27;

/**
 * The rules of Gymnasium's Ant-v5 (after Schulman et al. 2015). One step lasts 5 x 0.01 s.
 *
 * Action, [8], each in [-1, 1]: control of a motor of 150 N m. The simulator clamps, the cost does not.
 *
 * | index | motors |
 * |---|---|
 * | 0, 1 | hip and ankle of leg 4 (x > 0, y < 0) |
 * | 2, 3 | hip and ankle of leg 1 (x > 0, y > 0) |
 * | 4, 5 | hip and ankle of leg 2 (x < 0, y > 0) |
 * | 6, 7 | hip and ankle of leg 3 (x < 0, y < 0) |
 *
 * Observation, [105]; x and y position are left out:
 *
 * | index | quantity | unit |
 * |---|---|---|
 * | 0 | height of the torso | m |
 * | 1, ..., 4 | orientation of the torso, quaternion w, x, y, z | - |
 * | 5, ..., 12 | angles of hip and ankle of leg 1, 2, 3, 4 | rad |
 * | 13, 14, 15 | velocity of the torso in x, y, z | m/s |
 * | 16, 17, 18 | angular velocity of the torso about its own axes | rad/s |
 * | 19, ..., 26 | angular velocities of hip and ankle of leg 1, 2, 3, 4 | rad/s |
 * | 27, ..., 104 | torque and force on each of 13 bodies (torso, then root, hip, ankle of leg 1, 2, 3, 4), clipped to +-1 | N m, N |
 *
 * Reward, the sum of:
 *
 * | term | value |
 * |---|---|
 * | reward_forward | (x after - x before) / 0.05 s, of the torso as the simulator last placed it |
 * | reward_survive | 1 if healthy after the step, else 0 |
 * | reward_ctrl | -0.5 * sum of the squared action as given |
 * | reward_contact | -0.0005 * sum of the squared clipped torques and forces |
 *
 * The episode terminates when not healthy: height outside [0.2, 1] m. It is truncated after 1000 steps. Start:
 * height 0.75, upright, angles 0, plus U[-0.1, 0.1] on every position and 0.1 * N(0, 1) on every velocity. After a
 * reset the contact forces are 0, as no step has computed them.
 */
export const ANT: MujocoTask = {
  id: 'Ant-v5',
  mjcf: ANT_MJCF,
  frameSkip: 5,
  maxSteps: 1000,
  obsSize: 105,
  reads: ['xpos', 'cfrc_ext'],
  healthyBonus: 1,
  resetNoise: { qpos: { shape: 'uniform', scale: 0.1 }, qvel: { shape: 'normal', scale: 0.1 } },

  observe(sim, obs) {
    observePosture(sim, obs);
    const forces = sim.view('cfrc_ext');
    // The first six belong to the world, which feels nothing.
    for (let i = 6; i < forces.length; i++) obs[POSTURE + i - 6] = clip(forces[i]!);
  },

  before: torsoPlace,

  terms: (sim, { before, action, bonus, dt }) => ({
    reward_forward: (torsoPlace(sim)[0] - before[0]!) / dt,
    reward_survive: bonus,
    reward_ctrl: -0.5 * sumOfSquares(action),
    reward_contact: -5e-4 * squaredForces(sim),
  }),

  facts(sim, step) {
    const qpos = sim.view('qpos');
    return { ...position(qpos[0]!, qpos[1]!), ...velocity(sim, step) };
  },

  healthy(sim) {
    const height = sim.view('qpos')[2]!;
    return height >= 0.2 && height <= 1 && sim.view('qpos').every(finite) && sim.view('qvel').every(finite);
  },
};

/**
 * Ant-v4: 27 observations and no contact cost, and the step that ends an episode earns reward_survive as well.
 * In `info`, positions are those of the simulator's torso body, and reward_forward is there as forward_reward too.
 */
export const ANT_V4: MujocoTask = {
  ...ANT,
  id: 'Ant-v4',
  obsSize: POSTURE,
  reads: ['xpos'],
  bonusAtTheEnd: true,
  observe: observePosture,
  terms(sim, { before, action, bonus, dt }) {
    return {
      reward_forward: (torsoPlace(sim)[0] - before[0]!) / dt,
      reward_survive: bonus,
      reward_ctrl: -0.5 * sumOfSquares(action),
    };
  },
  facts(sim, step) {
    const [x, y] = torsoPlace(sim);
    const speed = velocity(sim, step);
    return { ...position(x, y), ...speed, ...(step && { forward_reward: speed.x_velocity! }) };
  },
};

function observePosture(sim: Simulation, obs: Float64Array): void {
  const qpos = sim.view('qpos');
  for (let i = 2; i < qpos.length; i++) obs[i - 2] = qpos[i]!;
  obs.set(sim.view('qvel'), qpos.length - 2);
}

/** x and y of the torso where the simulator last placed it, one stage of integration behind qpos. */
function torsoPlace(sim: Simulation): [number, number] {
  const xpos = sim.view('xpos');
  return [xpos[3 * TORSO]!, xpos[3 * TORSO + 1]!];
}

function position(x: number, y: number): Info {
  return { x_position: x, y_position: y, distance_from_origin: Math.hypot(x, y) };
}

function velocity(sim: Simulation, step?: StepFacts): Info {
  if (!step) return {};
  const [x, y] = torsoPlace(sim);
  return { x_velocity: (x - step.before[0]!) / step.dt, y_velocity: (y - step.before[1]!) / step.dt };
}

function squaredForces(sim: Simulation): number {
  const forces = sim.view('cfrc_ext');
  let sum = 0;
  for (let i = 0; i < forces.length; i++) sum += clip(forces[i]!) ** 2;
  return sum;
}

function clip(force: number): number {
  return Math.min(Math.max(force, -1), 1);
}

function finite(value: number): boolean {
  return Number.isFinite(value);
}
