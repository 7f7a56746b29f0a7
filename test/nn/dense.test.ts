import assert from 'node:assert/strict';
import { before, describe, test } from 'node:test';
import { scope, startEngine, type Tensor2D, tf } from '../../lib/backend/engine.ts';
import { normals, type Rng, stream } from '../../lib/backend/rng.ts';
import {
  backward,
  backwardDeltas,
  forward,
  forwardTraced,
  tangent,
  upload,
  weightGradient,
} from '../../lib/nn/dense.ts';
import {
  type Activation,
  initMlp,
  type Mlp,
  type MlpSpec,
  paramCount,
  rowFunction,
} from '../../lib/nn/mlp.ts';
import { assertClose, assertGradient, dot, relativeDistance } from './closeness.ts';
import { applyOnTape, tapeGradient } from './tape.ts';

const activations: readonly Activation[] = ['relu', 'tanh', 'swish'];
const B = 7;

/** A network whose biases are not zero, so that a slip in them shows. */
function randomNet(sizes: readonly number[], activation: Activation, rng: Rng): Mlp {
  const net = initMlp({ sizes, activation }, rng);
  return { ...net, params_P: net.params_P.map((p) => p + 0.1 * normals(rng, 1)[0]!) };
}

/** <cotangent, network(x)> in double arithmetic, row by row. */
function plainPairing({ spec, params_P }: Mlp, x_BI: Float32Array, cot_BO: Float32Array): number {
  const net = rowFunction({ spec, params_P });
  const [I, O] = [spec.sizes[0]!, spec.sizes.at(-1)!];
  let sum = 0;
  for (let b = 0; b < x_BI.length / I; b++)
    sum += dot(net(x_BI.subarray(b * I, (b + 1) * I)), cot_BO.subarray(b * O, (b + 1) * O));
  return sum;
}

for (const activation of activations)
  describe(`${activation} networks on tensors`, () => {
    before(() => startEngine());
    const rng = stream(1, 'dense-test', activation);
    const net = randomNet([4, 9, 6, 3], activation, rng);
    const [I, O] = [4, 3];
    const x_BI = normals(rng, B * I);
    const cot_BO = normals(rng, B * O);
    const inputs = () => tf.tensor2d(x_BI, [B, I]);
    const cotangents = () => tf.tensor2d(cot_BO, [B, O]);

    test('forward, traced or not, equals the plain twin row by row to 1e-5', () => {
      const expected: number[] = [];
      const row = rowFunction(net);
      for (let b = 0; b < B; b++) expected.push(...row(x_BI.subarray(b * I, (b + 1) * I)));
      scope(() => {
        const weights = upload(net);
        const out_BO = forward(weights, inputs());
        assert.deepEqual(out_BO.shape, [B, O]);
        assertClose(out_BO.dataSync(), expected, { within: 1e-5 });
        assertClose(forwardTraced(weights, inputs()).out_BO.dataSync(), out_BO.dataSync(), { within: 0 });
      });
    });

    test('backward agrees with finite differences in the input', () => {
      const inCot_BI = scope(() => {
        const weights = upload(net);
        return backward(weights, forwardTraced(weights, inputs()).trace, cotangents()).inCot_BI.dataSync();
      });
      assertGradient((x) => plainPairing(net, x, cot_BO), x_BI, inCot_BI, { rng: stream(2, activation) });
    });

    test('weightGradient agrees with finite differences in the parameters, and with the tape', () => {
      const gradient_P = scope(() => {
        const weights = upload(net);
        const { trace } = forwardTraced(weights, inputs());
        return weightGradient([{ trace, deltas: backwardDeltas(weights, trace, cotangents()) }]).dataSync();
      });
      const value = (params_P: Float32Array) => plainPairing({ ...net, params_P }, x_BI, cot_BO);
      assertGradient(value, net.params_P, gradient_P, { rng: stream(3, activation) });
      const onTape = tapeGradient(
        (params_P) => tf.sum(tf.mul(applyOnTape(net.spec, params_P, inputs()), cotangents())),
        net.params_P,
      );
      assert.ok(relativeDistance(gradient_P, onTape) < 1e-5);
    });

    test('tangent agrees with finite differences along a direction, entry by entry', () => {
      const direction_P = normals(stream(4, activation), net.params_P.length);
      const moved = scope(() => {
        const weights = upload(net);
        return tangent(weights, forwardTraced(weights, inputs()).trace, direction_P).dataSync();
      });
      const h = 1e-4;
      const outputs = (sign: number) => {
        const row = rowFunction({
          ...net,
          params_P: net.params_P.map((p, i) => p + sign * h * direction_P[i]!),
        });
        return Array.from({ length: B }, (_, b) => [...row(x_BI.subarray(b * I, (b + 1) * I))]).flat();
      };
      const minus = outputs(-1);
      const expected = outputs(1).map((y, i) => (y - minus[i]!) / (2 * h));
      assert.ok(relativeDistance(moved, expected) < 1e-3);
    });

    test('the derivatives are adjoint: <cot, tangent(d)> = <weightGradient(cot), d> for any cot and d', () => {
      for (let k = 0; k < 5; k++) {
        const pairRng = stream(5, activation, `${k}`);
        const direction_P = normals(pairRng, net.params_P.length);
        const cot = normals(pairRng, B * O);
        const [forwards, backwards] = scope(() => {
          const weights = upload(net);
          const { trace } = forwardTraced(weights, inputs());
          const deltas = backwardDeltas(weights, trace, tf.tensor2d(cot, [B, O]));
          return [
            dot(cot, tangent(weights, trace, direction_P).dataSync()),
            dot(weightGradient([{ trace, deltas }]).dataSync(), direction_P),
          ];
        });
        assert.ok(
          Math.abs(forwards - backwards) < 1e-4 * Math.max(1, Math.abs(forwards)),
          `${forwards} and ${backwards}`,
        );
      }
    });
  });

describe('one gradient for many passes', () => {
  before(() => startEngine());
  const rng = stream(6, 'passes');
  const net = randomNet([3, 8, 2], 'swish', rng);
  const passes = Array.from({ length: 4 }, () => ({
    x_BI: normals(rng, B * 3),
    cot_BO: normals(rng, B * 2),
  }));

  test('stacked passes give the sum of the gradients of each', () => {
    scope(() => {
      const weights = upload(net);
      const traced = passes.map(({ x_BI, cot_BO }) => {
        const { trace } = forwardTraced(weights, tf.tensor2d(x_BI, [B, 3]));
        return { trace, deltas: backward(weights, trace, tf.tensor2d(cot_BO, [B, 2])).deltas };
      });
      const sum = tf.addN(traced.map((pass) => weightGradient([pass]))).dataSync();
      assertClose(weightGradient(traced).dataSync(), sum, { within: 2e-5 });
    });
  });

  test('backward and backwardDeltas leave the same deltas behind', () => {
    scope(() => {
      const weights = upload(net);
      const { trace } = forwardTraced(weights, tf.tensor2d(passes[0]!.x_BI, [B, 3]));
      const cot: Tensor2D = tf.tensor2d(passes[0]!.cot_BO, [B, 2]);
      const deltas = (some: readonly Tensor2D[]) => some.map((delta) => [...delta.dataSync()]);
      assert.deepEqual(
        deltas(backward(weights, trace, cot).deltas),
        deltas(backwardDeltas(weights, trace, cot)),
      );
    });
  });
});

describe('at the edges', () => {
  before(() => startEngine());
  const spec: MlpSpec = { sizes: [3, 4, 2], activation: 'relu' };

  test('a network without hidden layers is affine in all of the above', () => {
    const affine: Mlp = {
      spec: { sizes: [2, 1], activation: 'relu' },
      params_P: Float32Array.of(2, -3, 0.5),
    };
    scope(() => {
      const weights = upload(affine);
      const { out_BO, trace } = forwardTraced(weights, tf.tensor2d([[1, 1]]));
      const { inCot_BI, deltas } = backward(weights, trace, tf.tensor2d([[10]]));
      assert.deepEqual([...out_BO.dataSync()], [-0.5]);
      assert.deepEqual([...inCot_BI.dataSync()], [20, -30]);
      assert.deepEqual([...weightGradient([{ trace, deltas }]).dataSync()], [10, 10, 10]);
      assert.deepEqual([...tangent(weights, trace, Float32Array.of(1, 2, 4)).dataSync()], [7]);
    });
  });

  test('a direction or an array of another length is refused', () => {
    scope(() => {
      const weights = upload({ spec, params_P: new Float32Array(paramCount(spec)) });
      const { trace } = forwardTraced(weights, tf.zeros([1, 3]));
      assert.throws(() => tangent(weights, trace, new Float32Array(25)), {
        name: 'RangeError',
        message: 'The direction has 25 entries, the network 26 parameters',
      });
      assert.throws(() => upload({ spec, params_P: new Float32Array(25) }), RangeError);
    });
  });

  test('inside a scope nothing is left behind', () => {
    const net = initMlp(spec, stream(7));
    const tensors = tf.memory().numTensors;
    scope(() => {
      const weights = upload(net);
      const { trace, out_BO } = forwardTraced(weights, tf.ones([5, 3]));
      const { deltas } = backward(weights, trace, out_BO);
      weightGradient([{ trace, deltas }]).dataSync();
      tangent(weights, trace, net.params_P).dataSync();
    });
    assert.equal(tf.memory().numTensors, tensors);
  });
});
