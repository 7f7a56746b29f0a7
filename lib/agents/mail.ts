// MAIL: model-based adversarial imitation learning (Baram, Anschel, Mannor 2016). Collect, then learn a forward model, a
// discriminator, and the policy through both of them. mail-run.ts holds what a run is made of, mail-updates.ts the three
// updates, pathwise.ts the gradient, mail-modes.ts the paper's own settings and the controls.
import { engineVersions, startEngine } from '../backend/engine.ts';
import type { Pairs } from '../data/types.ts';
import { fixedHorizon } from '../envs/horizon.ts';
import type { Env } from '../envs/types.ts';
import { type Discriminator, pairInputs } from '../models/discriminator.ts';
import type { ForwardModel } from '../models/forward-model.ts';
import type { Policy } from '../models/policy.ts';
import { actionRows, performedPairs } from './demonstrated-policy.ts';
import { type MailConfig, type MailOptions, parseMailConfig } from './mail-config.ts';
import { type MailNetworks, startMailEngine } from './mail-networks.ts';
import type { ExpertRows } from './mail-problem.ts';
import {
  collectForMail,
  type MailGiven,
  resumeMailRun,
  type SavedMailRun,
  saveMailRun,
  startMailRun,
  updateMail,
} from './mail-run.ts';
import { policyLearnsInRound } from './mail-schedule.ts';
import { evaluationSteps } from './rollout.ts';
import {
  breathe,
  type ImitationSetup,
  means,
  stopWatch,
  type TrainOptions,
  unhurried,
  withEnvs,
} from './training.ts';

/** Goes up when the same settings and seed no longer give the same record. */
export const mailVersion = '1';

/** What a run of MAIL depends on. */
export type MailSetup = ImitationSetup<MailOptions>;

/** What a run of MAIL hands back. */
export interface MailResult {
  /** The policy to deploy: running average of the weights. */
  readonly policy: Policy;
  /** The policy as the last update left it. */
  readonly rawPolicy: Policy;
  readonly discriminator: Discriminator;
  /** As it was made, where the settings have no use for one. */
  readonly model: ForwardModel;
  readonly envSteps: number;
}

/**
 * Trains by MAIL (Baram, Anschel, Mannor 2016): collects, and learns forward model, discriminator, and the policy by
 * the gradient through both (`pathwiseGradient`). Aborting returns what was learnt so far.
 * @throws Error if the configuration is not valid, the demonstrations do not fit the task, or training diverges
 */
export async function trainMail(setup: MailSetup, options: TrainOptions = {}): Promise<MailResult> {
  const config = parseMailConfig(setup.config);
  await startEngine('small-batches');
  // The last one is for evaluation, which never disturbs training.
  return withEnvs(config.envs + 1, setup.newEnv, (envs) => learn(setup, config, envs, options));
}

async function learn(
  setup: MailSetup,
  config: MailConfig,
  envs: readonly Env[],
  { onEvent = () => {}, signal, clock, checkpoint }: TrainOptions,
): Promise<MailResult> {
  const { seed } = setup;
  const evalEnv = envs[config.envs]!;
  const demos = performedPairs(setup.demos, evalEnv);
  const given: MailGiven = { config, seed, demos, evalEnv, signal };
  const trainingEnvs = envs
    .slice(0, config.envs)
    .map((env) => (config.ends === 'fixed-horizon' ? fixedHorizon(env) : env));
  const { engine, reason } = await startMailEngine(config.engine, config);
  const from = checkpoint?.from as SavedMailRun | undefined;
  if (!from)
    onEvent({
      kind: 'header',
      schema: 1,
      algorithm: 'mail',
      env: evalEnv.id,
      seed,
      config,
      demos: { pairs: demos.n, ...setup.aboutDemos },
      versions: { ...engineVersions(), updates: engine.name, updatesChosen: reason, algorithm: mailVersion },
    });
  const watch = stopWatch(clock, from?.wallSeconds);
  const metrics = means();
  const run = from
    ? resumeMailRun(from, trainingEnvs, engine)
    : await startMailRun(given, trainingEnvs, { engine, metrics });
  const expert = expertRows(demos, run.networks.discriminator, evalEnv);

  while (run.envSteps < config.totalSteps && !signal?.aborted) {
    if (policyLearnsInRound(run.updates, config)) await collectForMail(run, given, metrics);
    for (let k = 0; k < config.updatesPerCollection && !signal?.aborted; k++) {
      updateMail(run, expert, config, metrics);
      await breathe();
    }
    run.rounds++;

    const finished = run.envSteps >= config.totalSteps;
    const evaluating = !signal?.aborted && (run.envSteps >= run.nextEvaluation || finished);
    if (!evaluating && !signal?.aborted && run.rounds % config.recordEvery !== 0) continue;
    const { envSteps, updates } = run;
    onEvent({ kind: 'metrics', envSteps, updates, metrics: metrics.take() });
    onEvent({ kind: 'clock', envSteps, wallSeconds: watch.seconds() });
    if (!evaluating) continue;
    run.nextEvaluation += config.evalEvery;
    watch.pause();
    for await (const line of evaluations(run.networks, given, finished))
      onEvent({ ...line, envSteps, updates });
    if (!signal?.aborted) checkpoint?.save(saveMailRun(run, watch.seconds()));
    watch.resume();
  }
  const { networks, envSteps, updates } = run;
  onEvent({ kind: 'end', envSteps, updates, reason: signal?.aborted ? 'aborted' : 'finished' });
  const { averaged, policy, discriminator, model } = networks;
  return { policy: averaged, rawPolicy: policy, discriminator, model, envSteps };
}

/** Averaged and raw policy by their mean action; at the end of training by sampled actions too. Stops when aborted. */
async function* evaluations(
  { policy, averaged }: MailNetworks,
  { config, seed, evalEnv, signal }: MailGiven,
  finished: boolean,
) {
  const kinds = finished ? (['mean', 'sampled'] as const) : (['mean'] as const);
  for (const weights of ['averaged', 'raw'] as const)
    for (const actions of kinds) {
      const judged = weights === 'raw' ? policy : averaged;
      const episodes = { episodes: config.evalEpisodes, seed, actions };
      const result = await unhurried(evaluationSteps(judged, evalEnv, episodes), signal);
      if (!result) return;
      yield { kind: 'evaluation' as const, weights, actions, ...result };
    }
}

function expertRows(demos: Pairs, discriminator: Discriminator, env: Env): ExpertRows {
  return { ...demos, pair_NI: pairInputs(discriminator, demos.obs_ND, actionRows(demos.act_NA, env)) };
}
