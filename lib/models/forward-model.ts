// The forward model: what the simulator does in one step, as a network that can be differentiated.
//   obsNorm' = obsNorm + f([obsNorm, clip(act)]) deltaScale
// It predicts the change, so its Jacobian starts near the identity; an ensemble is several such networks.
import { scope, tf } from '../backend/engine.ts';
import type { Rng } from '../backend/rng.ts';
import { backwardDeltas, forward, forwardTraced, upload, weightGradient } from '../nn/dense.ts';
import { initMlp, type Mlp } from '../nn/mlp.ts';
import { joinRows } from './discriminator.ts';
import { type Standardizer, standardizeRows } from './standardizer.ts';

export interface ForwardModel {
  readonly obsNorm: Standardizer;
  /** Std of the one-step change of obsNorm in the warm-up data, [D]: the networks predict changes in this unit. */
  readonly deltaScale_D: Float32Array;
  /** Actions are clipped to +-actBound, as the simulator does; Infinity for one-hot rows. */
  readonly actBound: number;
  readonly members: readonly Mlp[];
}

/** Transitions as rows, [N, .]; actions in action units, or one-hot. */
export interface TransitionRows {
  readonly obs_BD: Float32Array;
  readonly act_BA: Float32Array;
  readonly nextObs_BD: Float32Array;
}

/** A fresh ensemble of swish networks, its output unit taken from the data at hand. */
export function initForwardModel(
  options: {
    readonly obsNorm: Standardizer;
    readonly actBound: number;
    readonly actSize: number;
    readonly hidden: readonly number[];
    readonly members: number;
    readonly data: TransitionRows;
  },
  rng: Rng,
): ForwardModel {
  const { obsNorm, actBound, actSize, hidden, members, data } = options;
  const D = obsNorm.mean_D.length;
  const delta_ND = deltas(obsNorm, data);
  const N = delta_ND.length / D;
  const deltaScale_D = Float32Array.from({ length: D }, (_, d) => {
    let mean = 0;
    for (let n = 0; n < N; n++) mean += delta_ND[n * D + d]! / N;
    let square = 0;
    for (let n = 0; n < N; n++) square += (delta_ND[n * D + d]! - mean) ** 2 / N;
    return Math.sqrt(square) + 1e-6;
  });
  const sizes = [D + actSize, ...hidden, D];
  return {
    obsNorm,
    actBound,
    deltaScale_D,
    members: Array.from({ length: members }, () => initMlp({ sizes, activation: 'swish' }, rng)),
  };
}

/** Inputs, [N, D + A], and targets, [N, D] in units of deltaScale, for training a member. */
export function modelRows(
  model: ForwardModel,
  data: TransitionRows,
): { readonly input_NI: Float32Array; readonly target_ND: Float32Array } {
  const D = model.obsNorm.mean_D.length;
  const A = model.members[0]!.spec.sizes[0]! - D;
  const act_NA = data.act_BA.map((a) => Math.max(-model.actBound, Math.min(model.actBound, a)));
  return {
    input_NI: joinRows(standardizeRows(model.obsNorm, data.obs_BD), D, act_NA, A),
    target_ND: deltas(model.obsNorm, data).map((delta, i) => delta / model.deltaScale_D[i % D]!),
  };
}

/** Gradient, [P], of a member's mean squared error over rows and entries, in units of deltaScale. */
export function modelGradient(
  member: Mlp,
  { input_NI, target_ND }: { readonly input_NI: Float32Array; readonly target_ND: Float32Array },
): { readonly gradient_P: Float32Array; readonly mse: number } {
  return scope(() => {
    const I = member.spec.sizes[0]!;
    const D = member.spec.sizes.at(-1)!;
    const N = input_NI.length / I;
    const net = upload(member);
    const { out_BO, trace } = forwardTraced(net, tf.tensor2d(input_NI, [N, I]));
    const gap_ND = tf.sub(out_BO, tf.tensor2d(target_ND, [N, D]));
    const deltas_ND = backwardDeltas(net, trace, tf.mul(gap_ND, 2 / (N * D)));
    const gradient_P = weightGradient([{ trace, deltas: deltas_ND }]).dataSync() as Float32Array;
    return { gradient_P, mse: tf.mean(tf.square(gap_ND)).dataSync()[0]! };
  });
}

/** Mean over members of the mean squared one-step error on these transitions, in units of deltaScale. */
export function modelError(model: ForwardModel, data: TransitionRows): number {
  const { input_NI, target_ND } = modelRows(model, data);
  return scope(() => {
    const I = model.members[0]!.spec.sizes[0]!;
    const N = input_NI.length / I;
    const input = tf.tensor2d(input_NI, [N, I]);
    const target = tf.tensor2d(target_ND, [N, target_ND.length / N]);
    const errors = model.members.map((member) => {
      const gap = tf.sub(forward(upload(member), input), target);
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
