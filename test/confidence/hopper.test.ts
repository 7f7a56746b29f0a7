// The whole chain on a real robot: the expert of Hopper-v5, a discriminator of its own, pushes, falls.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { before, describe, test } from 'node:test';
import { rollEpisode } from '../../lib/agents/rollout.ts';
import { startEngine } from '../../lib/backend/engine.ts';
import { normal, permutation, stream } from '../../lib/backend/rng.ts';
import { auroc, compareAuroc } from '../../lib/confidence/auroc.ts';
import { policyCertainty } from '../../lib/confidence/baselines.ts';
import { calibration, fitTemperature } from '../../lib/confidence/calibration.ts';
import { fitDiscriminator } from '../../lib/confidence/fit-discriminator.ts';
import { fallsWithin } from '../../lib/confidence/outcomes.ts';
import { withPush } from '../../lib/confidence/perturbed.ts';
import { confidenceOf, logitScore, scoreSteps } from '../../lib/confidence/score.ts';
import { allPairs, pairStatistics, pairsOf } from '../../lib/data/demos.ts';
import { loadDemos } from '../../lib/data/files.ts';
import { type Demos, type Trajectory, trajectoryLength } from '../../lib/data/types.ts';
import { makeEnv } from '../../lib/envs/make.ts';
import { type Discriminator, initDiscriminator, pairInputs } from '../../lib/models/discriminator.ts';
import { type Act, actor, type Policy } from '../../lib/models/policy.ts';
import { policyFromText } from '../../lib/models/policy-file.ts';
import { standardizer } from '../../lib/models/standardizer.ts';

const folder = new URL('../../data/hopper-v5-expert/', import.meta.url);
const runUp = 50;
const pushStep = 80;

/** What follows the first `from` steps. */
function after(from: number, { obs_Tp1D, act_TA, reward_T, ...rest }: Trajectory): Trajectory {
  return {
    ...rest,
    obs_Tp1D: obs_Tp1D.slice(from * 11),
    act_TA: act_TA.slice(from * 3),
    reward_T: reward_T.slice(from),
  };
}

/** Seeded episodes of at most 200 steps, pushed or not. */
async function episodes(
  act: Act,
  { n, seed, push }: { n: number; seed: number; push?: number },
): Promise<Trajectory[]> {
  const env = await makeEnv('Hopper-v5', { maxSteps: 200 });
  const shaken = push === undefined ? env : withPush(env, { at: pushStep, change: [push] });
  const rng = stream(seed, 'episodes');
  const rolled = Array.from({ length: n }, (_, e) => rollEpisode(shaken, act, { seed: seed + e, rng }));
  env.close();
  return rolled;
}

describe('confidence on Hopper-v5', () => {
  let demos: Demos;
  let policy: Policy;
  let discriminator: Discriminator;
  /** Logits of pairs that training did not see, as many of the expert's as of the clumsy one's, in random order. */
  let heldOut: { logit_N: number[]; expert_N: number[] };

  before(async () => {
    await startEngine('small-batches');
    ({ demos } = await loadDemos(folder.pathname));
    policy = policyFromText(readFileSync(new URL('policy.json', folder), 'utf8'), 'policy.json');
    const expert = actor(policy);
    // The expert runs up, then noise sets in. Both kinds of pairs are from after the run-up: the expert's episodes are
    // longer, and a discriminator would otherwise learn that the first steps of an episode are not the expert's.
    const clumsyPairs = async (seed: number) =>
      pairsAfter(
        runUp,
        await Promise.all(
          Array.from({ length: 12 }, async (_, e) => {
            let step = 0;
            const clumsy: Act = (obs, rng) => {
              const act = expert(obs, rng) as Float64Array;
              return step++ < runUp ? act : act.map((a) => Math.max(-1, Math.min(1, a + normal(rng!))));
            };
            return (await episodes(clumsy, { n: 1, seed: seed + e }))[0]!;
          }),
        ),
      );
    const pairsAfter = (from: number, trajectories: readonly Trajectory[]) =>
      allPairs({ ...demos, trajectories: trajectories.map((trajectory) => after(from, trajectory)) });
    const expertPairs = (first: number) => pairsAfter(runUp, demos.trajectories.slice(first, first + 2));
    const [train, agent] = [expertPairs(0), await clumsyPairs(100)];
    const { obsMean_D, obsStd_D, actMean_A, actStd_A } = pairStatistics(train);
    const rng = stream(1, 'hopper-test');
    discriminator = initDiscriminator(
      {
        obsNorm: standardizer(obsMean_D, obsStd_D),
        actMean_A: Float32Array.from(actMean_A),
        actScale_A: Float32Array.from(actStd_A),
        actBound: 1,
        hidden: [32, 32],
      },
      rng,
    );
    const rows = ({ obs_ND, act_NA }: { obs_ND: Float32Array; act_NA: Float32Array }) =>
      pairInputs(discriminator, obs_ND, act_NA);
    fitDiscriminator(
      discriminator,
      { expert_NI: rows(train), agent_NI: rows(agent) },
      { updates: 300, batchSize: 128, rate: 3e-3, penalty: 0.1, rng },
    );
    const found = [expertPairs(2), await clumsyPairs(200)];
    const n = Math.min(...found.map((pairs) => pairs.n));
    // In random order, so that both halves of them are alike.
    const fresh = found.map((pairs) => pairsOf(pairs, permutation(rng, pairs.n)));
    const score = logitScore(discriminator);
    const logits = fresh.map(({ obs_ND, act_NA }) =>
      Array.from({ length: n }, (_, i) =>
        score(obs_ND.subarray(i * 11, (i + 1) * 11), act_NA.subarray(i * 3, (i + 1) * 3)),
      ),
    );
    heldOut = {
      logit_N: logits[0]!.flatMap((logit, i) => [logit, logits[1]![i]!]),
      expert_N: logits[0]!.flatMap(() => [1, 0]),
    };
  });

  test('tells fresh expert pairs from fresh clumsy ones, the right way round', () => {
    const { logit_N, expert_N } = heldOut;
    const area = auroc(
      logit_N,
      expert_N.map((label) => 1 - label),
    );
    assert.ok(area > 0.75, `${area}`);
  });

  test('is no worse calibrated on fresh pairs by the temperature that other fresh pairs gave', () => {
    const half = heldOut.logit_N.length / 2;
    const part = (from: number, to: number) => ({
      logit_N: heldOut.logit_N.slice(from, to),
      expert_N: heldOut.expert_N.slice(from, to),
    });
    const temperature = fitTemperature(part(0, half));
    assert.ok(temperature > 0.05 && temperature < 20, `${temperature}`);
    const [raw, scaled] = [
      calibration(part(half, 2 * half)),
      calibration(part(half, 2 * half), { temperature }),
    ];
    assert.ok(scaled.logLoss < raw.logLoss + 0.01, `${scaled.logLoss} after ${raw.logLoss}`);
    assert.ok(raw.logLoss < Math.LN2, 'better than always 1/2');
  });

  test('sinks before a pushed robot falls, and foresees the fall better than chance', async () => {
    const pushed = await episodes(actor(policy), { n: 12, seed: 300, push: 2.5 });
    const fallen = pushed.filter(({ terminated }) => terminated);
    assert.ok(fallen.length >= 3, `${fallen.length} falls`);
    const mean = (x: ArrayLike<number>) => Array.from(x).reduce((sum, value) => sum + value, 0) / x.length;
    const [calm, last] = [[], []] as [number[], number[]];
    for (const trajectory of fallen) {
      const confidence_T = confidenceOf(discriminator, trajectory);
      calm.push(mean(confidence_T.slice(pushStep - 20, pushStep)));
      last.push(mean(confidence_T.slice(-10)));
    }
    assert.ok(mean(last) < mean(calm) - 0.1, `${mean(calm)} before the push, ${mean(last)} at the end`);

    const score = logitScore(discriminator);
    const judged = pushed.map((trajectory) => ({
      outcome_T: fallsWithin(trajectory, 30),
      scores: {
        logit: scoreSteps(score, trajectory),
        certainty: scoreSteps(policyCertainty(policy), trajectory),
      },
    }));
    const [logit, certainty] = compareAuroc(judged, { rng: stream(1, 'bootstrap'), resamples: 100 });
    assert.ok(logit!.low > 0.5, `${logit!.auroc}, from ${logit!.low}`);
    assert.equal(certainty!.auroc, 0.5);
    assert.ok(pushed.every((trajectory) => trajectoryLength(trajectory) > pushStep));
  });
});
