import assert from 'node:assert/strict';
import { before, describe, test } from 'node:test';
import { scope, startEngine, tf } from '../../lib/backend/engine.ts';
import { normals, stream } from '../../lib/backend/rng.ts';
import { head } from '../../lib/models/distribution.ts';
import { actor, argmax, sampleCategorical } from '../../lib/models/policy.ts';
import { standardizeRows } from '../../lib/models/standardizer.ts';
import { forward, upload } from '../../lib/nn/dense.ts';
import { rowFunction } from '../../lib/nn/mlp.ts';
import { assertClose } from '../nn/closeness.ts';
import { categoricalPolicy, D, gaussianPolicy, kinds, plainSoftmax } from './samples.ts';

const draws = 20_000;

describe('acting', () => {
  before(() => startEngine());

  for (const [name, policy] of kinds)
    test(`without a stream takes the mean or mode that the tensors give: ${name}`, () => {
      const obs_BD = normals(stream(1, 'obs'), 6 * D, 2);
      const act = actor(policy);
      const taken = Array.from({ length: 6 }, (_, b) => act(obs_BD.subarray(b * D, (b + 1) * D)));
      scope(() => {
        const obsNorm_BD = tf.tensor2d(standardizeRows(policy.obsNorm, obs_BD), [6, D]);
        const dist = head(policy, forward(upload(policy), obsNorm_BD));
        if (dist.kind === 'categorical')
          assert.deepEqual(taken, [...tf.argMax(dist.logProb_BK, 1).dataSync()]);
        else
          assertClose(
            taken.flatMap((action) => Array.from(action as Float64Array)),
            dist.mean_BA.dataSync(),
            { within: 1e-5 },
          );
      });
    });

  for (const bound of [0, 1.5])
    test(`with a stream draws from N(mean, std^2), bound ${bound}`, () => {
      const policy = gaussianPolicy(4, { A: 2, bound });
      const act = actor(policy);
      const obs = normals(stream(2, 'obs'), D);
      const mean = Array.from(act(obs) as Float64Array);
      const rng = stream(3, 'noise');
      const samples = Array.from({ length: draws }, () => act(obs, rng) as Float64Array);
      const stds = Array.from(policy.logStd_A, Math.exp);
      const z = [0, 1].map((i) => samples.map((sample) => (sample[i]! - mean[i]!) / stds[i]!));
      const average = (x: readonly number[]) => x.reduce((sum, value) => sum + value, 0) / draws;
      // Four standard errors each.
      for (const zi of z) {
        assert.ok(Math.abs(average(zi)) < 4 / Math.sqrt(draws));
        assert.ok(Math.abs(average(zi.map((x) => x * x)) - 1) < 4 * Math.sqrt(2 / draws));
      }
      assert.ok(
        Math.abs(average(z[0]!.map((x, n) => x * z[1]![n]!))) < 4 / Math.sqrt(draws),
        'entries are independent',
      );
    });

  test('a categorical policy draws every action as often as softmax says', () => {
    const policy = categoricalPolicy(5, { K: 4 });
    const obs = normals(stream(6, 'obs'), D);
    const rng = stream(7, 'noise');
    const counts = [0, 0, 0, 0];
    const act = actor(policy);
    for (let n = 0; n < draws; n++) counts[act(obs, rng) as number]! += 1;
    const probabilities = plainSoftmax(rowFunction(policy)(standardizeRows(policy.obsNorm, obs)));
    for (const [k, p] of probabilities.entries())
      assert.ok(Math.abs(counts[k]! / draws - p) < 4 * Math.sqrt((p * (1 - p)) / draws), `action ${k}`);
  });

  test('the bound holds the mean, however far the network goes', () => {
    const policy = gaussianPolicy(6, { A: 2, bound: 1.5 });
    const far = { ...policy, params_P: policy.params_P.map((p) => 100 * p) };
    for (const action of actor(far)(normals(stream(8), D)) as Float64Array) {
      assert.ok(Math.abs(action) <= 1.5);
      assert.ok(Math.abs(action) > 1.4, 'and it goes there');
    }
  });

  test('the newest weights act, and every vector action is a fresh array', () => {
    const policy = gaussianPolicy(7, { A: 1, bound: 0 });
    const act = actor(policy);
    const obs = normals(stream(9), D);
    const first = act(obs) as Float64Array;
    const before = first[0]!;
    policy.params_P[policy.params_P.length - 1]! += 1;
    const second = act(obs) as Float64Array;
    assert.notEqual(first, second);
    assert.equal(first[0], before);
    assertClose([second[0]! - before], [policy.actScale_A[0]!], { within: 1e-6 });
  });
});

describe('choosing among logits', () => {
  test('argmax is the first of the largest', () => {
    assert.equal(argmax([3]), 0);
    assert.equal(argmax([1, 5, 5, 2]), 1);
    assert.equal(argmax([-4, -1, -9]), 1);
  });

  test('sampling follows softmax, and is not upset by large logits', () => {
    const logits = [1000, 1000 + Math.log(2), 1000 + Math.log(5)];
    const counts = [0, 0, 0];
    const rng = stream(1, 'categorical');
    for (let n = 0; n < draws; n++) counts[sampleCategorical(logits, rng)]! += 1;
    for (const [k, p] of [1 / 8, 2 / 8, 5 / 8].entries())
      assert.ok(Math.abs(counts[k]! / draws - p) < 4 * Math.sqrt((p * (1 - p)) / draws), `choice ${k}`);
    assert.equal(sampleCategorical([0, 900], rng), 1);
    assert.equal(sampleCategorical([0, Number.NEGATIVE_INFINITY], rng), 0);
  });
});
