// Step by step against recordings of Gymnasium 1.4.0 with MuJoCo 3.14.0 (made by make_fixtures.py).
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { after, test } from 'node:test';
import { ENV_IDS, MUJOCO_TASKS, makeEnv } from '../../lib/envs/make.ts';
import { createSimulation } from '../../lib/envs/mujoco.ts';
import { mujocoDynamics } from '../../lib/envs/mujoco-task.ts';
import type { Action, Env, EnvState, StepResult } from '../../lib/envs/types.ts';
import { fixture } from './fixture.ts';

const TOLERANCE = 1e-9;

interface Episode {
  readonly kind: string;
  /** Steps of the episode before the first recorded one. */
  readonly from: number;
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
  /** Which recorded model it was made with (MuJoCo tasks). */
  readonly model?: string;
  readonly episodes: readonly Episode[];
}

interface ModelRecording {
  readonly model: Readonly<Record<string, readonly number[]>>;
  readonly option: Readonly<Record<string, readonly number[]>>;
}

/** Largest differences seen, by name. */
type Worst = Record<string, number>;

const ids = ENV_IDS;
const table = new Map<string, Record<string, string>>();

const recordingOf = (id: string): Recording => fixture<Recording>(id.toLowerCase());
const isFall = ({ kind }: Episode): boolean => kind.endsWith('going on after the end');

/** The columns `state_*` of step `t`. */
function vectorsAt({ steps }: Episode, t: number): EnvState['vectors'] {
  const columns = Object.entries(steps).filter(([name]) => name.startsWith('state_'));
  return Object.fromEntries(
    columns.map(([name, rows]) => [name.slice('state_'.length), rows[t] as number[]]),
  );
}

function largestDifference(got: ArrayLike<number>, expected: ArrayLike<number>, what: string): number {
  assert.equal(got.length, expected.length, `length of ${what}`);
  let largest = 0;
  for (let i = 0; i < got.length; i++) {
    const difference = Math.abs(got[i]! - expected[i]!);
    largest = Math.max(largest, Number.isNaN(difference) ? Infinity : difference);
  }
  return largest;
}

function note(worst: Worst, name: string, got: ArrayLike<number>, expected: ArrayLike<number>): void {
  worst[name] = Math.max(worst[name] ?? 0, largestDifference(got, expected, name));
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
    note(worst, `info.${name}`, [result.info[name] ?? NaN], [value]);
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

function largestOf(worst: Worst, prefix: string): string {
  const values = Object.entries(worst).filter(([name]) => name.startsWith(prefix));
  return values.length === 0 ? '-' : Math.max(...values.map(([, value]) => value)).toExponential(0);
}

after(() => {
  const rows = ids.map((id) => ({ task: id, ...table.get(id) }));
  const columns = [...new Set(rows.flatMap((row) => Object.keys(row)))];
  const cell = (row: Record<string, string>, name: string) => row[name] ?? '-';
  const widths = columns.map((name) => Math.max(name.length, ...rows.map((row) => cell(row, name).length)));
  const line = (cells: readonly string[]) =>
    `| ${cells.map((text, i) => (i ? text.padStart(widths[i]!) : text.padEnd(widths[i]!))).join(' | ')} |`;
  console.log(`\nLargest difference from Gymnasium per step from the same state (tolerance ${TOLERANCE});
"run free k": difference of the observation after k steps without putting the state back, for information`);
  console.log(line(columns));
  console.log(line(widths.map((width) => '-'.repeat(width))));
  for (const row of rows) console.log(line(columns.map((name) => cell(row, name))));
});

for (const id of ids) {
  test(`${id} equals Gymnasium's step from the same state to ${TOLERANCE}`, async () => {
    const { episodes } = recordingOf(id);
    const env = await makeEnv(id);
    const worst: Worst = {};
    let steps = 0;
    for (const episode of episodes.filter((candidate) => !isFall(candidate))) {
      const { action, terminated, truncated } = episode.steps;
      for (let t = 0; t < action.length; t++) {
        env.setState({ env: env.id, vectors: vectorsAt(episode, t), elapsed: episode.from + t });
        const result = env.step(action[t]!);
        compareStep(worst, { episode, t, result, state: env.getState().vectors });
        assert.equal(result.terminated, terminated[t], `terminated, ${episode.kind}, step ${t}`);
        assert.equal(result.truncated, truncated[t], `truncated, ${episode.kind}, step ${t}`);
        steps++;
      }
    }
    const free = runFree(env, episodes);
    env.close();
    const falls = id in MUJOCO_TASKS ? await compareFalls(id, episodes.filter(isFall), worst) : 0;
    table.set(id, {
      episodes: String(episodes.length),
      steps: String(steps + falls),
      obs: largestOf(worst, 'obs'),
      reward: largestOf(worst, 'reward'),
      'terms, info': largestOf(worst, 'info.'),
      'next state': largestOf(worst, 'next '),
      ...free,
    });
    assertClose(worst);
  });

  test(`the recordings of ${id} hold at least 5 episodes, its ends and its time limit`, async () => {
    const { episodes } = recordingOf(id);
    const env = await makeEnv(id);
    const { maxSteps, actSpace } = env;
    env.close();
    const ended = episodes.filter((episode) => !isFall(episode));
    assert.ok(ended.length >= 5);
    const cut = ended.filter(({ steps }) => steps.truncated.at(-1));
    assert.ok(cut.length > 0, 'one is truncated');
    for (const { from, steps } of cut) assert.equal(from + steps.reward.length, maxSteps);
    if (!/HalfCheetah|Reacher|Pendulum-v1/.test(id))
      assert.ok(
        ended.some(({ steps }) => steps.terminated.at(-1)),
        'one terminates',
      );
    if (actSpace.type === 'box') {
      const all = ended.flatMap(({ steps }) => steps.action as readonly (readonly number[])[]);
      assert.ok(all.some((action) => action.some((value, i) => value > 1.5 * actSpace.high[i]!)));
      assert.ok(all.some((action) => action.some((value, i) => value < 1.5 * actSpace.low[i]!)));
    }
  });
}

/** Steps recorded after the end of an episode: falls, joint limits, self-contact. Returns how many there are. */
async function compareFalls(id: string, falls: readonly Episode[], worst: Worst): Promise<number> {
  const task = MUJOCO_TASKS[id]!;
  const dynamics = mujocoDynamics(task, await createSimulation(task.mjcf));
  let steps = 0;
  for (const episode of falls) {
    for (let t = 0; t < episode.steps.action.length; t++) {
      dynamics.load(vectorsAt(episode, t), t);
      const { reward, terminated, info } = dynamics.move(episode.steps.action[t]!);
      assert.equal(terminated, episode.steps.terminated[t], `terminated, ${episode.kind}, step ${t}`);
      const obs = new Float64Array(task.obsSize);
      dynamics.observe(obs);
      const result = { obs, reward, info, terminated, truncated: false };
      compareStep(worst, { episode, t, result, state: dynamics.save() });
      steps++;
    }
  }
  dynamics.close();
  return steps;
}

/** How far the longest episode drifts when only its actions are replayed: chaos makes this grow, not an error. */
function runFree(env: Env, episodes: readonly Episode[]): Record<string, string> {
  const ended = episodes.filter((episode) => !isFall(episode) && episode.from === 0);
  const longest = ended.reduce((a, b) => (b.steps.reward.length > a.steps.reward.length ? b : a));
  env.setState({ env: env.id, vectors: vectorsAt(longest, 0), elapsed: 0 });
  const drift: Record<string, string> = {};
  for (const [t, action] of longest.steps.action.entries()) {
    const { obs, terminated, truncated } = env.step(action);
    if ([10, 50, 100, 200].includes(t + 1))
      drift[`run free ${t + 1}`] = largestDifference(obs, longest.steps.obs[t]!, 'obs').toExponential(0);
    if (terminated || truncated) break;
  }
  return drift;
}

for (const id of Object.keys(MUJOCO_TASKS)) {
  test(`the compiled model of ${id} equals Gymnasium's in every readable number`, async () => {
    const { model, option } = fixture<ModelRecording>(recordingOf(id).model!);
    const sim = await createSimulation(MUJOCO_TASKS[id]!.mjcf);
    const worst: Worst = {};
    for (const [field, expected] of Object.entries(model))
      note(worst, field, sim.modelField(field), expected);
    for (const [field, expected] of Object.entries(option))
      note(worst, `opt.${field}`, sim.optionField(field), expected);
    sim.close();
    table.set(id, { ...table.get(id), model: largestOf(worst, '') });
    assertClose(worst);
  });
}

for (const id of ['Hopper-v5', 'Walker2d-v5']) {
  test(`the recordings of ${id} hold clipped velocities and every joint at a limit`, () => {
    const { episodes, model } = recordingOf(id);
    const range = fixture<ModelRecording>(model!).model.jnt_range!;
    const rows = episodes.flatMap(({ steps }) => steps.obs);
    const joints = range.length / 2;
    assert.ok(rows.some((obs) => obs.slice(joints - 1).includes(10)));
    assert.ok(rows.some((obs) => obs.slice(joints - 1).includes(-10)));
    for (let joint = 3; joint < joints; joint++) {
      const beyond = rows.filter(
        (obs) => obs[joint - 1]! <= range[2 * joint]! || obs[joint - 1]! >= range[2 * joint + 1]!,
      );
      assert.ok(beyond.length >= 5, `joint ${joint} is at a limit in ${beyond.length} steps`);
    }
  });
}

test('the MuJoCo package is the version that the recordings were made with', () => {
  const { dependencies } = JSON.parse(
    readFileSync(new URL('../../package.json', import.meta.url), 'utf8'),
  ) as { dependencies: Record<string, string> };
  for (const id of ids) assert.equal(recordingOf(id).versions.mujoco, dependencies['@mujoco/mujoco']);
});
