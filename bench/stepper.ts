// Steps this project's environments for envs.ts, in a process of its own: one JSON request per line in, one JSON answer
// per line out. stepper.py is its twin for Gymnasium.
import { createInterface } from 'node:readline';
import { normals, stream } from '../lib/backend/rng.ts';
import { makeEnv } from '../lib/envs/make.ts';
import { sample } from '../lib/envs/spaces.ts';
import type { Action, Env } from '../lib/envs/types.ts';
import { makeVectorEnv } from '../lib/envs/vector.ts';
import { actor, initGaussianPolicy } from '../lib/models/policy.ts';
import { standardizer } from '../lib/models/standardizer.ts';

/** What to measure. `copies` 1 is a bare environment; `acting` adds a policy that chooses every action. */
export interface Request {
  readonly id: string;
  readonly copies: number;
  readonly acting?: boolean;
  readonly seconds: number;
}

/** Environment steps per second of this process's CPU time, and of the clock. */
export interface Rates {
  readonly cpu: number;
  readonly wall: number;
}

const CHUNK = 32;
/** The compilers of JavaScript and WebAssembly need this long to be at their best, seconds of CPU. */
const WARM_UP = 1.5;

/** Makes `CHUNK` calls of `copies` steps each. */
interface Stepper {
  run(): void;
  close(): void;
}

async function single(id: string): Promise<Stepper> {
  const env = await makeEnv(id);
  const rng = stream(0, 'bench');
  const actions = Array.from({ length: 1000 }, () => sample(env.actSpace, rng));
  let t = 0;
  return stepper(env, () => actions[t++ % actions.length]!);
}

/** As a learner collects: a policy with noise, 64 x 64, on what it observes. */
async function acting(id: string): Promise<Stepper> {
  const env = await makeEnv(id);
  if (env.actSpace.type !== 'box') throw new Error(`Cannot act in ${id} with a Gaussian policy`);
  const { size } = env.actSpace;
  const D = env.obsSpace.size;
  const rng = stream(0, 'bench');
  const policy = initGaussianPolicy(
    {
      obsNorm: standardizer(new Float32Array(D), new Float32Array(D).fill(1)),
      actMean_A: new Float32Array(size),
      actScale_A: new Float32Array(size).fill(1),
      bound: 0,
      logStd_A: normals(rng, size),
      hidden: [64, 64],
      activation: 'tanh',
      lastGain: 0.1,
    },
    rng,
  );
  const act = actor(policy);
  return stepper(env, (obs) => act(obs, rng));
}

function stepper(env: Env, choose: (obs: Float64Array) => Action): Stepper {
  let { obs } = env.reset({ seed: 0 });
  return {
    run() {
      for (let i = 0; i < CHUNK; i++) {
        const step = env.step(choose(obs));
        obs = step.terminated || step.truncated ? env.reset().obs : step.obs;
      }
    },
    close: () => env.close(),
  };
}

async function vectorised(id: string, copies: number): Promise<Stepper> {
  const env = await makeVectorEnv(id, { size: copies });
  env.reset({ seed: 0 });
  const rng = stream(0, 'bench');
  const flat = () => Array.from({ length: copies }, () => sample(env.actSpace, rng));
  const actions = Array.from({ length: 100 }, () =>
    Float64Array.from(flat().flatMap((action) => (typeof action === 'number' ? action : [...action]))),
  );
  let t = 0;
  return {
    run() {
      for (let i = 0; i < CHUNK; i++) env.step(actions[t++ % actions.length]!);
    },
    close: () => env.close(),
  };
}

function cpuSeconds(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1e6;
}

function measure(run: () => void, { seconds, copies }: { seconds: number; copies: number }): Rates {
  const began = { cpu: cpuSeconds(), wall: performance.now() / 1000 };
  let calls = 0;
  let spent = 0;
  for (; spent < seconds; spent = cpuSeconds() - began.cpu) {
    run();
    calls += CHUNK;
  }
  return { cpu: (calls * copies) / spent, wall: (calls * copies) / (performance.now() / 1000 - began.wall) };
}

let current: (Stepper & { name: string }) | undefined;
for await (const line of createInterface({ input: process.stdin })) {
  const { id, copies, acting: acts = false, seconds } = JSON.parse(line) as Request;
  const name = `${id} ${copies} ${acts}`;
  if (current?.name !== name) {
    current?.close();
    current = { name, ...(await (acts ? acting(id) : copies > 1 ? vectorised(id, copies) : single(id))) };
    measure(current.run, { seconds: WARM_UP, copies });
  }
  process.stdout.write(`${JSON.stringify(measure(current.run, { seconds, copies }))}\n`);
}
current?.close();
