// MountainCar-v0: a car too weak for the hill learns to swing up.
import { uniform } from '../backend/rng.ts';
import { assertKnownVectors, type Dynamics, episodic, savedVector } from './episodic.ts';
import type { Env } from './types.ts';

const MIN_X = -1.2;
const MAX_X = 0.6;
const MAX_SPEED = 0.07;
const GOAL_X = 0.5;
const FORCE = 0.001;
const GRAVITY = 0.0025;

/** The registered time limit, steps. */
export const MOUNTAIN_CAR_LIMIT = 200;

/**
 * The rules of Gymnasium's MountainCar-v0 (Moore 1990; Sutton and Barto). Time has no unit: a step is 1.
 *
 * Action: 0 accelerates to the left by 0.001, 1 does nothing, 2 accelerates to the right. The slope adds
 * -0.0025 cos(3 x). The speed is clipped to +-0.07, the position to [-1.2, 0.6], and the left wall stops the car.
 *
 * Observation, [2], rounded to float32 as Gymnasium's (the state itself is float64):
 *
 * | index | quantity | range |
 * |---|---|---|
 * | 0 | position | [-1.2, 0.6] |
 * | 1 | velocity | [-0.07, 0.07] |
 *
 * Reward: -1 at every step (`reward_step`). Terminates at position >= 0.5, unless rolling back; truncated after
 * `maxSteps` (200). Start: position from U[-0.6, -0.4], or between the options `low` and `high`, at rest.
 */
export function makeMountainCar({ id, maxSteps }: { id: string; maxSteps: number }): Env {
  return episodic(mountainCarDynamics(id), { id, maxSteps });
}

function mountainCarDynamics(env: string): Dynamics {
  let x = 0;
  let v = 0;
  const ended = () => x >= GOAL_X && v >= 0;

  return {
    obsSpace: {
      type: 'box',
      size: 2,
      low: Float64Array.of(MIN_X, -MAX_SPEED).map(Math.fround),
      high: Float64Array.of(MAX_X, MAX_SPEED).map(Math.fround),
    },
    actSpace: { type: 'discrete', n: 3 },

    startOptions: { low: -0.6, high: -0.4 },

    start(rng, { low, high }) {
      x = uniform(rng, low, high);
      v = 0;
      return {};
    },

    move(action) {
      v += ((action as number) - 1) * FORCE + Math.cos(3 * x) * -GRAVITY;
      v = Math.min(Math.max(v, -MAX_SPEED), MAX_SPEED);
      x = Math.min(Math.max(x + v, MIN_X), MAX_X);
      if (x === MIN_X && v < 0) v = 0;
      return { reward: -1, terminated: ended(), info: { reward_step: -1 } };
    },

    observe(obs) {
      obs[0] = Math.fround(x);
      obs[1] = Math.fround(v);
    },

    ended,
    save: () => ({ state: [x, v] }),

    load(vectors) {
      assertKnownVectors(vectors, { env, known: ['state'] });
      [x, v] = savedVector(vectors, { env, name: 'state', size: 2 }) as [number, number];
    },

    close() {},
  };
}
