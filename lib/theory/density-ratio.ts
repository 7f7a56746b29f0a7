// What an ideal discriminator says. The paper's D(s, a) is the belief "this is the agent"; this project's discriminator puts
// out a logit where HIGH MEANS EXPERT (models/discriminator.ts), so D = sigmoid(-logit), and the best possible one is
//
//   D(s, a) = 1 / (1 + phi psi)                                                                    (MAIL section 3)
//   phi = p(a | s, expert) / p(a | s, agent),   psi = p(s | expert) / p(s | agent),   logit = ln phi + ln psi
//
// Here both densities are known: linear Gaussian actors in a scalar linear system, whose states are Gaussian in the long run.
//   s' = keep s + push a + noise w,   a = gain s + offset + std xi,   w, xi ~ N(0, 1)
import { normal, type Rng } from '../backend/rng.ts';

/** s' = keep s + push a + noise w, w ~ N(0, 1). States and actions have no unit here. */
export interface ScalarSystem {
  readonly keep: number;
  readonly push: number;
  readonly noise: number;
}

/** a = gain s + offset + std xi, xi ~ N(0, 1); `std` in units of the action. */
export interface ScalarActor {
  readonly gain: number;
  readonly offset: number;
  readonly std: number;
}

/** Two actors in one system. */
export interface ScalarImitation {
  readonly system: ScalarSystem;
  readonly expert: ScalarActor;
  readonly agent: ScalarActor;
}

/**
 * Mean and variance of the states that an actor visits in the long run: with c = keep + push gain,
 *   mean = push offset / (1 - c),   variance = (push^2 std^2 + noise^2) / (1 - c^2)
 * @throws RangeError if the loop is not stable, |c| >= 1, since there is no long run then
 */
export function stationaryState(
  { keep, push, noise }: ScalarSystem,
  { gain, offset, std }: ScalarActor,
): { readonly mean: number; readonly variance: number } {
  const loop = keep + push * gain;
  if (Math.abs(loop) >= 1)
    throw new RangeError(
      `The states run away, since keep + push gain is ${loop}: make it less than 1 in size`,
    );
  return {
    mean: (push * offset) / (1 - loop),
    variance: ((push * std) ** 2 + noise ** 2) / (1 - loop ** 2),
  };
}

/** The best discriminator at a pair, and its two factors, in nats. */
export interface DensityRatios {
  readonly logPhi: number;
  readonly logPsi: number;
  /** ln phi + ln psi: high means expert. */
  readonly logit: number;
  /** D = 1 / (1 + phi psi): the belief that this is the agent. */
  readonly agentBelief: number;
}

/** phi, psi and D at a pair, in closed form (MAIL section 3). @throws RangeError as `stationaryState`, of either actor */
export function densityRatios(
  { system, expert, agent }: ScalarImitation,
  s: number,
  a: number,
): DensityRatios {
  const logAction = ({ gain, offset, std }: ScalarActor) => logNormal(a, gain * s + offset, std ** 2);
  const logState = (actor: ScalarActor) => {
    const { mean, variance } = stationaryState(system, actor);
    return logNormal(s, mean, variance);
  };
  const logPhi = logAction(expert) - logAction(agent);
  const logPsi = logState(expert) - logState(agent);
  const logit = logPhi + logPsi;
  return { logPhi, logPsi, logit, agentBelief: 1 / (1 + Math.exp(logit)) };
}

/** `n` independent pairs as an actor leaves them in the long run. @throws RangeError as `stationaryState` */
export function stationaryPairs(
  system: ScalarSystem,
  actor: ScalarActor,
  { n, rng }: { readonly n: number; readonly rng: Rng },
): { readonly obs_N: Float64Array; readonly act_N: Float64Array } {
  const { mean, variance } = stationaryState(system, actor);
  const obs_N = Float64Array.from({ length: n }, () => mean + Math.sqrt(variance) * normal(rng));
  return { obs_N, act_N: obs_N.map((s) => actor.gain * s + actor.offset + actor.std * normal(rng)) };
}

/** How far a discriminator is from the best one, over fresh pairs of both actors, half and half. */
export interface RatioGaps {
  /** Root mean square of logit - (ln phi + ln psi), nats. */
  readonly logit: number;
  /** Mean of |D - 1 / (1 + phi psi)|. */
  readonly agentBelief: number;
  /** Root mean square gap of ln psi: the logit of a discriminator that sees states only. */
  readonly logPsi: number;
  /** Root mean square gap of ln phi: the difference of the two logits. */
  readonly logPhi: number;
}

/** Trained discriminators as functions: high means expert. */
export interface ScalarDiscriminators {
  pair(s: number, a: number): number;
  /** Trained on the states alone. */
  state(s: number): number;
}

/**
 * Measures trained discriminators against the closed form, on `n` fresh pairs of either actor.
 * @throws RangeError as `stationaryState`
 */
export function ratioGaps(
  imitation: ScalarImitation,
  trained: ScalarDiscriminators,
  { n, rng }: { readonly n: number; readonly rng: Rng },
): RatioGaps {
  const { system, expert, agent } = imitation;
  const sums = { logit: 0, agentBelief: 0, logPsi: 0, logPhi: 0 };
  for (const actor of [expert, agent]) {
    const { obs_N, act_N } = stationaryPairs(system, actor, { n, rng });
    obs_N.forEach((s, i) => {
      const a = act_N[i]!;
      const truth = densityRatios(imitation, s, a);
      const [pair, state] = [trained.pair(s, a), trained.state(s)];
      sums.logit += (pair - truth.logit) ** 2;
      sums.agentBelief += Math.abs(1 / (1 + Math.exp(pair)) - truth.agentBelief);
      sums.logPsi += (state - truth.logPsi) ** 2;
      sums.logPhi += (pair - state - truth.logPhi) ** 2;
    });
  }
  const rms = (sum: number) => Math.sqrt(sum / (2 * n));
  return {
    logit: rms(sums.logit),
    agentBelief: sums.agentBelief / (2 * n),
    logPsi: rms(sums.logPsi),
    logPhi: rms(sums.logPhi),
  };
}

/**
 * Logistic regression on [1, s, a, s^2, s a, a^2] and on [1, s, s^2] by Newton's method, from `n` pairs of each actor. The
 * log-ratio of two Gaussians is quadratic, so that the best discriminator is among these.
 * @throws RangeError as `stationaryState`
 */
export function fitQuadraticDiscriminators(
  { system, expert, agent }: ScalarImitation,
  { n, rng }: { readonly n: number; readonly rng: Rng },
): ScalarDiscriminators {
  const pairFeatures = (s: number, a: number) => [1, s, a, s * s, s * a, a * a];
  const stateFeatures = (s: number) => [1, s, s * s];
  const pairs: number[][] = [];
  const states: number[][] = [];
  for (const actor of [expert, agent]) {
    const { obs_N, act_N } = stationaryPairs(system, actor, { n, rng });
    obs_N.forEach((s, i) => {
      pairs.push(pairFeatures(s, act_N[i]!));
      states.push(stateFeatures(s));
    });
  }
  const labels = pairs.map((_, i) => (i < n ? 1 : 0));
  const pair_F = logisticRegression(pairs, labels);
  const state_F = logisticRegression(states, labels);
  return {
    pair: (s, a) => weigh(pair_F, pairFeatures(s, a)),
    state: (s) => weigh(state_F, stateFeatures(s)),
  };
}

/** Weights, [F], of the most likely logistic model of labels 0 and 1 (25 Newton steps, slightly damped). */
function logisticRegression(rows: readonly number[][], labels: readonly number[]): number[] {
  const F = rows[0]!.length;
  let weights = new Array<number>(F).fill(0);
  for (let step = 0; step < 25; step++) {
    const gradient = new Array<number>(F).fill(0);
    const curvature = Array.from({ length: F }, (_, i) =>
      Array.from({ length: F }, (_, j) => (i === j ? 1e-6 : 0)),
    );
    rows.forEach((row, n) => {
      const p = 1 / (1 + Math.exp(-weigh(weights, row)));
      for (let i = 0; i < F; i++) {
        gradient[i]! += (labels[n]! - p) * row[i]!;
        for (let j = 0; j < F; j++) curvature[i]![j]! += p * (1 - p) * row[i]! * row[j]!;
      }
    });
    const move = solve(curvature, gradient);
    weights = weights.map((w, i) => w + move[i]!);
  }
  return weights;
}

/** x with M x = b for a positive definite M (Gauss's elimination). */
function solve(M: readonly (readonly number[])[], b: readonly number[]): number[] {
  const rows = M.map((row, i) => [...row, b[i]!]);
  const n = b.length;
  for (let i = 0; i < n; i++)
    for (let j = 0; j < n; j++) {
      if (j === i) continue;
      const share = rows[j]![i]! / rows[i]![i]!;
      for (let k = i; k <= n; k++) rows[j]![k]! -= share * rows[i]![k]!;
    }
  return rows.map((row, i) => row[n]! / row[i]!);
}

function weigh(weights: readonly number[], row: readonly number[]): number {
  return weights.reduce((sum, w, i) => sum + w * row[i]!, 0);
}

function logNormal(x: number, mean: number, variance: number): number {
  return -0.5 * Math.log(2 * Math.PI * variance) - (x - mean) ** 2 / (2 * variance);
}
