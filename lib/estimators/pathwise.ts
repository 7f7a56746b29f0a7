// The heart of MAIL: the policy gradient as a derivative of the discriminator along imagined trajectories, by the
// paper's backward recursion written out, not by a tape through the unrolled loop. With s' = f(s, a), a = pi(s), and
// c(s, a) the cost that the discriminator gives a pair (subscripts are partial derivatives, primes the next step):
//
//   J_s     = c_s + c_a pi_s + gamma J'_s' (f_s + f_a pi_s)                                            (MAIL eq. 11)
//   J_theta = c_a pi_theta + gamma (J'_s' f_a pi_theta + J'_theta)                                      (MAIL eq. 12)
//
// Every product below is a vector-Jacobian product over the whole batch. The noise of policy and model is held fixed.
import { scope, type Tensor2D, tf } from '../backend/engine.ts';
import type { Discriminator } from '../models/discriminator.ts';
import type { ForwardModel } from '../models/forward-model.ts';
import { type ForwardNetPass, type UploadedForwardNet, uploadForwardNet } from '../models/forward-network.ts';
import type { Policy } from '../models/policy.ts';
import { type ReparameterisedAction, reparameterise } from '../models/reparameterised.ts';
import { standardizeRows } from '../models/standardizer.ts';
import {
  backward,
  type DenseDeltas,
  type DenseTrace,
  type DenseWeights,
  forwardTraced,
  upload,
  weightGradient,
} from '../nn/dense.ts';

/** Everything that one policy gradient depends on, as plain data. */
export interface PathwiseProblem {
  readonly policy: Policy;
  readonly discriminator: Discriminator;
  readonly model: ForwardModel;
  /** First observations, [B, D], simulator units. B is a multiple of the number of ensemble members. */
  readonly start_BD: Float32Array;
  /** N(0, 1) for a Gaussian policy, Gumbel for a categorical one, [T, B, K]. T is the horizon. */
  readonly noise_TBK: Float32Array;
  /** A permutation of the batch before every model step, [T, B]: which row meets which member. Unused with one member. */
  readonly rowOrder_TB: Int32Array;
  readonly gamma: number;
  /** Weight of the saturation penalty, and the bound beyond which it counts, action units. */
  readonly saturationWeight: number;
  readonly saturationBeyond: number;
  readonly temperature: number;
  readonly jacobianError?: JacobianError;
}

/**
 * An error E put into the model's Jacobian in the backward pass alone: J' (f_s + E_s) and J' (f_a + E_a). It is E of the
 * members' networks, which put out changes in units of deltaScale, for input in standard deviations and action units.
 * `fixed_DI` is one wrong Jacobian, [D, D + A], for all rows and steps. `std` draws every entry from N(0, std^2) afresh
 * for every row and step, by way of J' E ~ N(0, std^2 |J'|^2) from N(0, 1) numbers `noise_TBI`, [T, B, D + A].
 */
export type JacobianError =
  | { readonly fixed_DI: Float32Array }
  | { readonly std: number; readonly noise_TBI: Float32Array };

export interface PathwiseGradient {
  /** d J / d theta, [P]. */
  readonly gradient_P: Float32Array;
  /** J = 1/T sum_t gamma^t mean_B (softplus(-logit) + saturation): the discounted belief "this is the agent". */
  readonly cost: number;
  /** The imagined pairs as the discriminator takes them, [T B, I]: its next negatives. */
  readonly pair_NI: Float32Array;
  /** Mean logit over all imagined pairs; high means expert. */
  readonly meanLogit: number;
}

/** One imagined step, with what its derivative needs. */
interface ImaginedStep {
  readonly pair_BI: Tensor2D;
  readonly policyTrace: DenseTrace;
  readonly action: ReparameterisedAction;
  /** 1 where the bound on the standardised observation was not active. */
  readonly inside_BD: Tensor2D;
  /** None at the last step: nothing follows. */
  readonly modelPasses?: readonly ForwardNetPass[];
  /** The row order in which the model step was taken, and its inverse. */
  readonly order?: { readonly forward_B: tf.Tensor1D; readonly inverse_B: tf.Tensor1D };
}

interface Networks {
  readonly policy: DenseWeights;
  readonly discriminator: DenseWeights;
  readonly members: readonly UploadedForwardNet[];
}

/**
 * The gradient of the discounted discriminator cost along imagined trajectories with respect to the policy's weights.
 *
 * @throws RangeError if the shapes do not fit, naming them
 */
export function pathwiseGradient(problem: PathwiseProblem): PathwiseGradient {
  const { B, T } = checkedShape(problem);
  return scope(() => {
    const networks: Networks = {
      policy: upload(problem.policy),
      discriminator: upload(problem.discriminator),
      members: problem.model.members.map(uploadForwardNet),
    };
    const steps = imagine(problem, networks, { B, T });
    const pair_NI = tf.concat2d(
      steps.map((step) => step.pair_BI),
      0,
    );
    const { out_BO: logit_N1, trace } = forwardTraced(networks.discriminator, pair_NI);

    // c = softplus(-logit), so dc/dlogit = -sigmoid(-logit). gamma^t and the means are folded in here, which makes
    // every J below gamma^t / (B T) times the paper's and spares a product a step.
    const share_N1 = tf.tensor2d(
      Float32Array.from({ length: T * B }, (_, n) => problem.gamma ** Math.floor(n / B) / (B * T)),
      [T * B, 1],
    );
    const logitCot_N1 = tf.neg(tf.mul<Tensor2D>(tf.sigmoid(tf.neg(logit_N1)), share_N1));
    const { inCot_BI: pairCot_NI } = backward(networks.discriminator, trace, logitCot_N1);
    const pairCots = tf.split(pairCot_NI, T, 0) as Tensor2D[];
    const gradient_P = backwardRecursion(problem, networks, steps, pairCots);

    const belief = tf.sum(tf.mul(tf.softplus(tf.neg(logit_N1)), share_N1));
    const saturation = steps.map((step, t) =>
      tf.mul(step.action.saturation, (problem.gamma ** t * problem.saturationWeight) / T),
    );
    return {
      gradient_P: gradient_P.dataSync() as Float32Array,
      cost: tf.add(belief, tf.addN(saturation)).dataSync()[0]!,
      pair_NI: pair_NI.dataSync() as Float32Array,
      meanLogit: tf.mean(logit_N1).dataSync()[0]!,
    };
  });
}

/** Rolls the policy through the model for T steps. The discriminator looks at all pairs at once afterwards. */
function imagine(
  problem: PathwiseProblem,
  networks: Networks,
  { B, T }: { B: number; T: number },
): ImaginedStep[] {
  const { policy, discriminator, model } = problem;
  const { clip } = model.obsNorm;
  const K = policy.spec.sizes.at(-1)!;
  const noise_TBK = tf.tensor3d(problem.noise_TBK, [T, B, K]);
  const noises = tf.unstack(noise_TBK) as Tensor2D[];
  const actMean_A = tf.tensor1d(discriminator.actMean_A);
  const actScale_A = tf.tensor1d(discriminator.actScale_A);
  const deltaScale_D = tf.tensor1d(model.deltaScale_D);
  const shuffled = model.members.length > 1;

  let obsNorm_BD = tf.tensor2d(standardizeRows(model.obsNorm, problem.start_BD, { clipped: false }), [
    B,
    model.obsNorm.mean_D.length,
  ]);
  const steps: ImaginedStep[] = [];
  for (let t = 0; t < T; t++) {
    const seen_BD = tf.clipByValue(obsNorm_BD, -clip, clip);
    const inside_BD = tf.cast(tf.equal(seen_BD, obsNorm_BD), 'float32') as Tensor2D;
    const { out_BO, trace: policyTrace } = forwardTraced(networks.policy, seen_BD);
    const action = reparameterise(policy, out_BO, noises[t]!, { ...problem, actBound: model.actBound });
    const actNorm_BA = tf.div<Tensor2D>(tf.sub(action.act_BA, actMean_A), actScale_A);
    const pair_BI = tf.concat2d([seen_BD, actNorm_BA], 1);
    if (t === T - 1) {
      steps.push({ pair_BI, policyTrace, action, inside_BD });
      break;
    }
    const order = shuffled ? rowOrder(problem.rowOrder_TB.subarray(t * B, (t + 1) * B)) : undefined;
    const modelIn_BI = reorder(tf.concat2d([seen_BD, action.act_BA], 1), order?.forward_B);
    const parts = tf.split(modelIn_BI, networks.members.length, 0) as Tensor2D[];
    const modelPasses = networks.members.map((member, k) => member.traced(parts[k]!));
    const out_BD = tf.mul<Tensor2D>(stack(modelPasses.map((pass) => pass.out_BO)), deltaScale_D);
    obsNorm_BD =
      model.predicts === 'delta' ? tf.add<Tensor2D>(reorder(obsNorm_BD, order?.forward_B), out_BD) : out_BD;
    steps.push({ pair_BI, policyTrace, action, inside_BD, modelPasses, ...(order ? { order } : {}) });
  }
  return steps;
}

/** Equations 11 and 12, from the last step to the first. `pairCots` are c_s and c_a, scaled, for every step. */
function backwardRecursion(
  problem: PathwiseProblem,
  networks: Networks,
  steps: readonly ImaginedStep[],
  pairCots: readonly Tensor2D[],
): tf.Tensor1D {
  const D = problem.model.obsNorm.mean_D.length;
  const A = pairCots[0]!.shape[1] - D;
  const actScale_A = tf.tensor1d(problem.discriminator.actScale_A);
  const deltaScale_D = tf.tensor1d(problem.model.deltaScale_D);
  const passes: { trace: DenseTrace; deltas: DenseDeltas }[] = [];
  let J_s: Tensor2D | undefined;
  for (let t = steps.length - 1; t >= 0; t--) {
    const step = steps[t]!;
    const [c_s, c_aNorm] = tf.split(pairCots[t]!, [D, A], 1) as [Tensor2D, Tensor2D];
    const c_a = tf.div<Tensor2D>(c_aNorm, actScale_A);
    let throughModel: { identity?: Tensor2D; f_s: Tensor2D; f_a: Tensor2D } | undefined;
    if (J_s && step.modelPasses) {
      // J'_s' f_s and J'_s' f_a; where f = identity + network, the identity's part is J'_s' itself.
      const outCot_BD = tf.mul<Tensor2D>(J_s, deltaScale_D);
      const parts = tf.split(outCot_BD, networks.members.length, 0) as Tensor2D[];
      const modelCots = step.modelPasses.map((pass, k) => pass.pull(parts[k]!));
      const atMembers_BI = withJacobianError(problem.jacobianError, {
        t,
        outCot_BD,
        cot_BI: stack(modelCots),
      });
      const modelCot_BI = reorder(atMembers_BI, step.order?.inverse_B);
      const [f_s, f_a] = tf.split(modelCot_BI, [D, A], 1) as [Tensor2D, Tensor2D];
      const identity = reorder(J_s, step.order?.inverse_B);
      throughModel = { ...(problem.model.predicts === 'delta' ? { identity } : {}), f_s, f_a };
    }
    const outCot_BK = step.action.pull({
      atDiscriminator_BA: c_a,
      ...(throughModel ? { atModel_BA: throughModel.f_a } : {}),
      saturation: (problem.gamma ** t * problem.saturationWeight) / steps.length,
    });
    const { inCot_BI: throughPolicy, deltas } = backward(networks.policy, step.policyTrace, outCot_BK);
    passes.push({ trace: step.policyTrace, deltas }); // one summand of J_theta
    let seenCot_BD = tf.add<Tensor2D>(c_s, throughPolicy);
    if (throughModel) seenCot_BD = tf.add<Tensor2D>(seenCot_BD, throughModel.f_s);
    J_s = tf.mul<Tensor2D>(seenCot_BD, step.inside_BD);
    if (throughModel?.identity) J_s = tf.add<Tensor2D>(throughModel.identity, J_s);
  }
  return weightGradient(passes);
}

/** J' (f + E) from J' f: `outCot_BD` is J' at the members' outputs, `cot_BI` is J' f. */
function withJacobianError(
  error: JacobianError | undefined,
  { t, outCot_BD, cot_BI }: { t: number; outCot_BD: Tensor2D; cot_BI: Tensor2D },
): Tensor2D {
  if (!error) return cot_BI;
  const [B, I] = cot_BI.shape;
  if ('fixed_DI' in error)
    return tf.add(cot_BI, tf.matMul(outCot_BD, tf.tensor2d(error.fixed_DI, [outCot_BD.shape[1], I])));
  const noise_BI = tf.tensor2d(error.noise_TBI.subarray(t * B * I, (t + 1) * B * I), [B, I]);
  const length_B1 = tf.sqrt(tf.sum(tf.square(outCot_BD), 1, true));
  return tf.add(cot_BI, tf.mul(tf.mul(noise_BI, length_B1), error.std));
}

function rowOrder(order_B: Int32Array): { forward_B: tf.Tensor1D; inverse_B: tf.Tensor1D } {
  const inverse_B = new Int32Array(order_B.length);
  order_B.forEach((from, to) => {
    inverse_B[from] = to;
  });
  return { forward_B: tf.tensor1d(order_B, 'int32'), inverse_B: tf.tensor1d(inverse_B, 'int32') };
}

function reorder(x_BI: Tensor2D, order_B: tf.Tensor1D | undefined): Tensor2D {
  return order_B ? tf.gather(x_BI, order_B) : x_BI;
}

function stack(parts: Tensor2D[]): Tensor2D {
  return parts.length === 1 ? parts[0]! : tf.concat2d(parts, 0);
}

/** Batch and horizon of a problem. @throws RangeError if the shapes do not fit, naming them */
export function checkedShape({ policy, model, start_BD, noise_TBK, rowOrder_TB }: PathwiseProblem): {
  B: number;
  T: number;
} {
  const D = model.obsNorm.mean_D.length;
  const B = start_BD.length / D;
  const T = noise_TBK.length / (B * policy.spec.sizes.at(-1)!);
  const members = model.members.length;
  if (!Number.isInteger(B) || !Number.isInteger(T) || B < 1 || T < 1)
    throw new RangeError(
      `Starts of length ${start_BD.length} and noise of length ${noise_TBK.length} do not make [B, ${D}] and [T, B, K]`,
    );
  if (B % members !== 0)
    throw new RangeError(
      `Cannot share ${B} starts among ${members} models: make the batch a multiple of ${members}`,
    );
  if (members > 1 && rowOrder_TB.length !== T * B)
    throw new RangeError(`The row orders have ${rowOrder_TB.length} entries, expected ${T} x ${B}`);
  return { B, T };
}
