import assert from 'node:assert/strict';
import { before, describe, test } from 'node:test';
import { startEngine } from '../../lib/backend/engine.ts';
import { normals, stream } from '../../lib/backend/rng.ts';
import {
  confidenceMeter,
  confidenceOf,
  episodeConfidence,
  logitScore,
  runningMeans,
  scoreSteps,
  sigmoid,
} from '../../lib/confidence/score.ts';
import { oneHot } from '../../lib/data/demos.ts';
import { expertLogits, pairInputs } from '../../lib/models/discriminator.ts';
import { assertClose } from '../nn/closeness.ts';
import { A, D, someDiscriminator, trajectoryOf } from './samples.ts';

const T = 30;
const trajectory = trajectoryOf({ seed: 1, T });
const obs_TD = trajectory.obs_Tp1D.subarray(0, T * D);

describe("the discriminator's logit, row by row", () => {
  before(() => startEngine());

  test('is what the tensor engine computes, clipped actions included', () => {
    const net = someDiscriminator(2, { actBound: 0.8 });
    assert.ok(trajectory.act_TA.some((a) => Math.abs(a) > 0.8));
    const onTensors = expertLogits(net, pairInputs(net, obs_TD, trajectory.act_TA));
    assertClose(scoreSteps(logitScore(net), trajectory), onTensors, { within: 1e-5, what: 'logit' });
  });

  test('takes discrete actions by number, alone or as the entry of a row', () => {
    const net = someDiscriminator(3, { actBound: Number.POSITIVE_INFINITY });
    const act_TA = Float32Array.from({ length: T }, (_, t) => t % A);
    const onTensors = expertLogits(net, pairInputs(net, obs_TD, oneHot(act_TA, A)));
    const score = logitScore(net);
    assertClose(scoreSteps(score, { ...trajectory, act_TA }), onTensors, { within: 1e-5, what: 'logit' });
    assert.equal(score(obs_TD, 1), score(obs_TD, [1]));
    assert.throws(() => score(obs_TD, A), /expected 2 entries or a number from 0 to 1/);
    assert.throws(() => score(obs_TD, [1, 0, 0]), /Cannot score the action \[1,0,0\]/);
  });
});

describe('the running mean', () => {
  test('of a constant is the constant, to the last bit, so that ties stay ties', () => {
    for (const constant of [3, -0.4736, 1 / 3])
      assert.deepEqual(new Set(runningMeans(new Array(400).fill(constant), 10)), new Set([constant]));
  });

  test('after a jump has gone half of the way in one half-life', () => {
    const x = [...new Array(2000).fill(0), ...new Array(8).fill(1)];
    assert.ok(Math.abs(runningMeans(x, 8).at(-1)! - 0.5) < 1e-12);
  });

  test('is the weighted mean of its definition', () => {
    const x = [...normals(stream(1, 'x'), 20)];
    const w = 2 ** (-1 / 3);
    const slow = x.map((_, t) => {
      const weights = x.slice(0, t + 1).map((_, i) => w ** (t - i));
      const total = weights.reduce((sum, weight) => sum + weight, 0);
      return weights.reduce((sum, weight, i) => sum + (weight * x[i]!) / total, 0);
    });
    assertClose(runningMeans(x, 3), slow, { within: 1e-12 });
  });

  test('without memory is the value itself, and a negative half-life is an error', () => {
    assert.deepEqual([...runningMeans([0.1, -2e9, 0.3], 0)], [0.1, -2e9, 0.3]);
    assert.throws(() => runningMeans([1], -1), /Cannot average with a half-life of -1/);
  });
});

describe('confidence', () => {
  const net = someDiscriminator(4);

  test('of a trajectory is what a meter shows while it happens', () => {
    const meter = confidenceMeter(net, { halfLife: 5, temperature: 2 });
    const readings = Array.from({ length: T }, (_, t) =>
      meter(obs_TD.subarray(t * D, (t + 1) * D), trajectory.act_TA.subarray(t * A, (t + 1) * A)),
    );
    assertClose(
      confidenceOf(net, trajectory, { halfLife: 5, temperature: 2 }),
      readings.map(({ running }) => running),
      { within: 1e-7 },
    );
    for (const { logit, probability } of readings) assert.equal(probability, sigmoid(logit / 2));
  });

  test('rises with the logit: high means expert, and 1/2 is a logit of 0', () => {
    assert.equal(sigmoid(0), 0.5);
    const logit_T = scoreSteps(logitScore(net), trajectory);
    const confidence_T = confidenceOf(net, trajectory, { halfLife: 0 });
    assert.ok(logit_T.some((logit) => logit > 0) && logit_T.some((logit) => logit < 0));
    logit_T.forEach((logit, t) => void assert.equal(logit > 0, confidence_T[t]! > 0.5));
  });

  test('of an episode is the mean over its steps, and its lowest running value', () => {
    const { meanLogit, meanProbability, lowest } = episodeConfidence(net, trajectory, { temperature: 3 });
    const logits = [...scoreSteps(logitScore(net), trajectory)];
    const mean = (x: readonly number[]) => x.reduce((a, b) => a + b, 0) / x.length;
    assert.ok(Math.abs(meanLogit - mean(logits)) < 1e-12);
    assert.ok(Math.abs(meanProbability - mean(logits.map((logit) => sigmoid(logit / 3)))) < 1e-12);
    assert.ok(Math.abs(lowest - Math.min(...confidenceOf(net, trajectory, { temperature: 3 }))) < 1e-7);
  });
});
