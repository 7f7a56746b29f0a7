// The simulator as a model that makes no error: a system for the reference recursion whose states are the simulator's own,
// [Z], and whose Jacobians are its central differences. Policy and discriminator see what the task lets them observe, so
// that with o(z) the observation and F the simulator's step, z' = F(z, a),
//
//   J_z = (c_o + c_a pi_o) o_z + gamma J'_z' (F_z + F_a pi_o o_z)                          (MAIL eq. 11 in simulator states)
import {
  observationJacobian,
  type SimulatorPoint,
  simulatorStep,
  stateAt,
  stateCoordinates,
  stepJacobian,
} from '../envs/jacobian.ts';
import type { Env, EnvState } from '../envs/types.ts';
import type { Standardizer } from '../models/standardizer.ts';
import type { DifferentiableSystem } from './recursion.ts';

/** How a simulator is seen and differentiated. */
export interface OracleOptions {
  /** A state of the task, which tells the lengths of its vectors. */
  readonly like: EnvState;
  /** Scaling of what policy and cost see, its bound left to them; default: simulator units. */
  readonly obsNorm?: Pick<Standardizer, 'mean_D' | 'scale_D'>;
  /** Of the central differences, simulator units. Default 1e-5, which also rounding of observations to float32 allows. */
  readonly differenceStep?: number;
}

/** A system in the simulator's own states, [Z]. */
export interface OracleSystem extends DifferentiableSystem {
  /** What policy and cost see of a state, [D]. */
  perceive(state_Z: Float64Array): Float64Array;
}

/**
 * The system of a simulator, a policy and a cost. Its trajectories are the real ones of the policy's own noise, up to the
 * solver's tolerance, and end where episodes end. Rolling it, and its Jacobians, move the environment about.
 * @param perceived policy and cost as functions of the observation
 * @throws TypeError if the task's actions are discrete, as they have no derivative
 */
export function oracleSystem(
  env: Env,
  perceived: Pick<DifferentiableSystem, 'policy' | 'cost' | 'gamma' | 'actSize' | 'actStd_A'>,
  { like, obsNorm, differenceStep }: OracleOptions,
): OracleSystem {
  if (env.actSpace.type === 'discrete')
    throw new TypeError(
      `Cannot differentiate ${env.id} by its actions, which are discrete: take a task of vectors`,
    );
  /** What is seen of a state, and the way back from a row vector at what is seen to one at the state. */
  function look(state_Z: Float64Array) {
    const obs_D = env.setState(stateAt(state_Z, like));
    let jacobian_DZ: Float64Array | undefined;
    return {
      seen_D: obs_D.map((obs, d) => (obs - (obsNorm?.mean_D[d] ?? 0)) / (obsNorm?.scale_D[d] ?? 1)),
      back(v_D: Float64Array) {
        jacobian_DZ ??= observationJacobian(env, { state_Z, like }, differenceStep);
        return rowTimes(
          v_D.map((v, d) => v / (obsNorm?.scale_D[d] ?? 1)),
          jacobian_DZ,
        );
      },
    };
  }
  const looks = new WeakMap<Float64Array, ReturnType<typeof look>>();
  const seen = (state_Z: Float64Array) => {
    const known = looks.get(state_Z) ?? look(state_Z);
    looks.set(state_Z, known);
    return known;
  };
  const Z = stateCoordinates(like).length;
  return {
    ...perceived,
    obsSize: Z,
    perceive: (state_Z) => seen(state_Z).seen_D,
    policy(theta_P) {
      const act = perceived.policy(theta_P);
      return (state_Z, xi_A) => {
        const { seen_D, back } = seen(state_Z);
        const step = act(seen_D, xi_A);
        return {
          ...step,
          pull(v_A, penaltyWeight) {
            const { s_D, theta_P: byTheta_P } = step.pull(v_A, penaltyWeight);
            return { s_D: back(s_D), theta_P: byTheta_P };
          },
        };
      };
    },
    cost(state_Z, a_A) {
      const { seen_D, back } = seen(state_Z);
      const step = perceived.cost(seen_D, a_A);
      return {
        ...step,
        get c_s() {
          return back(step.c_s);
        },
      };
    },
    model(state_Z, act_A) {
      const point: SimulatorPoint = { state_Z, act_A, like };
      const { next_Z, terminated } = simulatorStep(env, point);
      let jacobian_ZI: Float64Array | undefined;
      return {
        next_D: next_Z,
        ended: terminated,
        pull(v_Z) {
          jacobian_ZI ??= stepJacobian(env, point, differenceStep);
          const v_I = rowTimes(v_Z, jacobian_ZI);
          return { s_D: v_I.subarray(0, Z), a_A: v_I.subarray(Z) };
        },
      };
    },
  };
}

/** v M, [I], for a row vector v, [O], and M, [O, I] row-major. */
function rowTimes(v_O: Float64Array, M_OI: Float64Array): Float64Array {
  const I = M_OI.length / v_O.length;
  const out_I = new Float64Array(I);
  v_O.forEach((v, o) => {
    for (let i = 0; i < I; i++) out_I[i]! += v * M_OI[o * I + i]!;
  });
  return out_I;
}
