import assert from 'node:assert/strict';
import { before, describe, test } from 'node:test';
import { startEngine, tf } from '../../lib/backend/engine.ts';
import { normal, normals, type Rng, stream } from '../../lib/backend/rng.ts';
import {
  type ForwardModel,
  fitForwardModel,
  initForwardModel,
  type TransitionRows,
} from '../../lib/models/forward-model.ts';
import {
  errorByAge,
  modelJacobian,
  modelSnapshot,
  oneStepErrors,
  openLoopError,
} from '../../lib/models/forward-model-error.ts';
import { forwardNetRow } from '../../lib/models/forward-network.ts';
import { standardizer } from '../../lib/models/standardizer.ts';
import { assertClose } from '../nn/closeness.ts';

const [D, A] = [2, 1];
const obsNorm = standardizer([0, 1], [1, 2], { floor: 0 });

/** A pendulum-like system: what it does depends on where it is. */
function step([x, v]: readonly number[], a: number): [number, number] {
  return [x! + 0.2 * v!, v! - 0.3 * Math.sin(2 * x!) + 0.3 * a];
}

function trajectory(T: number, start: readonly number[], rng: Rng) {
  const obs_Tp1D = new Float32Array((T + 1) * D);
  const act_TA = normals(rng, T, 0.5).map((a) => Math.max(-1, Math.min(1, a)));
  let s: readonly number[] = start;
  obs_Tp1D.set(s);
  for (let t = 0; t < T; t++) {
    s = step(s, act_TA[t]!);
    obs_Tp1D.set(s, (t + 1) * D);
  }
  return { obs_Tp1D, act_TA };
}

/** Transitions from states around `centre`. */
function transitions(n: number, centre: number, rng: Rng): TransitionRows {
  const rows = Array.from({ length: n }, () => {
    const s = [centre + 0.5 * normal(rng), normal(rng)];
    const a = Math.max(-1, Math.min(1, 0.5 * normal(rng)));
    return { s, a, next: step(s, a) };
  });
  return {
    obs_BD: Float32Array.from(rows.flatMap(({ s }) => s)),
    act_BA: Float32Array.from(rows.map(({ a }) => a)),
    nextObs_BD: Float32Array.from(rows.flatMap(({ next }) => next)),
  };
}

function fresh(
  data: TransitionRows,
  kind: Partial<Parameters<typeof initForwardModel>[0]> = {},
): ForwardModel {
  return initForwardModel(
    { obsNorm, actBound: 1, actSize: A, hidden: [16, 16], members: 2, data, ...kind },
    stream(1, 'model'),
  );
}

const data = transitions(400, 0, stream(2));

describe('the open-loop error', () => {
  before(() => startEngine());
  const recorded = [0.3, -0.4, 0.1].map((x, k) => trajectory(30, [x, 0], stream(3, `${k}`)));
  const untrained = fresh(data);
  const trained = fresh(data);
  before(() => fitForwardModel(trained, data, { updates: 300, batchSize: 64, rate: 5e-3, rng: stream(4) }));

  test('is that of a plain twin that steps the model by itself', () => {
    for (const predicts of ['delta', 'absolute'] as const) {
      const model = fresh(data, { members: 1, predicts });
      const errors = openLoopError(model, recorded, { maxHorizon: 5, every: 7 });
      const net = forwardNetRow(model.members[0]!);
      const normed = (row: ArrayLike<number>) => [row[0]!, (row[1]! - 1) / 2];
      const squares = [0, 0, 0, 0, 0];
      let segments = 0;
      for (const { obs_Tp1D, act_TA } of recorded)
        for (let at = 0; at + 5 <= 30; at += 7) {
          segments++;
          let s = normed(obs_Tp1D.subarray(at * D));
          for (let k = 0; k < 5; k++) {
            const out = net([...s, act_TA[at + k]!]);
            s = s.map((x, d) => (predicts === 'delta' ? x : 0) + out[d]! * model.deltaScale_D[d]!);
            normed(obs_Tp1D.subarray((at + k + 1) * D)).forEach((truth, d) => {
              squares[k]! += (s[d]! - truth) ** 2 / D;
            });
          }
        }
      assert.deepEqual(
        errors.map((row) => row.horizon),
        [1, 2, 3, 4, 5],
      );
      assert.equal(errors[0]!.segments, segments);
      assertClose(
        errors.map((row) => row.error),
        squares.map((square) => Math.sqrt(square / segments)),
        { within: 1e-4 },
      );
    }
  });

  test('grows with the horizon and stays below that of predicting no change, once the model has learnt', () => {
    const errors = openLoopError(trained, recorded, { maxHorizon: 10 });
    assert.ok(errors[9]!.error > errors[0]!.error, `${errors[0]!.error}, then ${errors[9]!.error}`);
    for (const { horizon, error, noChangeError } of errors)
      assert.ok(error < 0.5 * noChangeError, `horizon ${horizon}: ${error} against ${noChangeError}`);
    const before = openLoopError(untrained, recorded, { maxHorizon: 10 });
    assert.ok(errors[9]!.error < 0.7 * before[9]!.error, `${before[9]!.error}, then ${errors[9]!.error}`);
  });

  test('needs a trajectory that is long enough', () => {
    assert.throws(() => openLoopError(trained, recorded, { maxHorizon: 31 }), /No trajectory has 31 steps/);
  });

  test('is larger where the model has not been: on states far from its data', () => {
    const [near, far] = oneStepErrors(trained, {
      near: transitions(200, 0, stream(5)),
      far: transitions(200, 3, stream(6)),
    });
    assert.deepEqual([near!.states, far!.states, far!.transitions], ['near', 'far', 200]);
    assert.ok(far!.error > 2 * near!.error, `${near!.error} near, ${far!.error} far`);
    assert.ok(near!.error < near!.noChangeError, `${near!.error} against ${near!.noChangeError}`);
  });

  test('leaves no tensor behind', () => {
    const tensors = tf.memory().numTensors;
    openLoopError(trained, recorded, { maxHorizon: 3 });
    oneStepErrors(trained, { data });
    modelJacobian(trained, data);
    assert.equal(tf.memory().numTensors, tensors);
  });
});

describe('the error over training', () => {
  before(() => startEngine());

  test('grows with the age of the data, as the states move, and snapshots stay as they were', () => {
    const stages = [0, 1, 2].map((centre, k) => transitions(300, centre, stream(7, `${k}`)));
    const held = [0, 1, 2].map((centre, k) => transitions(200, centre, stream(8, `${k}`)));
    const model = fresh(data, { members: 1 });
    const models = stages.map((stage, k) => {
      fitForwardModel(model, stage, { updates: 250, batchSize: 64, rate: 5e-3, rng: stream(9, `${k}`) });
      return modelSnapshot(model);
    });
    const rows = errorByAge(models, held);
    assert.equal(rows.length, 3 + 2 + 1);
    const mean = (age: number) => {
      const same = rows.filter((row) => row.age === age);
      return same.reduce((sum, row) => sum + row.error / same.length, 0);
    };
    assert.ok(mean(0) < mean(1) && mean(1) < mean(2), [0, 1, 2].map(mean).join(', '));
    assert.notDeepEqual(models[0]!.members[0]!.params_P, models[2]!.members[0]!.params_P);
    assert.throws(() => errorByAge(models, held.slice(1)), /3 models for 2 stages/);
  });
});

describe("a model's Jacobian", () => {
  before(() => startEngine());
  for (const network of ['mlp', 'gated'] as const)
    for (const predicts of ['delta', 'absolute'] as const)
      test(`is that of finite differences of its plain row: ${network}, ${predicts}`, () => {
        const model = fresh(data, { members: 1, network, predicts });
        const rows = { obs_BD: Float32Array.of(0.3, -0.5, 1, 2), act_BA: Float32Array.of(0.2, -0.4) };
        const jacobian_BDI = modelJacobian(model, rows);
        const net = forwardNetRow(model.members[0]!);
        const expected: number[] = [];
        for (const b of [0, 1]) {
          const at = [rows.obs_BD[2 * b]!, (rows.obs_BD[2 * b + 1]! - 1) / 2, rows.act_BA[b]!];
          for (let d = 0; d < D; d++)
            for (let i = 0; i < D + A; i++) {
              const moved = (h: number) => net(at.map((x, j) => (j === i ? x + h : x)))[d]!;
              const slope = (moved(1e-5) - moved(-1e-5)) / 2e-5;
              expected.push(slope * model.deltaScale_D[d]! + (i === d && predicts === 'delta' ? 1 : 0));
            }
        }
        assertClose(jacobian_BDI, expected, { within: 1e-5 });
      });
});
