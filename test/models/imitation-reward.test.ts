import assert from 'node:assert/strict';
import { before, describe, test } from 'node:test';
import { startEngine } from '../../lib/backend/engine.ts';
import { normals, stream } from '../../lib/backend/rng.ts';
import { logitEntropy } from '../../lib/models/discriminator-entropy.ts';
import { imitationRewards } from '../../lib/models/imitation-reward.ts';
import { initMlp, rowFunction } from '../../lib/nn/mlp.ts';
import { assertClose, assertGradient } from '../nn/closeness.ts';

const sigmoid = (logit: number) => 1 / (1 + Math.exp(-logit));

describe('rewards of a logit', () => {
  const { survival, ending, airl, constant } = imitationRewards;
  const logits = [-6, -1.5, -0.1, 0, 0.1, 1.5, 6];

  test('are the closed forms in D = sigmoid(logit), the probability of expert', () => {
    for (const logit of logits) {
      const D = sigmoid(logit);
      assertClose([survival(logit)], [-Math.log(1 - D)], { within: 1e-12, what: 'survival' });
      assertClose([ending(logit)], [Math.log(D)], { within: 1e-12, what: 'ending' });
      assertClose([airl(logit)], [Math.log(D) - Math.log(1 - D)], { within: 1e-12, what: 'airl' });
    }
  });

  test('survival pays at every step, ending costs at every step, and the two add up to airl', () => {
    for (const logit of logits) {
      assert.ok(survival(logit) > 0 && ending(logit) < 0);
      assertClose([survival(logit) + ending(logit)], [airl(logit)], { within: 1e-12 });
    }
    assert.equal(survival(0), Math.log(2), 'what an untrained discriminator pays for being alive');
    assert.equal(airl(0), 0);
  });

  test('rise with the logit, except the controls', () => {
    for (const reward of [survival, ending, airl])
      for (let i = 1; i < logits.length; i++) assert.ok(reward(logits[i]!) > reward(logits[i - 1]!));
    assert.deepEqual(
      logits.map(() => constant()),
      logits.map(() => 1),
    );
  });

  test('stay finite and exact where D itself rounds to 0 or 1', () => {
    assert.deepEqual([survival(800), ending(-800)], [800, -800]);
    assertClose([survival(-40) / Math.exp(-40), ending(40) / -Math.exp(-40)], [1, 1], { within: 1e-12 });
  });
});

describe('the entropy of the logits', () => {
  before(() => startEngine());
  const I = 3;
  const rng = stream(1);
  const net = initMlp({ sizes: [I, 8, 1], activation: 'relu' }, rng);
  const batch = { expert_BI: normals(rng, 5 * I), agent_BI: normals(rng, 7 * I) };

  function plain(params_P: Float32Array): number {
    const logit = rowFunction({ spec: net.spec, params_P });
    const meanEntropy = (x_NI: Float32Array) => {
      const N = x_NI.length / I;
      let sum = 0;
      for (let n = 0; n < N; n++) {
        const D = sigmoid(logit(x_NI.subarray(n * I, (n + 1) * I))[0]!);
        sum -= D * Math.log(D) + (1 - D) * Math.log(1 - D);
      }
      return sum / N;
    };
    return meanEntropy(batch.expert_BI) + meanEntropy(batch.agent_BI);
  }

  test('and its gradient equal a plain twin and its finite differences', () => {
    const { entropy, gradient_P } = logitEntropy(net, batch);
    assertClose([entropy], [plain(net.params_P)], { within: 1e-5 });
    assertGradient(plain, net.params_P, gradient_P, { rng: stream(2), step: 1e-4 });
  });

  test('is 0 and finite where the discriminator is certain', () => {
    const certain = { ...net, params_P: net.params_P.map((p) => 100 * p) };
    const { entropy, gradient_P } = logitEntropy(certain, batch);
    assert.ok(entropy >= 0 && entropy < 0.1, `${entropy}`);
    assert.ok(gradient_P.every(Number.isFinite));
  });
});
