// The forward model as its policy moves on (claim C9a): a run of MAIL of which model and policy are kept at regular stages, and
// the error of the model of every stage on the states of the policy of every stage, of the expert and of chance (Node side).
import { createHash } from 'node:crypto';
import { actionRows } from '../agents/demonstrated-policy.ts';
import { mailVersion, trainMail } from '../agents/mail.ts';
import { type SavedMailRun, transitionRows } from '../agents/mail-run.ts';
import { collect, joined, randomAct, startCollector } from '../agents/rollout.ts';
import { engineVersions } from '../backend/engine.ts';
import { stream } from '../backend/rng.ts';
import type { AnalysisLine, AnalysisRecord } from '../confidence/analysis-record.ts';
import { loadDemos } from '../data/files.ts';
import type { Trajectory } from '../data/types.ts';
import type { Env } from '../envs/types.ts';
import type { ForwardModel, TransitionRows } from '../models/forward-model.ts';
import { modelSnapshot, oneStepErrors } from '../models/forward-model-error.ts';
import { type Act, actor, type Policy } from '../models/policy.ts';
import { policyToText } from '../models/policy-file.ts';
import { mean } from '../stats/aggregate.ts';
import type { RecordLine } from './record.ts';
import { runSetup } from './run-here.ts';
import { expertFolder } from './run-key.ts';
import { imitate, type RunSpec } from './run-spec.ts';

/** How many transitions models are tried on, and who hears of the run. */
export interface ModelAgeOptions {
  /** Transitions of every set that models are tried on, 1 or more. */
  readonly transitions: number;
  readonly onEvent?: (line: RecordLine) => void;
}

/** Stages of a run, and transitions of every set. */
export const modelAgeSettings = { stages: 10, transitions: 2000 };

/**
 * The run that the committed records follow: MAIL with its recommended settings and a stage every tenth of it.
 * @param options.totalSteps env steps
 */
export function modelAgeSpec(
  env: string,
  { seed, totalSteps }: { readonly seed: number; readonly totalSteps: number },
): RunSpec {
  const evalEvery = Math.ceil(totalSteps / modelAgeSettings.stages);
  const config = { totalSteps, evalEvery, recordEvery: 1000 };
  return { ...imitate('mail', env, { mode: 'recommended', config }), seed };
}

/** A moment of training: copies that later training does not touch. */
interface Stage {
  readonly envSteps: number;
  readonly model: ForwardModel;
  /** The policy that collects then, not averaged. */
  readonly policy: Policy;
}

/**
 * Trains MAIL as the spec says, with a stage at every evaluation, and tries the models afterwards. The policy of each stage
 * acts anew in an environment of its own, with the noise that it collects with, so that no model was trained on these
 * transitions; those of the expert are of demonstrations that the imitator was not given. The run itself is the one that
 * `npm run train` makes of the same spec: stages are read where it saves its checkpoints.
 *
 * @param spec a run of MAIL; its `evalEvery` is the length of a stage, in env steps
 * @returns a header, the stages, and a line for every model and set of states
 * @throws Error as `trainMail`, or if the spec is of another algorithm
 */
export async function analyseModelAge(
  spec: RunSpec,
  { transitions, onEvent = () => {} }: ModelAgeOptions,
): Promise<AnalysisRecord> {
  if (spec.algorithm !== 'mail')
    throw new Error(`Cannot follow the model of ${spec.algorithm}, which has none: give a run of mail`);
  const { demos, card } = await loadDemos(expertFolder(spec.env), { env: spec.env });
  const heldBack = demos.trajectories.slice(spec.trajectories);
  if (heldBack.length === 0)
    throw new RangeError(
      `Cannot try models on demonstrations that the imitator was not given: it gets all ${demos.trajectories.length} of ${spec.env}. Give it fewer trajectories`,
    );
  const setup = await runSetup(spec);
  const stages: Stage[] = [];
  const returns: number[] = [];
  const { policy } = await trainMail(setup as Parameters<typeof trainMail>[0], {
    onEvent: (line) => {
      if (line.kind === 'evaluation' && line.weights === 'raw' && line.actions === 'mean')
        returns.push(mean(line.returns_E));
      onEvent(line);
    },
    checkpoint: {
      save: (state) => {
        const { envSteps, networks } = state as SavedMailRun;
        stages.push({
          envSteps,
          model: modelSnapshot(networks.model),
          policy: structuredClone(networks.policy),
        });
      },
    },
  });

  const env = await setup.newEnv();
  const fresh = (act: Act, name: string) => freshRows(env, act, { seed: spec.seed, name, transitions });
  const states: { states: 'policy' | 'expert' | 'random'; data: number | null; rows: TransitionRows }[] = [
    ...stages.map((stage, data) => ({
      states: 'policy' as const,
      data,
      rows: fresh(actor(stage.policy), `stage ${data}`),
    })),
    {
      states: 'expert',
      data: null,
      rows: rowsOf(heldBack, env, transitions),
    },
    { states: 'random', data: null, rows: fresh(randomAct(env), 'random') },
  ];
  env.close();

  const header: AnalysisLine = {
    kind: 'header',
    schema: 1,
    analysis: 'model-age',
    env: spec.env,
    algorithm: 'mail',
    seed: spec.seed,
    policySha256: createHash('sha256').update(policyToText(policy)).digest('hex'),
    discriminatorSha256: null,
    expertReturn: card.returns.mean,
    settings: {
      transitions,
      trajectories: spec.trajectories,
      every: spec.every,
      config: JSON.parse(JSON.stringify(spec.config)),
    },
    versions: { ...engineVersions(), algorithm: mailVersion, analysis: '1' },
  };
  return [
    header,
    ...stages.map(({ envSteps }, stage): AnalysisLine => {
      return { kind: 'stage', stage, envSteps, evalReturn: returns[stage]! };
    }),
    ...stages.flatMap(({ model }, stage) =>
      states.map(({ rows, ...about }): AnalysisLine => {
        const { states: _, ...errors } = oneStepErrors(model, { rows })[0]!;
        return { kind: 'modelError', model: stage, ...about, ...errors };
      }),
    ),
  ];
}

function freshRows(
  env: Env,
  act: Act,
  { seed, name, transitions }: { readonly seed: number; readonly name: string; readonly transitions: number },
): TransitionRows {
  const rng = stream(seed, 'model-age', name);
  // All stages meet the same starts.
  return transitionRows([collect(startCollector(env, seed), act, transitions, rng)], env);
}

/** The first so many transitions of trajectories. */
function rowsOf(trajectories: readonly Trajectory[], env: Env, transitions: number): TransitionRows {
  const D = env.obsSpace.size;
  const obs = joined(trajectories.map(({ obs_Tp1D }) => obs_Tp1D.subarray(0, obs_Tp1D.length - D)));
  const next = joined(trajectories.map(({ obs_Tp1D }) => obs_Tp1D.subarray(D)));
  const act = actionRows(joined(trajectories.map(({ act_TA }) => act_TA)), env);
  const A = (act.length * D) / obs.length;
  return {
    obs_BD: obs.subarray(0, transitions * D),
    act_BA: act.subarray(0, transitions * A),
    nextObs_BD: next.subarray(0, transitions * D),
  };
}
