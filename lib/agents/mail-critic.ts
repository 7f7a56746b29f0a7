// The terminal critic of MAIL (option `critic`): what the discounted cost after an imagined rollout's end would be.
import type { CostsToGo, PathwiseProblem } from '../estimators/pathwise.ts';
import { moveAverage } from '../nn/moving-average.ts';
import type { MailConfig } from './mail-config.ts';
import type { MailNetworks } from './mail-networks.ts';

/**
 * One Adam step of the critic on all states of an imagined rollout, towards (1 - gamma) times the discounted cost that followed
 * there, g_t = (1 - gamma) c_t + gamma g_t+1, from the critic's own average after the last step on; then the average moves.
 * Returns the metrics.
 */
export function updateCritic(
  { critic, adam, engine, discriminator }: MailNetworks,
  {
    pair_NI,
    ...rollout
  }: CostsToGo & Pick<PathwiseProblem, 'rowOrder_TB' | 'gamma'> & { pair_NI: Float32Array },
  { criticRate, criticAveraging }: MailConfig,
): Record<string, number> {
  const { learning, averaged } = critic!;
  const target_ND = costsToGo(rollout);
  const I = discriminator.spec.sizes[0]!;
  const D = learning.spec.sizes[0]!;
  const input_NI = new Float32Array(target_ND.length * D);
  target_ND.forEach((_, n) => {
    input_NI.set(pair_NI.subarray(n * I, n * I + D), n * D);
  });
  const { gradient_P, mse } = engine.modelGradient(learning, { input_NI, target_ND });
  engine.adamStep(learning.params_P, gradient_P, adam.critic, { rate: criticRate });
  moveAverage(averaged.params_P, learning.params_P, criticAveraging);
  return { 'critic/mse': mse };
}

/**
 * Discounted costs to come times 1 - gamma, [T, B], of every pair of an imagined rollout: costs, [T, B], what the critic
 * says of the end, [B], and the order in which rows went on after every step, [T, B] or empty.
 */
export function costsToGo({
  cost_TB,
  end_B,
  rowOrder_TB,
  gamma,
}: CostsToGo & Pick<PathwiseProblem, 'rowOrder_TB' | 'gamma'>): Float32Array {
  const B = end_B.length;
  const toGo_TB = new Float32Array(cost_TB.length);
  let next_B = end_B;
  for (let at = cost_TB.length - B; at >= 0; at -= B) {
    for (let row = 0; row < B; row++) {
      const b = rowOrder_TB.length > 0 ? rowOrder_TB[at + row]! : row;
      toGo_TB[at + b] = (1 - gamma) * cost_TB[at + b]! + gamma * next_B[row]!;
    }
    next_B = toGo_TB.subarray(at, at + B);
  }
  return toGo_TB;
}
