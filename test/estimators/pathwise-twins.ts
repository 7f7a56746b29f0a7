// Random problems for lib/estimators/pathwise.ts, and their gradient by TensorFlow.js's tape through the unrolled loop. The
// same gradient in plain double arithmetic, row by row, is lib/theory/pathwise-reference.ts.
import { type Tensor2D, tf } from '../../lib/backend/engine.ts';
import { normals, permutation, type Rng, stream, uniform } from '../../lib/backend/rng.ts';
import type { PathwiseProblem } from '../../lib/estimators/pathwise.ts';
import { initDiscriminator } from '../../lib/models/discriminator.ts';
import { initForwardModel } from '../../lib/models/forward-model.ts';
import { initCategoricalPolicy, initGaussianPolicy } from '../../lib/models/policy.ts';
import { standardizer } from '../../lib/models/standardizer.ts';
import { initMlp } from '../../lib/nn/mlp.ts';
import { applyForwardNetOnTape } from '../models/gated-tape.ts';
import { applyOnTape } from '../nn/tape.ts';

export interface ProblemSizes {
  readonly D: number;
  readonly A: number;
  readonly B: number;
  readonly T: number;
  readonly members: number;
  readonly discrete?: boolean;
  /** Std of the policy's noise; above 0.5 some actions pass the bound. */
  readonly std?: number;
  readonly network?: 'mlp' | 'gated';
  readonly predicts?: 'delta' | 'absolute';
}

/** A random problem of the given sizes. */
export function randomProblem(
  seed: number,
  { D, A, B, T, members, discrete = false, std = 0.3, ...kind }: ProblemSizes,
): PathwiseProblem {
  const rng = stream(seed, 'pathwise-test');
  const obsNorm = standardizer(
    normals(rng, D),
    normals(rng, D).map((x) => Math.abs(x) + 0.5),
  );
  const actMean_A = discrete ? new Float32Array(A) : normals(rng, A, 0.1);
  const actScale_A = discrete ? new Float32Array(A).fill(1) : normals(rng, A, 0.1).map((x) => 0.4 + x);
  const common = { obsNorm, hidden: [16, 8], activation: 'tanh' as const, lastGain: 0.5 };
  const policy = discrete
    ? initCategoricalPolicy({ ...common, actions: A }, rng)
    : initGaussianPolicy(
        { ...common, actMean_A, actScale_A, bound: 1.5, logStd_A: new Float32Array(A).fill(Math.log(std)) },
        rng,
      );
  const actBound = discrete ? Number.POSITIVE_INFINITY : 1;
  const discriminator = initDiscriminator({ obsNorm, actMean_A, actScale_A, actBound, hidden: [12, 8] }, rng);
  const obs_BD = normals(rng, 64 * D);
  const data = {
    obs_BD,
    act_BA: normals(rng, 64 * A, 0.3),
    nextObs_BD: obs_BD.map((x, i) => x + 0.2 * Math.sin(i)),
  };
  const model = initForwardModel(
    { obsNorm, actBound, actSize: A, hidden: [10, 10], members, data, ...kind },
    rng,
  );
  const noise = discrete
    ? Float32Array.from({ length: T * B * A }, () => gumbel(rng))
    : normals(rng, T * B * A);
  const rowOrder_TB = Int32Array.from(Array.from({ length: T }, () => [...permutation(rng, B)]).flat());
  return {
    policy,
    discriminator,
    model,
    start_BD: normals(rng, B * D),
    noise_TBK: noise,
    rowOrder_TB,
    gamma: 0.97,
    saturationWeight: 0.3,
    saturationBeyond: 0.2,
    temperature: 1,
  };
}

/** Real segments of these lengths, [B]: observations that no model has put out. */
export function segments(problem: PathwiseProblem, { D, B, T }: ProblemSizes, lengths_B: readonly number[]) {
  return {
    ...problem,
    anchor_TBD: normals(stream(50, 'anchors'), T * B * D, 1.5),
    weight_TB: Float32Array.from({ length: T * B }, (_, n) =>
      Math.floor(n / B) < lengths_B[n % B]! ? 1 : 0,
    ),
  };
}

/** The problem with a critic of random weights. */
export function withCritic(problem: PathwiseProblem, seed: number): PathwiseProblem {
  const sizes = [problem.model.obsNorm.mean_D.length, 9, 8, 1];
  return { ...problem, critic: initMlp({ sizes, activation: 'swish' }, stream(seed, 'critic-test')) };
}

/** The gradient of the cost by the tape: tf.grad through every step of the unrolled loop, [P]. */
export function tapeGradient(problem: PathwiseProblem): Float32Array {
  return tf.tidy(
    () =>
      tf
        .grad((params) => unrolledCost(problem, params as tf.Tensor1D))(tf.tensor1d(problem.policy.params_P))
        .dataSync() as Float32Array,
  );
}

function unrolledCost(problem: PathwiseProblem, params_P: tf.Tensor1D): tf.Scalar {
  const { policy, discriminator, model, start_BD, noise_TBK, rowOrder_TB, gamma, temperature } = problem;
  const D = model.obsNorm.mean_D.length;
  const K = policy.spec.sizes.at(-1)!;
  const B = start_BD.length / D;
  const T = noise_TBK.length / (B * K);
  const { clip, mean_D, scale_D } = model.obsNorm;
  let x: tf.Tensor = tf.div(tf.sub(tf.tensor2d(start_BD, [B, D]), tf.tensor1d(mean_D)), tf.tensor1d(scale_D));
  let cost: tf.Tensor = tf.scalar(0);
  const { anchor_TBD, weight_TB, policyKeep_TBH, discriminatorKeep_TBH } = problem;
  const rowsOf = (rows_TBN: Float32Array, t: number) => {
    const N = rows_TBN.length / (T * B);
    return tf.tensor2d(rows_TBN.subarray(t * B * N, (t + 1) * B * N), [B, N]);
  };
  for (let t = 0; t < T; t++) {
    const seen = tf.clipByValue(x, -clip, clip);
    const out = applyOnTape(policy.spec, params_P, seen, policyKeep_TBH && rowsOf(policyKeep_TBH, t));
    const noise = tf.tensor2d(noise_TBK.subarray(t * B * K, (t + 1) * B * K), [B, K]);
    let atDiscriminator: tf.Tensor;
    let atModel: tf.Tensor;
    let saturation: tf.Tensor = tf.scalar(0);
    if (policy.kind === 'gaussian') {
      const m = tf.add(tf.mul(out, tf.tensor1d(policy.actScale_A)), tf.tensor1d(policy.actMean_A));
      const excess = tf.relu(tf.sub(tf.abs(m), problem.saturationBeyond));
      saturation = tf.sum(tf.square(excess), 1, true);
      const raw = tf.add(
        tf.mul(tf.tanh(tf.div(m, policy.bound)), policy.bound),
        tf.mul(noise, tf.exp(tf.tensor1d(policy.logStd_A))),
      );
      atModel = tf.clipByValue(raw, -model.actBound, model.actBound);
      atDiscriminator = straightThrough(raw, atModel);
    } else {
      const soft = tf.softmax(tf.div(tf.add(out, noise), temperature));
      const hard = tf.cast(tf.oneHot(tf.argMax(soft, 1) as tf.Tensor1D, K), 'float32');
      atModel = problem.gumbel === 'soft' ? soft : straightThrough(soft, hard);
      atDiscriminator = atModel;
    }
    const scaled = tf.div(
      tf.sub(atDiscriminator, tf.tensor1d(discriminator.actMean_A)),
      tf.tensor1d(discriminator.actScale_A),
    );
    const pair = tf.concat([seen, scaled], 1);
    const keep = discriminatorKeep_TBH && rowsOf(discriminatorKeep_TBH, t);
    const logit = applyOnTape(discriminator.spec, tf.tensor1d(discriminator.params_P), pair, keep);
    const belief = problem.cost === 'belief' ? tf.sigmoid(tf.neg(logit)) : tf.softplus(tf.neg(logit));
    const cost_B1 = tf.add(belief, tf.mul(saturation, problem.saturationWeight));
    const counted_B1 = weight_TB ? tf.mul(cost_B1, rowsOf(weight_TB, t)) : cost_B1;
    cost = tf.add(cost, tf.mul(tf.mean(counted_B1), gamma ** t / T));
    const inOrder = Int32Array.from({ length: B }, (_, b) => b);
    const order =
      model.members.length > 1 && !anchor_TBD ? rowOrder_TB.subarray(t * B, (t + 1) * B) : inOrder;
    // As a matrix: the gradient of `gather` needs a kernel that the WASM backend lacks.
    const permute = tf.cast(tf.oneHot(tf.tensor1d(order, 'int32'), B), 'float32') as Tensor2D;
    const rows = B / model.members.length;
    const shuffled = tf.matMul(permute, tf.concat([seen, atModel], 1) as Tensor2D);
    const f = model.members.map((member, k) =>
      applyForwardNetOnTape(member, tf.slice(shuffled, [k * rows, 0], [rows, D + K])),
    );
    const change = f.length > 1 ? tf.concat(f, 0) : f[0]!;
    const put = tf.mul(change, tf.tensor1d(model.deltaScale_D));
    x = model.predicts === 'delta' ? tf.add(tf.matMul(permute, x as Tensor2D), put) : put;
    if (anchor_TBD) {
      const real = tf.sub(rowsOf(anchor_TBD, t), tf.tensor1d(mean_D));
      x = straightThrough(x, tf.div(real, tf.tensor1d(scale_D)));
    }
    if (problem.derivative === 'partial') x = fixed(x);
  }
  if (problem.critic) {
    const { spec, params_P: criticParams_P } = problem.critic;
    const value_B1 = applyOnTape(spec, tf.tensor1d(criticParams_P), tf.clipByValue(x, -clip, clip));
    cost = tf.add(cost, tf.mul(tf.mean(value_B1), gamma ** T / (T * (1 - gamma))));
  }
  return cost as tf.Scalar;
}

/** `value` forward, the identity on `through` backward. */
function straightThrough(through: tf.Tensor, value: tf.Tensor): tf.Tensor {
  const op = tf.customGrad((x, save) => {
    (save as tf.GradSaveFunc)([]);
    void x;
    return { value: tf.clone(value), gradFunc: (dy: tf.Tensor) => dy };
  });
  return op(through);
}

/** The value alone: the tape stops here. */
function fixed(x: tf.Tensor): tf.Tensor {
  return tf.customGrad((value, save) => {
    (save as tf.GradSaveFunc)([]);
    return { value: tf.clone(value as tf.Tensor), gradFunc: (dy: tf.Tensor) => tf.zerosLike(dy) };
  })(x);
}

function gumbel(rng: Rng): number {
  return -Math.log(-Math.log(uniform(rng, 1e-9, 1)));
}
