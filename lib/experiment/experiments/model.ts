// Which forward model, beside none but the simulator, and what an error in its Jacobian costs (claim C9b).
import type { Experiment, ExperimentPart, Level } from '../experiment.ts';
import { imitate } from '../run-spec.ts';
import { ablation } from './ablation.ts';

const model: readonly Level[] = [
  { label: 'three plain', set: { modelMembers: 3 } },
  { label: 'one plain', set: { modelMembers: 1 } },
  { label: 'one gated', set: { modelMembers: 1, model: 'gated' } },
];
/**
 * The simulator's own Jacobians as the upper bound of a model. They are had along real trajectories alone, so that the fair
 * comparison is with a learnt model along those; imagined ones stand beside them.
 */
const besideTheOracle: readonly Level[] = [
  { label: 're-anchored, oracle', set: { rollouts: 'reanchored', model: 'oracle' } },
  { label: 're-anchored, three plain', set: { rollouts: 'reanchored', modelMembers: 3 } },
  { label: 'three plain', set: { modelMembers: 3 } },
  { label: 'one plain', set: { modelMembers: 1 } },
  { label: 'one gated', set: { modelMembers: 1, model: 'gated' } },
];

/**
 * On the cheapest task of continuous actions that has demonstrations, 4 of them, one pair in 20. Short trajectories and
 * replayed negatives as on CartPole, its discrete twin.
 */
const oraclePart: ExperimentPart = {
  labels: { env: 'InvertedPendulum-v5' },
  base: imitate('mail', 'InvertedPendulum-v5', {
    config: {
      totalSteps: 20_000,
      warmupSteps: 1000,
      horizon: 10,
      starts: 60,
      negatives: 'replay',
      evalEvery: 2000,
      recordEvery: 1000,
    },
  }),
  factors: { model: besideTheOracle },
  full: { seeds: [201, 202, 203, 204, 205] },
};

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
  parts: [
    ...ablation({ model }, { cartPoleSeeds: 5, quickly: { model: ['one plain', 'one gated'] } }),
    oraclePart,
  ],
};

/** Errors put into the model's Jacobian. */
export const jacobianErrors: Experiment = {
  name: 'jacobian-error',
  question: 'How much error in the model does learning bear?',
  measured: 'last three evaluations, env steps to 90 % of the expert',
  // On tensors Hopper costs five times as much: CartPole alone.
  parts: ablation({ jacobianNoise }, { cartPoleSeeds: 5, quickly: { jacobianNoise: [0, 0.3] } }).filter(
    ({ base }) => base.env === 'CartPole-v1',
  ),
};
