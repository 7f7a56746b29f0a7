// Whether the state is a function of the policy or fixed (claim C4), and along how many steps the gradient goes.
import type { Experiment, Level } from '../experiment.ts';
import { ablation } from './ablation.ts';

const gradient: readonly Level[] = [
  { label: 'total, 40 steps', set: { horizon: 40, starts: 42 } },
  // As many imagined pairs in an update, whatever the horizon.
  { label: 'total, 20 steps', set: { horizon: 20, starts: 84 } },
  { label: 'total, 10 steps', set: { horizon: 10, starts: 168 } },
  { label: 'total, 5 steps', set: { horizon: 5, starts: 336 } },
  { label: 'one step', set: { horizon: 1, starts: 1680 } },
  { label: 'partial, 40 steps', set: { horizon: 40, starts: 42, derivative: 'partial' } },
  { label: 'total, 40 steps, re-anchored', set: { horizon: 40, starts: 42, rollouts: 'reanchored' } },
];

/** Total against partial derivative, and horizons. */
export const derivative: Experiment = {
  name: 'derivative',
  question: 'Does it matter that states depend on the policy, and how far that is followed?',
  measured: 'last three evaluations, env steps to 90 % of the expert',
  parts: ablation(
    { gradient },
    { cartPoleSeeds: 5, quickly: { gradient: ['total, 10 steps', 'one step', 'partial, 40 steps'] } },
  ),
};
