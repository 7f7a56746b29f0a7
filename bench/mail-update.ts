// npm run bench:mail: MAIL's policy step and whole update by each of our engines, JAX and PyTorch, in turns in one run.
import { spawn, spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { parseMailConfig } from '../lib/agents/mail-config.ts';
import { mailNetworks, tensorEngine } from '../lib/agents/mail-networks.ts';
import type { ExpertRows } from '../lib/agents/mail-problem.ts';
import { updateDiscriminator, updateModel, updatePolicy } from '../lib/agents/mail-updates.ts';
import { startEngine } from '../lib/backend/engine.ts';
import { normals, permutation, stream } from '../lib/backend/rng.ts';
import { createBuffer, push } from '../lib/data/buffer.ts';
import { initDiscriminator, pairInputs } from '../lib/models/discriminator.ts';
import { initForwardModel } from '../lib/models/forward-model.ts';
import { initGaussianPolicy } from '../lib/models/policy.ts';
import { standardizer } from '../lib/models/standardizer.ts';
import { type MailEngine, simdEngine } from '../lib/simd/engine.ts';
import { describeMachine, writeSection } from './readme.ts';

const helpText = `Usage: npm run bench:mail -- [options]

Times the policy step (the gradient alone) and the whole update (3 model steps, 1 discriminator step with penalty, 1 policy
step, Adam; ours also draw their batches and noise) at Hopper's sizes and MAIL's defaults, each on one thread, in turns.
CPU time of the whole process, so that other work on the machine counts little. Compares the gradients of one problem.

  --install        make .venv-bench with JAX and PyTorch (bench/requirements.txt) first
  --rounds N       rounds of 5 calls of everything, default 12; the best call and the median count
  --without NAME   leave out jax, torch or tfjs; may be given several times
  --write          put the table into bench/README.md
  --help           show this text
`;

const here = (name: string) => fileURLToPath(new URL(name, import.meta.url));
const python = here('../.venv-bench/bin/python');
const CALLS = 5;

// Hopper's sizes and MAIL's defaults, random numbers in place of data.
const [D, A] = [11, 3];
const config = parseMailConfig({});
const { starts: B, horizon: T, modelMembers: M } = config;
const std = 0.3;
const rng = stream(0, 'bench');
const obsNorm = standardizer(new Float32Array(D), new Float32Array(D).fill(1), { floor: 0 });
const action = { actMean_A: new Float32Array(A), actScale_A: new Float32Array(A).fill(1) };
const policy = initGaussianPolicy(
  {
    obsNorm,
    ...action,
    bound: 1.5,
    logStd_A: new Float32Array(A).fill(Math.log(std)),
    hidden: config.policyHidden,
    activation: 'relu',
    lastGain: 0.1,
  },
  rng,
);
const discriminator = initDiscriminator(
  { obsNorm, ...action, actBound: 1, hidden: config.discriminatorHidden },
  rng,
);
const transitions = 2000;
const obs_BD = normals(rng, transitions * D);
const data = {
  obs_BD,
  act_BA: normals(rng, transitions * A, 0.5),
  nextObs_BD: normals(rng, transitions * D, 0.1).map((x, i) => x + obs_BD[i]!),
};
const model = initForwardModel(
  { obsNorm, actBound: 1, actSize: A, hidden: config.modelHidden, members: M, data },
  rng,
);
const problem = {
  policy,
  discriminator,
  model,
  start_BD: normals(rng, B * D),
  noise_TBK: normals(rng, T * B * A),
  rowOrder_TB: Int32Array.from(Array.from({ length: T }, () => [...permutation(rng, B)]).flat()),
  gamma: config.gamma,
  saturationWeight: config.saturationWeight,
  saturationBeyond: config.saturationBeyond,
  temperature: config.temperature,
};

/** Something to be timed: milliseconds of CPU time of each of `CALLS` calls. */
interface Runner {
  readonly name: string;
  times(work: 'policy' | 'update'): number[] | Promise<number[]>;
  gradient(): ArrayLike<number> | Promise<ArrayLike<number>>;
  close(): void;
}

function ours(engine: MailEngine, name: string): Runner {
  const own = { ...policy, params_P: policy.params_P.slice() };
  const ownDiscriminator = { ...discriminator, params_P: discriminator.params_P.slice() };
  const members = model.members.map((member) => ({ ...member, params_P: member.params_P.slice() }));
  const networks = mailNetworks(
    own,
    { discriminator: ownDiscriminator, model: { ...model, members: members as typeof model.members } },
    engine,
  );
  const buffer = createBuffer({ capacity: transitions, obsSize: D, actSize: A });
  for (let n = 0; n < transitions; n++) {
    const row = (x: Float32Array, width: number) => x.subarray(n * width, (n + 1) * width);
    push(buffer, {
      obs: row(data.obs_BD, D),
      act: row(data.act_BA, A),
      nextObs: row(data.nextObs_BD, D),
      terminated: false,
    });
  }
  const obs_ND = data.obs_BD.slice(0, 200 * D);
  const act_NA = data.act_BA.slice(0, 200 * A);
  const expert: ExpertRows = { obs_ND, act_NA, pair_NI: pairInputs(discriminator, obs_ND, act_NA), n: 200 };
  let agent_NI = normals(rng, 256 * (D + A));
  const step = { rateShare: 1, rng };
  const work = {
    policy: () => void engine.pathwiseGradient(problem),
    update() {
      updateModel(networks, buffer, config, rng);
      updateDiscriminator(networks, { expert, agent_NI }, config, step);
      agent_NI = updatePolicy(networks, { expert, buffer }, config, step).pair_NI;
    },
  };
  return {
    name,
    times: (which) =>
      Array.from({ length: CALLS }, () => {
        const began = process.cpuUsage();
        work[which]();
        const { user, system } = process.cpuUsage(began);
        return (user + system) / 1000;
      }),
    gradient: () => engine.pathwiseGradient(problem).gradient_P,
    close() {},
  };
}

/** The same in a Python process, which answers one request at a time. */
async function theirs(kind: 'jax' | 'torch', label: string): Promise<Runner> {
  const child = spawn(python, [here('mail_update.py'), kind], { stdio: ['pipe', 'pipe', 'inherit'] });
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  const ask = async (request: unknown) => {
    child.stdin.write(`${JSON.stringify(request)}\n`);
    const { value, done } = await lines.next();
    if (done) throw new Error(`Cannot measure ${label}: ${python} ended without an answer`);
    return JSON.parse(value);
  };
  const pairs = () => [...normals(rng, 256 * (D + A))];
  child.stdin.write(
    `${JSON.stringify({
      sizes: {
        ...{ T, B, M, A, D },
        policy: policy.spec.sizes,
        discriminator: discriminator.spec.sizes,
        model: [D + A, ...config.modelHidden, D],
      },
      policy: [...policy.params_P],
      discriminator: [...discriminator.params_P],
      members: model.members.map(({ params_P }) => [...params_P]),
      start: [...problem.start_BD],
      noise: [...problem.noise_TBK],
      order: [...problem.rowOrder_TB],
      deltaScale: [...model.deltaScale_D],
      gamma: problem.gamma,
      std,
      expert: pairs(),
      agent: pairs(),
      input: [...normals(rng, M * 256 * (D + A))],
      target: [...normals(rng, M * 256 * D)],
    })}\n`,
  );
  return {
    name: `${label} ${await ask({ work: 'version' })}`,
    times: (work) => ask({ work, calls: CALLS }),
    gradient: () => ask({ work: 'gradient' }),
    close: () => child.stdin.end(),
  };
}

function install(): void {
  const requirements = here('requirements.txt');
  for (const [command, ...args] of [
    ['python3', '-m', 'venv', here('../.venv-bench')],
    [python, '-m', 'pip', 'install', '--quiet', '-r', requirements],
  ] as const)
    if (spawnSync(command, args, { stdio: 'inherit' }).status !== 0)
      throw new Error(`Cannot install JAX and PyTorch: ${command} ${args.join(' ')} failed`);
}

function relativeDistance(a: ArrayLike<number>, b: ArrayLike<number>): number {
  let [gap, size] = [0, 0];
  for (let i = 0; i < b.length; i++) {
    gap += (a[i]! - b[i]!) ** 2;
    size += b[i]! ** 2;
  }
  return Math.sqrt(gap / size);
}

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      install: { type: 'boolean', default: false },
      rounds: { type: 'string', default: '12' },
      without: { type: 'string', multiple: true, default: [] },
      write: { type: 'boolean', default: false },
      help: { type: 'boolean', default: false },
    },
  });
  if (values.help) {
    console.log(helpText);
    return;
  }
  if (values.install) install();
  const rounds = Number(values.rounds);
  const wanted = (name: string) => !values.without.includes(name);
  await startEngine('small-batches', 'wasm');
  const runners = [ours(await simdEngine(), 'ours, simd')];
  if (wanted('tfjs')) runners.push(ours(tensorEngine, 'ours, tfjs (WASM)'));
  for (const [kind, label] of [
    ['jax', 'JAX, jit'],
    ['torch', 'PyTorch, autograd'],
  ] as const) {
    if (!wanted(kind)) continue;
    if (!existsSync(python))
      throw new Error('There is no .venv-bench: give --install, or --without jax --without torch');
    runners.push(await theirs(kind, label));
  }

  const kinds = ['policy', 'update'] as const;
  const times = new Map<string, number[]>();
  for (let round = 0; round <= rounds; round++)
    for (const runner of runners)
      for (const kind of kinds) {
        const measured = await runner.times(kind);
        // The first round is for the compilers.
        if (round > 0) times.set(runner.name + kind, [...(times.get(runner.name + kind) ?? []), ...measured]);
      }
  const gradient_P = await runners[0]!.gradient();
  const cell = (name: string, kind: string) => {
    const sorted = times.get(name + kind)!.sort((a, b) => a - b);
    const best = sorted[0]!;
    const ratio = best / Math.min(...times.get(runners[0]!.name + kind)!);
    return `${best.toFixed(1)} / ${sorted[sorted.length >> 1]!.toFixed(1)} | ${ratio.toFixed(2)}`;
  };
  const rows = [
    '| | policy step, ms | x simd | whole update, ms | x simd | gradient differs from simd by |',
    '|---|---|---|---|---|---|',
  ];
  for (const [n, runner] of runners.entries()) {
    const distance = n === 0 ? '' : relativeDistance(gradient_P, await runner.gradient()).toExponential(1);
    rows.push(
      `| ${runner.name} | ${cell(runner.name, 'policy')} | ${cell(runner.name, 'update')} | ${distance} |`,
    );
    runner.close();
  }
  console.log(rows.join('\n'));
  if (!values.write) return;
  const about = `${describeMachine()}. Best / median of ${rounds * CALLS} calls.`;
  writeSection('mail', [about, '', ...rows]);
}

await main();
