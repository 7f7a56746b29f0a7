// Order of calls, time limit, seeding and checks, shown on every task alike.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ENV_IDS, makeEnv } from '../../lib/envs/make.ts';
import type { Action, Env, EnvState } from '../../lib/envs/types.ts';

/** An action that is valid everywhere. */
function idle({ actSpace }: Env): Action {
  return actSpace.type === 'discrete' ? 0 : new Float64Array(actSpace.size);
}

/** An action that differs from step to step and goes beyond the bounds. */
function lively({ actSpace }: Env, t: number): Action {
  if (actSpace.type === 'discrete') return t % actSpace.n;
  return actSpace.high.map((bound, i) => 1.3 * bound * Math.sin(t + 2 * i));
}

function finish(env: Env): { terminated: boolean; truncated: boolean; steps: number } {
  for (let steps = 1; ; steps++) {
    const { terminated, truncated } = env.step(idle(env));
    if (terminated || truncated) return { terminated, truncated, steps };
  }
}

const neverEnds = /HalfCheetah|Reacher|Pendulum-v1/;
const task = (id: string) => id.slice(0, id.indexOf('-'));

function replaced(vector: readonly number[] = [], at: number, value: number): number[] {
  return vector.map((old, i) => (i === at ? value : old));
}

/** Starts an episode that ends soon by the task's rule, also if nothing is done. */
function resetNearEnd(env: Env): void {
  env.reset({ seed: 0 });
  const state = env.getState();
  const { qpos, qvel } = state.vectors;
  const near: Record<string, EnvState['vectors']> = {
    MountainCar: { state: [0.45, 0.05] },
    Acrobot: { state: [2, 0, 4, 0] },
    // Just below the greatest height, and rising.
    Ant: { qpos: replaced(qpos, 2, 0.99), qvel: replaced(qvel, 2, 3) },
  };
  const vectors = near[task(env.id)];
  if (vectors) env.setState({ ...state, vectors });
}

for (const id of ENV_IDS) {
  test(`${id}: step and getState before the first reset are errors`, async () => {
    const env = await makeEnv(id);
    assert.throws(() => env.step(idle(env)), /Cannot step .* before its first reset/);
    assert.throws(() => env.getState(), /before its first reset/);
    env.close();
  });

  test(`${id}: step after the end is an error until the next reset`, async () => {
    const env = await makeEnv(id, { maxSteps: 3 });
    env.reset({ seed: 0 });
    finish(env);
    assert.throws(() => env.step(idle(env)), /after the end of an episode \(step 3\): call reset first/);
    env.reset();
    env.step(idle(env));
    env.close();
  });

  test(`${id}: everything after close is an error, close itself is not`, async () => {
    const env = await makeEnv(id);
    env.reset({ seed: 0 });
    const state = env.getState();
    env.close();
    env.close();
    assert.throws(() => env.step(idle(env)), /after close/);
    assert.throws(() => env.reset(), /after close/);
    assert.throws(() => env.getState(), /after close/);
    assert.throws(() => env.setState(state), /after close/);
  });

  test(`${id}: the time limit truncates and does not terminate`, async () => {
    const env = await makeEnv(id, { maxSteps: 5 });
    assert.equal(env.maxSteps, 5);
    env.reset({ seed: 0 });
    assert.deepEqual(finish(env), { terminated: false, truncated: true, steps: 5 });
    env.close();
  });

  if (!neverEnds.test(id)) {
    test(`${id}: an end by the task's rule terminates and does not truncate`, async () => {
      const env = await makeEnv(id, { maxSteps: 100_000 });
      resetNearEnd(env);
      const { terminated, truncated, steps } = finish(env);
      assert.deepEqual([terminated, truncated], [true, false]);
      assert.ok(steps < 300);
      env.close();
    });

    test(`${id}: an end at the very limit is both`, async () => {
      const free = await makeEnv(id);
      resetNearEnd(free);
      const { steps } = finish(free);
      const limited = await makeEnv(id, { maxSteps: steps });
      resetNearEnd(limited);
      assert.deepEqual(finish(limited), { terminated: true, truncated: true, steps });
      free.close();
      limited.close();
    });
  }

  test(`${id}: a seed fixes the whole sequence of start states, other seeds give others`, async () => {
    const starts = async (seed: number) => {
      const env = await makeEnv(id);
      const first = env.reset({ seed }).obs;
      const rest = [1, 2, 3].map(() => env.reset().obs);
      const again = env.reset({ seed }).obs;
      assert.deepEqual(again, first, 'reset({ seed }) starts the stream anew');
      assert.notDeepEqual(rest[0], first);
      env.close();
      return [first, ...rest];
    };
    assert.deepEqual(await starts(7), await starts(7));
    assert.notDeepEqual(await starts(7), await starts(8));
  });

  test(`${id}: a first reset without a seed is that of seed 0`, async () => {
    const env = await makeEnv(id);
    const { obs } = env.reset();
    assert.deepEqual(obs, env.reset({ seed: 0 }).obs);
    env.close();
  });

  test(`${id}: steps between resets leave no trace in the next start state`, async () => {
    const env = await makeEnv(id);
    env.reset({ seed: 3 });
    env.reset();
    const second = env.getState();
    env.reset({ seed: 3 });
    env.step(idle(env));
    env.reset();
    assert.deepEqual(env.getState(), second);
    env.close();
  });

  for (const seed of [-1, 0.5, Number.NaN, 2 ** 60]) {
    test(`${id}: the seed ${seed} is refused`, async () => {
      const env = await makeEnv(id);
      assert.throws(() => env.reset({ seed }), RangeError);
      env.close();
    });
  }

  test(`${id}: every step gives a fresh observation`, async () => {
    const env = await makeEnv(id);
    const { obs } = env.reset({ seed: 0 });
    const kept = Float64Array.from(obs);
    const first = env.step(idle(env)).obs;
    const second = env.step(idle(env)).obs;
    assert.deepEqual(obs, kept);
    assert.notEqual(first, second);
    assert.equal(first.length, env.obsSpace.size);
    env.close();
  });

  test(`${id}: an observation goes where the caller wants it`, async () => {
    const env = await makeEnv(id);
    const other = await makeEnv(id);
    const out = new Float64Array(env.obsSpace.size);
    assert.equal(env.reset({ seed: 5, out }).obs, out);
    assert.deepEqual(out, other.reset({ seed: 5 }).obs);
    assert.equal(env.step(idle(env), out).obs, out);
    assert.deepEqual(out, other.step(idle(other)).obs);
    assert.throws(() => env.step(idle(env), new Float64Array(1)), /into 1 numbers: expected/);
    env.close();
    other.close();
  });

  test(`${id}: the state just set is observed, and stepping from it repeats the run bit for bit`, async () => {
    const env = await makeEnv(id);
    const other = await makeEnv(id);
    const last = env.reset({ seed: 11 });
    let { obs } = last;
    for (let t = 0; t < 60; t++) {
      const state = JSON.parse(JSON.stringify(env.getState())) as EnvState;
      assert.equal(state.elapsed, t);
      const action = lively(env, t);
      const result = env.step(action);
      assert.deepEqual(other.setState(state), obs);
      assert.deepEqual(other.getState(), state);
      assert.deepEqual(other.step(action), result);
      assert.deepEqual(other.getState(), env.getState());
      if (result.terminated || result.truncated) break;
      obs = result.obs;
    }
    env.close();
    other.close();
  });

  test(`${id}: a state at the end of an episode cannot be stepped, wherever it is set`, async () => {
    const env = await makeEnv(id);
    resetNearEnd(env);
    finish(env);
    const ended = env.getState();
    env.reset();
    env.setState(ended);
    assert.throws(() => env.step(idle(env)), /after the end/);
    env.reset();
    env.setState({ ...env.getState(), elapsed: env.maxSteps });
    assert.throws(() => env.step(idle(env)), /after the end/);
    env.close();
  });

  test(`${id}: setState counts the time limit from the state's own step`, async () => {
    const env = await makeEnv(id, { maxSteps: 10 });
    env.reset({ seed: 0 });
    env.setState({ ...env.getState(), elapsed: 8 });
    assert.equal(env.step(idle(env)).truncated, false);
    assert.equal(env.step(idle(env)).truncated, true);
    env.close();
  });

  test(`${id}: setState starts an environment that was never reset`, async () => {
    const env = await makeEnv(id);
    env.reset({ seed: 0 });
    const state = env.getState();
    const fresh = await makeEnv(id);
    fresh.setState(state);
    assert.deepEqual(fresh.step(idle(fresh)), env.step(idle(env)));
    env.close();
    fresh.close();
  });

  test(`${id}: a malformed state is refused and changes nothing`, async () => {
    const env = await makeEnv(id);
    env.reset({ seed: 0 });
    const state = env.getState();
    const [name, vector] = Object.entries(state.vectors)[0]!;
    const withVector = (value: readonly number[]) => ({
      ...state,
      vectors: { ...state.vectors, [name]: value },
    });
    const { [name]: _, ...others } = state.vectors;
    assert.throws(() => env.setState({ ...state, env: 'Swimmer-v5' }), /to one of Swimmer-v5/);
    assert.throws(() => env.setState({ ...state, elapsed: -1 }), /at step -1/);
    assert.throws(() => env.setState({ ...state, elapsed: 0.5 }), /at step 0\.5/);
    assert.throws(() => env.setState({ ...state, vectors: others }), new RegExp(`vector ${name} is missing`));
    assert.throws(
      () => env.setState(withVector([...vector, 0])),
      new RegExp(`${name} has ${vector.length + 1}`),
    );
    assert.throws(() => env.setState(withVector(vector.map(() => Number.NaN))), /is NaN, expected a finite/);
    assert.throws(
      () => env.setState({ ...state, vectors: { ...state.vectors, mood: [1] } }),
      /unknown vector mood, expected/,
    );
    assert.deepEqual(env.getState(), state);
    env.close();
  });
}

const refused: Record<string, readonly [unknown, RegExp][]> = {
  'CartPole-v1': [
    [2, /action 2: expected an integer from 0 to 1/],
    [-1, /action -1/],
    [0.5, /action 0\.5/],
    [Number.NaN, /action NaN/],
    [[0], /action \[0\]/],
    [undefined, /action/],
  ],
  'Hopper-v5': [
    [[0, 0], /2 numbers: its action has 3 numbers/],
    [[0, 0, 0, 0], /4 numbers/],
    [1, /the number 1: its action has 3/],
    [[0, Number.NaN, 0], /action\[1\] = NaN: expected a finite number/],
    [[0, 0, Number.POSITIVE_INFINITY], /action\[2\] = Infinity/],
    [undefined, /undefined numbers/],
  ],
};

for (const [id, cases] of Object.entries(refused)) {
  test(`${id}: a malformed action is refused, named, and not played`, async () => {
    const env = await makeEnv(id);
    env.reset({ seed: 0 });
    const state = env.getState();
    for (const [action, message] of cases) assert.throws(() => env.step(action as Action), message);
    assert.deepEqual(env.getState(), state);
    env.close();
  });
}
