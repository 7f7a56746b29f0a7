// Which forward model, and what an error in its Jacobian costs (claim C9b).
import type { Experiment, Level } from '../experiment.ts';
import { ablation } from './ablation.ts';

const model: readonly Level[] = [
  { label: 'three plain', set: { modelMembers: 3 } },
  { label: 'one plain', set: { modelMembers: 1 } },
  { label: 'one gated', set: { modelMembers: 1, model: 'gated' } },
];
/** Std of the error in every entry of the Jacobian. On tensors: the SIMD engine has no code for it. */
const jacobianNoise: readonly Level[] = [0, 0.03, 0.1, 0.3, 1].map((sigma) => ({
  label: sigma,
  set: { jacobianNoise: sigma, engine: 'tfjs' as const },
}));

/** Forward models: three plain networks, one, or a gated one. */
export const forwardModel: Experiment = {
  name: 'forward-model',
  question: 'Which forward model serves the policy best?',
  measured: 'last three evaluations, env steps to 90 % of the expert, model/freshMse',
  parts: ablation({ model }, { quickly: { model: ['one plain', 'one gated'] } }),
};

/** Errors put into the model's Jacobian. */
export const jacobianErrors: Experiment = {
  name: 'jacobian-error',
  question: 'How much error in the model does learning bear?',
  measured: 'last three evaluations, env steps to 90 % of the expert',
  // On tensors Hopper costs five times as much: CartPole alone.
  parts: ablation({ jacobianNoise }, { quickly: { jacobianNoise: [0, 0.3] } }).filter(
    ({ base }) => base.env === 'CartPole-v1',
  ),
};
