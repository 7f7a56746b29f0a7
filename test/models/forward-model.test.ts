import assert from 'node:assert/strict';
import { before, describe, test } from 'node:test';
import { scope, startEngine, tf } from '../../lib/backend/engine.ts';
import { normal, normals, type Rng, stream, uniform } from '../../lib/backend/rng.ts';
import {
  type ForwardModel,
  fitForwardModel,
  initForwardModel,
  modelError,
  modelGradient,
  modelRows,
  type TransitionRows,
} from '../../lib/models/forward-model.ts';
import {
  type ForwardNet,
  forwardNetRow,
  isGated,
  uploadForwardNet,
} from '../../lib/models/forward-network.ts';
import { standardizer } from '../../lib/models/standardizer.ts';
import { assertClose, assertGradient, assertRelativelyClose, dot } from '../nn/closeness.ts';
import { applyOnTape, tapeGradient } from '../nn/tape.ts';
import { applyGatedOnTape } from './gated-tape.ts';

const [D, A] = [3, 1];
const state = standardizer([0.5, -1, 0], [2, 0.5, 1], { floor: 0 });

/** Transitions of s' = s + M s + N a: a lightly damped oscillator and an integrator that the action pushes. */
function linearSystem(n: number, rng: Rng): TransitionRows {
  const obs_BD = normals(rng, n * D);
  const act_BA = Float32Array.from({ length: n * A }, () => uniform(rng, -1, 1));
  const nextObs_BD = new Float32Array(n * D);
  for (let b = 0; b < n; b++) {
    const [x, v, z] = obs_BD.subarray(b * D, (b + 1) * D) as unknown as [number, number, number];
    const a = act_BA[b]!;
    nextObs_BD.set([x + 0.1 * v, v - 0.2 * x - 0.05 * v + 0.3 * a, z + 0.2 * a], b * D);
  }
  return { obs_BD, act_BA, nextObs_BD };
}

function someModel(
  data: TransitionRows,
  rng: Rng,
  members = 1,
  hidden: readonly number[] = [24],
): ForwardModel {
  return initForwardModel({ obsNorm: state, actBound: 1, actSize: A, hidden, members, data }, rng);
}

describe("a forward model's rows", () => {
  const data = linearSystem(200, stream(1, 'rows'));
  const model = someModel(data, stream(2));

  test('hold the standardised observation beside the clipped action, and the change in its own unit', () => {
    const one = {
      obs_BD: Float32Array.of(2.5, -1, 1),
      act_BA: Float32Array.of(7),
      nextObs_BD: Float32Array.of(4.5, -1.5, 1),
    };
    const { input_NI, target_ND } = modelRows(model, one);
    assert.deepEqual([...input_NI], [1, 0, 1, 1]);
    assertClose(
      target_ND,
      [1, -1, 0].map((delta, d) => delta / model.deltaScale_D[d]!),
      { within: 1e-5 },
    );
  });

  test('deltaScale is the std of the standardised change, so that targets have unit std', () => {
    const { target_ND } = modelRows(model, data);
    const N = 200;
    for (let d = 0; d < D; d++) {
      const column = Array.from({ length: N }, (_, n) => target_ND[n * D + d]!);
      const mean = column.reduce((sum, x) => sum + x, 0) / N;
      const variance = column.reduce((sum, x) => sum + (x - mean) ** 2, 0) / N;
      assert.ok(Math.abs(variance - 1) < 1e-3, `entry ${d} has variance ${variance}`);
    }
  });

  test('changes are linear in the state even where the observation is beyond its bound', () => {
    const tight: ForwardModel = { ...model, obsNorm: { ...state, clip: 1 } };
    const far = {
      obs_BD: Float32Array.of(100, 0, 0),
      act_BA: Float32Array.of(0),
      nextObs_BD: Float32Array.of(102, 0, 0),
    };
    const { input_NI, target_ND } = modelRows(tight, far);
    assert.equal(input_NI[0], 1);
    assertClose([target_ND[0]! * model.deltaScale_D[0]!], [1], { within: 1e-5 });
  });

  test('an entry that never changes does not divide by 0', () => {
    const still = {
      obs_BD: new Float32Array(6),
      act_BA: new Float32Array(2),
      nextObs_BD: new Float32Array(6),
    };
    assertClose(someModel(still, stream(3)).deltaScale_D, [1e-6, 1e-6, 1e-6], { within: 1e-9 });
  });
});

for (const network of ['mlp', 'gated'] as const)
  describe(`the gradient of a forward model, network ${network}`, () => {
    before(() => startEngine());
    const data = linearSystem(20, stream(4, 'gradient'));
    const model = initForwardModel(
      { obsNorm: state, actBound: 1, actSize: A, hidden: [8, 8], members: 1, data, network },
      stream(5),
    );
    const fresh = model.members[0]!;
    const rng = stream(12, 'biases');
    const member = { ...fresh, params_P: fresh.params_P.map((p) => p + 0.1 * normal(rng)) } as ForwardNet;
    const rows = modelRows(model, data);

    test('equals the tape and finite differences of a plain twin', () => {
      const { gradient_P, mse } = modelGradient(member, rows);
      const onTape = tapeGradient((params_P) => {
        const input = tf.tensor2d(rows.input_NI, [20, D + A]);
        const out = isGated(member)
          ? applyGatedOnTape(member.spec, params_P, input)
          : applyOnTape(member.spec, params_P, input);
        return tf.mean(tf.square(tf.sub(out, tf.tensor2d(rows.target_ND, [20, D]))));
      }, member.params_P);
      assertRelativelyClose(gradient_P, onTape, 1e-4);
      const plainMse = (params_P: Float32Array) => {
        const net = forwardNetRow({ ...member, params_P } as ForwardNet);
        let sum = 0;
        for (let n = 0; n < 20; n++)
          net(rows.input_NI.subarray(n * (D + A), (n + 1) * (D + A))).forEach((out, d) => {
            sum += (out - rows.target_ND[n * D + d]!) ** 2 / (20 * D);
          });
        return sum;
      };
      // Small steps: the gated network has ReLU kinks.
      assertGradient(plainMse, member.params_P, gradient_P, { rng: stream(6), step: 3e-5 });
      assertClose([mse], [plainMse(member.params_P)], { within: 1e-5 });
    });

    test('pulls cotangents back to the input as finite differences do', () => {
      const cot_BO = normals(stream(13), 20 * D);
      const pulled_BI = scope(
        () =>
          uploadForwardNet(member)
            .traced(tf.tensor2d(rows.input_NI, [20, D + A]))
            .pull(tf.tensor2d(cot_BO, [20, D]))
            .dataSync() as Float32Array,
      );
      const pairing = (input_NI: Float32Array) => {
        const net = forwardNetRow(member);
        let sum = 0;
        for (let n = 0; n < 20; n++)
          sum += dot(
            net(input_NI.subarray(n * (D + A), (n + 1) * (D + A))),
            cot_BO.subarray(n * D, (n + 1) * D),
          );
        return sum;
      };
      assertGradient(pairing, rows.input_NI, pulled_BI, { rng: stream(14), step: 3e-5 });
    });

    test('leaves no tensor behind', () => {
      const tensors = tf.memory().numTensors;
      modelGradient(member, rows);
      modelError(model, data);
      assert.equal(tf.memory().numTensors, tensors);
    });
  });

describe('what a forward model predicts', () => {
  before(() => startEngine());
  const data = linearSystem(400, stream(7, 'learning'));

  test('networks of zeros predict no change: the error is the mean square of the change', () => {
    const model = someModel(data, stream(8));
    for (const { params_P } of model.members) params_P.fill(0);
    const { target_ND } = modelRows(model, data);
    const expected = target_ND.reduce((sum, target) => sum + target * target, 0) / target_ND.length;
    assertClose([modelError(model, data)], [expected], { within: 1e-5 });
  });

  test("an ensemble's error is the mean of its members'", () => {
    const model = someModel(data, stream(9), 3);
    assert.equal(model.members.length, 3);
    const errors = model.members.map((member) => modelGradient(member, modelRows(model, data)).mse);
    assert.ok(new Set(errors).size === 3, 'the members differ');
    assertClose([modelError(model, data)], [(errors[0]! + errors[1]! + errors[2]!) / 3], { within: 1e-5 });
  });

  for (const network of ['mlp', 'gated'] as const)
    for (const predicts of ['delta', 'absolute'] as const)
      test(`a linear system is learnt to an error below 2 % of its variance, on data never seen: ${network}, ${predicts}`, () => {
        const options = { obsNorm: state, actBound: 1, actSize: A, hidden: [24, 24], members: 1, data };
        const model = initForwardModel({ ...options, network, predicts }, stream(10));
        const unseen = linearSystem(200, stream(11, 'unseen'));
        const before = modelError(model, unseen);
        fitForwardModel(model, data, { updates: 400, batchSize: 200, rate: 1e-2, rng: stream(15) });
        const after = modelError(model, unseen);
        assert.ok(before > 0.5, `${before} before`);
        assert.ok(after < 0.02, `${after} after`);
      });

  test('an absolute prediction is the standardised next observation itself', () => {
    const options = { obsNorm: state, actBound: 1, actSize: A, hidden: [8], members: 1, data };
    const model = initForwardModel({ ...options, predicts: 'absolute' }, stream(16));
    assertClose([modelRows(model, data).target_ND[1]!], [(data.nextObs_BD[1]! + 1) / 0.5], { within: 1e-5 });
  });

  test('a gated network has one width', () => {
    const options = { obsNorm: state, actBound: 1, actSize: A, hidden: [8, 4], members: 1, data };
    assert.throws(
      () => initForwardModel({ ...options, network: 'gated' }, stream(1)),
      /one width, but the hidden layers are 8-4/,
    );
    assert.equal(initForwardModel(options, stream(1)).members.length, 1, 'a plain network may narrow');
  });
});
