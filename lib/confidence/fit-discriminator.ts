// A discriminator trained on pairs that stay as they are: to judge a robot, where MAIL's own was trained to teach one.
import type { Rng } from '../backend/rng.ts';
import { type Discriminator, discriminatorGradient } from '../models/discriminator.ts';
import { drawRows } from '../models/rows.ts';
import { adamStep, initAdam } from '../nn/adam.ts';

/**
 * Trains by Adam on minibatches drawn with replacement; changes `discriminator.params_P` in place. What it can know
 * depends on the agent's pairs: against random actions alone it learns to recognise those, and little about falling.
 * @param pairs.expert_NI rows of `pairInputs`, and pairs.agent_NI the same for the other kind
 * @param options.penalty weight of the gradient penalty; without one the logits of pairs that are easily told apart grow
 *   without bound
 * @returns mean metrics of the last tenth of the updates (`disc/loss`, `disc/accuracy`)
 */
export function fitDiscriminator(
  discriminator: Discriminator,
  pairs: { readonly expert_NI: Float32Array; readonly agent_NI: Float32Array },
  options: {
    readonly updates: number;
    readonly batchSize: number;
    readonly rate: number;
    readonly penalty: number;
    readonly rng: Rng;
  },
): Record<string, number> {
  const { updates, batchSize, rate, penalty, rng } = options;
  const I = discriminator.spec.sizes[0]!;
  const adam = initAdam(discriminator.params_P.length);
  const last = Math.max(1, Math.floor(updates / 10));
  const sums: Record<string, number> = {};
  for (let update = 0; update < updates; update++) {
    const batch = {
      expert_BI: drawRows(pairs.expert_NI, I, batchSize, rng),
      agent_BI: drawRows(pairs.agent_NI, I, batchSize, rng),
    };
    const { gradient_P, metrics } = discriminatorGradient(discriminator, batch, { penalty });
    adamStep(discriminator.params_P, gradient_P, adam, { rate });
    if (update >= updates - last)
      for (const [name, value] of Object.entries(metrics)) sums[name] = (sums[name] ?? 0) + value / last;
  }
  return sums;
}
