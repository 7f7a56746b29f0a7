// Humanoid: a person-like body in space learns to walk forward.
import { HUMANOID_MJCF } from './humanoid-mjcf.ts';
import type { DataField, Simulation } from './mujoco.ts';
import { type MujocoTask, type StepFacts, sumOfSquares } from './mujoco-task.ts';
import type { Info } from './types.ts';

/** What the observation holds besides qpos and qvel, with the number of leading entries that v5 leaves out. */
const FELT: readonly (readonly [DataField, number])[] = [
  ['cinert', 10],
  ['cvel', 6],
  ['qfrc_actuator', 6],
  ['cfrc_ext', 6],
];

/**
 * The rules of Gymnasium's Humanoid-v5 (after Tassa, Erez and Todorov 2012). One step lasts 5 x 0.003 s.
 *
 * Action, [17], each in [-0.4, 0.4]: control of a motor, N m per unit. The simulator clamps, the cost does not.
 *
 * | index | motors | N m per unit |
 * |---|---|---|
 * | 0, 1, 2 | abdomen about y, z, x | 100 |
 * | 3, 4, 5, 6 | right hip about x, z, y, right knee | 100, 100, 300, 200 |
 * | 7, 8, 9, 10 | left hip about x, z, y, left knee | 100, 100, 300, 200 |
 * | 11, 12, 13 | right shoulder 1, 2, right elbow | 25 |
 * | 14, 15, 16 | left shoulder 1, 2, left elbow | 25 |
 *
 * Observation, [348]; x and y position are left out, and so is the world's body:
 *
 * | index | quantity | unit |
 * |---|---|---|
 * | 0 | height of the torso | m |
 * | 1, ..., 4 | orientation of the torso, quaternion w, x, y, z | - |
 * | 5, ..., 21 | joint angles: abdomen z, y, x; right hip x, z, y, knee; the same left; right shoulder 1, 2, elbow; left | rad |
 * | 22, 23, 24 | velocity of the torso in x, y, z | m/s |
 * | 25, 26, 27 | angular velocity of the torso about its own axes | rad/s |
 * | 28, ..., 44 | angular velocities of the joints in the same order | rad/s |
 * | 45, ..., 174 | 13 bodies x (6 of inertia, 3 of mass times offset, mass) about the centre of mass | kg m^2, kg m, kg |
 * | 175, ..., 252 | 13 bodies x (angular, linear) velocity about the centre of mass | rad/s, m/s |
 * | 253, ..., 269 | torques of the motors on the joints | N m |
 * | 270, ..., 347 | 13 bodies x (torque, force) from outside, about the centre of mass | N m, N |
 *
 * Reward, the sum of:
 *
 * | term | value |
 * |---|---|
 * | reward_forward | 1.25 * (x after - x before) / 0.015 s, of the centre of mass as the simulator last placed it |
 * | reward_survive | 5 if healthy after the step, else 0 |
 * | reward_ctrl | -0.1 * sum of the squared action as given |
 * | reward_contact | -min(10, 5e-7 * sum of the squared outside torques and forces) |
 *
 * The episode terminates when not healthy: height outside (1, 2) m. It is truncated after 1000 steps. Start: height
 * 1.4, upright, angles 0, plus U[-0.01, 0.01] on every position and velocity.
 *
 * In `info`, Gymnasium's vectors tendon_length and tendon_velocity are numbers: tendon_length_0 (left hip and
 * knee), tendon_length_1 (right), and so on.
 */
export const HUMANOID: MujocoTask = {
  id: 'Humanoid-v5',
  mjcf: HUMANOID_MJCF,
  frameSkip: 5,
  maxSteps: 1000,
  obsSize: 348,
  reads: ['xipos', 'cinert', 'cvel', 'qfrc_actuator', 'cfrc_ext'],
  healthyBonus: 5,
  resetNoise: { qpos: { shape: 'uniform', scale: 1e-2 }, qvel: { shape: 'uniform', scale: 1e-2 } },

  observe(sim, obs) {
    let at = observePosture(sim, obs);
    for (const [field, skip] of FELT) {
      const values = sim.view(field);
      for (let i = skip; i < values.length; i++) obs[at++] = values[i]!;
    }
  },

  before: (sim) => massCentre(sim),

  terms: (sim, step) => ({
    reward_forward: 1.25 * velocity(sim, step).x_velocity!,
    reward_survive: step.bonus,
    reward_ctrl: -0.1 * sumOfSquares(step.action),
    reward_contact: -Math.min(10, 5e-7 * sumOfSquares(sim.view('cfrc_ext'))),
  }),

  facts(sim, step) {
    const qpos = sim.view('qpos');
    const [left, right] = sim.view('ten_length');
    const [leftVelocity, rightVelocity] = sim.view('ten_velocity');
    return {
      ...position(qpos[0]!, qpos[1]!),
      tendon_length_0: left!,
      tendon_length_1: right!,
      tendon_velocity_0: leftVelocity!,
      tendon_velocity_1: rightVelocity!,
      ...(step && velocity(sim, step)),
    };
  },

  healthy(sim) {
    const height = sim.view('qpos')[2]!;
    return height > 1 && height < 2;
  },
};

/**
 * Humanoid-v4: 376 observations (with the world's body and the root's motor torques, all 0), no contact cost, and the
 * step that ends an episode earns the bonus as well. In `info`, positions are those of the centre of mass, and the
 * terms are called reward_linvel (also forward_reward), reward_alive and reward_quadctrl.
 */
export const HUMANOID_V4: MujocoTask = {
  ...HUMANOID,
  id: 'Humanoid-v4',
  obsSize: 376,
  bonusAtTheEnd: true,
  observe(sim, obs) {
    let at = observePosture(sim, obs);
    for (const [field] of FELT) {
      const values = sim.view(field);
      obs.set(values, at);
      at += values.length;
    }
  },
  terms(sim, step) {
    const { reward_forward, reward_survive, reward_ctrl } = HUMANOID.terms(sim, step);
    return { reward_linvel: reward_forward!, reward_alive: reward_survive!, reward_quadctrl: reward_ctrl! };
  },
  facts(sim, step) {
    const [x, y] = massCentre(sim);
    if (!step) return position(x, y);
    const speed = velocity(sim, step);
    return { ...position(x, y), ...speed, forward_reward: 1.25 * speed.x_velocity! };
  },
};

/** Returns how many numbers it wrote. */
function observePosture(sim: Simulation, obs: Float64Array): number {
  const qpos = sim.view('qpos');
  const qvel = sim.view('qvel');
  for (let i = 2; i < qpos.length; i++) obs[i - 2] = qpos[i]!;
  obs.set(qvel, qpos.length - 2);
  return qpos.length - 2 + qvel.length;
}

const masses = new WeakMap<Simulation, Float64Array>();

/** x and y of the centre of mass where the simulator last placed it, one stage of integration behind qpos. */
function massCentre(sim: Simulation): [number, number] {
  let mass = masses.get(sim);
  if (!mass) {
    mass = Float64Array.from(sim.modelField('body_mass'));
    masses.set(sim, mass);
  }
  const xipos = sim.view('xipos');
  let total = 0;
  let x = 0;
  let y = 0;
  for (let i = 0; i < mass.length; i++) {
    total += mass[i]!;
    x += mass[i]! * xipos[3 * i]!;
    y += mass[i]! * xipos[3 * i + 1]!;
  }
  return [x / total, y / total];
}

function position(x: number, y: number): Info {
  return { x_position: x, y_position: y, distance_from_origin: Math.hypot(x, y) };
}

function velocity(sim: Simulation, { before, dt }: StepFacts): Info {
  const [x, y] = massCentre(sim);
  return { x_velocity: (x - before[0]!) / dt, y_velocity: (y - before[1]!) / dt };
}
