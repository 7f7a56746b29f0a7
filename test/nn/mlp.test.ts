import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { normals, stream } from '../../lib/backend/rng.ts';
import { initMlp, layerViews, type MlpSpec, paramCount, rowFunction } from '../../lib/nn/mlp.ts';
import { assertClose } from './closeness.ts';

const spec: MlpSpec = { sizes: [3, 5, 2], activation: 'tanh' };

describe('layout', () => {
  test('counts weights and biases of every layer', () => {
    assert.equal(paramCount(spec), 3 * 5 + 5 + 5 * 2 + 2);
    assert.equal(paramCount({ sizes: [4], activation: 'relu' }), 0);
  });

  test('layer views cover the flat array once, in order, and write through to it', () => {
    const params_P = Float32Array.from({ length: paramCount(spec) }, (_, i) => i);
    const layers = layerViews(spec, params_P);
    assert.deepEqual(
      layers.map(({ inputs, outputs }) => [inputs, outputs]),
      [
        [3, 5],
        [5, 2],
      ],
    );
    assert.deepEqual(
      layers.flatMap(({ weight_IO, bias_O }) => [...weight_IO, ...bias_O]),
      [...params_P],
    );
    layers[1]!.bias_O[1] = -7;
    assert.equal(params_P.at(-1), -7);
  });

  test('refuses an array of another length, naming the layout', () => {
    assert.throws(() => layerViews(spec, new Float32Array(31)), {
      name: 'RangeError',
      message: 'A network of sizes 3-5-2 has 32 parameters, but 31 were given',
    });
    assert.throws(() => rowFunction({ spec, params_P: new Float32Array(33) }), RangeError);
  });
});

describe('initialisation', () => {
  /** Std of one layer's weights, in units of 1 / sqrt(inputs). */
  function gain(weights: Float32Array, inputs: number): number {
    return Math.sqrt((inputs * weights.reduce((sum, w) => sum + w * w, 0)) / weights.length);
  }

  for (const [activation, expected] of [
    ['relu', Math.SQRT2],
    ['swish', Math.SQRT2],
    ['tanh', 1],
  ] as const)
    test(`hidden layers of ${activation} networks have gain ${expected.toFixed(3)}, the last one the gain asked for`, () => {
      const net = initMlp({ sizes: [50, 80, 60, 40], activation }, stream(1, 'gain'), { lastGain: 0.1 });
      const layers = layerViews(net.spec, net.params_P);
      const gains = layers.map(({ inputs, weight_IO }) => gain(weight_IO, inputs));
      // Four standard errors of a std over 2400 weights: 4 / sqrt(2 x 2400) is 6 %.
      assertClose(
        gains.map((g, l) => g / [expected, expected, 0.1][l]!),
        [1, 1, 1],
        { within: 0.06, what: 'gain' },
      );
      assert.ok(layers.every(({ bias_O }) => bias_O.every((b) => b === 0)));
    });

  test('draws from the stream it is given and from nothing else', () => {
    assert.deepEqual(initMlp(spec, stream(2, 'init')), initMlp(spec, stream(2, 'init')));
    assert.notDeepEqual(initMlp(spec, stream(2, 'init')), initMlp(spec, stream(3, 'init')));
  });
});

describe('rowFunction', () => {
  test('computes a network worked by hand', () => {
    // h = relu([1 - 2 x 0.5 + 0.25, 2 x 1 - 0.5 - 2]) = [0.25, 0]; y = 4 x 0.25 + 3
    const net = rowFunction({
      spec: { sizes: [2, 2, 1], activation: 'relu' },
      params_P: Float32Array.of(1, 2, -2, -1, 0.25, -2, 4, 100, 3),
    });
    assert.deepEqual([...net([1, 0.5])], [4]);
  });

  for (const [activation, f] of [
    ['tanh', Math.tanh],
    ['swish', (z: number) => z / (1 + Math.exp(-z))],
    ['relu', (z: number) => Math.max(z, 0)],
  ] as const)
    test(`applies ${activation} to hidden layers and not to the output`, () => {
      const net = rowFunction({
        spec: { sizes: [1, 1, 1], activation },
        params_P: Float32Array.of(1, 0, 1, 0),
      });
      const deeper = rowFunction({ spec: { sizes: [1, 1], activation }, params_P: Float32Array.of(1, 0) });
      for (const z of [-30, -2, -0.1, 0, 0.1, 2, 30]) {
        assertClose(net([z]), [f(z)], { within: 1e-12 });
        assertClose(deeper([z]), [z], { within: 0 });
      }
    });

  test('sees parameters that are trained in place, and reuses its output array', () => {
    const net = initMlp(spec, stream(4, 'init'));
    const apply = rowFunction(net);
    const input = normals(stream(4, 'input'), 3);
    const first = apply(input);
    const before = [...first];
    net.params_P[net.params_P.length - 1]! += 1;
    assert.equal(apply(input), first);
    assertClose(first, [before[0]!, before[1]! + 1], { within: 1e-6 });
  });
});
