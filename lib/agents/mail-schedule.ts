// What changes with time in MAIL, as functions of where the run stands: the learning rates, and which of discriminator and
// policy has its turn.
import type { MailConfig } from './mail-config.ts';

/**
 * The courses that a learning rate can take, from share 1 to share `last` as `trained` goes from 0 to 1; 'constant' stays.
 * 'exponential' loses the same factor in equal times; 'step' loses it twice, after each third of the run.
 */
export const schedules = {
  constant: () => 1,
  linear: (trained, last) => Math.max(last, 1 - trained),
  exponential: (trained, last) => last ** trained,
  cosine: (trained, last) => last + ((1 - last) * (1 + Math.cos(Math.PI * trained))) / 2,
  step: (trained, last) => last ** (Math.min(2, Math.floor(3 * trained)) / 2),
} satisfies Readonly<Record<string, (trained: number, last: number) => number>>;
/** The name of a course. */
export type Schedule = keyof typeof schedules;

/** Shares of the policy's and the discriminator's full rates after `envSteps`. */
export function rateShares(
  envSteps: number,
  config: MailConfig,
): { readonly policy: number; readonly discriminator: number } {
  const trained = Math.min(1, envSteps / config.totalSteps);
  return {
    policy: schedules[config.policySchedule](trained, config.policyFinalRate),
    discriminator: schedules[config.discriminatorSchedule](trained, config.discriminatorFinalRate),
  };
}

/**
 * Who learns in an update, the model apart, which always does: at first the discriminator alone, for `preparationUpdates`;
 * then both, or with `turnUpdates` N > 0 the policy for N updates, the discriminator for N, and so on.
 */
export function turnOf(
  update: number,
  { preparationUpdates, turnUpdates }: Pick<MailConfig, 'preparationUpdates' | 'turnUpdates'>,
): { readonly policy: boolean; readonly discriminator: boolean } {
  if (update < preparationUpdates) return { policy: false, discriminator: true };
  if (turnUpdates === 0) return { policy: true, discriminator: true };
  const policy = Math.floor((update - preparationUpdates) / turnUpdates) % 2 === 0;
  return { policy, discriminator: !policy };
}

/** Whether the policy has its turn in any of the round's updates, the first of which is `update`: only then is collected. */
export function policyLearnsInRound(
  update: number,
  config: Pick<MailConfig, 'preparationUpdates' | 'turnUpdates' | 'updatesPerCollection'>,
): boolean {
  for (let k = 0; k < config.updatesPerCollection; k++) if (turnOf(update + k, config).policy) return true;
  return false;
}
