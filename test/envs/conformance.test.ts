// Step by step against recordings of Gymnasium 1.4.0 with MuJoCo 3.14.0 (made by make_fixtures.py).
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { after, test } from 'node:test';
import { HOPPER } from '../../lib/envs/hopper.ts';
import { makeEnv } from '../../lib/envs/make.ts';
import { createSimulation } from '../../lib/envs/mujoco.ts';
import { type MujocoTask, mujocoDynamics } from '../../lib/envs/mujoco-task.ts';
import type { Action, EnvState, StepResult } from '../../lib/envs/types.ts';

const TOLERANCE = 1e-9;

interface Episode {
  readonly kind: string;
  readonly steps: {
    readonly action: readonly Action[];
    readonly obs: readonly number[][];
    readonly reward: readonly number[];
    readonly terminated: readonly boolean[];
    readonly truncated: readonly boolean[];
    readonly info: readonly Readonly<Record<string, number>>[];
  };
}

interface Recording {
  readonly task: string;
  readonly versions: Readonly<Record<string, string>>;
  readonly episodes: readonly Episode[];
}

interface ModelRecording {
  readonly versions: Readonly<Record<string, string>>;
  readonly model: Readonly<Record<string, readonly number[]>>;
  readonly option: Readonly<Record<string, readonly number[]>>;
}

type Worst = Record<string, number>;
const table: Record<string, Worst & { steps: number }> = {};

function fixture<T>(name: string): T {
  return JSON.parse(readFileSync(new URL(`fixtures/${name}.json`, import.meta.url), 'utf8')) as T;
}

/** The columns `state_*` of step `t`. */
function vectorsAt({ steps }: Episode, t: number): EnvState['vectors'] {
  const columns = Object.entries(steps).filter(([name]) => name.startsWith('state_'));
  return Object.fromEntries(
    columns.map(([name, rows]) => [name.slice('state_'.length), rows[t] as number[]]),
  );
}

function note(worst: Worst, name: string, got: ArrayLike<number>, expected: ArrayLike<number>): void {
  assert.equal(got.length, expected.length, `length of ${name}`);
  for (let i = 0; i < got.length; i++) {
    const difference = Math.abs(got[i]! - expected[i]!);
    worst[name] = Math.max(worst[name] ?? 0, Number.isNaN(difference) ? Infinity : difference);
  }
}

/** One step from the recorded state under the recorded action, compared with everything that was recorded. */
function compareStep(
  worst: Worst,
  {
    episode,
    t,
    result,
    state,
  }: { episode: Episode; t: number; result: StepResult; state: EnvState['vectors'] },
): void {
  const { steps } = episode;
  note(worst, 'obs', result.obs, steps.obs[t]!);
  note(worst, 'reward', [result.reward], [steps.reward[t]!]);
  for (const [name, value] of Object.entries(steps.info[t]!))
    note(worst, name, [result.info[name] ?? NaN], [value]);
  if (t + 1 < steps.reward.length) {
    const next = vectorsAt(episode, t + 1);
    for (const [name, vector] of Object.entries(next)) note(worst, `next ${name}`, state[name]!, vector);
  }
}

function assertClose(worst: Worst): void {
  for (const [name, difference] of Object.entries(worst)) {
    assert.ok(difference <= TOLERANCE, `${name} differs by ${difference}, more than ${TOLERANCE}`);
  }
}

after(() => {
  for (const [task, worst] of Object.entries(table)) {
    console.log(`\nlargest difference from Gymnasium, ${task}`);
    for (const [name, value] of Object.entries(worst))
      console.log(`  ${name.padEnd(24)} ${name === 'steps' ? value : value.toExponential(1)}`);
  }
});

for (const name of ['hopper-v5', 'cartpole-v1', 'cartpole-v0']) {
  const recording = fixture<Recording>(name);
  const episodes = recording.episodes.filter(({ kind }) => !kind.includes('going on after the end'));

  test(`${recording.task} equals Gymnasium's step from the same state to ${TOLERANCE}`, async () => {
    const env = await makeEnv(recording.task);
    const worst: Worst & { steps: number } = { steps: 0 };
    for (const episode of episodes) {
      const { action, terminated, truncated } = episode.steps;
      for (let t = 0; t < action.length; t++) {
        env.setState({ env: env.id, vectors: vectorsAt(episode, t), elapsed: t });
        const result = env.step(action[t]!);
        compareStep(worst, { episode, t, result, state: env.getState().vectors });
        assert.equal(result.terminated, terminated[t], `terminated, ${episode.kind}, step ${t}`);
        assert.equal(result.truncated, truncated[t], `truncated, ${episode.kind}, step ${t}`);
        worst.steps++;
      }
    }
    env.close();
    table[recording.task] = worst;
    assertClose({ ...worst, steps: 0 });
  });

  test(`the recordings of ${recording.task} reach the end of an episode`, () => {
    const ends = episodes.filter(({ steps }) => steps.terminated.at(-1) || steps.truncated.at(-1));
    assert.ok(ends.length === episodes.length, `${ends.length} of ${episodes.length} episodes end`);
    assert.ok(episodes.some(({ steps }) => steps.terminated.at(-1)));
  });
}

test("Hopper's recordings hold clamped actions, clipped velocities and every joint at a limit", () => {
  const { episodes } = fixture<Recording>('hopper-v5');
  const range = fixture<ModelRecording>('hopper-v5-model').model.jnt_range!;
  const rows = episodes.flatMap((episode) => episode.steps.obs.map((obs, t) => ({ obs, ...at(episode, t) })));
  assert.ok(rows.some(({ action }) => action.some((value) => Math.abs(value) > 1)));
  assert.ok(rows.some(({ obs }) => obs.slice(5).includes(10)));
  assert.ok(rows.some(({ obs }) => obs.slice(5).includes(-10)));
  for (const joint of [3, 4, 5]) {
    const beyond = rows.filter(
      ({ obs }) => obs[joint - 1]! <= range[2 * joint]! || obs[joint - 1]! >= range[2 * joint + 1]!,
    );
    assert.ok(beyond.length >= 5, `joint ${joint} is at a limit in ${beyond.length} steps`);
  }
  function at({ steps }: Episode, t: number) {
    return { action: Array.from(steps.action[t] as ArrayLike<number>) };
  }
});

test("CartPole's recordings hold a truncation at each version's limit", () => {
  for (const [name, limit] of [
    ['cartpole-v0', 200],
    ['cartpole-v1', 500],
  ] as const) {
    const longest = fixture<Recording>(name).episodes.find(({ steps }) => steps.truncated.at(-1));
    assert.equal(longest?.steps.reward.length, limit);
  }
});

for (const [name, task] of [['hopper-v5', HOPPER]] as const) checkMujocoTask(name, task);

function checkMujocoTask(name: string, task: MujocoTask): void {
  test(`${task.id} equals Gymnasium's step also after a fall, at joint limits and in self-contact`, async () => {
    const fallen = fixture<Recording>(name).episodes.filter(({ kind }) =>
      kind.includes('going on after the end'),
    );
    assert.ok(fallen.length > 0);
    const dynamics = mujocoDynamics(task, await createSimulation(task.mjcf));
    const worst: Worst & { steps: number } = { steps: 0 };
    for (const episode of fallen) {
      for (let t = 0; t < episode.steps.action.length; t++) {
        dynamics.load(vectorsAt(episode, t), t);
        const { reward, info } = dynamics.move(episode.steps.action[t]!);
        const result = { obs: dynamics.observe(), reward, info, terminated: false, truncated: false };
        compareStep(worst, { episode, t, result, state: dynamics.save() });
        worst.steps++;
      }
    }
    dynamics.close();
    table[`${task.id} after the end`] = worst;
    assertClose({ ...worst, steps: 0 });
  });

  test(`the compiled model of ${task.id} equals Gymnasium's in every readable number`, async () => {
    const recorded = fixture<ModelRecording>(`${name}-model`);
    const sim = await createSimulation(task.mjcf);
    const worst: Worst & { steps: number } = { steps: 0 };
    for (const [field, expected] of Object.entries(recorded.model))
      note(worst, field, sim.modelField(field), expected);
    for (const [field, expected] of Object.entries(recorded.option))
      note(worst, `opt.${field}`, sim.optionField(field), expected);
    sim.close();
    const different = Object.entries(worst).filter(([, difference]) => difference > 0);
    table[`${task.id} model, fields that differ`] = { ...Object.fromEntries(different), steps: 0 };
    assertClose(worst);
  });
}

test('the MuJoCo package is the version that the recordings were made with', () => {
  const { dependencies } = JSON.parse(
    readFileSync(new URL('../../package.json', import.meta.url), 'utf8'),
  ) as { dependencies: Record<string, string> };
  assert.equal(dependencies['@mujoco/mujoco'], fixture<Recording>('hopper-v5').versions.mujoco);
});
