import assert from 'node:assert/strict';
import { before, describe, test } from 'node:test';
import { demonstratedPolicy } from '../../lib/agents/demonstrated-policy.ts';
import {
  collectNoisy,
  countedRows,
  drawSegments,
  dropoutFactors,
  type NoisyCollection,
  newestCollections,
} from '../../lib/agents/mail-segments.ts';
import { collect, startCollector } from '../../lib/agents/rollout.ts';
import { startEngine } from '../../lib/backend/engine.ts';
import { stream } from '../../lib/backend/rng.ts';
import type { Pairs } from '../../lib/data/types.ts';
import { makeEnv } from '../../lib/envs/make.ts';
import { pathwiseGradient } from '../../lib/estimators/pathwise.ts';
import { initDiscriminator, pairInputs } from '../../lib/models/discriminator.ts';
import { initForwardModel } from '../../lib/models/forward-model.ts';
import { actor, type Policy } from '../../lib/models/policy.ts';
import { assertClose } from '../nn/closeness.ts';
import { balancedPairs } from './cartpole.ts';
import { pendulumPairs } from './mail-small.ts';

before(() => startEngine('small-batches'));

async function collections(
  id: 'Pendulum-v1' | 'CartPole-v1',
  { dropout, n = 3, steps = 40 }: { readonly dropout: number; readonly n?: number; readonly steps?: number },
) {
  const demos: Pairs = id === 'Pendulum-v1' ? pendulumPairs : await balancedPairs();
  const env = await makeEnv(id);
  const shape = { hidden: [12, 10], policyStd: 0.4, policyBound: 1.5, initStd: 0.5 };
  const policy = demonstratedPolicy(demos, env, shape, stream(1, 'policy'));
  const rng = stream(2, 'acting');
  const collector = startCollector(env, 3);
  const made = Array.from({ length: n }, () => collectNoisy(collector, policy, steps, { dropout, rng }));
  env.close();
  return { policy, made, env };
}

/** The pairs that the pathwise gradient goes through along these segments, and those that were really taken. */
function retraced(policy: Policy, made: readonly NoisyCollection[]) {
  const [D, A] = [policy.obsNorm.mean_D.length, policy.spec.sizes.at(-1)!];
  const continuous = policy.kind === 'gaussian';
  const { obsNorm } = policy;
  const actBound = continuous ? 2 : Number.POSITIVE_INFINITY;
  const scaling = { actMean_A: new Float32Array(A), actScale_A: new Float32Array(A).fill(1), actBound };
  const discriminator = initDiscriminator({ obsNorm, ...scaling, hidden: [8] }, stream(4));
  const data = { obs_BD: made[0]!.obs_TD, act_BA: new Float32Array(40 * A), nextObs_BD: made[0]!.nextObs_TD };
  const model = initForwardModel({ obsNorm, actBound, actSize: A, hidden: [8], members: 1, data }, stream(5));
  // All of every collection, so that the order of drawing is that of the permutation alone.
  const segments = drawSegments(made, policy, { n: made.length, horizon: 40, rng: stream(6) });
  const { pair_NI } = pathwiseGradient({
    ...{ policy, discriminator, model, ...segments, rowOrder_TB: new Int32Array(0) },
    ...{ gamma: 1, saturationWeight: 0, saturationBeyond: 1, temperature: 1 },
  });
  const taken = made.map(({ obs_TD, act_TA }) => {
    const act = continuous
      ? act_TA
      : Float32Array.from([...act_TA].flatMap((k) => (k === 0 ? [1, 0] : [0, 1])));
    return pairInputs(discriminator, obs_TD, act);
  });
  return { segments, pair_NI, taken, I: D + A };
}

describe('real trajectories, kept with their noise', () => {
  for (const id of ['Pendulum-v1', 'CartPole-v1'] as const)
    for (const dropout of [0, 0.3])
      test(`are retraced by the gradient: the same states and actions, ${id}, dropout ${dropout}`, async () => {
        const { policy, made } = await collections(id, { dropout });
        const { segments, pair_NI, taken, I } = retraced(policy, made);
        const B = made.length;
        for (let b = 0; b < B; b++) {
          // Which collection is it? The one whose first row it has.
          const row = (t: number) => pair_NI.subarray((t * B + b) * I, (t * B + b + 1) * I);
          const own = taken.find((rows) => Math.abs(rows[0]! - row(0)[0]!) < 1e-6)!;
          for (let t = 0; t < 40; t++) {
            if (segments.weight_TB[t * B + b] === 0) break;
            assertClose(row(t), own.subarray(t * I, (t + 1) * I), { within: 2e-4, what: `step ${t}, entry` });
          }
        }
      });

  test('without dropout, are those that the policy itself would have gone', async () => {
    const { policy, made } = await collections('Pendulum-v1', { dropout: 0, n: 1 });
    const env = await makeEnv('Pendulum-v1');
    const plain = collect(startCollector(env, 3), actor(policy), 40, stream(2, 'acting'));
    env.close();
    assertClose(made[0]!.act_TA, plain.act_TA, { within: 1e-6 });
  });

  test('choose discrete actions as often as the policy says', async () => {
    const { policy, made } = await collections('CartPole-v1', { dropout: 0, n: 1, steps: 4000 });
    // The policy's own sampling, over the same states.
    const act = actor(policy);
    const rng = stream(7);
    const { obs_TD, act_TA } = made[0]!;
    let own = 0;
    for (let t = 0; t < 4000; t++) own += act(obs_TD.subarray(t * 4, t * 4 + 4), rng) as number;
    const chosen = act_TA.reduce((sum, a) => sum + a, 0);
    assert.ok(Math.abs(chosen - own) < 4 * Math.sqrt(2 * 4000 * 0.25), `${chosen} and ${own} of 4000`);
  });

  test('count up to the step that ends an episode, and no longer', async () => {
    const { policy, made } = await collections('CartPole-v1', { dropout: 0 });
    const { segments } = retraced(policy, made);
    const B = made.length;
    const lengths = made.map(({ terminated_T }) => {
      const end = terminated_T.indexOf(1);
      return end < 0 ? 40 : end + 1;
    });
    assert.ok(lengths.some((length) => length < 40));
    const counted = Array.from({ length: B }, (_, b) => {
      const weights = Array.from({ length: 40 }, (_, t) => segments.weight_TB[t * B + b]!);
      assert.deepEqual(
        weights,
        [...weights].sort((x, y) => y - x),
        'ones, then zeros',
      );
      return weights.reduce((sum, w) => sum + w, 0);
    });
    assert.deepEqual([...counted].sort(), [...lengths].sort());
  });

  test('are drawn from every collection before one is drawn again, with room for the horizon', async () => {
    const { policy, made } = await collections('Pendulum-v1', { dropout: 0.3, n: 4 });
    const { start_BD, weight_TB, policyKeep_TBH } = drawSegments(made, policy, {
      n: 8,
      horizon: 12,
      rng: stream(8),
    });
    assert.equal(policyKeep_TBH?.length, 12 * 8 * 10);
    assert.ok(weight_TB.every((weight) => weight === 1));
    const sources = Array.from({ length: 8 }, (_, b) => {
      const first = start_BD[b * 3]!;
      const source = made.findIndex(({ obs_TD }) => {
        const at = obs_TD.findIndex((x, i) => i % 3 === 0 && x === first);
        return at >= 0 && at / 3 <= 40 - 12;
      });
      assert.ok(source >= 0);
      return source;
    });
    assert.deepEqual(sources.slice(0, 4).sort(), [0, 1, 2, 3]);
    assert.deepEqual(sources.slice(4).sort(), [0, 1, 2, 3]);
  });

  test('are kept while they are new', async () => {
    const { made } = await collections('Pendulum-v1', { dropout: 0, n: 4 });
    assert.deepEqual(newestCollections(made, 1), made.slice(3));
    assert.deepEqual(newestCollections(made, 80), made.slice(2));
    assert.deepEqual(newestCollections(made, 81), made.slice(1));
    assert.deepEqual(newestCollections(made, 1000), made);
  });
});

test('only rows that count are handed to the discriminator', () => {
  const rows = Float32Array.of(1, 2, 3, 4, 5, 6);
  assert.deepEqual(countedRows(rows, Float32Array.of(1, 0, 1)), Float32Array.of(1, 2, 5, 6));
});

test('dropout keeps the mean: its share is 0, the others make up for it', () => {
  const factors = dropoutFactors(stream(9), 20_000, 0.25);
  const zeros = factors.filter((x) => x === 0).length / factors.length;
  assert.ok(Math.abs(zeros - 0.25) < 0.02);
  assert.ok(factors.every((x) => x === 0 || Math.abs(x - 4 / 3) < 1e-6));
});
