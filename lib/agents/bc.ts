// Behavioural cloning: maximum likelihood of the expert's actions, the simplest imitation there is. It sees pairs only,
// never the environment, so its errors add up along a trajectory (Ross and Bagnell 2010).
import { z } from 'zod';
import { engineVersions, scope, startEngine, tf } from '../backend/engine.ts';
import { permutation, stream } from '../backend/rng.ts';
import { pairsOf, splitPairs } from '../data/demos.ts';
import type { Pairs } from '../data/types.ts';
import type { MetricsLine } from '../experiment/record.ts';
import { head, logProb, scoreGradient } from '../models/distribution.ts';
import type { Policy } from '../models/policy.ts';
import { standardizeRows } from '../models/standardizer.ts';
import { adamStep, initAdam } from '../nn/adam.ts';
import { backwardDeltas, forward, forwardTraced, upload, weightGradient } from '../nn/dense.ts';
import { demonstratedPolicy, performedPairs } from './demonstrated-policy.ts';
import { parseConfig } from './parse-config.ts';
import { evaluationSteps } from './rollout.ts';
import { type ImitationSetup, paced, stopWatch, type TrainOptions, unhurried } from './training.ts';

/** Every setting of cloning: type, default, range and meaning. */
export const bcConfig = z.strictObject({
  hidden: z.array(z.int().positive()).min(1).default([100, 50]).describe('Hidden layers of the policy, ReLU'),
  policyStd: z.number().positive().default(0.3).describe('Fixed std of the Gaussian policy, action units'),
  policyBound: z
    .number()
    .positive()
    .default(1.5)
    .describe("Bound of the policy's mean, in multiples of the action bound"),
  rate: z.number().positive().default(1e-3).describe("Adam's rate"),
  batchSize: z.int().positive().default(64).describe('Pairs per update'),
  epochs: z.int().positive().default(1000).describe('Most passes over the training pairs'),
  validation: z
    .number()
    .gt(0)
    .lt(1)
    .default(0.3)
    .describe('Share of the pairs that only decides when to stop'),
  patience: z
    .int()
    .positive()
    .default(100)
    .describe('Epochs without a better validation loss before training stops'),
  evalEpisodes: z.int().positive().default(20).describe('Episodes of the evaluation at the end'),
});
/** Settings after defaults. */
export type BcConfig = z.infer<typeof bcConfig>;

/** Goes up when the same settings and seed no longer give the same record. */
export const bcVersion = '1';

/** What cloning hands back. */
export interface BcResult {
  /** The policy with the lowest validation loss. */
  readonly policy: Policy;
  /** Its negative log-likelihood on the validation pairs, nats. */
  readonly validationLoss: number;
  readonly epochs: number;
}

/**
 * Clones the demonstrations by minimising -ln pi(a | s), Adam on minibatches, until the validation loss stops falling, and
 * evaluates the result. Losses of both parts of the pairs are recorded every 10 epochs. It takes seconds, so it saves no
 * checkpoints and ignores `checkpoint`; aborting returns the best policy so far, not evaluated.
 * @throws Error if the configuration is not valid or the demonstrations do not fit the task
 */
export async function trainBc(
  setup: ImitationSetup<z.input<typeof bcConfig>>,
  { onEvent = () => {}, signal, clock }: TrainOptions = {},
): Promise<BcResult> {
  const config = parseConfig(bcConfig, setup.config ?? {});
  const { seed } = setup;
  await startEngine('small-batches');
  const env = await setup.newEnv();
  try {
    const demos = performedPairs(setup.demos, env);
    onEvent({
      kind: 'header',
      schema: 1,
      algorithm: 'bc',
      env: env.id,
      seed,
      config,
      demos: { pairs: demos.n, ...setup.aboutDemos },
      versions: { ...engineVersions(), algorithm: bcVersion },
    });
    const fresh = demonstratedPolicy(demos, env, config, stream(seed, 'bc', 'policy-init'));
    const watch = stopWatch(clock);
    const record = (updates: number, metrics: MetricsLine['metrics']) =>
      onEvent({ kind: 'metrics', envSteps: 0, updates, metrics });
    const { policy, best, epochs, updates } = await fit(fresh, demos, config, seed, record, signal);
    record(updates, { 'bc/bestEpoch': best.epoch, 'bc/bestValidationLoss': best.loss });
    onEvent({ kind: 'clock', envSteps: 0, wallSeconds: watch.seconds() });
    for (const actions of signal?.aborted ? [] : (['mean', 'sampled'] as const)) {
      const episodes = { episodes: config.evalEpisodes, seed, actions };
      const result = await unhurried(evaluationSteps(policy, env, episodes), signal);
      if (!result) break;
      onEvent({ kind: 'evaluation', envSteps: 0, updates, weights: 'raw', actions, ...result });
    }
    onEvent({ kind: 'end', envSteps: 0, updates, reason: signal?.aborted ? 'aborted' : 'finished' });
    return { policy, validationLoss: best.loss, epochs };
  } finally {
    env.close();
  }
}

async function fit(
  policy: Policy,
  demos: Pairs,
  config: BcConfig,
  seed: number,
  record: (updates: number, metrics: MetricsLine['metrics']) => void,
  signal: AbortSignal | undefined,
) {
  const { train, validation } = splitPairs(demos, {
    validation: config.validation,
    rng: stream(seed, 'bc', 'split'),
  });
  const batches = stream(seed, 'bc', 'batches');
  const adam = initAdam(policy.params_P.length);
  let best = { params_P: policy.params_P.slice(), loss: negativeLogLikelihood(policy, validation), epoch: 0 };
  let epoch = 0;
  let updates = 0;
  const breath = paced();
  while (epoch < config.epochs && epoch - best.epoch < config.patience && !signal?.aborted) {
    const order = permutation(batches, train.n);
    for (let at = 0; at < train.n; at += config.batchSize) {
      const gradient_P = likelihoodGradient(
        policy,
        pairsOf(train, order.subarray(at, at + config.batchSize)),
      );
      adamStep(policy.params_P, gradient_P, adam, { rate: config.rate });
      updates++;
      await breath();
      if (signal?.aborted) break;
    }
    if (signal?.aborted) break;
    epoch++;
    const loss = negativeLogLikelihood(policy, validation);
    if (loss < best.loss) best = { params_P: policy.params_P.slice(), loss, epoch };
    if (epoch % 10 !== 0) continue;
    const trainLoss = negativeLogLikelihood(policy, train);
    record(updates, {
      'bc/epoch': epoch,
      'bc/trainLoss': trainLoss,
      'bc/validationLoss': loss,
    });
  }
  return { policy: { ...policy, params_P: best.params_P }, best, epochs: epoch, updates };
}

/** Mean of -ln pi(a | s) over the pairs, nats a pair; actions in action units, discrete ones by number. */
export function negativeLogLikelihood(policy: Policy, pairs: Pairs): number {
  return scope(() => {
    const { obs_ND, act_NA } = tensors(policy, pairs);
    return -tf.mean(logProb(head(policy, forward(upload(policy), obs_ND)), act_NA)).dataSync()[0]!;
  });
}

/** The gradient of `negativeLogLikelihood` with respect to the network's parameters, [P]. The std is held fixed. */
export function likelihoodGradient(policy: Policy, pairs: Pairs): Float32Array {
  return scope(() => {
    const { obs_ND, act_NA } = tensors(policy, pairs);
    const net = upload(policy);
    const { out_BO, trace } = forwardTraced(net, obs_ND);
    const { out_BK } = scoreGradient(head(policy, out_BO), act_NA, tf.fill([pairs.n], -1 / pairs.n));
    return weightGradient([{ trace, deltas: backwardDeltas(net, trace, out_BK) }]).dataSync() as Float32Array;
  });
}

function tensors(policy: Policy, { n, obs_ND, act_NA }: Pairs) {
  return {
    obs_ND: tf.tensor2d(standardizeRows(policy.obsNorm, obs_ND), [n, obs_ND.length / n]),
    act_NA: tf.tensor2d(act_NA, [n, act_NA.length / n]),
  };
}
