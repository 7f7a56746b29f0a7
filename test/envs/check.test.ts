// The checker finds nothing in any task and names each fault of a deliberately broken one.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { checkEnv } from '../../lib/envs/check.ts';
import { absorbingState, fixedHorizon } from '../../lib/envs/horizon.ts';
import { ENV_IDS, makeEnv } from '../../lib/envs/make.ts';
import type { Env, EnvState, StepResult } from '../../lib/envs/types.ts';
import { clipAction, delegate, episodeStatistics, scaleAction } from '../../lib/envs/wrappers.ts';
import { makePointMass } from './point-mass-example.ts';

for (const id of ENV_IDS) {
  test(`${id} has no problem`, async () => {
    assert.deepEqual(checkEnv(await makeEnv(id), { steps: 60 }), []);
  });
}

test("the example of a task of one's own has no problem, and less than 60 lines", () => {
  assert.deepEqual(checkEnv(makePointMass()), []);
  const source = readFileSync(new URL('point-mass-example.ts', import.meta.url), 'utf8');
  assert.ok(source.trimEnd().split('\n').length < 60);
});

test('wrapped environments have no problem', () => {
  for (const wrap of [episodeStatistics, clipAction, scaleAction, fixedHorizon, absorbingState])
    assert.deepEqual(checkEnv(wrap(makePointMass({ maxSteps: 30 }))), [], wrap.name);
});

type Change = (env: Env) => Partial<Env>;

/** Changes what a step returns, given what it returned. */
const result =
  (change: (step: StepResult) => object): Change =>
  (env) => ({
    step: (action) => {
      const step = env.step(action);
      return { ...step, ...change(step) } as StepResult;
    },
  });

/** Changes a saved state. */
const saved =
  (change: (state: EnvState) => object): Change =>
  (env) => ({ getState: () => ({ ...env.getState(), ...change(env.getState()) }) });

const shared = new Float64Array(4);
let drift = 0;

const box = (size: number, low: number, high: number, bounds = size) => ({
  type: 'box' as const,
  size,
  low: new Float64Array(bounds).fill(low),
  high: new Float64Array(bounds).fill(high),
});

/** Lets calls through that should have thrown. */
function forgiving(env: Env, run: () => StepResult): StepResult {
  try {
    return run();
  } catch {
    return {
      obs: new Float64Array(env.obsSpace.size),
      reward: 0,
      terminated: false,
      truncated: false,
      info: {},
    };
  }
}

const faults: readonly (readonly [message: string, change: Change])[] = [
  ['id is empty: give it a name', () => ({ id: '' })],
  ['maxSteps is 0: expected a positive integer', () => ({ maxSteps: 0 })],
  [
    'obsSpace is not a box: observations are vectors',
    () => ({ obsSpace: { type: 'discrete', n: 3 } as never }),
  ],
  ['actSpace is neither a box nor discrete', () => ({ actSpace: { type: 'text' } as never })],
  ['actSpace.n is 0: expected a positive integer', () => ({ actSpace: { type: 'discrete', n: 0 } })],
  ['obsSpace.size is 2.5: expected a positive integer', () => ({ obsSpace: box(2.5, 0, 1, 3) })],
  ['actSpace has 3 lower and 3 upper bounds: expected 2', () => ({ actSpace: box(2, -1, 1, 3) })],
  ['actSpace has a lower bound above the upper one', () => ({ actSpace: box(2, 1, -1) })],
  [
    'step before the first reset should throw',
    (env) => ({ step: (action) => forgiving(env, () => env.step(action)) }),
  ],
  [
    'reset should refuse a seed that is not an integer from 0',
    (env) => ({ reset: ({ seed = 0 } = {}) => env.reset({ seed: Math.abs(Math.round(seed)) }) }),
  ],
  [
    'reset gives the same array every time: give a fresh one',
    (env) => ({ reset: (options) => ({ ...env.reset({ ...options, out: shared }), obs: shared }) }),
  ],
  [
    'reset with the same seed gives another observation',
    (env) => ({
      reset: ({ seed } = {}) => (seed === 0 ? env.reset() : env.reset(seed === undefined ? {} : { seed })),
    }),
  ],
  [
    'a reset that follows a seeded one is not determined by that seed',
    (env) => ({ reset: ({ seed } = {}) => env.reset({ seed: seed ?? ++drift }) }),
  ],
  [
    'the observation of reset is not a Float64Array',
    (env) => ({ reset: (options) => ({ ...env.reset(options), obs: [0, 0, 0, 0] as never }) }),
  ],
  ['the observation of step has 5 numbers: expected 4', result(() => ({ obs: new Float64Array(5) }))],
  [
    'the observation of step holds a number that is not finite',
    result(() => ({ obs: new Float64Array(4).fill(Number.NaN) })),
  ],
  ['the observation of step lies outside obsSpace', () => ({ obsSpace: box(4, -1e-9, 1e-9) })],
  [
    'the info of reset is not a record',
    (env) => ({ reset: (options) => ({ obs: env.reset(options).obs, info: null as never }) }),
  ],
  ['the info of step holds something else than numbers', result(() => ({ info: { mood: 'good' } }))],
  ['reward is NaN: expected a finite number', result(() => ({ reward: Number.NaN }))],
  ['terminated is 0: expected true or false', result(() => ({ terminated: 0 }))],
  ['the terms reward_* in info do not sum to the reward', result(({ reward }) => ({ reward: reward + 1 }))],
  [
    'the same seed and actions give other steps: draw chance from the seeded stream only',
    result(({ reward }) => ({ reward: reward + ++drift, info: {} })),
  ],
  [
    'step changes the action that it is given',
    (env) => ({
      step: (action) => {
        const step = env.step(action);
        if (typeof action !== 'number') (action as Float64Array)[0] = 7;
        return step;
      },
    }),
  ],
  [
    'step gives the same array every time: give a fresh one',
    (env) => ({ step: (action) => env.step(action, shared) }),
  ],
  [
    'step writes into an observation that it gave away before',
    (env) => {
      let given: Float64Array | undefined;
      return {
        step: (action) => {
          given?.fill(3);
          const step = env.step(action);
          given = step.obs;
          return step;
        },
      };
    },
  ],
  ['an episode was truncated after 30 steps: maxSteps is 50', () => ({ maxSteps: 50 })],
  ['an episode goes on after maxSteps = 20 steps', () => ({ maxSteps: 20 })],
  [
    'step number maxSteps should be truncated',
    (env) => ({ setState: (state) => env.setState({ ...state, elapsed: 1 }) }),
  ],
  [
    'step after the end of an episode should throw',
    (env) => ({ step: (action) => forgiving(env, () => env.step(action)) }),
  ],
  [
    'step should refuse an action of 2 numbers like NaN',
    (env) => ({
      step: (action) => env.step(Array.from(action as Float64Array, (x) => (Number.isNaN(x) ? 0 : x))),
    }),
  ],
  [
    'step should refuse an action of 3 numbers like 0',
    (env) => ({ step: (action) => env.step(Array.from(action as Float64Array).slice(0, 2)) }),
  ],
  ['the state says that it belongs to Other-v0: expected PointMass-v0', saved(() => ({ env: 'Other-v0' }))],
  ['elapsed is 7 in the state after 1 step', saved(() => ({ elapsed: 7 }))],
  [
    'the state changes when it is stored as JSON: use plain finite numbers',
    saved(({ vectors }) => ({ vectors: { ...vectors, place: Float64Array.from(vectors.place!) } })),
  ],
  [
    'setState gives another observation than the state had',
    (env) => ({ setState: (state) => env.setState(state).map((value) => value + 1) }),
  ],
  [
    'the same action from the same state gives another step: something is missing from the state',
    result(({ reward }) => ({ reward: reward + ++drift, info: {} })),
  ],
  [
    "setState should refuse another task's state",
    (env) => ({ setState: (state) => env.setState({ ...state, env: 'PointMass-v0' }) }),
  ],
  ['step after close should throw', () => ({ close: () => {} })],
  [
    'a second close should do nothing',
    (env) => {
      let closed = false;
      return {
        close: () => {
          if (closed) throw new Error('closed already');
          closed = true;
          env.close();
        },
      };
    },
  ],
  [
    'it threw where it should not: the door is jammed',
    () => ({
      getState: () => {
        throw new Error('the door is jammed');
      },
    }),
  ],
];

for (const [message, change] of faults) {
  test(`a broken environment is told: ${message}`, () => {
    const env = makePointMass({ maxSteps: 30 });
    const problems = checkEnv({ ...delegate(env), ...change(env) });
    assert.ok(problems.includes(message), `found: ${problems.join(' | ') || 'nothing'}`);
  });
}

test('discrete actions outside the set must be refused', async () => {
  const env = await makeEnv('CartPole-v1');
  const broken = { ...delegate(env), step: (action: unknown) => env.step(action === 1 ? 1 : 0) };
  const problems = checkEnv(broken as Env);
  for (const action of ['-1', '2', '0.5', 'NaN'])
    assert.ok(problems.includes(`step should refuse the action ${action}`));
});
