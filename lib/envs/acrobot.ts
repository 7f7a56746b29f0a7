// Acrobot-v1: two hanging links, driven at the joint between them, swing their end up.
import { uniform } from '../backend/rng.ts';
import { assertKnownVectors, type Dynamics, episodic, savedVector } from './episodic.ts';
import type { Env } from './types.ts';

const STEP_SECONDS = 0.2;
const GRAVITY = 9.8;
/** Both links: 1 kg, 1 m, centre of mass in the middle, moment of inertia 1 kg m^2 about it. */
const HALF = 0.5;
const MOMENT = 1;
const MAX_SPEED_1 = 4 * Math.PI;
const MAX_SPEED_2 = 9 * Math.PI;

/** The registered time limit, steps. */
export const ACROBOT_LIMIT = 500;

/**
 * The rules of Gymnasium's Acrobot-v1 (Sutton 1996, with the equations of Sutton and Barto's book), one step of
 * the classical Runge-Kutta method at 0.2 s.
 *
 * Action: torque -1, 0 or 1 N m (0, 1, 2) on the joint between the links.
 *
 * Observation, [6], rounded to float32 as Gymnasium's (the state itself, two angles and their velocities, is float64):
 *
 * | index | quantity | range |
 * |---|---|---|
 * | 0, 1 | cosine, sine of the first link's angle, 0 hanging down | [-1, 1] |
 * | 2, 3 | cosine, sine of the second link's angle against the first | [-1, 1] |
 * | 4 | angular velocity of the first link, rad/s | +-4 pi |
 * | 5 | angular velocity of the second link against the first, rad/s | +-9 pi |
 *
 * Reward: -1 at every step, 0 at the one that terminates (`reward_step`). Terminates when the free end is more than
 * 1 m above the pivot; truncated after `maxSteps` (500). Start: every component from U[-0.1, 0.1], or between
 * the options `low` and `high`.
 */
export function makeAcrobot({ id, maxSteps }: { id: string; maxSteps: number }): Env {
  return episodic(acrobotDynamics(id), { id, maxSteps });
}

function acrobotDynamics(env: string): Dynamics {
  let state: Float64Array = new Float64Array(4);
  const high = Float64Array.of(1, 1, 1, 1, MAX_SPEED_1, MAX_SPEED_2).map(Math.fround);
  const ended = () => -Math.cos(state[0]!) - Math.cos(state[1]! + state[0]!) > 1;
  const move = rungeKutta();

  return {
    obsSpace: { type: 'box', size: 6, low: high.map((bound) => -bound), high },
    actSpace: { type: 'discrete', n: 3 },

    startOptions: { low: -0.1, high: 0.1 },

    start(rng, { low, high }) {
      for (let i = 0; i < 4; i++) state[i] = uniform(rng, low, high);
      return {};
    },

    move(action) {
      move(state, (action as number) - 1);
      state[0] = wrap(state[0]!);
      state[1] = wrap(state[1]!);
      state[2] = Math.min(Math.max(state[2]!, -MAX_SPEED_1), MAX_SPEED_1);
      state[3] = Math.min(Math.max(state[3]!, -MAX_SPEED_2), MAX_SPEED_2);
      const terminated = ended();
      const reward = terminated ? 0 : -1;
      return { reward, terminated, info: { reward_step: reward } };
    },

    observe(obs) {
      obs[0] = Math.fround(Math.cos(state[0]!));
      obs[1] = Math.fround(Math.sin(state[0]!));
      obs[2] = Math.fround(Math.cos(state[1]!));
      obs[3] = Math.fround(Math.sin(state[1]!));
      obs[4] = Math.fround(state[2]!);
      obs[5] = Math.fround(state[3]!);
    },

    ended,
    save: () => ({ state: Array.from(state) }),

    load(vectors) {
      assertKnownVectors(vectors, { env, known: ['state'] });
      state = Float64Array.from(savedVector(vectors, { env, name: 'state', size: 4 }));
    },

    close() {},
  };
}

/** A function that moves a state [4] on by one step in place, with scratch space of its own. */
function rungeKutta(): (state: Float64Array, torque: number) => void {
  const [k1, k2, k3, k4, probe] = Array.from({ length: 5 }, () => new Float64Array(4)) as [
    Float64Array,
    Float64Array,
    Float64Array,
    Float64Array,
    Float64Array,
  ];
  const probeAt = (state: Float64Array, h: number, slope: Float64Array): Float64Array => {
    for (let i = 0; i < 4; i++) probe[i] = state[i]! + h * slope[i]!;
    return probe;
  };
  return (state, torque) => {
    slopeAt(state, torque, k1);
    slopeAt(probeAt(state, STEP_SECONDS / 2, k1), torque, k2);
    slopeAt(probeAt(state, STEP_SECONDS / 2, k2), torque, k3);
    slopeAt(probeAt(state, STEP_SECONDS, k3), torque, k4);
    for (let i = 0; i < 4; i++)
      state[i] = state[i]! + (STEP_SECONDS / 6) * (k1[i]! + 2 * k2[i]! + 2 * k3[i]! + k4[i]!);
  };
}

/** The time derivative of the state into `slope`: the equations of motion of the double pendulum. */
function slopeAt(state: Float64Array, torque: number, slope: Float64Array): void {
  const angle1 = state[0]!;
  const angle2 = state[1]!;
  const speed1 = state[2]!;
  const speed2 = state[3]!;
  const cos2 = Math.cos(angle2);
  const sin2 = Math.sin(angle2);
  const d1 = HALF ** 2 + (1 + HALF ** 2 + 2 * HALF * cos2) + 2 * MOMENT;
  const d2 = HALF ** 2 + HALF * cos2 + MOMENT;
  const phi2 = HALF * GRAVITY * Math.cos(angle1 + angle2 - Math.PI / 2);
  const phi1 =
    -HALF * speed2 ** 2 * sin2 -
    2 * HALF * speed2 * speed1 * sin2 +
    (HALF + 1) * GRAVITY * Math.cos(angle1 - Math.PI / 2) +
    phi2;
  const acceleration2 =
    (torque + (d2 / d1) * phi1 - HALF * speed1 ** 2 * sin2 - phi2) / (HALF ** 2 + MOMENT - d2 ** 2 / d1);
  slope[0] = speed1;
  slope[1] = speed2;
  slope[2] = -(d2 * acceleration2 + phi1) / d1;
  slope[3] = acceleration2;
}

/** The same angle within [-pi, pi]. */
function wrap(angle: number): number {
  let wrapped = angle;
  while (wrapped > Math.PI) wrapped -= 2 * Math.PI;
  while (wrapped < -Math.PI) wrapped += 2 * Math.PI;
  return wrapped;
}
