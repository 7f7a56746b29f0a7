// A robot that is pushed, heavier, on slippery ground, or sees badly: environments for every loop that takes one.
import { normal, type Rng } from '../backend/rng.ts';
import { createSimulation } from '../envs/mujoco.ts';
import { type MujocoTask, makeMujocoEnv } from '../envs/mujoco-task.ts';
import type { Env } from '../envs/types.ts';
import { delegate } from '../envs/wrappers.ts';

/** One push in an episode: velocities that change at once. */
export interface Push {
  /** Step of the episode, from 0, that begins with the push: its action was chosen without knowing. */
  readonly at: number;
  /**
   * What is added to the simulator's `qvel`, [V], m/s or rad/s; shorter arrays leave the rest. On the slide that carries a
   * whole robot, entry 0 of Hopper and Walker2d, v m/s are an impulse of v times its mass.
   */
  readonly change: readonly number[];
}

/**
 * The same task with a push in every episode; a push of 0 changes no bit of it.
 * @throws Error at the push if the simulator has no `qvel` or fewer entries
 */
export function withPush(env: Env, { at, change }: Push): Env {
  let elapsed = 0;
  return {
    ...delegate(env),
    reset(options) {
      elapsed = 0;
      return env.reset(options);
    },
    step(action, out) {
      if (elapsed++ === at) {
        const state = env.getState();
        const { qvel } = state.vectors;
        if (!qvel || qvel.length < change.length)
          throw new Error(
            `Cannot push ${env.id} by ${change.length} velocities: its state has ${qvel?.length ?? 'no'} qvel`,
          );
        const pushed = qvel.map((v, i) => v + (change[i] ?? 0));
        env.setState({ ...state, vectors: { ...state.vectors, qvel: pushed } });
      }
      return env.step(action, out);
    },
    setState(state) {
      elapsed = state.elapsed;
      return env.setState(state);
    },
  };
}

/**
 * Episodes that begin in `before` and go on in `after` from step `at`, with the state carried over: a change of the body
 * or the ground while the robot runs. Both must be the same task by name. Closing it closes both.
 */
export function switchingAt(at: number, before: Env, after: Env): Env {
  let current = before;
  let elapsed = 0;
  return {
    ...delegate(before),
    reset(options) {
      current = before;
      elapsed = 0;
      return before.reset(options);
    },
    step(action, out) {
      if (current === before && elapsed >= at) {
        after.setState(before.getState());
        current = after;
      }
      elapsed++;
      return current.step(action, out);
    },
    getState: () => current.getState(),
    setState(state) {
      elapsed = state.elapsed;
      current = elapsed >= at ? after : before;
      return current.setState(state);
    },
    close() {
      before.close();
      after.close();
    },
  };
}

/** How badly a robot sees. */
export interface SensorNoise {
  /** Std of the normal noise on each entry of the observation, [D], its units. */
  readonly std_D: ArrayLike<number>;
  /** Steps taken before it sets in. Default 0: the first observation has it too. */
  readonly from?: number;
  readonly rng: Rng;
}

/** The same task seen through noise: the robot moves as before, whoever looks at the observation is misled. */
export function withSensorNoise(env: Env, { std_D, from = 0, rng }: SensorNoise): Env {
  let steps = 0;
  const blurred = (obs: Float64Array) => {
    if (steps >= from) for (let d = 0; d < obs.length; d++) obs[d]! += std_D[d]! * normal(rng);
  };
  return {
    ...delegate(env),
    reset(options) {
      steps = 0;
      const start = env.reset(options);
      blurred(start.obs);
      return start;
    },
    step(action, out) {
      const result = env.step(action, out);
      steps++;
      blurred(result.obs);
      return result;
    },
    setState(state) {
      steps = state.elapsed;
      const obs = env.setState(state);
      blurred(obs);
      return obs;
    },
  };
}

/** What is different about the body or the ground. */
export interface Changes {
  /** Factor of every body's mass and inertia. The motors and their rotors stay as they are. Default 1. */
  readonly mass?: number;
  /** Factor of every geom's sliding friction. Default 1. */
  readonly friction?: number;
}

/** The task with another body or ground, under the same name, so that states pass between them. */
export async function makePerturbedEnv(task: MujocoTask, changes: Changes): Promise<Env> {
  return makeMujocoEnv({ ...task, mjcf: await perturbedMjcf(task.mjcf, changes) });
}

/**
 * A model's text with the changes written in.
 * @throws RangeError if a factor is not positive
 * @throws Error if the text has no `<compiler>` or its first geom is not the one of `<default>`
 */
export async function perturbedMjcf(mjcf: string, { mass = 1, friction = 1 }: Changes): Promise<string> {
  for (const [name, factor] of Object.entries({ mass, friction }))
    if (!(factor > 0 && factor < Number.POSITIVE_INFINITY))
      throw new RangeError(`Cannot scale ${name} by ${factor}: give a positive number`);
  const heavier = mass === 1 ? mjcf : withTotalMass(mjcf, mass * (await totalMass(mjcf)));
  return friction === 1 ? heavier : withFriction(heavier, friction);
}

async function totalMass(mjcf: string): Promise<number> {
  const sim = await createSimulation(mjcf);
  try {
    return sim.modelField('body_mass').reduce((sum, mass) => sum + mass, 0);
  } finally {
    sim.close();
  }
}

/** MuJoCo's own way to scale all masses and inertias alike. */
function withTotalMass(mjcf: string, mass: number): string {
  if (!/<compiler\s/.test(mjcf)) throw new Error('Cannot scale the mass of a model without <compiler>');
  return mjcf
    .replace(/(<compiler\s[^>]*?)\s*settotalmass="[^"]*"/, '$1')
    .replace(/<compiler\s/, `<compiler settotalmass="${mass}" `);
}

/** Sliding friction is the first number; a default geom that names none has MuJoCo's own 1. */
function withFriction(mjcf: string, factor: number): string {
  const first = mjcf.indexOf('<geom');
  const inDefault = mjcf.lastIndexOf('<default>', first);
  if (inDefault < 0 || mjcf.slice(inDefault, first).includes('</default>'))
    throw new Error('Cannot scale the friction of a model whose <default> has no geom');
  const tag = mjcf.slice(first, mjcf.indexOf('>', first));
  const explicit = tag.includes('friction="')
    ? mjcf
    : `${mjcf.slice(0, first)}<geom friction="1"${mjcf.slice(first + '<geom'.length)}`;
  return explicit.replace(
    /(<geom\s[^>]*?\bfriction=")([^"\s]+)/g,
    (_, before: string, slide: string) => `${before}${Number(slide) * factor}`,
  );
}
