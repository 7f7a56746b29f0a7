// Advantages from rewards and values, in plain arithmetic.

/** Consecutive env steps of one environment, possibly over several episodes. All [T]. */
export interface RewardedSteps {
  readonly reward_T: ArrayLike<number>;
  /** V(s_t). */
  readonly value_T: ArrayLike<number>;
  /** V(s_{t+1}) of the state that followed, before any reset. */
  readonly nextValue_T: ArrayLike<number>;
  /** The episode ended at this step by the task's rule: the value behind it is 0. */
  readonly terminated_T: ArrayLike<boolean | number>;
  /** The episode was cut off at this step: its value is bootstrapped, but the sum stops here. */
  readonly truncated_T: ArrayLike<boolean | number>;
}

/**
 * Generalised advantage estimation (Schulman et al. 2016, eq. 16):
 *   delta_t = r_t + gamma V(s_{t+1}) - V(s_t),   A_t = delta_t + gamma lambda A_{t+1}
 * with V(s_{t+1}) = 0 after termination, and the sum cut at every episode end.
 *
 * @param options.gamma discount, in (0, 1]
 * @param options.lambda in [0, 1]; 1: the whole discounted rewards less V(s_t)
 * @returns advantages and the value targets A_t + V(s_t), both [T], in the rewards' unit
 */
export function gae(
  { reward_T, value_T, nextValue_T, terminated_T, truncated_T }: RewardedSteps,
  { gamma, lambda }: { readonly gamma: number; readonly lambda: number },
): { readonly advantage_T: Float32Array; readonly target_T: Float32Array } {
  const T = reward_T.length;
  const advantage_T = new Float32Array(T);
  const target_T = new Float32Array(T);
  let later = 0;
  for (let t = T - 1; t >= 0; t--) {
    const next = terminated_T[t] ? 0 : nextValue_T[t]!;
    const delta = reward_T[t]! + gamma * next - value_T[t]!;
    later = delta + (terminated_T[t] || truncated_T[t] ? 0 : gamma * lambda * later);
    advantage_T[t] = later;
    target_T[t] = later + value_T[t]!;
  }
  return { advantage_T, target_T };
}
