// What the ablations of MAIL have in common: the tasks, the budgets, the seeds. Only the factors differ.
import type { ExperimentPart, Level } from '../experiment.ts';
import { quickMailPresets } from '../presets.ts';
import { imitate } from '../run-spec.ts';

/** Seeds that no setting was chosen on. */
const seeds = Array.from({ length: 10 }, (_, k) => 201 + k);

/**
 * MAIL on Hopper-v5 with five seeds and on CartPole-v1 with as many or more, 4 demonstrations each. Hopper's runs end after 60,000 env
 * steps, where the default settings have just learnt it: what helps or hinders shows there, and costs half as much.
 *
 * @param factors what is tried
 * @param options.quickly levels that a notebook runs itself, on CartPole, with one seed
 * @param options.cartPoleSeeds how many seeds there
 */
export function ablation(
  factors: Readonly<Record<string, readonly Level[]>>,
  {
    quickly,
    cartPoleSeeds,
  }: {
    readonly quickly: Readonly<Record<string, readonly Level['label'][]>>;
    readonly cartPoleSeeds: 5 | 10;
  },
): ExperimentPart[] {
  return [
    {
      labels: { env: 'Hopper-v5' },
      base: imitate('mail', 'Hopper-v5', { config: { totalSteps: 60_000, recordEvery: 1000 } }),
      factors,
      full: { seeds: seeds.slice(0, 5) },
    },
    {
      labels: { env: 'CartPole-v1' },
      base: imitate('mail', 'CartPole-v1', { config: { recordEvery: 1000 } }),
      factors,
      quick: {
        seeds: [201],
        config: { ...quickMailPresets['CartPole-v1'], recordEvery: 5 },
        levels: quickly,
      },
      full: { seeds: seeds.slice(0, cartPoleSeeds) },
    },
  ];
}
