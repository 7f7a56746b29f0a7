// All experiments, in the order in which they are listed and run.
import type { Experiment } from '../experiment.ts';
import { dRate } from './d-rate.ts';
import { dSize } from './d-size.ts';
import { demonstrations } from './demonstrations.ts';
import { derivative } from './derivative.ts';
import { expertNoise } from './expert-noise.ts';
import { imitationTable } from './imitation-table.ts';
import { forwardModel, jacobianErrors } from './model.ts';

/** Every experiment, by the names that `npm run sweep` takes. */
export const experiments: readonly Experiment[] = [
  imitationTable,
  demonstrations,
  dSize,
  dRate,
  expertNoise,
  derivative,
  forwardModel,
  jacobianErrors,
];

/** The experiment of this name. @throws Error naming those that there are */
export function experimentNamed(name: string): Experiment {
  const found = experiments.find((experiment) => experiment.name === name);
  if (!found)
    throw new Error(
      `There is no experiment ${name}: there are ${experiments.map((each) => each.name).join(', ')}`,
    );
  return found;
}
