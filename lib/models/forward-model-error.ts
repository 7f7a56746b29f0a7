// How wrong a forward model is where it is used: over many steps without correction, on states of different origin, and on
// the data of later policies (the distribution shift that the slides name as a cost of having a model).
import { scope, type Tensor2D, tf } from '../backend/engine.ts';
import type { Trajectory } from '../data/types.ts';
import { type ForwardModel, modelRows, type TransitionRows } from './forward-model.ts';
import { type UploadedForwardNet, uploadForwardNet } from './forward-network.ts';
import { standardizeRows } from './standardizer.ts';

/** Error after `horizon` steps without correction, in standard deviations of the observation (of `obsNorm`). */
export interface OpenLoopError {
  readonly horizon: number;
  /** Root mean square over segments, entries and members. */
  readonly error: number;
  /** The same of the prediction that nothing changes. */
  readonly noChangeError: number;
  /** Segments that are long enough. */
  readonly segments: number;
}

/**
 * Open-loop error against horizon: from a recorded state, the recorded actions are fed to the model, and its state after
 * k steps is compared with the recorded one. Members roll out one by one, as in imagination.
 *
 * @param trajectories actions as the model takes them: action units, or one-hot rows for a discrete task
 * @param every a segment starts at every so many steps of a trajectory
 * @throws RangeError if no trajectory has `maxHorizon` steps
 */
export function openLoopError(
  model: ForwardModel,
  trajectories: readonly Pick<Trajectory, 'obs_Tp1D' | 'act_TA'>[],
  { maxHorizon, every = 10 }: { readonly maxHorizon: number; readonly every?: number },
): OpenLoopError[] {
  const { obsNorm, actBound } = model;
  const D = obsNorm.mean_D.length;
  const starts = trajectories.flatMap((trajectory) => {
    const T = trajectory.obs_Tp1D.length / D - 1;
    const count = Math.max(0, Math.floor((T - maxHorizon) / every) + 1);
    return Array.from({ length: count }, (_, k) => ({ trajectory, T, at: k * every }));
  });
  if (starts.length === 0)
    throw new RangeError(`No trajectory has ${maxHorizon} steps: lower maxHorizon or record longer ones`);
  const B = starts.length;
  /** One recorded row of every segment, `ahead` steps after its start. */
  const recordedObs = (ahead: number) =>
    tf.tensor2d(
      standardizeRows(
        obsNorm,
        Float32Array.from(
          starts.flatMap(({ trajectory, at }) => [...row(trajectory.obs_Tp1D, D, at + ahead)]),
        ),
        { clipped: false },
      ),
      [B, D],
    );
  const recordedAct = (ahead: number) => {
    const flat = starts.flatMap(({ trajectory, T, at }) => [
      ...row(trajectory.act_TA, trajectory.act_TA.length / T, at + ahead),
    ]);
    return tf.clipByValue(tf.tensor2d(flat, [B, flat.length / B]), -actBound, actBound);
  };
  return scope(() => {
    const members = model.members.map(uploadForwardNet);
    const start_BD = recordedObs(0);
    let states = members.map(() => start_BD);
    return Array.from({ length: maxHorizon }, (_, k) => {
      const act_BA = recordedAct(k);
      states = states.map((state_BD, m) => predictedNext(model, members[m]!, { state_BD, act_BA }));
      const truth_BD = recordedObs(k + 1);
      const squares = states.map((state_BD) => meanSquare(state_BD, truth_BD));
      return {
        horizon: k + 1,
        error: Math.sqrt(squares.reduce((sum, square) => sum + square, 0) / squares.length),
        noChangeError: Math.sqrt(meanSquare(start_BD, truth_BD)),
        segments: B,
      };
    });
  });
}

/** One step of one member: standardised states, [B, D], and actions, [B, A], to standardised next states. */
function predictedNext(
  model: ForwardModel,
  member: UploadedForwardNet,
  { state_BD, act_BA }: { readonly state_BD: Tensor2D; readonly act_BA: Tensor2D },
): Tensor2D {
  const { clip } = model.obsNorm;
  const out_BD = member.forward(tf.concat2d([tf.clipByValue(state_BD, -clip, clip), act_BA], 1));
  const put_BD: Tensor2D = tf.mul(out_BD, tf.tensor1d(model.deltaScale_D));
  return model.predicts === 'delta' ? tf.add(state_BD, put_BD) : put_BD;
}

/** One-step error on one set of transitions. */
export interface OneStepError {
  readonly states: string;
  /** Root mean square over rows, entries and members, standard deviations of the observation. */
  readonly error: number;
  /** The same of the prediction that nothing changes. */
  readonly noChangeError: number;
  readonly transitions: number;
}

/**
 * One-step error on transitions of different origin, for example `{ expert, policy, random }`: same unit for every set and
 * every kind of model, unlike `modelError`.
 */
export function oneStepErrors(
  model: ForwardModel,
  sets: Readonly<Record<string, TransitionRows>>,
): OneStepError[] {
  const D = model.obsNorm.mean_D.length;
  return Object.entries(sets).map(([states, data]) => {
    const { input_NI, target_ND } = modelRows(model, data);
    const N = data.obs_BD.length / D;
    return scope(() => {
      const scale_D = tf.tensor1d(model.deltaScale_D);
      const target: Tensor2D = tf.mul(tf.tensor2d(target_ND, [N, D]), scale_D);
      const input = tf.tensor2d(input_NI, [N, input_NI.length / N]);
      const squares = model.members.map((member) =>
        meanSquare(tf.mul(uploadForwardNet(member).forward(input), scale_D), target),
      );
      const [obs, next] = [data.obs_BD, data.nextObs_BD].map((rows) =>
        tf.tensor2d(standardizeRows(model.obsNorm, rows, { clipped: false }), [N, D]),
      ) as [Tensor2D, Tensor2D];
      return {
        states,
        error: Math.sqrt(squares.reduce((sum, square) => sum + square, 0) / squares.length),
        noChangeError: Math.sqrt(meanSquare(obs, next)),
        transitions: N,
      };
    });
  });
}

/** A copy that later training does not touch. */
export function modelSnapshot(model: ForwardModel): ForwardModel {
  return {
    ...model,
    members: model.members.map((member) => ({ ...member, params_P: member.params_P.slice() })),
  };
}

/** Error of the model as it was after stage `model` on the data of stage `data`. */
export interface ErrorByAge {
  readonly model: number;
  readonly data: number;
  /** data - model: how many stages the policy has moved on since the model's last data. */
  readonly age: number;
  readonly error: number;
}

/**
 * Model error as the policy moves: every model snapshot on the fresh data of its own stage (data that it has not been
 * trained on) and of every later one. `data` are what the policy of each stage collected, `models` what was trained by
 * then, in one order of stages.
 * @throws RangeError if there are not as many models as data sets
 */
export function errorByAge(models: readonly ForwardModel[], data: readonly TransitionRows[]): ErrorByAge[] {
  if (models.length !== data.length)
    throw new RangeError(
      `There are ${models.length} models for ${data.length} stages of data: give one a stage`,
    );
  return models.flatMap((model, k) =>
    data.slice(k).map((rows, age) => ({
      model: k,
      data: k + age,
      age,
      error: oneStepErrors(model, { stage: rows })[0]!.error,
    })),
  );
}

/**
 * The Jacobian of one member at given rows, [B, D, D + A], row-major: d obsNorm' / d [obsNorm, act], by D vector-Jacobian
 * products. Compare with finite differences of the simulator.
 */
export function modelJacobian(
  model: ForwardModel,
  rows: { readonly obs_BD: Float32Array; readonly act_BA: Float32Array },
  member = 0,
): Float32Array {
  const D = model.obsNorm.mean_D.length;
  const { input_NI } = modelRows(model, { ...rows, nextObs_BD: rows.obs_BD });
  return scope(() => {
    const B = rows.obs_BD.length / D;
    const I = input_NI.length / B;
    const pass = uploadForwardNet(model.members[member]!).traced(tf.tensor2d(input_NI, [B, I]));
    const byOutput = Array.from({ length: D }, (_, d) => {
      const unit_D = new Float32Array(D);
      unit_D[d] = model.deltaScale_D[d]!;
      const pulled_BI = pass.pull(tf.tile(tf.tensor2d(unit_D, [1, D]), [B, 1]));
      if (model.predicts === 'absolute') return pulled_BI;
      return tf.add<Tensor2D>(pulled_BI, tf.tensor1d(new Float32Array(I).fill(1, d, d + 1)));
    });
    return tf.stack(byOutput, 1).dataSync() as Float32Array;
  });
}

function meanSquare(a: Tensor2D, b: Tensor2D): number {
  return tf.mean(tf.square(tf.sub(a, b))).dataSync()[0]!;
}

function row(flat: Float32Array, width: number, n: number): Float32Array {
  return flat.subarray(n * width, (n + 1) * width);
}
