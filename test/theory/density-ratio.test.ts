import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { startEngine } from '../../lib/backend/engine.ts';
import { integer, normal, stream } from '../../lib/backend/rng.ts';
import {
  discriminatorGradient,
  expertLogits,
  initDiscriminator,
  pairInputs,
} from '../../lib/models/discriminator.ts';
import { standardizer } from '../../lib/models/standardizer.ts';
import { adamStep, initAdam } from '../../lib/nn/adam.ts';
import {
  densityRatios,
  fitQuadraticDiscriminators,
  ratioGaps,
  type ScalarImitation,
  stationaryPairs,
  stationaryState,
} from '../../lib/theory/density-ratio.ts';
import { assertClose } from '../nn/closeness.ts';

const imitation: ScalarImitation = {
  system: { keep: 0.9, push: 0.5, noise: 0.3 },
  expert: { gain: -0.8, offset: 0.2, std: 0.3 },
  agent: { gain: -0.4, offset: -0.1, std: 0.4 },
};
const { system, expert, agent } = imitation;

describe('D = 1 / (1 + phi psi)', () => {
  test('is p(s, a | agent) / (p(s, a | agent) + p(s, a | expert)), the densities written out', () => {
    const density = (actor: typeof expert, s: number, a: number) => {
      const { mean, variance } = stationaryState(system, actor);
      const gauss = (x: number, m: number, v: number) =>
        Math.exp(-((x - m) ** 2) / (2 * v)) / Math.sqrt(2 * Math.PI * v);
      return gauss(s, mean, variance) * gauss(a, actor.gain * s + actor.offset, actor.std ** 2);
    };
    for (const [s, a] of [
      [0, 0],
      [0.5, -0.4],
      [-1, 0.7],
      [1.2, 0.3],
    ] as const) {
      const [byAgent, byExpert] = [density(agent, s, a), density(expert, s, a)];
      const { agentBelief, logit, logPhi, logPsi } = densityRatios(imitation, s, a);
      assertClose([agentBelief], [byAgent / (byAgent + byExpert)], { within: 1e-12 });
      assertClose([logit, agentBelief], [logPhi + logPsi, 1 / (1 + Math.exp(logPhi) * Math.exp(logPsi))], {
        within: 1e-12,
      });
    }
  });

  test('is a half everywhere when the agent is the expert; a better agent in the same states leaves only phi', () => {
    assert.equal(densityRatios({ ...imitation, agent: expert }, 0.3, -2).agentBelief, 0.5);
    // No push: the states are the same whoever acts.
    const { logPsi, logPhi } = densityRatios({ ...imitation, system: { ...system, push: 0 } }, 0.3, -0.2);
    assert.equal(logPsi, 0);
    assert.notEqual(logPhi, 0);
  });

  test('has the expert on the side of high logits', () => {
    const mean = (actor: typeof expert) => {
      const { obs_N, act_N } = stationaryPairs(system, actor, { n: 2000, rng: stream(1) });
      return obs_N.reduce((sum, s, i) => sum + densityRatios(imitation, s, act_N[i]!).logit / 2000, 0);
    };
    assert.ok(mean(expert) > 0.3 && mean(agent) < -0.3, `${mean(expert)} and ${mean(agent)}`);
  });

  test('has for p(s) what the system does in the long run', () => {
    const rng = stream(2, 'chain');
    let s = 0;
    let [sum, square, count] = [0, 0, 0];
    for (let t = 0; t < 60_000; t++) {
      const a = agent.gain * s + agent.offset + agent.std * normal(rng);
      s = system.keep * s + system.push * a + system.noise * normal(rng);
      if (t < 100) continue;
      sum += s;
      square += s * s;
      count++;
    }
    const { mean, variance } = stationaryState(system, agent);
    assertClose([sum / count, square / count - (sum / count) ** 2], [mean, variance], { within: 0.02 });
    assert.throws(
      () => stationaryState(system, { ...agent, gain: 0.3 }),
      /run away, since keep \+ push gain is 1.05/,
    );
  });
});

describe('a trained discriminator', () => {
  test('finds D, phi and psi: logistic regression on pairs and on states alone', () => {
    const gaps = [1, 2, 3].map((seed) => {
      const trained = fitQuadraticDiscriminators(imitation, { n: 10_000, rng: stream(seed, 'fit') });
      return ratioGaps(imitation, trained, { n: 2000, rng: stream(seed, 'check') });
    });
    const worst = (key: keyof (typeof gaps)[0]) => Math.max(...gaps.map((gap) => gap[key]));
    assert.ok(worst('agentBelief') < 0.015, `belief ${worst('agentBelief')}`);
    assert.ok(worst('logit') < 0.25 && worst('logPhi') < 0.25, `logit ${worst('logit')}`);
    assert.ok(worst('logPsi') < 0.1, `ln psi ${worst('logPsi')}`);
  });

  test("comes near D as this project's network too, trained as in MAIL", async () => {
    await startEngine();
    const rng = stream(4, 'network');
    const draw = (actor: typeof expert) => {
      const { obs_N, act_N } = stationaryPairs(system, actor, { n: 4000, rng });
      return pairInputs(net, Float32Array.from(obs_N), Float32Array.from(act_N));
    };
    const scaling = { actMean_A: new Float32Array(1), actScale_A: Float32Array.of(0.5), actBound: 10 };
    const obsNorm = standardizer([0], [0.5]);
    const net = initDiscriminator({ obsNorm, ...scaling, hidden: [24, 24] }, rng);
    const data = { expert_BI: draw(expert), agent_BI: draw(agent) };
    const batch = (rows: Float32Array) =>
      Float32Array.from(
        Array.from({ length: 256 }, () => integer(rng, 4000)).flatMap((n) => [
          rows[2 * n]!,
          rows[2 * n + 1]!,
        ]),
      );
    const adam = initAdam(net.params_P.length);
    for (let k = 0; k < 400; k++) {
      const rows = { expert_BI: batch(data.expert_BI), agent_BI: batch(data.agent_BI) };
      const { gradient_P } = discriminatorGradient(net, rows, { penalty: 0 });
      adamStep(net.params_P, gradient_P, adam, { rate: 3e-3 });
    }
    let gap = 0;
    for (const actor of [expert, agent]) {
      const { obs_N, act_N } = stationaryPairs(system, actor, { n: 1000, rng: stream(5) });
      const rows = pairInputs(net, Float32Array.from(obs_N), Float32Array.from(act_N));
      expertLogits(net, rows).forEach((logit, i) => {
        const { agentBelief } = densityRatios(imitation, obs_N[i]!, act_N[i]!);
        gap += Math.abs(1 / (1 + Math.exp(logit)) - agentBelief) / 2000;
      });
    }
    assert.ok(gap < 0.04, `mean gap of the belief ${gap}`);
  });
});
