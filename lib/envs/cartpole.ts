// CartPole-v0 and -v1: a cart on a rail keeps a pole upright.
import { uniform } from '../backend/rng.ts';
import { assertKnownVectors, type Dynamics, episodic, savedVector } from './episodic.ts';
import type { Env } from './types.ts';

const GRAVITY = 9.8;
const POLE_MASS = 0.1;
const TOTAL_MASS = 1.1;
const HALF_LENGTH = 0.5;
const POLE_MOMENT = POLE_MASS * HALF_LENGTH;
const FORCE = 10;
const STEP_SECONDS = 0.02;
const MAX_X = 2.4;
const MAX_ANGLE = (12 * 2 * Math.PI) / 360;

/** The two registered versions differ in nothing but their time limit. */
export const CARTPOLE_LIMITS = { 'CartPole-v0': 200, 'CartPole-v1': 500 } as const;

/**
 * The rules of Gymnasium's CartPole (Barto, Sutton and Anderson 1983), integrated by explicit Euler at 0.02 s.
 *
 * Action: 0 pushes the cart to the left with 10 N, 1 to the right.
 *
 * Observation, [4], rounded to float32 as Gymnasium's (the state itself is float64):
 *
 * | index | quantity | unit | episode ends beyond |
 * |---|---|---|---|
 * | 0 | position of the cart | m | +-2.4 |
 * | 1 | velocity of the cart | m/s | - |
 * | 2 | angle of the pole from upright | rad | +-12 degrees (0.2094) |
 * | 3 | angular velocity of the pole | rad/s | - |
 *
 * Reward: 1 at every step, the terminating one included (`reward_survive`). Truncated after `maxSteps` (500 in
 * v1, 200 in v0). Start: every component from U[-0.05, 0.05], or between the
 * options `low` and `high`.
 */
export function makeCartPole({ id, maxSteps }: { id: string; maxSteps: number }): Env {
  return episodic(cartPoleDynamics(id), { id, maxSteps });
}

function cartPoleDynamics(env: string): Dynamics {
  let x = 0;
  let v = 0;
  let angle = 0;
  let spin = 0;
  const high = Float64Array.of(
    Math.fround(2 * MAX_X),
    Number.POSITIVE_INFINITY,
    Math.fround(2 * MAX_ANGLE),
    Number.POSITIVE_INFINITY,
  );

  const ended = () => x < -MAX_X || x > MAX_X || angle < -MAX_ANGLE || angle > MAX_ANGLE;

  return {
    obsSpace: { type: 'box', size: 4, low: high.map((bound) => -bound), high },
    actSpace: { type: 'discrete', n: 2 },

    startOptions: { low: -0.05, high: 0.05 },

    start(rng, { low, high }) {
      x = uniform(rng, low, high);
      v = uniform(rng, low, high);
      angle = uniform(rng, low, high);
      spin = uniform(rng, low, high);
      return {};
    },

    move(action) {
      const force = action === 1 ? FORCE : -FORCE;
      const cos = Math.cos(angle);
      const sin = Math.sin(angle);
      const push = (force + POLE_MOMENT * (spin * spin) * sin) / TOTAL_MASS;
      const spinRate =
        (GRAVITY * sin - cos * push) / (HALF_LENGTH * (4 / 3 - (POLE_MASS * (cos * cos)) / TOTAL_MASS));
      const acceleration = push - (POLE_MOMENT * spinRate * cos) / TOTAL_MASS;
      x += STEP_SECONDS * v;
      v += STEP_SECONDS * acceleration;
      angle += STEP_SECONDS * spin;
      spin += STEP_SECONDS * spinRate;
      return { reward: 1, terminated: ended(), info: { reward_survive: 1 } };
    },

    observe(obs) {
      obs[0] = Math.fround(x);
      obs[1] = Math.fround(v);
      obs[2] = Math.fround(angle);
      obs[3] = Math.fround(spin);
    },

    ended,
    save: () => ({ state: [x, v, angle, spin] }),

    load(vectors) {
      assertKnownVectors(vectors, { env, known: ['state'] });
      [x, v, angle, spin] = savedVector(vectors, { env, name: 'state', size: 4 }) as [
        number,
        number,
        number,
        number,
      ];
    },

    close() {},
  };
}
