// Environment steps per second of CPU time, beside Gymnasium's in the same run: `node --import tsx bench/envs.ts`.
import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { parseArgs } from 'node:util';
import { stream } from '../lib/backend/rng.ts';
import { ENV_IDS, makeEnv } from '../lib/envs/make.ts';
import { sample } from '../lib/envs/spaces.ts';
import type { Box, Discrete } from '../lib/envs/types.ts';
import { makeVectorEnv } from '../lib/envs/vector.ts';

const helpText = `Usage: node --import tsx bench/envs.ts [options]

Steps each task with random actions and prints environment steps per second of CPU time. With a Python that has
Gymnasium, does the same there in turns, and prints the ratio. CPU time, so that other work on the machine counts
little; GC and compiler threads are counted as ours.

  --python PATH    a Python with gymnasium[mujoco]
  --env TEXT       only tasks whose name contains this
  --copies N       of the vectorised measurement, default 8
  --seconds S      CPU seconds per measurement, default 0.5
  --rounds N       measurements per task, in turns; the median counts; default 3
  --help           show this text
`;

const CHUNK = 64;

/** Steps per CPU second of `run(start)`, which makes `CHUNK` calls of `copies` steps each. */
function rateOf(
  run: (start: number) => void,
  { copies, seconds }: { copies: number; seconds: number },
): number {
  const spentSince = (start: NodeJS.CpuUsage) => {
    const { user, system } = process.cpuUsage(start);
    return (user + system) / 1e6;
  };
  // The compiler needs some rounds before it is at its best.
  const warmUp = process.cpuUsage();
  for (let t = 0; spentSince(warmUp) < seconds / 2; t += CHUNK) run(t);
  const start = process.cpuUsage();
  let calls = 0;
  let spent = 0;
  do {
    for (let i = 0; i < 8; i++) {
      run(calls);
      calls += CHUNK;
    }
    spent = spentSince(start);
  } while (spent < seconds);
  return (calls * copies) / spent;
}

async function single(id: string, seconds: number): Promise<number> {
  const env = await makeEnv(id);
  env.reset({ seed: 0 });
  const rng = stream(0, 'bench');
  const actions = Array.from({ length: 1000 }, () => sample(env.actSpace, rng));
  const rate = rateOf(
    (start) => {
      for (let t = start; t < start + CHUNK; t++) {
        const { terminated, truncated } = env.step(actions[t % 1000]!);
        if (terminated || truncated) env.reset();
      }
    },
    { copies: 1, seconds },
  );
  env.close();
  return rate;
}

async function vectorised(
  id: string,
  { copies, seconds }: { copies: number; seconds: number },
): Promise<number> {
  const env = await makeVectorEnv(id, { size: copies });
  env.reset({ seed: 0 });
  const rng = stream(0, 'bench');
  const actions = Array.from({ length: 100 }, () => flatActions(env.actSpace, copies, rng));
  const rate = rateOf(
    (start) => {
      for (let t = start; t < start + CHUNK; t++) env.step(actions[t % 100]!);
    },
    { copies, seconds },
  );
  env.close();
  return rate;
}

function flatActions(space: Box | Discrete, copies: number, rng: ReturnType<typeof stream>): Float64Array {
  return Float64Array.from(
    Array.from({ length: copies }, () => {
      const action = sample(space, rng);
      return typeof action === 'number' ? [action] : Array.from(action);
    }).flat(),
  );
}

interface Reference {
  rate(request: { id: string; copies: number; cpuSeconds: number }): Promise<number>;
  close(): void;
}

/** A Python process that answers one request at a time. */
function reference(python: string): Reference {
  const child = spawn(python, [new URL('envs.py', import.meta.url).pathname], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  const failed = new Promise<never>((_, reject) => child.on('error', reject));
  return {
    async rate(request) {
      child.stdin.write(`${JSON.stringify(request)}\n`);
      const { value, done } = await Promise.race([lines.next(), failed]);
      if (done) throw new Error(`Cannot measure Gymnasium with ${python}: it ended without an answer`);
      return (JSON.parse(value) as { rate: number }).rate;
    },
    close: () => child.stdin.end(),
  };
}

function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)]!;
}

function row(cells: readonly (string | number)[]): string {
  const text = cells.map((cell) =>
    typeof cell === 'number' ? Math.round(cell).toLocaleString('en-GB') : cell,
  );
  return `| ${text.map((cell, i) => (i === 0 ? cell.padEnd(20) : cell.padStart(11))).join(' | ')} |`;
}

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      python: { type: 'string' },
      env: { type: 'string', default: '' },
      copies: { type: 'string', default: '8' },
      seconds: { type: 'string', default: '0.5' },
      rounds: { type: 'string', default: '3' },
      help: { type: 'boolean', default: false },
    },
  });
  if (values.help) {
    console.log(helpText);
    return;
  }
  const [copies, seconds, rounds] = [values.copies, values.seconds, values.rounds].map(Number) as [
    number,
    number,
    number,
  ];
  const python = values.python ? reference(values.python) : undefined;
  const head = ['task', 'single', 'Gymnasium', 'ratio', `${copies} copies`, 'SyncVector', 'ratio'];
  console.log(`Environment steps per second of CPU time, median of ${rounds}`);
  console.log(row(head));
  console.log(`|${head.map(() => ' --- |').join('')}`);
  for (const id of ENV_IDS.filter((name) => name.includes(values.env))) {
    const ours: number[] = [];
    const theirs: number[] = [];
    const oursVector: number[] = [];
    const theirsVector: number[] = [];
    for (let round = 0; round < rounds; round++) {
      ours.push(await single(id, seconds));
      if (python) theirs.push(await python.rate({ id, copies: 1, cpuSeconds: seconds }));
      oursVector.push(await vectorised(id, { copies, seconds }));
      if (python) theirsVector.push(await python.rate({ id, copies, cpuSeconds: seconds }));
    }
    const pair = (mine: number[], other: number[]) =>
      python
        ? [median(mine), median(other), (median(mine) / median(other)).toFixed(2)]
        : [median(mine), '-', '-'];
    console.log(row([id, ...pair(ours, theirs), ...pair(oursVector, theirsVector)]));
  }
  python?.close();
}

await main();
