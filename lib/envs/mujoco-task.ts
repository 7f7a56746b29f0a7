// What the MuJoCo tasks share: a task is a record of its rules, this file turns it into an environment.
import { normal, type Rng, uniform } from '../backend/rng.ts';
import { assertKnownVectors, type Dynamics, episodic, savedVector, unboundedBox } from './episodic.ts';
import { createSimulation, type DataField, type Simulation } from './mujoco.ts';
import type { Env, Info } from './types.ts';

/** The rules of one MuJoCo task. */
export interface MujocoTask {
  readonly id: string;
  /** The model, an MJCF text. */
  readonly mjcf: string;
  /** `mj_step` calls per environment step. */
  readonly frameSkip: number;
  /** Steps after which an episode is truncated. */
  readonly maxSteps: number;
  /** Length D of the observation. */
  readonly obsSize: number;
  /**
   * Fields besides qpos and qvel that the rules read. They belong to the state: after a step the simulator leaves
   * them one timestep behind qpos, so they cannot be recomputed from it. `cfrc_ext` is computed only if listed.
   */
  readonly reads?: readonly DataField[];
  /** Noise of the start state, around the model's own: U[-scale, scale] or scale * N(0, 1). */
  readonly resetNoise: { readonly qpos: Noise; readonly qvel: Noise };
  /** Draws what is no noise around the model's own state, into qpos and qvel, after the noise. */
  place?(rng: Rng, state: { readonly qpos: Float64Array; readonly qvel: Float64Array }): void;
  /** What a step pays if the state after it is healthy; 0 if left out. */
  readonly healthyBonus?: number;
  /** The v4 rule: the step that ends the episode earns the bonus as well. */
  readonly bonusAtTheEnd?: boolean;
  /** Writes the observation into `obs`, [D]. */
  observe(sim: Simulation, obs: Float64Array): void;
  /** What `terms` and `facts` need from before the step, for example the x position; empty if left out. */
  before?(sim: Simulation): readonly number[];
  /**
   * The reward terms of a step just made, whose sum is the reward, summed in their order.
   * @param step.before what `before` returned
   * @param step.action as given, not clamped, [A]
   * @param step.bonus the healthy bonus that this step has earned
   * @param step.dt seconds per environment step
   */
  terms(sim: Simulation, step: StepFacts): Readonly<Record<string, number>>;
  /** Further numbers for `info` after a reset (no step) or a step. */
  facts(sim: Simulation, step?: StepFacts): Info;
  /** Whether the episode goes on. */
  healthy(sim: Simulation): boolean;
}

/** Noise of a start state's entries: U[-scale, scale] or N(0, scale^2), m and m/s, rad and rad/s. */
export interface Noise {
  readonly shape: 'uniform' | 'normal';
  readonly scale: number;
}

/**
 * What a task's reward terms may depend on, beside the simulator: values before the step, the action, the healthy
 * bonus, seconds per step.
 */
export interface StepFacts {
  readonly before: readonly number[];
  /** [A], action units. */
  readonly action: ArrayLike<number>;
  readonly bonus: number;
  readonly dt: number;
}

/** An environment with its own simulator. */
export async function makeMujocoEnv(task: MujocoTask): Promise<Env> {
  const sim = await createSimulation(task.mjcf);
  return episodic(mujocoDynamics(task, sim), task);
}

/**
 * The rules of a task run on a given simulation, which it owns from now on. `move` throws an Error for an action that is a
 * number.
 */
export function mujocoDynamics(task: MujocoTask, sim: Simulation): Dynamics {
  const { nq, nv, nu } = sim;
  const dt = sim.timestep * task.frameSkip;
  const reads = task.reads ?? [];
  const feelsContacts = reads.includes('cfrc_ext');
  const known = ['qpos', 'qvel', 'qacc_warmstart', 'time', ...reads];
  const startQpos = Float64Array.from(sim.view('qpos'));
  const startQvel = Float64Array.from(sim.view('qvel'));
  const bounds = sim.modelField('actuator_ctrlrange');

  return {
    obsSpace: unboundedBox(task.obsSize),
    actSpace: {
      type: 'box',
      size: nu,
      low: Float64Array.from({ length: nu }, (_, i) => bounds[2 * i]!),
      high: Float64Array.from({ length: nu }, (_, i) => bounds[2 * i + 1]!),
    },

    start(rng) {
      sim.resetData();
      const qpos = sim.view('qpos');
      const qvel = sim.view('qvel');
      for (let i = 0; i < nq; i++) qpos[i] = startQpos[i]! + draw(rng, task.resetNoise.qpos);
      for (let i = 0; i < nv; i++) qvel[i] = startQvel[i]! + draw(rng, task.resetNoise.qvel);
      task.place?.(rng, { qpos, qvel });
      sim.forward();
      return task.facts(sim);
    },

    move(action) {
      if (typeof action === 'number')
        throw new Error(`Cannot step ${task.id} with a number: expected a vector`);
      const before = task.before?.(sim) ?? [];
      const ctrl = sim.view('ctrl');
      for (let i = 0; i < nu; i++) ctrl[i] = action[i]!;
      sim.advance(task.frameSkip);
      if (feelsContacts) sim.computeContactForces();
      const healthy = task.healthy(sim);
      const bonus = healthy || task.bonusAtTheEnd ? (task.healthyBonus ?? 0) : 0;
      const facts: StepFacts = { before, action, bonus, dt };
      const terms = task.terms(sim, facts);
      let reward = 0;
      for (const name in terms) reward += terms[name]!;
      return { reward, terminated: !healthy, info: { ...task.facts(sim, facts), ...terms } };
    },

    observe: (obs) => task.observe(sim, obs),

    ended: () => !task.healthy(sim),
    facts: () => task.facts(sim),

    save() {
      const vectors: Record<string, number[]> = {};
      for (const field of ['qpos', 'qvel', 'qacc_warmstart', ...reads] as const)
        vectors[field] = Array.from(sim.view(field));
      vectors.time = [sim.getTime()];
      return vectors;
    },

    load(vectors, elapsed) {
      const env = task.id;
      assertKnownVectors(vectors, { env, known });
      // Everything is read before anything is written: a malformed state leaves the environment as it was.
      const qpos = savedVector(vectors, { env, name: 'qpos', size: nq });
      const qvel = savedVector(vectors, { env, name: 'qvel', size: nv });
      const time = vectors.time ? savedVector(vectors, { env, name: 'time', size: 1 })[0]! : elapsed * dt;
      const computed = (['qacc_warmstart', ...reads] as const)
        .filter((name) => vectors[name])
        .map((name) => ({ name, values: savedVector(vectors, { env, name, size: sim.view(name).length }) }));
      sim.resetData();
      sim.view('qpos').set(qpos);
      sim.view('qvel').set(qvel);
      sim.setTime(time);
      sim.forward();
      // After `forward`, which overwrites them: the solver's warm start decides the last bits of the next step.
      for (const { name, values } of computed) sim.view(name).set(values);
    },

    close: () => sim.close(),
  };
}

/** The sum of squares of an action, [A], as given: what control costs are made of. */
export function sumOfSquares(action: ArrayLike<number>): number {
  let sum = 0;
  for (let i = 0; i < action.length; i++) sum += action[i]! * action[i]!;
  return sum;
}

function draw(rng: Rng, { shape, scale }: Noise): number {
  return shape === 'uniform' ? uniform(rng, -scale, scale) : scale * normal(rng);
}
