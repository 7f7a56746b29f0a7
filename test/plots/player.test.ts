import assert from 'node:assert/strict';
import { test } from 'node:test';
import { runInNewContext } from 'node:vm';
import { randomAct, rollEpisode } from '../../lib/agents/rollout.ts';
import { stream } from '../../lib/backend/rng.ts';
import type { Trajectory } from '../../lib/data/types.ts';
import { ENV_IDS, makeEnv } from '../../lib/envs/make.ts';
import { DISPLAY } from '../../lib/plots/figure.ts';
import { play } from '../../lib/plots/player.ts';
import { type Scene, sceneOf } from '../../lib/plots/scene.ts';
import { readoutOf, strokesOf } from '../../lib/plots/strokes.ts';

const FRAME = { left: 0, top: 0, width: 300, height: 190 };

/** A hopper that glides to the right at 2 m/s for `steps` steps, upright, and earns 1, 2, 3, ... */
function gliding(steps: number): Trajectory {
  const obs = [1.25, 0, 0, 0, 0, 2, 0, 0, 0, 0, 0];
  return {
    obs_Tp1D: Float32Array.from(Array.from({ length: steps + 1 }, () => obs).flat()),
    act_TA: new Float32Array(3 * steps),
    reward_T: Float64Array.from({ length: steps }, (_, t) => t + 1),
    terminated: true,
    truncated: false,
  };
}

/** An ant that lies still in states that only its x tells apart. */
function lyingAnt(steps: number): Trajectory {
  const qpos = (x: number) => [x, 0, 0.6, 1, 0, 0, 0, 0, 1, 0, -1, 0, -1, 0, 1];
  return {
    obs_Tp1D: new Float32Array(0),
    act_TA: new Float32Array(0),
    reward_T: new Float64Array(steps).fill(1.2345),
    terminated: false,
    truncated: true,
    state_Tp1: Array.from({ length: steps + 1 }, (_, t) => ({
      env: 'Ant-v5',
      elapsed: t,
      vectors: { qpos: qpos(0.1 * t) },
    })),
  };
}

/** The middles of the parts on the picture, pixels: each part is three strokes, the widest and darkest first. */
function parts(scene: Scene, step: number): { x: number; y: number; width: number }[] {
  const strokes = strokesOf(scene, step, FRAME).filter(({ paint }) => paint !== undefined);
  return strokes.slice(-3 * scene.parts.length).flatMap(({ points, width }, i) => {
    const [x1, y1, x2, y2] = points as [number, number, number, number];
    return i % 3 === 1 ? [{ x: (x1 + x2) / 2, y: (y1 + y2) / 2, width }] : [];
  });
}

const near = (value: number, expected: number, tolerance: number) =>
  assert.ok(Math.abs(value - expected) <= tolerance, `${value}, expected ${expected}`);

test('a scene keeps about 30 moments a second, the last one always, and says how the episode ended', async () => {
  const scene = await sceneOf('Hopper-v5', gliding(125), { label: 'glide' });
  assert.equal(scene.every, 4);
  assert.equal(scene.camera.length, 2 * 33, 'moments 0, 4, ..., 124, 125');
  near(scene.camera.at(-2)!, 2, 1e-6);
  assert.equal(scene.ending, 'fell after 1.0 s, return 7,875');
});

test('reward, return and confidence are those of the steps made so far', async () => {
  const confidence_T = [0.1, 0.2, 0.3, 0.4, 0.5];
  const scene = await sceneOf('Hopper-v5', gliding(5), { label: 'glide', confidence_T });
  assert.deepEqual(readoutOf(scene, 0), { made: 0, total: 0 });
  assert.deepEqual(readoutOf(scene, 2.9), { made: 2, total: 3, reward: 2, confidence: Math.fround(0.2) });
  assert.deepEqual(readoutOf(scene, 99), { made: 5, total: 15, reward: 5, confidence: Math.fround(0.5) });
  const bare = await sceneOf('Hopper-v5', gliding(5), { label: 'glide' });
  assert.deepEqual(readoutOf(bare, 5), { made: 5, total: 15, reward: 5 });
});

test('from the side a metre is as long everywhere, and the camera goes with the robot', async () => {
  const scene = await sceneOf('Hopper-v5', gliding(100), { label: 'glide' });
  for (const step of [0, 13.5, 100]) {
    const [torso, thigh, leg, foot] = parts(scene, step) as [Point, Point, Point, Point];
    // 300 pixels for 3 m; z from -0.15 at the bottom to 1.75 m.
    near(torso.x, 150, 0.1);
    near(torso.y, 100 * (1.75 - 1.25), 0.1);
    near(thigh.y, 100 * (1.75 - (1.05 - 0.225)), 0.1);
    near(leg.y, 100 * (1.75 - 0.35), 0.1);
    near(foot.x - torso.x, 100 * 0.065, 0.1);
    near(torso.width, 10, 1e-9);
  }
});

interface Point {
  readonly x: number;
  readonly y: number;
  readonly width: number;
}

test('between two kept moments the parts are mixed, also before the last, which comes sooner', async () => {
  const scene = await sceneOf('Hopper-v5', gliding(6), { label: 'glide', every: 4 });
  const ticks = (step: number) =>
    strokesOf(scene, step, FRAME)
      .filter(({ points, paint }) => paint === undefined && points[0] === points[2])
      .map(({ points }) => points[0]!)[0]!;
  near(ticks(1), ticks(0) - 100 * 0.016, 1e-3);
  near(ticks(5), ticks(0) - 100 * 5 * 0.016, 1e-3);
  near(ticks(6), ticks(0) - 100 * 6 * 0.016, 1e-3);
});

test('from above, y goes up', async () => {
  const env = await makeEnv('Reacher-v5');
  const trajectory = rollEpisode(env, randomAct(env), { rng: stream(1, 'actions'), seed: 1 });
  env.close();
  const scene = await sceneOf('Reacher-v5', trajectory, { label: 'reach' });
  const target = parts(scene, 0).at(-1)!;
  const scale = FRAME.height / scene.view.height;
  near(target.x, 150 + scale * trajectory.obs_Tp1D[4]!, 0.2);
  near(target.y, 95 - scale * trajectory.obs_Tp1D[5]!, 0.2);
});

test('in space the near parts are drawn last and larger, and a part that is higher is higher', async () => {
  const scene = await sceneOf('Ant-v5', lyingAnt(3), { label: 'ant' });
  const capsules = parts(scene, 0).filter(({ width }) => width < 25);
  assert.equal(capsules.length, 12);
  for (let i = 1; i < 12; i++) assert.ok(capsules[i]!.width >= capsules[i - 1]!.width - 1e-9);
  assert.ok(capsules.at(-1)!.width > 1.1 * capsules[0]!.width);
  // What is near stands lower on the picture of a ground that is seen from above.
  assert.ok(capsules.at(-1)!.y > capsules[0]!.y);
  const above = { ...scene.view, elevation: 88 };
  const shadows = strokesOf(scene, 0, FRAME, { view: above }).filter(({ opacity }) => opacity === 0.15);
  assert.equal(shadows.length, 13);
});

test('every task starts with all of its robot in view', async () => {
  for (const id of ENV_IDS) {
    const env = await makeEnv(id, { maxSteps: 3 });
    const trajectory = rollEpisode(env, randomAct(env), {
      rng: stream(0, 'actions'),
      seed: 0,
      keepStates: true,
    });
    env.close();
    const scene = await sceneOf(id, trajectory, { label: id });
    const frame = { ...FRAME, height: (300 * scene.view.height) / scene.view.width };
    for (const { points } of strokesOf(scene, 0, frame).filter(({ paint }) => paint?.startsWith('rgb(')))
      points.forEach((value, i) => {
        assert.ok(value > 0 && value < (i % 2 === 0 ? frame.width : frame.height), `${id}: ${points}`);
      });
  }
});

test('moments that cannot be kept are refused', async () => {
  for (const every of [0, -5, 0.5, Number.NaN])
    await assert.rejects(
      play([{ label: 'one', trajectory: gliding(10) }], { env: 'Hopper-v5', caption: 'One.', every }),
      new RegExp(`every = ${every}: give a positive integer`),
    );
});

test('the page gets the same drawing and the same numbers, and needs nothing but a page', async () => {
  const trajectory = gliding(100);
  const shown = await play(
    [
      { label: 'a </script> b', trajectory, confidence_T: new Float64Array(100).fill(0.25) },
      { label: 'two', trajectory },
    ],
    { env: 'Hopper-v5', caption: 'Two gliders.' },
  );
  const html = shown[DISPLAY]()['text/html'] as string;
  const scripts = [...html.matchAll(/<script>([\s\S]*?)<\/script>/g)].map(([, code]) => code!);
  assert.equal(scripts.length, 1);
  const [code] = scripts as [string];
  assert.throws(() => runInNewContext(code), /document is not defined/, 'it parses, and needs a page to run');
  assert.doesNotMatch(html, /https?:\/\/(?!www\.w3\.org)/, 'nothing is fetched');
  // The functions as sent, in a world of their own.
  const declarations = code.slice(1, code.indexOf(';((figure,sent)=>'));
  const page = runInNewContext(`${declarations};({ strokesOf, readoutOf })`) as {
    strokesOf: typeof strokesOf;
    readoutOf: typeof readoutOf;
  };
  const [scene] = shown.scenes as [Scene];
  const plain = (value: unknown) => JSON.parse(JSON.stringify(value));
  assert.deepEqual(plain(page.strokesOf(scene, 7.3, FRAME)), plain(strokesOf(scene, 7.3, FRAME)));
  assert.deepEqual(plain(page.readoutOf(scene, 7.3)), plain(readoutOf(scene, 7.3)));
  const sent = JSON.parse(code.slice(code.lastIndexOf('previousElementSibling,') + 23, -2));
  assert.deepEqual(
    sent.map(({ label }: { label: string }) => label),
    ['a </script> b', 'two'],
  );
  assert.deepEqual(new Int16Array(Uint8Array.from(Buffer.from(sent[0].ends, 'base64')).buffer), scene.ends);
});

test('500 steps of Ant take less than 400 kB of a notebook, all formats together', async () => {
  const shown = await play([{ label: 'ant', trajectory: lyingAnt(500) }], {
    env: 'Ant-v5',
    caption: 'An ant.',
  });
  const size = JSON.stringify(shown[DISPLAY]()).length;
  assert.ok(size > 100_000 && size < 400_000, `${size} bytes`);
});

test('what cannot be played is refused', async () => {
  const options = { env: 'Hopper-v5', caption: '' };
  await assert.rejects(play([], options), /Cannot play 0 episodes/);
  await assert.rejects(
    play([{ label: 'x', trajectory: gliding(4), confidence_T: [0.5] }], options),
    /Cannot show 1 confidences beside the 4 steps of "x"/,
  );
  await assert.rejects(
    play([{ label: 'x', trajectory: gliding(1) }], { ...options, env: 'Chess-v0' }),
    /Cannot draw Chess-v0: there are drawings of CartPole,/,
  );
});
