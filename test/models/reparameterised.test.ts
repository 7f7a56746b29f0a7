import assert from 'node:assert/strict';
import { before, describe, test } from 'node:test';
import { scope, startEngine, type Tensor2D, tf } from '../../lib/backend/engine.ts';
import { normals, stream, uniform } from '../../lib/backend/rng.ts';
import { head } from '../../lib/models/distribution.ts';
import { type ReparameterisationOptions, reparameterise } from '../../lib/models/reparameterised.ts';
import { assertClose, assertGradient, dot } from '../nn/closeness.ts';
import { categoricalPolicy, gaussianPolicy, plainMean, plainSoftmax } from './samples.ts';

const wide: ReparameterisationOptions = { actBound: 100, saturationBeyond: 0.4, temperature: 1 };
const B = 6;
const A = 2;

for (const bound of [0, 1.5])
  describe(`a reparameterised Gaussian action, bound ${bound}`, () => {
    before(() => startEngine());
    const policy = gaussianPolicy(1, { A, bound });
    const out_BK = normals(stream(1, 'out'), B * A);
    const noise_BK = normals(stream(2, 'noise'), B * A);
    const at = (options: ReparameterisationOptions, noise = noise_BK) =>
      reparameterise(policy, tf.tensor2d(out_BK, [B, A]), tf.tensor2d(noise, [B, A]), options);

    test('is the mean where the noise is 0, and std away from it where the noise is 1', () => {
      scope(() => {
        const dist = head(policy, tf.tensor2d(out_BK, [B, A]));
        assert.ok(dist.kind === 'gaussian');
        assertClose(at(wide, new Float32Array(B * A)).act_BA.dataSync(), dist.mean_BA.dataSync(), {
          within: 1e-6,
        });
        const moved = at(wide, new Float32Array(B * A).fill(1)).act_BA;
        const std = tf.exp(dist.logStd_A);
        assertClose(moved.dataSync(), tf.add(dist.mean_BA, std).dataSync(), { within: 1e-6 });
      });
    });

    test('is clipped as the simulator clips', () => {
      scope(() => {
        const clipped = at({ ...wide, actBound: 0.3 }).act_BA.dataSync();
        const free = at(wide).act_BA.dataSync();
        assertClose(
          clipped,
          free.map((a) => Math.max(-0.3, Math.min(0.3, a))),
          { within: 1e-6 },
        );
        assert.ok(free.some((a) => Math.abs(a) > 0.3));
      });
    });

    test('pulls cotangents back as finite differences of a plain twin do, penalty included', () => {
      const cot_BA = normals(stream(3, 'cot'), B * A);
      const saturationWeight = 0.7;
      const pulled = scope(() =>
        at(wide)
          .pull({ atDiscriminator_BA: tf.tensor2d(cot_BA, [B, A]), saturation: saturationWeight / B })
          .dataSync(),
      );
      const unbounded = { ...policy, bound: 0 };
      const value = (out: Float32Array) => {
        let sum = 0;
        for (let b = 0; b < B; b++) {
          const row = out.subarray(b * A, (b + 1) * A);
          sum += dot(plainMean(policy, row), cot_BA.subarray(b * A, (b + 1) * A));
          for (const m of plainMean(unbounded, row))
            sum += (saturationWeight * Math.max(Math.abs(m) - 0.4, 0) ** 2) / B;
        }
        return sum;
      };
      assertGradient(value, out_BK, pulled, { rng: stream(4) });
    });

    test('lets the clip pass at the discriminator and stop at the model', () => {
      scope(() => {
        const action = at({ ...wide, actBound: 1e-3 });
        const ones: Tensor2D = tf.ones([B, A]);
        const none: Tensor2D = tf.zeros([B, A]);
        const atDiscriminator = action.pull({ atDiscriminator_BA: ones, saturation: 0 }).dataSync();
        const atModel = action.pull({ atDiscriminator_BA: none, atModel_BA: ones, saturation: 0 }).dataSync();
        assert.ok(atDiscriminator.every((x) => x !== 0));
        assert.ok(atModel.every((x) => x === 0));
      });
    });
  });

describe('a reparameterised discrete action', () => {
  before(() => startEngine());
  const K = 3;
  const policy = categoricalPolicy(2, { K });
  const logits = [0.3, -0.5, 1];

  test('is one-hot, and Gumbel noise draws it as often as softmax says', () => {
    const n = 20_000;
    const rng = stream(5, 'gumbel');
    const noise = Float32Array.from({ length: n * K }, () => -Math.log(-Math.log(uniform(rng, 1e-9, 1))));
    const act = scope(() => {
      const out = tf.tile(tf.tensor2d([logits]), [n, 1]) as Tensor2D;
      return reparameterise(policy, out, tf.tensor2d(noise, [n, K]), wide).act_BA.dataSync();
    });
    const counts = new Array<number>(K).fill(0);
    for (let b = 0; b < n; b++) {
      const row = [...act.subarray(b * K, (b + 1) * K)];
      assert.deepEqual([...row].sort(), [0, 0, 1]);
      counts[row.indexOf(1)]! += 1;
    }
    for (const [k, p] of plainSoftmax(logits).entries())
      assert.ok(Math.abs(counts[k]! / n - p) < 4 * Math.sqrt((p * (1 - p)) / n), `action ${k}`);
  });

  for (const temperature of [0.5, 1, 3])
    test(`pulls back through softmax at temperature ${temperature}, and has no saturation penalty`, () => {
      const rng = stream(6, `${temperature}`);
      const [out, noise, cot] = [normals(rng, B * K), normals(rng, B * K), normals(rng, B * K)];
      const pulled = scope(() => {
        const options = { ...wide, temperature };
        const action = reparameterise(policy, tf.tensor2d(out, [B, K]), tf.tensor2d(noise, [B, K]), options);
        assert.ok(action.saturation_B1.dataSync().every((x) => x === 0));
        return action.pull({ atDiscriminator_BA: tf.tensor2d(cot, [B, K]), saturation: 5 }).dataSync();
      });
      const value = (x: Float32Array) => {
        let sum = 0;
        for (let b = 0; b < B; b++) {
          const row = x.subarray(b * K, (b + 1) * K);
          const soft = plainSoftmax(Array.from(row, (logit, k) => (logit + noise[b * K + k]!) / temperature));
          sum += dot(soft, cot.subarray(b * K, (b + 1) * K));
        }
        return sum;
      };
      assertGradient(value, out, pulled, { rng: stream(7) });
    });
});
