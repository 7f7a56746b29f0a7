// Whether noise on the expert's pairs helps (claim C10c), with noise on both sides as the control.
import type { Experiment, Level } from '../experiment.ts';
import { ablation } from './ablation.ts';

const onExpert = [0, 0.02, 0.05, 0.1, 0.2, 0.5];
const onBoth = [0.05, 0.2, 0.5];

const noise: readonly Level[] = [
  ...onExpert.map((sigma) => ({ label: `expert ${sigma}`, set: { expertNoise: sigma } })),
  ...onBoth.map((sigma) => ({ label: `both ${sigma}`, set: { expertNoise: sigma, agentNoise: sigma } })),
];

/** Noise on the expert's pairs, and on both sides as the control. */
export const expertNoise: Experiment = {
  name: 'expert-noise',
  question: 'Does noise on the expert pairs that the discriminator sees help the policy to learn?',
  measured: 'last three evaluations, env steps to 90 % of the expert, disc/accuracy',
  parts: ablation(
    { noise },
    { cartPoleSeeds: 10, quickly: { noise: ['expert 0', 'expert 0.2', 'both 0.2'] } },
  ),
};
