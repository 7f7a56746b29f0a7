// REINFORCE (Williams 1992) as a policy step: the plain score-function gradient of whole returns, and one step of Adam.
// Here for what it lacks: no trust region, no lambda, and on request no baseline, so that the gradient's noise shows.
import { z } from 'zod';
import { policyParams, withPolicyParams } from '../estimators/natural-gradient.ts';
import { scoreFunctionGradient } from '../estimators/score-function.ts';
import { type AdamState, adamStep } from '../nn/adam.ts';
import { type PolicyStep, standardized } from './trpo-learner.ts';

/** Settings of the step, among those of GAIL. */
export const reinforceConfig = {
  baseline: z
    .enum(['value', 'none'])
    .default('value')
    .describe('What REINFORCE subtracts from the return: the value network, or nothing'),
  policyRate: z.number().positive().default(1e-2).describe("REINFORCE: Adam's rate for the policy"),
};
/** Those settings after defaults. */
export type ReinforceConfig = z.infer<z.ZodObject<typeof reinforceConfig>>;

/**
 * One step of Adam up the score-function gradient (Williams 1992). Give it steps judged with lambda = 1.
 * With baseline 'value' the weights are the standardised G - V(s), with 'none' the returns G themselves.
 * @param adam the optimiser's state over `policyParams`; changes in place
 */
export function reinforceStep(adam: AdamState, { baseline, policyRate }: ReinforceConfig): PolicyStep {
  return (policy, { advantage_N, return_N, ...steps }) => {
    const weight_N = baseline === 'value' ? standardized(advantage_N) : return_N;
    const { gradient_Q, entropy } = scoreFunctionGradient(policy, { ...steps, weight_N });
    const params_Q = policyParams(policy);
    adamStep(
      params_Q,
      gradient_Q.map((g) => -g),
      adam,
      { rate: policyRate },
    );
    const gradientNorm = Math.sqrt(gradient_Q.reduce((sum, g) => sum + g * g, 0));
    const metrics = { 'policy/entropy': entropy, 'policy/gradientNorm': gradientNorm };
    return { policy: withPolicyParams(policy, params_Q), metrics };
  };
}
