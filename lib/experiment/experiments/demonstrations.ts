// The paper's columns: how much each method makes of more demonstrations, and of all of their pairs instead of one in 20 (10).
// Whatever the imitation table has run already is the same run here.
import type { Experiment, ExperimentPart, Level } from '../experiment.ts';
import { type BaseSpec, imitate, type Settings } from '../run-spec.ts';

const seeds = [201, 202, 203, 204, 205];
const few = seeds.slice(0, 3);

/** The papers' numbers of trajectories, by task. */
const paperCounts: Readonly<Record<string, readonly number[]>> = {
  'Hopper-v5': [4, 11, 18, 25],
  'CartPole-v1': [1, 4, 7, 10],
};

function row(
  method: string,
  base: BaseSpec,
  {
    counts = paperCounts[base.env]!,
    protocol = 'one pair in N',
    among = seeds,
  }: {
    readonly counts?: readonly number[];
    readonly protocol?: 'one pair in N' | 'all pairs';
    readonly among?: readonly number[];
  } = {},
): ExperimentPart {
  const trajectories: Level[] = counts.map((count) => ({ label: count, set: { trajectories: count } }));
  const pairs = protocol === 'all pairs' ? { ...base, every: 1 } : base;
  return {
    labels: { env: base.env, method, protocol },
    base: pairs,
    factors: { trajectories },
    full: { seeds: among },
  };
}

/** At MAIL's budget, as in the imitation table. */
const hopperGail = (config: Settings = {}) =>
  imitate('gail', 'Hopper-v5', { config: { totalSteps: 100_000, evalEvery: 10_000, ...config } });
const hopperMail = imitate('mail', 'Hopper-v5', { mode: 'recommended', config: { recordEvery: 1000 } });
const hopperOneStep = imitate('mail', 'Hopper-v5', {
  mode: 'oneStep',
  config: { recordEvery: 1000, evalEvery: 10_000 },
});
const cartPoleGail = (config: Settings = {}) =>
  imitate('gail', 'CartPole-v1', { config: { totalSteps: 20_480, evalEvery: 2048, ...config } });
const cartPoleMail = (mode: 'recommended' | 'oneStep') =>
  imitate('mail', 'CartPole-v1', { mode, config: { recordEvery: 1000, totalSteps: 20_000 } });

/** More demonstrations, and all of their pairs, by method. */
export const demonstrations: Experiment = {
  name: 'demonstrations',
  question: 'What does each method make of more demonstrations, and of all of their pairs?',
  measured: 'return and length of the last three evaluations, env steps to 90 % of the expert',
  parts: [
    row('cloning alone', imitate('bc', 'CartPole-v1')),
    // It looks at no demonstration: runs with one and with four are the same to the last byte.
    row('constant reward', cartPoleGail({ reward: 'constant' }), { counts: [4] }),
    row('GAIL', cartPoleGail()),
    row('one-step gradient', cartPoleMail('oneStep')),
    row('MAIL', cartPoleMail('recommended')),
    row('cloning alone', imitate('bc', 'Hopper-v5')),
    row('cloning alone', imitate('bc', 'Hopper-v5'), { protocol: 'all pairs' }),
    row('GAIL', hopperGail()),
    row('MAIL', hopperMail),
    row('GAIL', hopperGail(), { protocol: 'all pairs', counts: [4] }),
    row('MAIL', hopperMail, { protocol: 'all pairs', counts: [4] }),
    row('GAIL, 2M env steps', imitate('gail', 'Hopper-v5'), { counts: [4, 25], among: few }),
    row('one-step gradient', hopperOneStep),
    row('constant reward', hopperGail({ reward: 'constant' }), { counts: [4] }),
  ],
};
