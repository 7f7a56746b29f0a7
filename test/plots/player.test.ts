import assert from 'node:assert/strict';
import { test } from 'node:test';
import { runInNewContext } from 'node:vm';
import type { Trajectory } from '../../lib/data/types.ts';
import { hopperSkeleton } from '../../lib/envs/skeleton.ts';
import { DISPLAY } from '../../lib/plots/figure.ts';
import { player } from '../../lib/plots/player.ts';
import { sceneOf } from '../../lib/plots/scene.ts';

/** A hopper that glides to the right at 2 m/s for `steps` steps, upright. */
function gliding(steps: number): Trajectory {
  const obs = [1.25, 0, 0, 0, 0, 2, 0, 0, 0, 0, 0];
  return {
    obs_Tp1D: Float32Array.from(Array.from({ length: steps + 1 }, () => obs).flat()),
    act_TA: new Float32Array(3 * steps),
    reward_T: new Float64Array(steps).fill(3),
    terminated: true,
    truncated: false,
  };
}

test('without saved states, x is summed up from the observed velocity', () => {
  const scene = sceneOf('Hopper-v5', gliding(125), { label: 'glide', every: 5 });
  assert.ok(Math.abs(scene.camera.at(-1)! - 2) < 1e-9, 'one second at 2 m/s');
  assert.equal(scene.frames.length, 26);
  assert.equal(scene.returns.at(-1), 375);
  assert.equal(scene.ending, 'fell after 1.0 s, return 375');
});

test('saved states win over observations, and the last moment is always kept', () => {
  const qpos = [7, 1.2, 0.1, -0.2, -0.3, 0.4];
  const states = [0, 1, 2].map((elapsed) => ({
    env: 'Hopper-v5',
    elapsed,
    vectors: { qpos, qvel: [0, 0, 0, 0, 0, 0] },
  }));
  const scene = sceneOf('Hopper-v5', { ...gliding(2), state_Tp1: states }, { label: 'still' });
  assert.deepEqual(scene.camera, [7, 7]);
  assert.deepEqual(
    scene.frames[1],
    hopperSkeleton(qpos).flatMap(({ from, to }) => [...from, ...to]),
  );
});

test('CartPole is a box and a pole of 1 m', () => {
  const trajectory = {
    ...gliding(0),
    obs_Tp1D: Float32Array.from([0.5, 0, Math.PI / 2, 0]),
    terminated: false,
  };
  const [frame] = sceneOf('CartPole-v1', trajectory, { label: 'lying' }).frames;
  assert.deepEqual(
    frame!.map((v) => Math.round(v * 1e6) / 1e6 + 0),
    [0.5, -0.15, 0.5, 0, 1.5, 0],
  );
});

test('the page code is valid and the data are small whole numbers', () => {
  const scene = sceneOf('Hopper-v5', gliding(100), { label: 'a </script> b' });
  const html = player([scene, scene], { labels: ['one'], caption: 'Two gliders.' })[DISPLAY]()[
    'text/html'
  ] as string;
  const scripts = [...html.matchAll(/<script>([\s\S]*?)<\/script>/g)].map(([, code]) => code!);
  assert.equal(scripts.length, 1);
  assert.throws(
    () => runInNewContext(scripts[0]!),
    /document is not defined/,
    'it parses, and needs a page to run',
  );
  const data = JSON.parse(scripts[0]!.slice(scripts[0]!.lastIndexOf('previousElementSibling,') + 23, -1));
  assert.deepEqual(
    data.map(({ label }: { label: string }) => label),
    ['one', 'a </script> b'],
  );
  assert.ok(data[0].frames.every(Number.isInteger));
  assert.equal(data[0].frames.length, 16 * data[0].camera.length);
});

test('what cannot be played is refused', () => {
  assert.throws(() => player([], { caption: '' }), /0 scenes/);
  assert.throws(
    () => sceneOf('Ant-v5', gliding(1), { label: 'ant' }),
    /Cannot draw Ant-v5: there are drawings of Hopper-v5/,
  );
});
