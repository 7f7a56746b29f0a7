// A linear system with quadratic cost and a linear Gaussian policy: the one control problem where the policy gradient is
// known in closed form (Fazel et al. 2018, lemma 1, here with horizon, discount and action noise).
//   s' = F s + G a,   a = K s + std xi,   c = s'Q s + a'R a with Q = I and R = r I,   s_0 ~ N(0, I),   theta = K, [A, D]
import { normal, type Rng } from '../backend/rng.ts';
import type { Chance, DifferentiableSystem } from './recursion.ts';

/** Matrices as arrays of rows. */
export type Matrix = readonly (readonly number[])[];

/** A linear-quadratic problem: the system and its policy. */
export interface LinearQuadratic {
  readonly F_DD: Matrix;
  readonly G_DA: Matrix;
  /** r, the weight of actions in the cost. */
  readonly actWeight: number;
  /** Std of every action entry, action units. */
  readonly std: number;
  readonly gamma: number;
  /** K row by row, [A D]. */
  readonly gain_P: Float64Array;
}

/**
 * A random system that is neither trivial nor unstable: F is `memory` times a random rotation, the columns of G have
 * length `push`, and the gain is a small random one.
 * @param options.std of the action noise, action units, default 0.3
 * @param options.memory below 1, so that states fade, default 0.95
 */
export function randomLinearQuadratic(
  options: {
    readonly obsSize: number;
    readonly actSize: number;
    readonly std?: number;
    readonly gamma?: number;
    readonly memory?: number;
    readonly push?: number;
    readonly actWeight?: number;
  },
  rng: Rng,
): LinearQuadratic {
  const {
    obsSize: D,
    actSize: A,
    std = 0.3,
    gamma = 0.99,
    memory = 0.95,
    push = 0.3,
    actWeight = 0.1,
  } = options;
  const random = (rows: number, columns: number): number[][] =>
    Array.from({ length: rows }, () => Array.from({ length: columns }, () => normal(rng)));
  const F_DD = orthonormal(random(D, D)).map((row) => row.map((x) => memory * x));
  const G_DA = transpose(random(A, D).map((row) => row.map((x) => (push * x) / Math.hypot(...row))));
  const gain_P = Float64Array.from({ length: A * D }, () => (0.1 / Math.sqrt(D)) * normal(rng));
  return { F_DD, G_DA, actWeight, std, gamma, gain_P };
}

/** The system for the reference recursion; theta is the gain, row by row, [A D]. */
export function linearQuadraticSystem({
  F_DD,
  G_DA,
  actWeight,
  std,
  gamma,
}: LinearQuadratic): DifferentiableSystem {
  const D = F_DD.length;
  const A = G_DA[0]!.length;
  return {
    obsSize: D,
    actSize: A,
    gamma,
    actStd_A: new Float64Array(A).fill(std),
    policy: (theta_P) => (s_D, xi_A) => {
      const act_A = new Float64Array(A);
      for (let a = 0; a < A; a++) {
        act_A[a] = std * xi_A[a]!;
        for (let d = 0; d < D; d++) act_A[a]! += theta_P[a * D + d]! * s_D[d]!;
      }
      return {
        act_A,
        penalty: 0,
        pull(v_A) {
          const byState_D = new Float64Array(D);
          const byTheta_P = new Float64Array(A * D);
          for (let a = 0; a < A; a++)
            for (let d = 0; d < D; d++) {
              byState_D[d]! += v_A[a]! * theta_P[a * D + d]!;
              byTheta_P[a * D + d] = v_A[a]! * s_D[d]!;
            }
          return { s_D: byState_D, theta_P: byTheta_P };
        },
      };
    },
    cost: (s_D, a_A) => ({
      cost: square(s_D) + actWeight * square(a_A),
      c_s: s_D.map((s) => 2 * s),
      c_a: a_A.map((a) => 2 * actWeight * a),
    }),
    model: (s_D, a_A) => ({
      next_D: s_D.map((_, d) => dot(F_DD[d]!, s_D) + dot(G_DA[d]!, a_A)),
      pull(v_D) {
        const byState_D = new Float64Array(D);
        const byAct_A = new Float64Array(A);
        for (let d = 0; d < D; d++) {
          for (let e = 0; e < D; e++) byState_D[e]! += v_D[d]! * F_DD[d]![e]!;
          for (let a = 0; a < A; a++) byAct_A[a]! += v_D[d]! * G_DA[d]![a]!;
        }
        return { s_D: byState_D, a_A: byAct_A };
      },
    }),
  };
}

/** A start from N(0, I) and the noise of `horizon` steps. */
export function drawChance(
  { obsSize, actSize }: Pick<DifferentiableSystem, 'obsSize' | 'actSize'>,
  horizon: number,
  rng: Rng,
): Chance {
  return {
    start_D: Float64Array.from({ length: obsSize }, () => normal(rng)),
    noise_TA: Float64Array.from({ length: horizon * actSize }, () => normal(rng)),
  };
}

/** Cost, gradient and values in closed form. */
export interface LinearQuadraticGradient {
  /** J = E[sum_{t < horizon} gamma^t c]. */
  readonly cost: number;
  /** dJ / dK, [A D]. */
  readonly gradient_P: Float64Array;
  /** E[sum_{k >= t} gamma^(k - t) c_k | s_t = s], for t = 0 ... horizon - 1: the best baseline that there is. */
  value(s_D: ArrayLike<number>, t: number): number;
}

/**
 * The closed form (Fazel et al. 2018, with horizon, discount and action noise). With M = F + G K, second moments of the
 * state forward and values backward,
 *   S_0 = I,   S_{t+1} = M S_t M' + std^2 G G';     V_t(s) = s'P_t s + const_t,   P_t = Q + K'R K + gamma M'P_{t+1} M
 *   J = sum_t gamma^t (tr(Q + K'R K) S_t + std^2 tr R)
 *   dJ/dK = sum_t gamma^t 2 (R K + gamma G'P_{t+1} M) S_t,   P_horizon = 0
 * @param start_DD E[s_0 s_0'], default I
 */
export function linearQuadraticGradient(
  { F_DD, G_DA, actWeight, std, gamma, gain_P }: LinearQuadratic,
  horizon: number,
  start_DD: Matrix = identity(F_DD.length),
): LinearQuadraticGradient {
  const D = F_DD.length;
  const A = G_DA[0]!.length;
  const K = Array.from({ length: A }, (_, a) => [...gain_P.subarray(a * D, (a + 1) * D)]);
  const M = sum(F_DD, product(G_DA, K));
  const perStep = sum(identity(D), product(transpose(K), K), actWeight);
  const noise = product(G_DA, transpose(G_DA));
  const P: Matrix[] = [];
  const constant: number[] = [];
  P[horizon] = identity(D).map((row) => row.map(() => 0));
  constant[horizon] = 0;
  for (let t = horizon - 1; t >= 0; t--) {
    P[t] = sum(perStep, product(transpose(M), product(P[t + 1]!, M)), gamma);
    const spread = std ** 2 * (actWeight * A + gamma * trace(product(P[t + 1]!, noise)));
    constant[t] = spread + gamma * constant[t + 1]!;
  }
  let S = start_DD;
  let cost = 0;
  const gradient_P = new Float64Array(A * D);
  for (let t = 0; t < horizon; t++) {
    cost += gamma ** t * (trace(product(perStep, S)) + std ** 2 * actWeight * A);
    const ahead = product(transpose(G_DA), product(P[t + 1]!, M));
    const slope = product(
      ahead.map((row, a) => row.map((x, d) => actWeight * K[a]![d]! + gamma * x)),
      S,
    );
    for (let i = 0; i < A * D; i++) gradient_P[i]! += gamma ** t * 2 * slope[Math.floor(i / D)]![i % D]!;
    S = sum(product(M, product(S, transpose(M))), noise, std ** 2);
  }
  const value = (s_D: ArrayLike<number>, t: number) =>
    P[t]!.reduce((total, row, d) => total + s_D[d]! * dot(row, s_D), constant[t]!);
  return { cost, gradient_P, value };
}

function product(x: Matrix, y: Matrix): number[][] {
  return x.map((row) => y[0]!.map((_, j) => row.reduce((total, xi, i) => total + xi * y[i]![j]!, 0)));
}

/** x + scale y. */
function sum(x: Matrix, y: Matrix, scale = 1): number[][] {
  return x.map((row, i) => row.map((xij, j) => xij + scale * y[i]![j]!));
}

function transpose(x: Matrix): number[][] {
  return x[0]!.map((_, j) => x.map((row) => row[j]!));
}

function trace(x: Matrix): number {
  return x.reduce((total, row, i) => total + row[i]!, 0);
}

function identity(n: number): number[][] {
  return Array.from({ length: n }, (_, i) => Array.from({ length: n }, (_, j) => (i === j ? 1 : 0)));
}

/** Rows made orthonormal one after the other (Gram and Schmidt). */
function orthonormal(rows: number[][]): number[][] {
  const done: number[][] = [];
  for (const row of rows) {
    let left = row;
    for (const earlier of done) {
      const share = dot(earlier, row);
      left = left.map((x, i) => x - share * earlier[i]!);
    }
    const length = Math.hypot(...left);
    done.push(left.map((x) => x / length));
  }
  return done;
}

function dot(x: ArrayLike<number>, y: ArrayLike<number>): number {
  let total = 0;
  for (let i = 0; i < x.length; i++) total += x[i]! * y[i]!;
  return total;
}

function square(x: ArrayLike<number>): number {
  return dot(x, x);
}
