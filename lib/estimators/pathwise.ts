// The heart of MAIL: the policy gradient as a derivative of the discriminator along imagined trajectories, by the
// paper's backward recursion written out, not by a tape through the unrolled loop. With s' = f(s, a), a = pi(s), and
// c(s, a) the cost that the discriminator gives a pair (subscripts are partial derivatives, primes the next step):
//
//   J_s     = c_s + c_a pi_s + gamma J'_s' (f_s + f_a pi_s)                                            (MAIL eq. 11)
//   J_theta = c_a pi_theta + gamma (J'_s' f_a pi_theta + J'_theta)                                      (MAIL eq. 12)
//
// Every product below is a vector-Jacobian product over the whole batch. The noise of policy and model is held fixed.
// With `anchor_TBD` the trajectories are real: states have their measured values, and only f's Jacobian is the model's.
// With `derivative` 'partial' states count as fixed, the slides' comparison: J'_s' = 0, and J_theta = sum_t gamma^t c_a pi_theta.
import { scope, type Tensor2D, tf } from '../backend/engine.ts';
import type { Discriminator } from '../models/discriminator.ts';
import type { ForwardModel } from '../models/forward-model.ts';
import { type ForwardNetPass, type UploadedForwardNet, uploadForwardNet } from '../models/forward-network.ts';
import type { Policy } from '../models/policy.ts';
import { type ReparameterisedAction, reparameterise } from '../models/reparameterised.ts';
import { type Standardizer, standardizeRows } from '../models/standardizer.ts';
import {
  backward,
  type DenseDeltas,
  type DenseTrace,
  type DenseWeights,
  forwardTraced,
  upload,
  weightGradient,
} from '../nn/dense.ts';
import type { Mlp } from '../nn/mlp.ts';

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
  /** Discount a step, in (0, 1]. */
  readonly gamma: number;
  /** Weight of the saturation penalty, and the bound beyond which it counts, action units. */
  readonly saturationWeight: number;
  readonly saturationBeyond: number;
  /** Of the Gumbel-softmax, above 0; unused by a Gaussian policy. */
  readonly temperature: number;
  /** Default 'straight-through'. */
  readonly gumbel?: 'straight-through' | 'soft';
  /**
   * c(s, a) of a pair with logit l: 'cross-entropy' to "expert", softplus(-l), as in the paper's code; or 'belief', the
   * paper's D = sigmoid(-l) itself, whose gradient fades where D is sure. Default 'cross-entropy'.
   */
  readonly cost?: PathwiseCost;
  /** Whether states depend on theta, through the model, or count as fixed. Default 'total'. */
  readonly derivative?: 'total' | 'partial';
  /**
   * Real segments: the observation that followed step t, [T, B, D], simulator units (the last row is not used). The state is
   *   s' = f(s, a) + nu   with nu = anchor - f(s, a) held fixed:
   * the anchor's value, the model's Jacobian (MAIL's code; SVG, Heess et al. 2015). `start_BD` and `noise_TBK` are those of
   * the segments; rows keep their place, so that each third of the batch has its own member of three.
   */
  readonly anchor_TBD?: Float32Array;
  /** Weight of every step's cost, [T, B]: 0 beyond the end of a segment. Default 1. */
  readonly weight_TB?: Float32Array;
  /** Real segments: the simulator's own Jacobians in place of the model's, which then serves for its scaling alone. */
  readonly jacobians?: SimulatorJacobians;
  /** Dropout: factors, 0 or 1 / (share kept), of the last hidden layer's units of policy and discriminator, [T, B, H]. */
  readonly policyKeep_TBH?: Float32Array;
  readonly discriminatorKeep_TBH?: Float32Array;
  /** Whether to return the derivative by ln std too. Default false. */
  readonly learnStd?: boolean;
  readonly jacobianError?: JacobianError;
  /**
   * A terminal critic, from the standardised observation to (1 - gamma) V(s), V the discounted cost of all that follows: the
   * recursion then begins with J'_s' = V_s after the last step instead of 0 (SVG, Heess et al. 2015, section 4.3).
   * For imagined trajectories and gamma below 1.
   */
  readonly critic?: Mlp;
}

/**
 * The simulator's Jacobians in every step of real segments (envs/jacobian.ts), in simulator and action units, with Z numbers
 * in its state: d next / d [state, action], [T, B, Z, Z + A], and d observation / d state, [T, B, D, Z]. J_s is then by the
 * simulator's state, which need not be what is observed.
 */
export interface SimulatorJacobians {
  readonly next_TBZI: Float32Array;
  readonly obs_TBDZ: Float32Array;
}

/** What a pair costs: see `PathwiseProblem.cost`. */
export type PathwiseCost = 'cross-entropy' | 'belief';

/**
 * An error E put into the model's Jacobian in the backward pass alone: J' (f_s + E_s) and J' (f_a + E_a). It is E of the
 * members' networks, which put out changes in units of deltaScale, for input in standard deviations and action units.
 * `fixed_DI` is one wrong Jacobian, [D, D + A], for all rows and steps. `std` draws every entry from N(0, std^2) afresh
 * for every row and step, by way of J' E ~ N(0, std^2 |J'|^2) from N(0, 1) numbers `noise_TBI`, [T, B, D + A].
 */
export type JacobianError =
  | { readonly fixed_DI: Float32Array }
  | { readonly std: number; readonly noise_TBI: Float32Array };

/** A policy gradient and what was seen along the way. */
export interface PathwiseGradient {
  /** d J / d theta, [P]. */
  readonly gradient_P: Float32Array;
  /** d J / d ln std, [A], std in action units, where it was asked for. */
  readonly gradientLogStd_A?: Float32Array;
  /**
   * J = 1/T sum_t gamma^t mean_B weight (c + saturation): the discounted belief "this is the agent"; with a critic also
   * gamma^T / T mean_B V.
   */
  readonly cost: number;
  /** The pairs of all steps as the discriminator takes them, [T B, I]: its next negatives. */
  readonly pair_NI: Float32Array;
  /** Mean logit over all pairs that count; high means expert. */
  readonly meanLogit: number;
  /** With a critic: what it learns from. */
  readonly toGo?: CostsToGo;
}

/** The costs c of all pairs, [T, B], and the critic's (1 - gamma) V after the last step, [B], rows as every step has them. */
export interface CostsToGo {
  readonly cost_TB: Float32Array;
  readonly end_B: Float32Array;
}

/** One imagined step, with what its derivative needs. */
interface ImaginedStep {
  readonly pair_BI: Tensor2D;
  readonly policyTrace: DenseTrace;
  readonly action: ReparameterisedAction;
  /** 1 where the bound on the standardised observation was not active. */
  readonly inside_BD: Tensor2D;
  /** None at the last step: nothing follows; nor where the simulator's own Jacobians are given. */
  readonly modelPasses?: readonly ForwardNetPass[];
  /** The row order in which the model step was taken, and its inverse. */
  readonly order?: { readonly forward_B: tf.Tensor1D; readonly inverse_B: tf.Tensor1D };
}

interface Networks {
  readonly policy: DenseWeights;
  readonly discriminator: DenseWeights;
  readonly members: readonly UploadedForwardNet[];
  readonly critic?: DenseWeights;
}

/**
 * The gradient of the discounted discriminator cost J with respect to the policy's weights, by equations 11 and 12, along
 * imagined trajectories or real ones. Held constant: the noise, the starts, the weights of discriminator, model and critic.
 * J'_s' behind the last step is the critic's, or 0 without one: then nothing counts beyond the horizon. Where the networks
 * see the bound of a standardised state and not the state, only the model's identity part passes a derivative on.
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
      ...(problem.critic ? { critic: upload(problem.critic) } : {}),
    };
    const { steps, last_BD } = imagine(problem, networks, { B, T });
    const end = networks.critic && judgeEnd(problem, networks.critic, last_BD, { B, T });
    const pair_NI = tf.concat2d(
      steps.map((step) => step.pair_BI),
      0,
    );
    const keep_NH = keepRows(problem.discriminatorKeep_TBH, T * B);
    const { out_BO: logit_N1, trace } = forwardTraced(networks.discriminator, pair_NI, keep_NH);

    // gamma^t, the weights and the means are folded into the cost's cotangent, which makes every J below gamma^t / (B T)
    // times the paper's and spares a product a step.
    const { weight_TB } = problem;
    const share_N1 = tf.tensor2d(
      Float32Array.from(
        { length: T * B },
        (_, n) => ((weight_TB?.[n] ?? 1) * problem.gamma ** Math.floor(n / B)) / (B * T),
      ),
      [T * B, 1],
    );
    const { cost_N1, slope_N1 } = costOf(problem.cost, logit_N1);
    const { inCot_BI: pairCot_NI } = backward(networks.discriminator, trace, tf.mul(slope_N1, share_N1));
    const pairCots = tf.split(pairCot_NI, T, 0) as Tensor2D[];
    const penaltyWeights = tf.split(tf.mul(share_N1, problem.saturationWeight), T, 0) as Tensor2D[];
    const { gradient_P, gradientLogStd_A } = backwardRecursion(problem, networks, steps, {
      pairCots,
      penaltyWeights,
      ...(end ? { endCot_BD: end.cot_BD } : {}),
    });

    const belief = tf.sum(tf.mul(cost_N1, share_N1));
    const saturation = steps.map((step, t) => tf.sum(tf.mul(step.action.saturation_B1, penaltyWeights[t]!)));
    const counted_N1 = weight_TB ? tf.tensor2d(weight_TB, [T * B, 1]) : tf.ones([T * B, 1]);
    return {
      gradient_P: gradient_P.dataSync() as Float32Array,
      ...(gradientLogStd_A ? { gradientLogStd_A: gradientLogStd_A.dataSync() as Float32Array } : {}),
      cost: tf.add(belief, tf.addN([...saturation, ...(end ? [end.cost] : [])])).dataSync()[0]!,
      pair_NI: pair_NI.dataSync() as Float32Array,
      meanLogit: tf.div(tf.sum(tf.mul(logit_N1, counted_N1)), tf.sum(counted_N1)).dataSync()[0]!,
      ...(end
        ? {
            toGo: {
              cost_TB: cost_N1.dataSync() as Float32Array,
              end_B: end.value_B1.dataSync() as Float32Array,
            },
          }
        : {}),
    };
  });
}

/** What the critic says of the states after the last step: its output, its part of J, and the first J'_s'. */
function judgeEnd(
  { model, gamma }: PathwiseProblem,
  critic: DenseWeights,
  last_BD: Tensor2D,
  { B, T }: { B: number; T: number },
) {
  const { clip } = model.obsNorm;
  const seen_BD = tf.clipByValue(last_BD, -clip, clip);
  const { out_BO: value_B1, trace } = forwardTraced(critic, seen_BD);
  const share = gamma ** T / (B * T * (1 - gamma));
  const { inCot_BI } = backward(critic, trace, tf.fill([B, 1], share));
  const inside_BD = tf.cast(tf.equal(seen_BD, last_BD), 'float32');
  return {
    value_B1,
    cost: tf.mul<tf.Scalar>(tf.sum(value_B1), share),
    cot_BD: tf.mul<Tensor2D>(inCot_BI, inside_BD),
  };
}

/** c and dc/dl for logits l: softplus(-l) and -D, or D and -D (1 - D), with D = sigmoid(-l). */
function costOf(cost: PathwiseCost = 'cross-entropy', logit_N1: Tensor2D) {
  const D_N1 = tf.sigmoid(tf.neg(logit_N1));
  if (cost === 'belief') return { cost_N1: D_N1, slope_N1: tf.mul<Tensor2D>(D_N1, tf.sub(D_N1, 1)) };
  return { cost_N1: tf.softplus(tf.neg(logit_N1)), slope_N1: tf.neg(D_N1) };
}

function keepRows(keep: Float32Array | undefined, rows: number): Tensor2D | undefined {
  return keep && tf.tensor2d(keep, [rows, keep.length / rows]);
}

/**
 * Rolls the policy through the model, or along real segments, for T steps. The discriminator looks at all pairs afterwards.
 * `last_BD` is the state of the last step, or with a critic the one that follows it.
 */
function imagine(
  problem: PathwiseProblem,
  networks: Networks,
  { B, T }: { B: number; T: number },
): { readonly steps: readonly ImaginedStep[]; readonly last_BD: Tensor2D } {
  const { policy, discriminator, model } = problem;
  const { clip } = model.obsNorm;
  const D = model.obsNorm.mean_D.length;
  const K = policy.spec.sizes.at(-1)!;
  const noise_TBK = tf.tensor3d(problem.noise_TBK, [T, B, K]);
  const noises = tf.unstack(noise_TBK) as Tensor2D[];
  const actMean_A = tf.tensor1d(discriminator.actMean_A);
  const actScale_A = tf.tensor1d(discriminator.actScale_A);
  const deltaScale_D = tf.tensor1d(model.deltaScale_D);
  const { anchor_TBD, policyKeep_TBH } = problem;
  const keeps = policyKeep_TBH && (tf.split(keepRows(policyKeep_TBH, T * B)!, T, 0) as Tensor2D[]);
  const shuffled = model.members.length > 1 && !anchor_TBD;

  const standardized = (obs_BD: Float32Array) =>
    tf.tensor2d(standardizeRows(model.obsNorm, obs_BD, { clipped: false }), [B, D]);
  const anchorAt = (t: number, next_TBD: Float32Array) =>
    standardized(next_TBD.subarray(t * B * D, (t + 1) * B * D));

  let obsNorm_BD = standardized(problem.start_BD);
  const steps: ImaginedStep[] = [];
  for (let t = 0; t < T; t++) {
    const seen_BD = tf.clipByValue(obsNorm_BD, -clip, clip);
    const inside_BD = tf.cast(tf.equal(seen_BD, obsNorm_BD), 'float32') as Tensor2D;
    const { out_BO, trace: policyTrace } = forwardTraced(networks.policy, seen_BD, keeps?.[t]);
    const action = reparameterise(policy, out_BO, noises[t]!, { ...problem, actBound: model.actBound });
    const actNorm_BA = tf.div<Tensor2D>(tf.sub(action.act_BA, actMean_A), actScale_A);
    const pair_BI = tf.concat2d([seen_BD, actNorm_BA], 1);
    if (t === T - 1 && !networks.critic) {
      steps.push({ pair_BI, policyTrace, action, inside_BD });
      break;
    }
    if (problem.jacobians && anchor_TBD) {
      steps.push({ pair_BI, policyTrace, action, inside_BD });
      obsNorm_BD = anchorAt(t, anchor_TBD);
      continue;
    }
    const order = shuffled ? rowOrder(problem.rowOrder_TB.subarray(t * B, (t + 1) * B)) : undefined;
    const modelIn_BI = reorder(tf.concat2d([seen_BD, action.act_BA], 1), order?.forward_B);
    const parts = tf.split(modelIn_BI, networks.members.length, 0) as Tensor2D[];
    const modelPasses = networks.members.map((member, k) => member.traced(parts[k]!));
    steps.push({ pair_BI, policyTrace, action, inside_BD, modelPasses, ...(order ? { order } : {}) });
    if (anchor_TBD) {
      obsNorm_BD = anchorAt(t, anchor_TBD);
      continue;
    }
    const out_BD = tf.mul<Tensor2D>(stack(modelPasses.map((pass) => pass.out_BO)), deltaScale_D);
    obsNorm_BD =
      model.predicts === 'delta' ? tf.add<Tensor2D>(reorder(obsNorm_BD, order?.forward_B), out_BD) : out_BD;
  }
  return { steps, last_BD: obsNorm_BD };
}

/**
 * Equations 11 and 12, from the last step to the first. `pairCots` are c_s and c_a, scaled, for every step; `endCot_BD` is
 * the critic's J'_s' after the last.
 */
function backwardRecursion(
  problem: PathwiseProblem,
  networks: Networks,
  steps: readonly ImaginedStep[],
  {
    pairCots,
    penaltyWeights,
    endCot_BD,
  }: {
    readonly pairCots: readonly Tensor2D[];
    readonly penaltyWeights: readonly Tensor2D[];
    readonly endCot_BD?: Tensor2D;
  },
): { gradient_P: tf.Tensor1D; gradientLogStd_A?: tf.Tensor1D } {
  const D = problem.model.obsNorm.mean_D.length;
  const A = pairCots[0]!.shape[1] - D;
  const actScale_A = tf.tensor1d(problem.discriminator.actScale_A);
  const deltaScale_D = tf.tensor1d(problem.model.deltaScale_D);
  const B = pairCots[0]!.shape[0];
  const oracle =
    problem.jacobians && uploadJacobians(problem.jacobians, problem.model.obsNorm, [steps.length, B]);
  const passes: { trace: DenseTrace; deltas: DenseDeltas }[] = [];
  const byLogStd: tf.Tensor1D[] = [];
  let J_s: Tensor2D | undefined = endCot_BD;
  for (let t = steps.length - 1; t >= 0; t--) {
    const step = steps[t]!;
    const [c_s, c_aNorm] = tf.split(pairCots[t]!, [D, A], 1) as [Tensor2D, Tensor2D];
    const c_a = tf.div<Tensor2D>(c_aNorm, actScale_A);
    // `beside` is what of J'_s' reaches the state before without passing what is observed of it.
    let throughModel: { beside?: Tensor2D; f_s?: Tensor2D; f_a: Tensor2D } | undefined;
    if (J_s && oracle) {
      const Z = J_s.shape[1];
      const [beside, f_a] = tf.split(rowTimes(J_s, oracle[t]!.next_BZI), [Z, A], 1) as [Tensor2D, Tensor2D];
      throughModel = { beside, f_a };
    } else if (J_s && step.modelPasses) {
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
      const beside = reorder(J_s, step.order?.inverse_B);
      throughModel = { ...(problem.model.predicts === 'delta' ? { beside } : {}), f_s, f_a };
    }
    const actionCots = {
      atDiscriminator_BA: c_a,
      ...(throughModel ? { atModel_BA: throughModel.f_a } : {}),
      saturation: penaltyWeights[t]!,
    };
    const outCot_BK = step.action.pull(actionCots);
    if (problem.learnStd && step.action.pullLogStd) byLogStd.push(step.action.pullLogStd(actionCots));
    const { inCot_BI: throughPolicy, deltas } = backward(networks.policy, step.policyTrace, outCot_BK);
    passes.push({ trace: step.policyTrace, deltas }); // one summand of J_theta
    if (problem.derivative === 'partial') continue; // J'_s' is dropped
    let seenCot_BD = tf.add<Tensor2D>(c_s, throughPolicy);
    if (throughModel?.f_s) seenCot_BD = tf.add<Tensor2D>(seenCot_BD, throughModel.f_s);
    J_s = tf.mul<Tensor2D>(seenCot_BD, step.inside_BD);
    if (oracle) J_s = rowTimes(J_s, oracle[t]!.obs_BDZ);
    if (throughModel?.beside) J_s = tf.add<Tensor2D>(throughModel.beside, J_s);
  }
  const gradient_P = weightGradient(passes);
  return byLogStd.length > 0 ? { gradient_P, gradientLogStd_A: tf.addN(byLogStd) } : { gradient_P };
}

/** Both Jacobians of every step on the engine, that of the observation in standard deviations. */
function uploadJacobians(
  { next_TBZI, obs_TBDZ }: SimulatorJacobians,
  { scale_D }: Standardizer,
  [T, B]: readonly [number, number],
) {
  const D = scale_D.length;
  const Z = obs_TBDZ.length / (T * B * D);
  const scale_D1 = tf.tensor2d(scale_D, [D, 1]);
  return Array.from({ length: T }, (_, t) => {
    const at = (all: Float32Array) => all.subarray((t * all.length) / T, ((t + 1) * all.length) / T);
    return {
      next_BZI: tf.tensor3d(at(next_TBZI), [B, Z, next_TBZI.length / (T * B * Z)]),
      obs_BDZ: tf.div<tf.Tensor3D>(tf.tensor3d(at(obs_TBDZ), [B, D, Z]), scale_D1),
    };
  });
}

/** v M for every row of the batch: [B, O] and [B, O, I] to [B, I]. */
function rowTimes(v_BO: Tensor2D, M_BOI: tf.Tensor3D): Tensor2D {
  const [B, O, I] = M_BOI.shape;
  return tf.reshape(tf.matMul(tf.reshape(v_BO, [B, 1, O]), M_BOI), [B, I]);
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
export function checkedShape(problem: PathwiseProblem): { B: number; T: number } {
  const { policy, discriminator, model, start_BD, noise_TBK, rowOrder_TB, anchor_TBD } = problem;
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
  if (members > 1 && !anchor_TBD && rowOrder_TB.length !== T * B)
    throw new RangeError(`The row orders have ${rowOrder_TB.length} entries, expected ${T} x ${B}`);
  if (problem.critic && (anchor_TBD || problem.gamma >= 1))
    throw new RangeError('A critic judges imagined trajectories, and gamma below 1: leave out anchor_TBD');
  if (problem.jacobians && !anchor_TBD)
    throw new RangeError("The simulator's Jacobians belong to real segments: give anchor_TBD too");
  const widths = [
    ['anchor_TBD', D],
    ['weight_TB', 1],
    ['policyKeep_TBH', policy.spec.sizes.at(-2)!],
    ['discriminatorKeep_TBH', discriminator.spec.sizes.at(-2)!],
  ] as const;
  for (const [name, width] of widths)
    if (problem[name] && problem[name].length !== T * B * width)
      throw new RangeError(`${name} has ${problem[name].length} entries, expected ${T} x ${B} x ${width}`);
  return { B, T };
}
