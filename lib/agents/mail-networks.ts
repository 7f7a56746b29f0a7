// The four networks of MAIL and what each remembers: how they are made, and which engine computes their updates
// (mail-updates.ts).
import { normals, stream } from '../backend/rng.ts';
import type { Env } from '../envs/types.ts';
import { pathwiseGradient } from '../estimators/pathwise.ts';
import { type Discriminator, discriminatorGradient, initDiscriminator } from '../models/discriminator.ts';
import {
  type ForwardModel,
  initForwardModel,
  modelGradient,
  type TransitionRows,
} from '../models/forward-model.ts';
import type { Policy } from '../models/policy.ts';
import { type AdamState, adamStep, initAdam } from '../nn/adam.ts';
import { initMlp, type Mlp } from '../nn/mlp.ts';
import { type MailEngine, simdEngine } from '../simd/engine.ts';
import { actionBound, actionWidth } from './demonstrated-policy.ts';
import type { MailConfig } from './mail-config.ts';

/** The heart of the updates on tensors: the readable one. */
export const tensorEngine: MailEngine = {
  name: 'tfjs',
  pathwiseGradient,
  discriminatorGradient,
  modelGradient,
  adamStep,
};

/** The settings for which the SIMD engine has no code, in words; empty if it can run them all. */
export function simdLacks(config: MailConfig): string[] {
  const lacking = {
    'gumbel soft': config.gumbel === 'soft',
    'model gated': config.model === 'gated',
    'model oracle': config.model === 'oracle',
    jacobianNoise: config.jacobianNoise > 0,
    learnStd: config.learnStd,
    policyDropout: config.policyDropout > 0,
    discriminatorDropout: config.discriminatorDropout > 0,
    expertWeight: config.expertWeight !== 1,
  };
  return Object.entries(lacking).flatMap(([name, needed]) => (needed ? [name] : []));
}

/**
 * The engine that is asked for, or the one on tensors where WebAssembly has no SIMD or its engine no code for a setting; and
 * why, for the record.
 * @throws Error if the SIMD engine cannot be started for any other reason
 */
export async function startMailEngine(
  asked: MailConfig['engine'],
  config?: MailConfig,
): Promise<{ readonly engine: MailEngine; readonly reason: string }> {
  if (asked === 'tfjs') return { engine: tensorEngine, reason: 'asked for' };
  const lacking = config ? simdLacks(config) : [];
  if (lacking.length > 0)
    return { engine: tensorEngine, reason: `the SIMD engine has no code for ${lacking.join(', ')}` };
  try {
    return { engine: await simdEngine(), reason: 'asked for' };
  } catch (error) {
    if (!(error instanceof WebAssembly.CompileError)) throw error;
    return { engine: tensorEngine, reason: `WebAssembly has no SIMD here (${error.message})` };
  }
}

/** All that learns, and what computes. The `params_P` arrays and the optimisers' states change in place; the records do not. */
export interface MailNetworks {
  readonly policy: Policy;
  /** The same policy with the running average of its weights: this one is deployed. */
  readonly averaged: Policy;
  readonly discriminator: Discriminator;
  readonly model: ForwardModel;
  /** The terminal critic and the running average of its weights, which leads the policy, where the settings ask for one. */
  readonly critic?: { readonly learning: Mlp; readonly averaged: Mlp };
  readonly adam: {
    readonly policy: AdamState;
    readonly logStd: AdamState;
    readonly discriminator: AdamState;
    readonly members: readonly AdamState[];
    readonly critic: AdamState;
  };
  readonly engine: MailEngine;
}

/** Fresh optimiser states around given networks. */
export function mailNetworks(
  policy: Policy,
  { discriminator, model, critic }: ReturnType<typeof freshNetworks>,
  engine: MailEngine,
): MailNetworks {
  return {
    policy,
    averaged: structuredClone(policy),
    discriminator,
    model,
    ...(critic ? { critic: { learning: critic, averaged: structuredClone(critic) } } : {}),
    adam: {
      policy: initAdam(policy.params_P.length),
      logStd: initAdam(policy.kind === 'gaussian' ? policy.logStd_A.length : 0),
      discriminator: initAdam(discriminator.params_P.length),
      members: model.members.map((member) => initAdam(member.params_P.length)),
      critic: initAdam(critic?.params_P.length ?? 0),
    },
    engine,
  };
}

/**
 * A fresh discriminator, fresh models and, if asked for, a fresh critic for this policy.
 * @param warmup transitions from which the models' output unit is taken
 */
export function freshNetworks(
  policy: Policy,
  env: Env,
  warmup: TransitionRows,
  config: MailConfig,
  seed: number,
): Pick<MailNetworks, 'discriminator' | 'model'> & { readonly critic?: Mlp } {
  const { obsNorm } = policy;
  const { initStd } = config;
  const A = actionWidth(env);
  const actBound = actionBound(env);
  const scaling =
    policy.kind === 'gaussian'
      ? { actMean_A: policy.actMean_A, actScale_A: policy.actScale_A.map((scale) => scale + 1e-3) }
      : { actMean_A: new Float32Array(A), actScale_A: new Float32Array(A).fill(1) };
  const discriminatorInit = stream(seed, 'mail', 'discriminator-init');
  const discriminator = initDiscriminator(
    { obsNorm, ...scaling, actBound, hidden: config.discriminatorHidden },
    discriminatorInit,
  );
  if (initStd !== undefined)
    discriminator.params_P.set(normals(discriminatorInit, discriminator.params_P.length, initStd));
  const model = initForwardModel(
    {
      obsNorm,
      actBound,
      actSize: A,
      hidden: config.modelHidden,
      members: config.modelMembers,
      network: config.model === 'gated' ? 'gated' : 'mlp',
      predicts: config.modelPredicts,
      ...(initStd === undefined ? {} : { initStd }),
      data: warmup,
    },
    stream(seed, 'mail', 'model-init'),
  );
  if (!config.critic) return { discriminator, model };
  const sizes = [obsNorm.mean_D.length, ...config.criticHidden, 1];
  const critic = initMlp({ sizes, activation: 'swish' }, stream(seed, 'mail', 'critic-init'), {
    lastGain: 0.1,
  });
  return { discriminator, model, critic };
}
