import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { randomAct, rollEpisode } from '../../lib/agents/rollout.ts';
import { stream } from '../../lib/backend/rng.ts';
import { makePerturbedEnv, perturbedMjcf, switchingAt, withPush } from '../../lib/confidence/perturbed.ts';
import { HOPPER } from '../../lib/envs/hopper.ts';
import { MUJOCO_TASKS, makeEnv } from '../../lib/envs/make.ts';
import { createSimulation } from '../../lib/envs/mujoco.ts';
import type { Env } from '../../lib/envs/types.ts';
import { assertClose } from '../nn/closeness.ts';

const still = () => [0, 0, 0];

async function episodeIn(env: Env | Promise<Env>) {
  const made = await env;
  const trajectory = rollEpisode(made, randomAct(made), { seed: 3, rng: stream(1, 'act') });
  made.close();
  return trajectory;
}

describe('a push', () => {
  test('adds to the velocity at its step, and to nothing before', async () => {
    const [calm, pushed] = [
      await makeEnv('Hopper-v5'),
      withPush(await makeEnv('Hopper-v5'), { at: 3, change: [1.5] }),
    ];
    calm.reset({ seed: 1 });
    pushed.reset({ seed: 1 });
    for (let t = 0; t < 3; t++) assert.deepEqual(pushed.step(still()), calm.step(still()));
    const [before, after] = [calm.step(still()), pushed.step(still())];
    // In the air nothing holds a slide back: the whole robot is 1.5 m/s faster, and 4 x 0.002 s further.
    assert.ok(Math.abs(after.obs[5]! - before.obs[5]! - 1.5) < 0.01);
    assert.ok(Math.abs(after.info.x_position! - before.info.x_position! - 1.5 * 0.008) < 1e-4);
    calm.close();
    pushed.close();
  });

  test('of 0 changes no bit of an episode, in any episode comes once, and needs velocities', async () => {
    const made = await makeEnv('Hopper-v5');
    assert.deepEqual(
      await episodeIn(withPush(await makeEnv('Hopper-v5'), { at: 5, change: [0] })),
      await episodeIn(makeEnv('Hopper-v5')),
    );
    const pushed = withPush(made, { at: 2, change: [2] });
    const roll = () => rollEpisode(pushed, still, { seed: 1 });
    assert.deepEqual(roll(), roll());
    made.close();
    const cartpole = withPush(await makeEnv('CartPole-v1'), { at: 0, change: [1] });
    cartpole.reset();
    assert.throws(() => cartpole.step(0), /Cannot push CartPole-v1 .* its state has no qvel/);
    cartpole.close();
  });
});

describe('another body', () => {
  for (const [id, task] of Object.entries(MUJOCO_TASKS).filter(([id]) => id.endsWith('v5')))
    test(`of ${id} has every mass, inertia and sliding friction scaled, and nothing else`, async () => {
      const plain = await createSimulation(task.mjcf);
      const changed = await createSimulation(await perturbedMjcf(task.mjcf, { mass: 1.3, friction: 0.5 }));
      const compare = (name: string, factor: (i: number) => number) =>
        assertClose(
          changed.modelField(name),
          plain.modelField(name).map((x, i) => x * factor(i)),
          { within: 1e-9, what: name },
        );
      compare('body_mass', () => 1.3);
      compare('body_inertia', () => 1.3);
      compare('geom_friction', (i) => (i % 3 === 0 ? 0.5 : 1));
      for (const name of ['dof_armature', 'dof_damping', 'geom_size', 'jnt_range', 'actuator_gear'])
        compare(name, () => 1);
      plain.close();
      changed.close();
    });

  test('with factors of 1 is the same body: no bit of an episode changes', async () => {
    assert.deepEqual(await episodeIn(makePerturbedEnv(HOPPER, {})), await episodeIn(makeEnv('Hopper-v5')));
  });

  test('is refused if it weighs nothing or the model does not say where to write it', async () => {
    await assert.rejects(perturbedMjcf(HOPPER.mjcf, { mass: 0 }), /Cannot scale mass by 0/);
    const bare = '<mujoco><worldbody><geom size="1"/></worldbody></mujoco>';
    await assert.rejects(perturbedMjcf(bare, { friction: 2 }), /whose <default> has no geom/);
    await assert.rejects(perturbedMjcf(bare, { mass: 2 }), /without <compiler>/);
  });
});

describe('a switch while the robot runs', () => {
  const hopper = () => makeEnv('Hopper-v5');

  test('to the same body changes no bit, to a heavier one nothing before its step', async () => {
    const plain = await episodeIn(hopper());
    assert.deepEqual(await episodeIn(switchingAt(6, await hopper(), await hopper())), plain);
    const heavier = await episodeIn(
      switchingAt(6, await hopper(), await makePerturbedEnv(HOPPER, { mass: 2 })),
    );
    assert.deepEqual(heavier.obs_Tp1D.slice(0, 7 * 11), plain.obs_Tp1D.slice(0, 7 * 11));
    assert.notDeepEqual(heavier.obs_Tp1D.slice(7 * 11, 8 * 11), plain.obs_Tp1D.slice(7 * 11, 8 * 11));
  });

  test('begins every episode with the first body, and goes on from a saved state with the right one', async () => {
    const env = switchingAt(2, await hopper(), await makePerturbedEnv(HOPPER, { mass: 2 }));
    const roll = () => rollEpisode(env, still, { seed: 1, keepStates: true });
    const first = roll();
    assert.deepEqual(roll(), first);
    env.setState(first.state_Tp1![3]!);
    assert.deepEqual(Float32Array.from(env.step(still()).obs), first.obs_Tp1D.slice(4 * 11, 5 * 11));
    env.close();
  });
});
