import assert from 'node:assert/strict';
import { test } from 'node:test';
import { normals, stream } from '../../lib/backend/rng.ts';
import { boundSpectralNorms, spectralNorm } from '../../lib/models/spectral-norm.ts';
import { initMlp, layerViews, rowFunction } from '../../lib/nn/mlp.ts';

test('the spectral norm of a matrix of known singular values', () => {
  assert.ok(Math.abs(spectralNorm([3, 0, 0, 0, -5, 0], { inputs: 2, outputs: 3 }) - 5) < 1e-9);
  // [1 2; 3 4]: the larger root of x^2 - 30 x + 4, the characteristic polynomial of W'W.
  const expected = Math.sqrt(15 + Math.sqrt(221));
  assert.ok(Math.abs(spectralNorm([1, 2, 3, 4], { inputs: 2, outputs: 2 }) - expected) < 1e-9);
  assert.equal(spectralNorm(new Float32Array(6), { inputs: 2, outputs: 3 }), 0);
});

test('bounded layers stretch no difference of inputs by more than the bounds together; others stay as they are', () => {
  const net = initMlp({ sizes: [5, 20, 10, 1], activation: 'relu' }, stream(1), { lastGain: 0.01 });
  const before = net.params_P.slice();
  boundSpectralNorms(net, 0.9);
  const layers = layerViews(net.spec, net.params_P);
  for (const { weight_IO, ...size } of layers) assert.ok(spectralNorm(weight_IO, size) < 0.9 * 1.01);
  assert.deepEqual(layers[2]!.weight_IO, layerViews(net.spec, before)[2]!.weight_IO);
  assert.notDeepEqual(layers[0]!.weight_IO, layerViews(net.spec, before)[0]!.weight_IO);
  const out = rowFunction(net);
  const rng = stream(2);
  for (let k = 0; k < 50; k++) {
    const [x, y] = [normals(rng, 5), normals(rng, 5)];
    const gap = Math.abs(out(x)[0]! - out(y)[0]!);
    assert.ok(gap <= 0.92 ** 3 * Math.hypot(...x.map((each, i) => each - y[i]!)));
  }
});
