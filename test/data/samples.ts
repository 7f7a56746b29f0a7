// Small made-up demonstrations whose every number tells where it came from.
import type { Demos, Trajectory } from '../../lib/data/types.ts';

/** Column 0 of observation t of trajectory e is 1000 e + t; its action is the negative of that. */
export function numberedDemos(lengths_E: readonly number[], env = 'Hopper-v5'): Demos {
  return { env, obsSize: 2, actSize: 1, actions: 0, trajectories: lengths_E.map(numberedTrajectory) };
}

function numberedTrajectory(T: number, e: number): Trajectory {
  const obs_Tp1D = Float32Array.from({ length: (T + 1) * 2 }, (_, i) =>
    i % 2 === 0 ? 1000 * e + i / 2 : (e + 1) / 7,
  );
  return {
    obs_Tp1D,
    act_TA: Float32Array.from({ length: T }, (_, t) => -(1000 * e + t)),
    reward_T: Float64Array.from({ length: T }, (_, t) => 1 / (e + t + 3)),
    terminated: e % 2 === 0,
    truncated: e % 2 === 1,
  };
}

/** Like `numberedDemos`, with simulator states [T+1] of three vectors. */
export function numberedDemosWithStates(lengths_E: readonly number[]): Demos {
  const demos = numberedDemos(lengths_E);
  const trajectories = demos.trajectories.map((trajectory, e) => ({
    ...trajectory,
    state_Tp1: Array.from({ length: trajectory.reward_T.length + 1 }, (_, t) => ({
      env: demos.env,
      vectors: { qpos: [e + t / 3, Math.PI * t], qvel: [-t / 7], time: [t * 0.008] },
      elapsed: t,
    })),
  }));
  return { ...demos, trajectories };
}
