import assert from 'node:assert/strict';
import { before, describe, test } from 'node:test';
import { startEngine, tf } from '../../lib/backend/engine.ts';
import { normals, type Rng, stream, uniform } from '../../lib/backend/rng.ts';
import {
  type ForwardModel,
  initForwardModel,
  modelError,
  modelGradient,
  modelRows,
  type TransitionRows,
} from '../../lib/models/forward-model.ts';
import { standardizer } from '../../lib/models/standardizer.ts';
import { adamStep, initAdam } from '../../lib/nn/adam.ts';
import { rowFunction } from '../../lib/nn/mlp.ts';
import { assertClose, assertGradient, relativeDistance } from '../nn/closeness.ts';
import { applyOnTape, tapeGradient } from '../nn/tape.ts';

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

describe("a forward model's gradient", () => {
  before(() => startEngine());
  const data = linearSystem(20, stream(4, 'gradient'));
  const model = someModel(data, stream(5), 1, [10, 6]);
  const member = model.members[0]!;
  const rows = modelRows(model, data);

  test('equals the tape and finite differences of a plain twin', () => {
    const { gradient_P, mse } = modelGradient(member, rows);
    const onTape = tapeGradient((params_P) => {
      const out = applyOnTape(member.spec, params_P, tf.tensor2d(rows.input_NI, [20, D + A]));
      return tf.mean(tf.square(tf.sub(out, tf.tensor2d(rows.target_ND, [20, D]))));
    }, member.params_P);
    assert.ok(relativeDistance(gradient_P, onTape) < 1e-4);
    const plainMse = (params_P: Float32Array) => {
      const net = rowFunction({ spec: member.spec, params_P });
      let sum = 0;
      for (let n = 0; n < 20; n++)
        net(rows.input_NI.subarray(n * (D + A), (n + 1) * (D + A))).forEach((out, d) => {
          sum += (out - rows.target_ND[n * D + d]!) ** 2 / (20 * D);
        });
      return sum;
    };
    assertGradient(plainMse, member.params_P, gradient_P, { rng: stream(6) });
    assertClose([mse], [plainMse(member.params_P)], { within: 1e-5 });
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

  test('a linear system is learnt to an error below 1 % of its variance, on data never seen', () => {
    const model = someModel(data, stream(10));
    const member = model.members[0]!;
    const adam = initAdam(member.params_P.length);
    const unseen = linearSystem(200, stream(11, 'unseen'));
    const before = modelError(model, unseen);
    const rows = modelRows(model, data);
    for (let k = 0; k < 400; k++)
      adamStep(member.params_P, modelGradient(member, rows).gradient_P, adam, { rate: 1e-2 });
    const after = modelError(model, unseen);
    assert.ok(before > 0.5, `${before} before`);
    assert.ok(after < 0.01, `${after} after`);
  });
});
