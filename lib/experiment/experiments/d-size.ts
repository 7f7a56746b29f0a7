// How large a discriminator should be beside its policy (claim C10a).
import type { Experiment, Level } from '../experiment.ts';
import { ablation } from './ablation.ts';

const size: readonly Level[] = [0.25, 0.5, 1, 2, 4].map((scale) => ({
  label: scale,
  set: { discriminatorScale: scale, discriminatorHidden: undefined },
}));

/** Sizes of the discriminator, as multiples of the policy's. */
export const dSize: Experiment = {
  name: 'd-size',
  question: "How does the size of the discriminator, as a multiple of the policy's, change what is learnt?",
  measured: 'last three evaluations, env steps to 90 % of the expert, disc/accuracy',
  parts: ablation({ size }, { cartPoleSeeds: 10, quickly: { size: [0.25, 1, 4] } }),
};
