// Pendulum-v1: a weak motor swings a pendulum up and holds it there.
import { uniform } from '../backend/rng.ts';
import { assertKnownVectors, type Dynamics, episodic, savedVector } from './episodic.ts';
import type { Env } from './types.ts';

const MAX_SPEED = 8;
const MAX_TORQUE = 2;
const STEP_SECONDS = 0.05;
const GRAVITY = 10;

/** The registered time limit, steps. */
export const PENDULUM_LIMIT = 200;

/**
 * The rules of Gymnasium's Pendulum-v1: a rod of 1 kg and 1 m, g = 10 m/s^2, semi-implicit Euler at 0.05 s.
 *
 * Action, [1], in [-2, 2]: torque, N m, counterclockwise. It is clipped, and the cost counts it clipped.
 *
 * Observation, [3], rounded to float32 as Gymnasium's (the state itself is float64):
 *
 * | index | quantity | unit |
 * |---|---|---|
 * | 0 | cosine of the angle from upright | - |
 * | 1 | sine of the angle | - |
 * | 2 | angular velocity, clipped to +-8 | rad/s |
 *
 * Reward, the sum of these, all from before the step (at worst -16.27, at best 0):
 *
 * | term | value |
 * |---|---|
 * | reward_angle | -(angle wrapped into [-pi, pi))^2 |
 * | reward_speed | -0.1 * (angular velocity)^2 |
 * | reward_ctrl | -0.001 * (clipped torque)^2 |
 *
 * Never terminates; truncated after `maxSteps` (200). Start: angle from U[-pi, pi], angular velocity from U[-1, 1];
 * the options `x_init` and `y_init` stand in place of pi and 1.
 */
export function makePendulum({ id, maxSteps }: { id: string; maxSteps: number }): Env {
  return episodic(pendulumDynamics(id), { id, maxSteps });
}

function pendulumDynamics(env: string): Dynamics {
  let angle = 0;
  let speed = 0;

  return {
    obsSpace: { type: 'box', size: 3, low: Float64Array.of(-1, -1, -8), high: Float64Array.of(1, 1, 8) },
    actSpace: {
      type: 'box',
      size: 1,
      low: Float64Array.of(-MAX_TORQUE),
      high: Float64Array.of(MAX_TORQUE),
    },

    startOptions: { x_init: Math.PI, y_init: 1 },

    start(rng, { x_init, y_init }) {
      for (const [name, bound] of Object.entries({ x_init, y_init }))
        if (bound! < 0) throw new Error(`Cannot reset ${env} with ${name} = ${bound}: expected at least 0`);
      angle = uniform(rng, -x_init!, x_init);
      speed = uniform(rng, -y_init!, y_init);
      return {};
    },

    move(action) {
      const torque = Math.min(Math.max((action as ArrayLike<number>)[0]!, -MAX_TORQUE), MAX_TORQUE);
      const info = {
        reward_angle: -(wrap(angle) ** 2),
        reward_speed: -0.1 * speed ** 2,
        reward_ctrl: -0.001 * torque ** 2,
      };
      const faster = speed + (((3 * GRAVITY) / 2) * Math.sin(angle) + 3 * torque) * STEP_SECONDS;
      speed = Math.min(Math.max(faster, -MAX_SPEED), MAX_SPEED);
      angle += speed * STEP_SECONDS;
      const reward = info.reward_angle + info.reward_speed + info.reward_ctrl;
      return { reward, terminated: false, info };
    },

    observe(obs) {
      obs[0] = Math.fround(Math.cos(angle));
      obs[1] = Math.fround(Math.sin(angle));
      obs[2] = Math.fround(speed);
    },

    ended: () => false,
    save: () => ({ state: [angle, speed] }),

    load(vectors) {
      assertKnownVectors(vectors, { env, known: ['state'] });
      [angle, speed] = savedVector(vectors, { env, name: 'state', size: 2 }) as [number, number];
    },

    close() {},
  };
}

/** The same angle in [-pi, pi), by Python's remainder, which is never negative. */
function wrap(angle: number): number {
  const turned = (angle + Math.PI) % (2 * Math.PI);
  return (turned < 0 ? turned + 2 * Math.PI : turned) - Math.PI;
}
