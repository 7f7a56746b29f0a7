import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { normals, stream } from '../../lib/backend/rng.ts';
import { auroc } from '../../lib/confidence/auroc.ts';
import {
  agreement,
  expertProximity,
  meanScore,
  modelAgreement,
  policyCertainty,
} from '../../lib/confidence/baselines.ts';
import { fallsWithin } from '../../lib/confidence/outcomes.ts';
import { logitScore, scoreSteps } from '../../lib/confidence/score.ts';
import { pairInputs } from '../../lib/models/discriminator.ts';
import { initForwardModel } from '../../lib/models/forward-model.ts';
import { categoricalPolicy, gaussianPolicy } from '../models/samples.ts';
import { assertClose } from '../nn/closeness.ts';
import { A, D, someDiscriminator, trajectoryOf } from './samples.ts';

const trajectory = trajectoryOf({ seed: 1, T: 20, terminated: true });
const rng = stream(1, 'baselines');

describe("a policy's certainty", () => {
  test('with one std for all states is constant, and so foresees nothing: AUROC 1/2', () => {
    const policy = gaussianPolicy(1, { A, bound: 0 });
    const score_T = scoreSteps(policyCertainty(policy), trajectory);
    const entropy = policy.logStd_A.reduce((sum, s) => sum + s + 0.5 * Math.log(2 * Math.PI * Math.E), 0);
    assertClose(score_T, new Array(20).fill(-entropy), { within: 1e-12 });
    assert.equal(auroc(score_T, fallsWithin(trajectory, 5)), 0.5);
  });

  test('over discrete actions is minus the entropy, -ln K at the least', () => {
    const policy = categoricalPolicy(2, { K: 3 });
    const uniformPolicy = { ...policy, params_P: new Float32Array(policy.params_P.length) };
    const obs = normals(rng, D);
    assert.ok(Math.abs(policyCertainty(uniformPolicy)(obs, 0) + Math.log(3)) < 1e-12);
    const certainty = policyCertainty(policy)(obs, 0);
    assert.ok(certainty > -Math.log(3) && certainty < 0);
  });
});

describe('the distance to the expert', () => {
  const net = someDiscriminator(3);
  const expert = { n: 50, obs_ND: normals(rng, 50 * D), act_NA: normals(rng, 50 * A) };

  for (const over of ['states', 'pairs'] as const)
    test(`is the least over all pairs in the discriminator's units: ${over}`, () => {
      const size = over === 'states' ? D : D + A;
      const known = pairInputs(net, expert.obs_ND, expert.act_NA);
      const seen = pairInputs(net, trajectory.obs_Tp1D.subarray(0, 20 * D), trajectory.act_TA);
      const slow = Array.from({ length: 20 }, (_, t) => {
        const distances = Array.from({ length: 50 }, (_, n) =>
          Math.hypot(
            ...Array.from({ length: size }, (_, i) => seen[t * (D + A) + i]! - known[n * (D + A) + i]!),
          ),
        );
        return -Math.min(...distances);
      });
      assertClose(scoreSteps(expertProximity(net, expert, { over }), trajectory), slow, { within: 1e-5 });
    });

  test('is 0 at an expert pair', () => {
    const score = expertProximity(net, expert, { over: 'pairs' });
    assert.equal(score(expert.obs_ND.subarray(6 * D, 7 * D), expert.act_NA.subarray(6 * A, 7 * A)), -0);
  });
});

describe("an ensemble's agreement", () => {
  test('of discriminators is minus the std of their logits: 0 for twins', () => {
    const [one, other] = [logitScore(someDiscriminator(4)), logitScore(someDiscriminator(5))];
    const [obs, act] = [normals(rng, D), normals(rng, A)];
    assert.equal(agreement([one, one])(obs, act), -0);
    assert.ok(
      Math.abs(agreement([one, other])(obs, act) + Math.abs(one(obs, act) - other(obs, act)) / 2) < 1e-12,
    );
    assert.ok(Math.abs(meanScore([one, other])(obs, act) - (one(obs, act) + other(obs, act)) / 2) < 1e-12);
  });

  for (const network of ['mlp', 'gated'] as const)
    test(`of forward models is 0 for twins, and shift by 2 c of one entry is c / sqrt(D): ${network}`, () => {
      const data = {
        obs_BD: normals(rng, 9 * D),
        act_BA: normals(rng, 9 * A),
        nextObs_BD: normals(rng, 9 * D),
      };
      const { obsNorm } = someDiscriminator(6);
      const model = initForwardModel(
        { obsNorm, actBound: 1, actSize: A, hidden: [8, 8], members: 1, data, network },
        rng,
      );
      const twin = model.members[0]!;
      const [obs, act] = [normals(rng, D), normals(rng, A)];
      assert.equal(modelAgreement({ ...model, members: [twin, twin] })(obs, act), -0);
      // The last parameters are the output's biases.
      const params_P = twin.params_P.slice();
      params_P[params_P.length - 1]! += 0.5;
      const moved = modelAgreement({ ...model, members: [twin, { ...twin, params_P } as typeof twin] });
      assert.ok(Math.abs(moved(obs, act) + 0.25 / Math.sqrt(D)) < 1e-6);
      // Members that see the action differently, as biases alone would not: beyond the bound nothing changes any more.
      const unlike = { ...twin, params_P: twin.params_P.map((p) => p * 1.2) } as typeof twin;
      const unsure = modelAgreement({ ...model, members: [twin, unlike] });
      assert.equal(unsure(obs, [5, -7]), unsure(obs, [1, -1]));
      assert.notEqual(unsure(obs, [1, -1]), unsure(obs, [0.5, -1]));
      assert.throws(() => modelAgreement(model), /agreement of 1 forward model/);
    });
});
