// A task of one's own, complete: a point on a table is pushed to the middle. `checkEnv` finds nothing wrong with it.
import { uniform } from '../../lib/backend/rng.ts';
import {
  assertKnownVectors,
  type Dynamics,
  episodic,
  savedVector,
  unboundedBox,
} from '../../lib/envs/episodic.ts';
import type { Env } from '../../lib/envs/types.ts';

const STEP_SECONDS = 0.05;

/** Observation: place x, y (m) and velocity (m/s). Action: force x, y in [-1, 1] N on 1 kg. Ends beyond 2 m. */
export function makePointMass({ maxSteps = 100 } = {}): Env {
  return episodic(pointMass('PointMass-v0'), { id: 'PointMass-v0', maxSteps });
}

function pointMass(env: string): Dynamics {
  let place = [0, 0];
  let velocity = [0, 0];
  const lost = () => Math.hypot(...place) > 2;
  return {
    obsSpace: unboundedBox(4),
    actSpace: { type: 'box', size: 2, low: Float64Array.of(-1, -1), high: Float64Array.of(1, 1) },

    start(rng) {
      place = [uniform(rng, -1, 1), uniform(rng, -1, 1)];
      velocity = [0, 0];
      return {};
    },

    move(action) {
      const force = Array.from(action as ArrayLike<number>, (value) => Math.min(Math.max(value, -1), 1));
      velocity = velocity.map((value, i) => value + STEP_SECONDS * force[i]!);
      place = place.map((value, i) => value + STEP_SECONDS * velocity[i]!);
      const near = 1 - Math.hypot(...place) / 2;
      const info = { reward_near: near, reward_ctrl: -0.1 * Math.hypot(...force) ** 2 };
      return { reward: info.reward_near + info.reward_ctrl, terminated: lost(), info };
    },

    observe(obs) {
      obs.set(place);
      obs.set(velocity, 2);
    },

    ended: lost,
    save: () => ({ place: [...place], velocity: [...velocity] }),

    load(vectors) {
      assertKnownVectors(vectors, { env, known: ['place', 'velocity'] });
      const [to, at] = ['place', 'velocity'].map((name) => savedVector(vectors, { env, name, size: 2 }));
      place = [...to!];
      velocity = [...at!];
    },

    close() {},
  };
}
