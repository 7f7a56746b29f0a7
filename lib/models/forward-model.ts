// The forward model: what the simulator does in one step, as a network that can be differentiated.
//   obsNorm' = obsNorm + f([obsNorm, clip(act)]) deltaScale       ('delta': the Jacobian starts near the identity)
//   obsNorm' = f([obsNorm, clip(act)]) deltaScale                 ('absolute', deltaScale 1: as the paper's code has it)
// f is a plain network or the ICML paper's gated one; an ensemble is several such networks.
import { scope, type Tensor2D, tf } from '../backend/engine.ts';
import { integer, type Rng } from '../backend/rng.ts';
import { type AdamState, adamStep, initAdam } from '../nn/adam.ts';
import { initMlp } from '../nn/mlp.ts';
import { type ForwardNet, isGated, uploadForwardNet } from './forward-network.ts';
import { initGated } from './gated-network.ts';
import { joinRows } from './rows.ts';
import { type Standardizer, standardizeRows } from './standardizer.ts';

/** An ensemble and its scaling, as plain data. */
export interface ForwardModel {
  readonly obsNorm: Standardizer;
  readonly predicts: 'delta' | 'absolute';
  /** Unit of the networks' output, [D]: the std of the one-step change of obsNorm in the warm-up data; 1 if absolute. */
  readonly deltaScale_D: Float32Array;
  /** Actions are clipped to +-actBound, as the simulator does; Infinity for one-hot rows. */
  readonly actBound: number;
  readonly members: readonly ForwardNet[];
}

/** Transitions as rows, simulator units; actions in action units, or one-hot. */
export interface TransitionRows {
  readonly obs_BD: Float32Array;
  readonly act_BA: Float32Array;
  readonly nextObs_BD: Float32Array;
}

/**
 * A fresh ensemble, its output unit taken from the data at hand: swish networks with `hidden` layers, or gated networks
 * (Baram et al. 2017) whose one width is that of the hidden layers.
 * @throws RangeError if the network is gated and the hidden layers differ in width
 */
export function initForwardModel(
  options: {
    readonly obsNorm: Standardizer;
    readonly actBound: number;
    /** Length of an action row, A. */
    readonly actSize: number;
    readonly hidden: readonly number[];
    /** Networks in the ensemble, 1 or more. */
    readonly members: number;
    readonly data: TransitionRows;
    /** Default 'mlp'. */
    readonly network?: 'mlp' | 'gated';
    /** Default 'delta'. */
    readonly predicts?: 'delta' | 'absolute';
    /** Std of every weight and bias of a gated network (0.15 in the paper's code); default: by the layer's width. */
    readonly initStd?: number;
  },
  rng: Rng,
): ForwardModel {
  const { obsNorm, actBound, actSize, hidden, members, data, network = 'mlp', predicts = 'delta' } = options;
  const D = obsNorm.mean_D.length;
  if (network === 'gated' && hidden.some((width) => width !== hidden[0]))
    throw new RangeError(
      `A gated network has one width, but the hidden layers are ${hidden.join('-')}: give them one width`,
    );
  const fresh = (): ForwardNet =>
    network === 'gated'
      ? initGated({ obsSize: D, actSize, width: hidden[0]! }, rng, options)
      : initMlp({ sizes: [D + actSize, ...hidden, D], activation: 'swish' }, rng);
  return {
    obsNorm,
    predicts,
    actBound,
    deltaScale_D: predicts === 'absolute' ? new Float32Array(D).fill(1) : changeScale(obsNorm, data),
    members: Array.from({ length: members }, fresh),
  };
}

/** Std of the one-step change of the standardised observation, [D]. */
function changeScale(obsNorm: Standardizer, data: TransitionRows): Float32Array {
  const D = obsNorm.mean_D.length;
  const delta_ND = deltas(obsNorm, data);
  const N = delta_ND.length / D;
  return Float32Array.from({ length: D }, (_, d) => {
    let mean = 0;
    for (let n = 0; n < N; n++) mean += delta_ND[n * D + d]! / N;
    let square = 0;
    for (let n = 0; n < N; n++) square += (delta_ND[n * D + d]! - mean) ** 2 / N;
    return Math.sqrt(square) + 1e-6;
  });
}

/** Inputs, [N, D + A], and targets, [N, D] in units of deltaScale, for training a member. */
export function modelRows(
  { obsNorm, predicts, deltaScale_D, actBound }: ForwardModel,
  data: TransitionRows,
): { readonly input_NI: Float32Array; readonly target_ND: Float32Array } {
  const D = obsNorm.mean_D.length;
  const A = data.act_BA.length / (data.obs_BD.length / D);
  const act_NA = data.act_BA.map((a) => Math.max(-actBound, Math.min(actBound, a)));
  const target_ND =
    predicts === 'delta'
      ? deltas(obsNorm, data)
      : standardizeRows(obsNorm, data.nextObs_BD, { clipped: false });
  return {
    input_NI: joinRows(standardizeRows(obsNorm, data.obs_BD), D, act_NA, A),
    target_ND: target_ND.map((target, i) => target / deltaScale_D[i % D]!),
  };
}

/** Gradient, [P], of a member's mean squared error over rows and entries, in units of deltaScale. */
export function modelGradient(
  member: ForwardNet,
  { input_NI, target_ND }: { readonly input_NI: Float32Array; readonly target_ND: Float32Array },
): { readonly gradient_P: Float32Array; readonly mse: number } {
  return scope(() => {
    const D = isGated(member) ? member.spec.obsSize : member.spec.sizes.at(-1)!;
    const N = target_ND.length / D;
    const pass = uploadForwardNet(member).traced(tf.tensor2d(input_NI, [N, input_NI.length / N]));
    const gap_ND: Tensor2D = tf.sub(pass.out_BO, tf.tensor2d(target_ND, [N, D]));
    const gradient_P = pass.gradient(tf.mul(gap_ND, 2 / (N * D))).dataSync() as Float32Array;
    return { gradient_P, mse: tf.mean(tf.square(gap_ND)).dataSync()[0]! };
  });
}

/**
 * Trains every member by Adam on minibatches drawn with replacement from fixed transitions; changes the members'
 * `params_P` in place. MAIL itself trains from its growing buffer.
 * @returns mean over members of the last minibatch's error, in units of deltaScale
 */
export function fitForwardModel(
  model: ForwardModel,
  data: TransitionRows,
  options: {
    readonly updates: number;
    readonly batchSize: number;
    readonly rate: number;
    readonly rng: Rng;
    /** One optimiser state a member, to go on from; default: fresh ones. */
    readonly adam?: readonly AdamState[];
  },
): number {
  const { updates, batchSize, rate, rng } = options;
  const rows = modelRows(model, data);
  const D = model.obsNorm.mean_D.length;
  const N = rows.target_ND.length / D;
  const I = rows.input_NI.length / N;
  const adam = options.adam ?? model.members.map((member) => initAdam(member.params_P.length));
  let error = 0;
  for (let update = 0; update < updates; update++) {
    error = 0;
    model.members.forEach((member, k) => {
      const input_NI = new Float32Array(batchSize * I);
      const target_ND = new Float32Array(batchSize * D);
      for (let b = 0; b < batchSize; b++) {
        const n = integer(rng, N);
        input_NI.set(rows.input_NI.subarray(n * I, (n + 1) * I), b * I);
        target_ND.set(rows.target_ND.subarray(n * D, (n + 1) * D), b * D);
      }
      const { gradient_P, mse } = modelGradient(member, { input_NI, target_ND });
      adamStep(member.params_P, gradient_P, adam[k]!, { rate });
      error += mse / model.members.length;
    });
  }
  return error;
}

/** Mean over members of the mean squared one-step error on these transitions, in units of deltaScale. */
export function modelError(model: ForwardModel, data: TransitionRows): number {
  const { input_NI, target_ND } = modelRows(model, data);
  return scope(() => {
    const N = target_ND.length / model.obsNorm.mean_D.length;
    const input = tf.tensor2d(input_NI, [N, input_NI.length / N]);
    const target = tf.tensor2d(target_ND, [N, target_ND.length / N]);
    const errors = model.members.map((member) => {
      const gap = tf.sub(uploadForwardNet(member).forward(input), target);
      return tf.mean(tf.square(gap)).dataSync()[0]!;
    });
    return errors.reduce((sum, error) => sum + error, 0) / errors.length;
  });
}

/** One-step changes of the standardised observation, [N, D], without the bound, since changes must stay linear. */
function deltas(obsNorm: Standardizer, { obs_BD, nextObs_BD }: TransitionRows): Float32Array {
  const D = obsNorm.mean_D.length;
  return nextObs_BD.map((next, i) => (next - obs_BD[i]!) / obsNorm.scale_D[i % D]!);
}
