// How fast a discriminator should learn, and how its rate should decay (claim C10b).
import type { MailOptions } from '../../agents/mail-config.ts';
import type { Experiment, Level } from '../experiment.ts';
import { ablation } from './ablation.ts';

const rate: readonly Level[] = [3e-4, 1e-3, 3e-3].map((discriminatorRate) => ({
  label: discriminatorRate,
  set: { discriminatorRate },
}));
// Slow: straight down to 2 % at the end. Fast: 2 % are left after half of the run's time, 0.04 % at its end.
const courses: Readonly<Record<string, MailOptions>> = {
  constant: { discriminatorSchedule: 'constant' },
  slow: { discriminatorSchedule: 'linear', discriminatorFinalRate: 0.02 },
  fast: { discriminatorSchedule: 'exponential', discriminatorFinalRate: 0.0004 },
};
const decay: readonly Level[] = Object.entries(courses).map(([label, set]) => ({ label, set }));

/** Learning rates of the discriminator, and how they decay. */
export const dRate: Experiment = {
  name: 'd-rate',
  question: "Should the discriminator's learning rate be large, and should it decay slowly?",
  measured: 'last three evaluations, env steps to 90 % of the expert, disc/accuracy',
  parts: ablation(
    { rate, decay },
    { cartPoleSeeds: 10, quickly: { rate: [3e-4, 3e-3], decay: ['constant', 'slow'] } },
  ),
};
