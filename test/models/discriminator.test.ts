import assert from 'node:assert/strict';
import { before, describe, test } from 'node:test';
import { startEngine, tf } from '../../lib/backend/engine.ts';
import { normals, type Rng, stream, uniform } from '../../lib/backend/rng.ts';
import {
  type DiscriminatorBatch,
  discriminatorGradient,
  expertLogits,
  initDiscriminator,
  pairInputs,
  smoothedGradient,
} from '../../lib/models/discriminator.ts';
import { joinRows } from '../../lib/models/rows.ts';
import { standardizer } from '../../lib/models/standardizer.ts';
import { adamStep, initAdam } from '../../lib/nn/adam.ts';
import { initMlp, rowFunction } from '../../lib/nn/mlp.ts';
import { assertClose, assertGradient, relativeDistance } from '../nn/closeness.ts';
import { applyOnTape, tapeGradient } from '../nn/tape.ts';

const [D, A] = [3, 2];
const I = D + A;

function someDiscriminator(rng: Rng) {
  const made = initDiscriminator(
    {
      obsNorm: standardizer(new Float32Array(D), new Float32Array(D).fill(1)),
      actMean_A: new Float32Array(A),
      actScale_A: new Float32Array(A).fill(1),
      actBound: 1,
      hidden: [16, 8],
    },
    rng,
  );
  return { ...made, params_P: made.params_P.map((p) => p + 0.1 * normals(rng, 1)[0]!) };
}

/** Expert and agent rows around +shift and -shift. Unlike numbers of each, so that a mean over all rows shows. */
function someBatch(rng: Rng, shift = 0): DiscriminatorBatch {
  return {
    expert_BI: normals(rng, 9 * I).map((x) => x + shift),
    agent_BI: normals(rng, 14 * I).map((x) => x - shift),
  };
}

const softplus = (x: number) => Math.max(x, 0) + Math.log1p(Math.exp(-Math.abs(x)));

describe("the discriminator's gradient", () => {
  before(() => startEngine());
  const rng = stream(1, 'discriminator-test');
  const net = someDiscriminator(rng);
  const batch = someBatch(rng);
  const rows = (x_NI: Float32Array) => tf.tensor2d(x_NI, [x_NI.length / I, I]);

  /** Both parts of the loss by ordinary operations, for the tape; the penalty's gradient is a tape within a tape. */
  function lossOnTape(
    params_P: tf.Tensor1D,
    { entropy, penalty }: { entropy: number; penalty: number },
  ): tf.Scalar {
    const logits = (x: tf.Tensor) => applyOnTape(net.spec, params_P, x);
    const expert = tf.mean(tf.softplus(tf.neg(logits(rows(batch.expert_BI)))));
    const agent = tf.mean(tf.softplus(logits(rows(batch.agent_BI))));
    const all = tf.concat([rows(batch.expert_BI), rows(batch.agent_BI)], 0);
    const slope_NI = tf.grad((x) => tf.sum(logits(x)))(all);
    const squaredNorm = tf.mean(tf.sum(tf.square(slope_NI), 1));
    return tf.add(tf.mul(tf.add(expert, agent), entropy), tf.mul(squaredNorm, penalty)) as tf.Scalar;
  }

  const parts = (penalty: number) => discriminatorGradient(net, batch, { penalty }).gradient_P;

  test('of the cross-entropy equals the tape and finite differences of a plain twin', () => {
    const gradient_P = parts(0);
    const onTape = tapeGradient((params_P) => lossOnTape(params_P, { entropy: 1, penalty: 0 }), net.params_P);
    assert.ok(relativeDistance(gradient_P, onTape) < 1e-4);
    const plainLoss = (params_P: Float32Array) => {
      const logit = rowFunction({ spec: net.spec, params_P });
      const mean = (x_NI: Float32Array, sign: number) => {
        const N = x_NI.length / I;
        let sum = 0;
        for (let n = 0; n < N; n++) sum += softplus(sign * logit(x_NI.subarray(n * I, (n + 1) * I))[0]!);
        return sum / N;
      };
      return mean(batch.expert_BI, -1) + mean(batch.agent_BI, 1);
    };
    assertGradient(plainLoss, net.params_P, gradient_P, { rng: stream(2), step: 1e-4 });
    const { metrics } = discriminatorGradient(net, batch, { penalty: 0 });
    assertClose([metrics['disc/loss']!], [plainLoss(net.params_P)], { within: 1e-5 });
  });

  test('of the gradient penalty alone equals the tape through the tape', () => {
    // At a large weight, so that what is left of the cross-entropy's part is rounding.
    const byLoss_P = parts(0);
    const byPenalty_P = parts(1e4).map((g, i) => (g - byLoss_P[i]!) / 1e4);
    const onTape = tapeGradient((params_P) => lossOnTape(params_P, { entropy: 0, penalty: 1 }), net.params_P);
    assert.ok(relativeDistance(byPenalty_P, onTape) < 1e-4);
  });

  test('of both together equals the tape, at several weights', () => {
    for (const penalty of [0.1, 1, 10]) {
      const onTape = tapeGradient((params_P) => lossOnTape(params_P, { entropy: 1, penalty }), net.params_P);
      assert.ok(relativeDistance(parts(penalty), onTape) < 1e-4, `penalty ${penalty}`);
    }
  });

  test('of weighted expert pairs, dropout and penalty together equals the tape', () => {
    const rng = stream(5, 'dropout');
    const keep_NH = Float32Array.from({ length: 23 * 8 }, () => (uniform(rng) < 0.75 ? 4 / 3 : 0));
    const keep = tf.tensor2d(keep_NH, [23, 8]);
    const onTape = tapeGradient((params_P) => {
      const all = tf.concat([rows(batch.expert_BI), rows(batch.agent_BI)], 0);
      const logits = (x: tf.Tensor) => applyOnTape(net.spec, params_P, x, keep);
      const l = logits(all);
      const expert = tf.mean(tf.softplus(tf.neg(tf.slice(l, [0, 0], [9, 1]))));
      const agent = tf.mean(tf.softplus(tf.slice(l, [9, 0], [14, 1])));
      const slope_NI = tf.grad((x) => tf.sum(logits(x)))(all);
      const squaredNorm = tf.mean(tf.sum(tf.square(slope_NI), 1));
      return tf.add(tf.add(tf.mul(expert, 0.8), agent), tf.mul(squaredNorm, 0.5));
    }, net.params_P);
    const { gradient_P } = discriminatorGradient(net, batch, { penalty: 0.5, expertWeight: 0.8, keep_NH });
    assert.ok(relativeDistance(gradient_P, onTape) < 1e-4);
  });

  test('of smoothed labels is that of the loss with those targets, with the penalty in full', () => {
    const smoothing = 0.1;
    const plainLoss = (params_P: Float32Array) => {
      const logit = rowFunction({ spec: net.spec, params_P });
      const mean = (x_NI: Float32Array, target: number) => {
        const N = x_NI.length / I;
        let sum = 0;
        for (let n = 0; n < N; n++) {
          const l = logit(x_NI.subarray(n * I, (n + 1) * I))[0]!;
          sum += target * softplus(-l) + (1 - target) * softplus(l);
        }
        return sum / N;
      };
      return mean(batch.expert_BI, 1 - smoothing) + mean(batch.agent_BI, smoothing);
    };
    const smoothed = (penalty: number) =>
      smoothedGradient(discriminatorGradient, net, batch, { penalty, smoothing });
    const { gradient_P, metrics } = smoothed(0);
    assertGradient(plainLoss, net.params_P, gradient_P, { rng: stream(6), step: 1e-4 });
    assertClose([metrics['disc/loss']!], [plainLoss(net.params_P)], { within: 1e-5 });
    const byPenalty = (with1: Float32Array, with0: Float32Array) => with1.map((g, i) => g - with0[i]!);
    const penalised = byPenalty(smoothed(1).gradient_P, gradient_P);
    assert.ok(relativeDistance(penalised, byPenalty(parts(1), parts(0))) < 1e-4);
  });

  test('comes with the mean squared input gradient, which finite differences in the input give too', () => {
    const { metrics } = discriminatorGradient(net, batch, { penalty: 1 });
    const logit = rowFunction(net);
    const all = [...batch.expert_BI, ...batch.agent_BI];
    const N = all.length / I;
    let expected = 0;
    const h = 1e-6;
    for (let n = 0; n < N; n++) {
      const x = all.slice(n * I, (n + 1) * I);
      for (let i = 0; i < I; i++) {
        const at = (sign: number) => logit(x.map((v, j) => (j === i ? v + sign * h : v)))[0]!;
        expected += ((at(1) - at(-1)) / (2 * h)) ** 2 / N;
      }
    }
    assertClose([metrics['disc/gradientNormSquared']!], [expected], { within: 1e-4 * expected });
  });

  test('leaves the batch, the network and the tensor count as they were', () => {
    const untouched = structuredClone({ batch, params_P: net.params_P });
    const tensors = tf.memory().numTensors;
    discriminatorGradient(net, batch, { penalty: 1 });
    expertLogits(net, batch.agent_BI);
    assert.deepEqual({ batch, params_P: net.params_P }, untouched);
    assert.equal(tf.memory().numTensors, tensors);
  });

  test('refuses a penalty on a network whose slope is not piecewise constant', () => {
    const smooth = initMlp({ sizes: [I, 4, 1], activation: 'tanh' }, stream(3));
    assert.throws(() => discriminatorGradient(smooth, batch, { penalty: 1 }), {
      message: 'Cannot take the gradient penalty of a tanh network: use ReLU layers or penalty 0',
    });
    assert.doesNotThrow(() => discriminatorGradient(smooth, batch, { penalty: 0 }));
  });
});

describe('learning to tell expert from agent', () => {
  before(() => startEngine());

  function train(batch: DiscriminatorBatch, { steps, penalty }: { steps: number; penalty: number }) {
    const net = someDiscriminator(stream(4, 'init'));
    const adam = initAdam(net.params_P.length);
    const history = [];
    for (let k = 0; k < steps; k++) {
      const { gradient_P, metrics } = discriminatorGradient(net, batch, { penalty });
      history.push(metrics);
      adamStep(net.params_P, gradient_P, adam, { rate: 5e-3 });
    }
    return { net, history };
  }

  test('the loss falls on fixed data, accuracy on separable data reaches 1', () => {
    const { history } = train(someBatch(stream(5), 1), { steps: 150, penalty: 0 });
    const loss = history.map((metrics) => metrics['disc/loss']!);
    assert.ok(loss.at(-1)! < 0.1 * loss[0]!, `${loss[0]} to ${loss.at(-1)}`);
    assertClose([history.at(-1)!['disc/accuracy']!], [1], { within: 1e-6 });
  });

  test('a high logit means expert', () => {
    const batch = someBatch(stream(5), 1);
    const { net } = train(batch, { steps: 150, penalty: 0 });
    const [expert, agent] = [expertLogits(net, batch.expert_BI), expertLogits(net, batch.agent_BI)];
    assert.ok(Math.min(...expert) > 0, 'every expert pair is above 0');
    assert.ok(Math.max(...agent) < 0, 'every agent pair is below 0');
  });

  test('the penalty keeps the slope down on the same data', () => {
    const batch = someBatch(stream(5), 1);
    const free = train(batch, { steps: 100, penalty: 1e-6 }).history.at(-1)!['disc/gradientNormSquared']!;
    const held = train(batch, { steps: 100, penalty: 1 }).history.at(-1)!['disc/gradientNormSquared']!;
    assert.ok(held < 0.2 * free, `${held} with, ${free} without`);
  });

  test('where both are alike the loss can only reach 2 ln 2', () => {
    const expert_BI = normals(stream(6), 9 * I);
    const { history } = train({ expert_BI, agent_BI: expert_BI }, { steps: 150, penalty: 0 });
    assert.ok(Math.abs(history.at(-1)!['disc/loss']! - 2 * Math.log(2)) < 1e-2);
    assert.ok(history.every((metrics) => metrics['disc/loss']! >= 2 * Math.log(2) - 1e-6));
  });
});

describe('rows for the discriminator', () => {
  test('hold the standardised observation, then the clipped and scaled action', () => {
    const net = initDiscriminator(
      {
        obsNorm: standardizer([1, 0], [2, 1], { floor: 0, clip: 5 }),
        actMean_A: Float32Array.of(0.5, 0),
        actScale_A: Float32Array.of(0.5, 2),
        actBound: 1,
        hidden: [3],
      },
      stream(1),
    );
    const pairs = pairInputs(net, Float32Array.of(3, -100, 1, 2), Float32Array.of(-0.5, 7, -9, 0.5));
    assert.deepEqual([...pairs], [1, -5, -2, 0.5, 0, 2, -3, 0.25]);
  });

  test('hold one-hot actions as they are where there is no bound', () => {
    const net = initDiscriminator(
      {
        obsNorm: standardizer([0], [1], { floor: 0 }),
        actMean_A: new Float32Array(2),
        actScale_A: new Float32Array(2).fill(1),
        actBound: Number.POSITIVE_INFINITY,
        hidden: [3],
      },
      stream(1),
    );
    assert.deepEqual(
      [...pairInputs(net, Float32Array.of(4, 5), Float32Array.of(0, 1, 1, 0))],
      [4, 0, 1, 5, 1, 0],
    );
  });

  test('joinRows puts rows side by side', () => {
    const joined = joinRows(Float32Array.of(1, 2, 3, 4), 2, Float32Array.of(5, 6), 1);
    assert.deepEqual([...joined], [1, 2, 5, 3, 4, 6]);
  });

  test('logits of prepared rows equal the plain twin', async () => {
    await startEngine();
    const rng = stream(7);
    const net = someDiscriminator(rng);
    const x_NI = normals(rng, 4 * I);
    const logit = rowFunction(net);
    const expected = [0, 1, 2, 3].map((n) => logit(x_NI.subarray(n * I, (n + 1) * I))[0]!);
    assertClose(expertLogits(net, x_NI), expected, { within: 1e-5 });
  });
});
