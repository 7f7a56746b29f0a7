// Actions as differentiable functions of what the policy network puts out and of noise that is held fixed:
// the step that turns a stochastic policy into something a gradient can pass through (MAIL section 3; Heess et al. 2015;
// for discrete actions Jang et al. 2017).
import { type Tensor1D, type Tensor2D, tanh, tf } from '../backend/engine.ts';
import type { Policy } from '../models/policy.ts';

/** A batch of actions, and the way back from their cotangents to the network's output. */
export interface ReparameterisedAction {
  /** The action as simulator, model and discriminator take it: clipped to the bound, or one-hot (or soft). [B, A] */
  readonly act_BA: Tensor2D;
  /** Saturation penalty of every row, summed over entries, [B, 1]; 0 for discrete actions. */
  readonly saturation_B1: Tensor2D;
  /**
   * Cotangents of the action at the discriminator's door and at the model's, [B, A], to that of the network's output,
   * [B, K]. At the discriminator's door the clip is passed straight through, so that an action beyond the bound still
   * feels where the expert is; the model's door is the true derivative, 0 beyond the bound.
   */
  pull(cot: ActionCotangents): Tensor2D;
  /** The same to ln std, [A], where the action has one: da / d ln std = std xi. */
  pullLogStd?(cot: ActionCotangents): Tensor1D;
}

/** Derivatives of the cost by the action, at the two places where it goes in. */
export interface ActionCotangents {
  readonly atDiscriminator_BA: Tensor2D;
  readonly atModel_BA?: Tensor2D;
  /** Weight of the saturation penalty: one for all rows, or [B, 1]. */
  readonly saturation: number | Tensor2D;
}

/** How an action is made of network output and noise. */
export interface ReparameterisationOptions {
  /** Actions are clipped to +-actBound. */
  readonly actBound: number;
  /** The penalty sum_d max(|m_d| - beyond, 0)^2 on the mean before squashing keeps tanh from dying. */
  readonly saturationBeyond: number;
  /** Temperature of the Gumbel-softmax. */
  readonly temperature: number;
  /** 'soft' hands on the soft sample itself; default 'straight-through'. */
  readonly gumbel?: 'straight-through' | 'soft';
}

/**
 * a = mean + std xi for a Gaussian policy (xi ~ N(0, 1)); straight-through Gumbel-softmax for a categorical one (xi
 * Gumbel): the forward value is one-hot, as in the demonstrations, so the discriminator cannot tell soft from hard. It can
 * with `gumbel` 'soft', as in the paper's code: there for comparison. Held fixed: the noise.
 * @param out_BK what the policy network put out; noise_BK as many numbers
 */
export function reparameterise(
  policy: Policy,
  out_BK: Tensor2D,
  noise_BK: Tensor2D,
  { actBound, saturationBeyond, temperature, gumbel = 'straight-through' }: ReparameterisationOptions,
): ReparameterisedAction {
  if (policy.kind === 'categorical') {
    const soft_BK = tf.softmax(tf.div(tf.add(out_BK, noise_BK), temperature)) as Tensor2D;
    const hard_BK = tf.cast(
      tf.oneHot(tf.argMax(soft_BK, 1) as tf.Tensor1D, out_BK.shape[1]),
      'float32',
    ) as Tensor2D;
    return {
      act_BA: gumbel === 'soft' ? soft_BK : hard_BK,
      saturation_B1: tf.zeros([out_BK.shape[0], 1]),
      pull({ atDiscriminator_BA, atModel_BA }) {
        const cot_BK = atModel_BA ? tf.add(atDiscriminator_BA, atModel_BA) : atDiscriminator_BA;
        const mean_B1 = tf.sum(tf.mul(soft_BK, cot_BK), 1, true);
        return tf.div(tf.mul(soft_BK, tf.sub(cot_BK, mean_B1)), temperature) as Tensor2D;
      },
    };
  }
  const { bound } = policy;
  const m_BA: Tensor2D = tf.add(
    tf.mul(out_BK, tf.tensor1d(policy.actScale_A)),
    tf.tensor1d(policy.actMean_A),
  );
  const squashed_BA = bound > 0 ? tanh(tf.div(m_BA, bound) as Tensor2D) : undefined;
  const noise_BA: Tensor2D = tf.mul(noise_BK, tf.exp(tf.tensor1d(policy.logStd_A)));
  const raw_BA: Tensor2D = tf.add(squashed_BA ? tf.mul(squashed_BA, bound) : m_BA, noise_BA);
  const act_BA = tf.clipByValue(raw_BA, -actBound, actBound);
  // Signed distance beyond the allowed range: 0 inside.
  const excess_BA = tf.sub(m_BA, tf.clipByValue(m_BA, -saturationBeyond, saturationBeyond)) as Tensor2D;
  function beforeClip({ atDiscriminator_BA, atModel_BA }: ActionCotangents): Tensor2D {
    if (!atModel_BA) return atDiscriminator_BA;
    const inside_BA = tf.cast(tf.equal(raw_BA, act_BA), 'float32');
    return tf.add(atDiscriminator_BA, tf.mul(atModel_BA, inside_BA));
  }
  return {
    act_BA,
    saturation_B1: tf.sum(tf.square(excess_BA), 1, true),
    pull(cot) {
      let cot_BA = beforeClip(cot);
      if (squashed_BA) cot_BA = tf.mul(cot_BA, tf.sub(1, tf.square(squashed_BA)));
      const byPenalty_BA = tf.mul(excess_BA, tf.mul(cot.saturation, 2));
      return tf.mul(tf.add(cot_BA, byPenalty_BA), tf.tensor1d(policy.actScale_A)) as Tensor2D;
    },
    pullLogStd: (cot) => tf.sum(tf.mul(beforeClip(cot), noise_BA), 0),
  };
}
