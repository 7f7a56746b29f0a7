import assert from 'node:assert/strict';
import { before, describe, test } from 'node:test';
import { startEngine, tf } from '../../lib/backend/engine.ts';
import { normals, stream } from '../../lib/backend/rng.ts';
import { fitValues, values } from '../../lib/models/value.ts';
import { initAdam } from '../../lib/nn/adam.ts';
import { initMlp, rowFunction } from '../../lib/nn/mlp.ts';
import { assertClose } from '../nn/closeness.ts';

const D = 2;
const N = 150;

describe('the value network', () => {
  before(() => startEngine());
  const obsNorm_ND = normals(stream(1, 'states'), N * D);
  const target_N = Float32Array.from(
    { length: N },
    (_, n) => obsNorm_ND[n * D]! ** 2 - obsNorm_ND[n * D + 1]!,
  );
  const fresh = () => initMlp({ sizes: [D, 24, 1], activation: 'tanh' }, stream(2, 'init'));

  function fit(epochs: number, seed = 3) {
    const net = fresh();
    const options = {
      adam: initAdam(net.params_P.length),
      rate: 1e-2,
      epochs,
      batchSize: 40,
      rng: stream(seed, 'order'),
    };
    return { net, error: fitValues(net, { obsNorm_ND, target_N }, options) };
  }

  test('gives the plain twin row by row', () => {
    const net = fresh();
    const row = rowFunction(net);
    const expected = Array.from({ length: N }, (_, n) => row(obsNorm_ND.subarray(n * D, (n + 1) * D))[0]!);
    assertClose(values(net, obsNorm_ND), expected, { within: 1e-5 });
  });

  test('learns a curved function of the state', () => {
    const { net, error } = fit(80);
    const predicted = values(net, obsNorm_ND);
    const mse = predicted.reduce((sum, value, n) => sum + (value - target_N[n]!) ** 2, 0) / N;
    const mean = target_N.reduce((sum, x) => sum + x, 0) / N;
    const variance = target_N.reduce((sum, x) => sum + (x - mean) ** 2, 0) / N;
    assert.ok(mse < 0.1 * variance, `error ${mse}, variance ${variance}`);
    assert.ok(Math.abs(error - mse) < 0.5 * mse + 0.01, 'what it reports is about the error that is left');
  });

  test('reports the mean squared error over every row once, the short last minibatch included', () => {
    const net = fresh();
    const target = values(net, obsNorm_ND).map((value) => value + 2);
    const error = fitValues(
      net,
      { obsNorm_ND, target_N: target },
      {
        adam: initAdam(net.params_P.length),
        rate: 1e-12,
        epochs: 1,
        batchSize: 40,
        rng: stream(4),
      },
    );
    assert.ok(Math.abs(error - 4) < 1e-4, `error ${error}`);
  });

  test('visits rows in the order of its stream, and the same stream gives the same weights', () => {
    assert.deepEqual(fit(2, 3), fit(2, 3));
    assert.notDeepEqual(fit(2, 3).net.params_P, fit(2, 4).net.params_P);
  });

  test('leaves no tensor behind', () => {
    const tensors = tf.memory().numTensors;
    fit(1);
    values(fresh(), obsNorm_ND);
    assert.equal(tf.memory().numTensors, tensors);
  });
});
