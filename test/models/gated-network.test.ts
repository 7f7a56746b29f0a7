import assert from 'node:assert/strict';
import { before, describe, test } from 'node:test';
import { scope, startEngine, tf } from '../../lib/backend/engine.ts';
import { normals, stream } from '../../lib/backend/rng.ts';
import { forwardNetRow, uploadForwardNet } from '../../lib/models/forward-network.ts';
import { gatedParamCount, gatedParts, initGated, mapParts } from '../../lib/models/gated-network.ts';
import { assertClose } from '../nn/closeness.ts';
import { applyGatedOnTape } from './gated-tape.ts';

const spec = { obsSize: 3, actSize: 2, width: 6 };

describe('the gated network', () => {
  before(() => startEngine());
  const net = initGated(spec, stream(1, 'gated'), { initStd: 0.3 });
  const input_BI = normals(stream(2), 7 * 5);

  test('computes the same row by row, in batches, traced or not, and as the released equations on the tape', () => {
    const row = forwardNetRow(net);
    const plain: number[] = [];
    for (let b = 0; b < 7; b++) plain.push(...row(input_BI.subarray(b * 5, (b + 1) * 5)));
    scope(() => {
      const input = tf.tensor2d(input_BI, [7, 5]);
      const uploaded = uploadForwardNet(net);
      assertClose(uploaded.forward(input).dataSync(), plain, { within: 1e-5 });
      assertClose(uploaded.traced(input).out_BO.dataSync(), plain, { within: 1e-5 });
      const onTape = applyGatedOnTape(spec, tf.tensor1d(net.params_P), input);
      assertClose(onTape.dataSync(), plain, { within: 1e-5 });
    });
  });

  test('shuts out the state where the update gate is open: what is left is the memory, 1', () => {
    const open = { spec, params_P: net.params_P.slice() };
    const { gates } = gatedParts(open);
    gates.params_P.fill(0);
    gates.params_P.subarray(-spec.width).fill(100); // z = 1, so y = h = 1 whatever the state
    const row = forwardNetRow(open);
    const at = (state: readonly number[], act: readonly number[]) => [...row([...state, ...act])];
    assert.deepEqual(at([1, 2, 3], [0.5, -0.5]), at([-4, 0, 9], [0.5, -0.5]));
    assert.notDeepEqual(at([1, 2, 3], [0.5, -0.5]), at([1, 2, 3], [0.5, 0.5]));
  });

  test('multiplies the two codes: with the action code shut, neither state nor action is seen', () => {
    const shut = { spec, params_P: net.params_P.slice() };
    gatedParts(shut).actionCode.params_P.subarray(-spec.width).fill(-1000);
    const row = forwardNetRow(shut);
    assert.deepEqual([...row([1, 2, 3, 0.5, -0.5])], [...row([-4, 0, 9, 0, 1])]);
  });

  test('counts its parameters as the layers add up', () => {
    const [D, A, H] = [3, 2, 6];
    const affine = (inputs: number, outputs: number) => (inputs + 1) * outputs;
    const state = affine(D, H) + affine(H, 2 * H) + affine(2 * H, H) + affine(H, H);
    const action = affine(A, H) + affine(H, H);
    const fused = 3 * affine(H, H) + affine(H, D);
    assert.equal(gatedParamCount(spec), state + action + fused);
    assert.equal(net.params_P.length, gatedParamCount(spec));
    assert.throws(
      () => gatedParts({ spec, params_P: new Float32Array(5) }),
      /width 6 has \d+ parameters, but 5 were given/,
    );
  });

  test('starts with biases 0, or with the std of the released code everywhere', () => {
    const wide = { obsSize: 10, actSize: 3, width: 50 };
    mapParts(gatedParts(initGated(wide, stream(3))), ({ spec: part, params_P }) =>
      assert.deepEqual([...params_P.subarray(-part.sizes.at(-1)!)], Array(part.sizes.at(-1)!).fill(0)),
    );
    const released = initGated(wide, stream(4), { initStd: 0.15 }).params_P;
    const square = released.reduce((sum, p) => sum + p * p, 0) / released.length;
    assertClose([Math.sqrt(square)], [0.15], { within: 0.005 });
  });
});
