// npm run bench:envs: environment steps a second beside Gymnasium's, and what a second process that collects brings. The
// tables go into bench/README.md.
import { execFileSync, spawn } from 'node:child_process';
import { existsSync, writeFileSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { ENV_IDS, MUJOCO_TASKS } from '../lib/envs/make.ts';
import { describeMachine, writeSection } from './readme.ts';
import type { Rates, Request } from './stepper.ts';

const helpText = `Usage: npm run bench:envs -- [options]

Steps every task with random actions, one copy and several, in turns with Gymnasium, and measures two processes that
collect against one. Gymnasium comes from .venv-bench, which is made if it is missing (about 400 MB).

  --python PATH         a Python with gymnasium[mujoco], instead of .venv-bench
  --without-gymnasium   this project's rates alone; bench/README.md stays as it is
  --env TEXT            only tasks whose name contains this; bench/README.md stays as it is
  --copies N            of the vectorised measurement, default 8
  --seconds S           CPU seconds per measurement, default 0.15
  --rounds N            measurements of each in turns, default 15
  --help                show this text
`;

const { values } = parseArgs({
  options: {
    python: { type: 'string' },
    'without-gymnasium': { type: 'boolean', default: false },
    env: { type: 'string', default: '' },
    copies: { type: 'string', default: '8' },
    seconds: { type: 'string', default: '0.15' },
    rounds: { type: 'string', default: '15' },
    help: { type: 'boolean', default: false },
  },
});

/** A process that steps environments, one request at a time. */
interface Stepper {
  rates(request: Request): Promise<Rates>;
  close(): void;
}

function stepper(command: string, args: readonly string[]): Stepper {
  const child = spawn(command, args, { stdio: ['pipe', 'pipe', 'inherit'] });
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  const failed = new Promise<never>((_, reject) => child.on('error', reject));
  return {
    async rates(request) {
      child.stdin.write(`${JSON.stringify(request)}\n`);
      const { value, done } = await Promise.race([lines.next(), failed]);
      if (done) throw new Error(`Cannot measure ${request.id} with ${command}: it ended without an answer`);
      return JSON.parse(value) as Rates;
    },
    close: () => child.stdin.end(),
  };
}

const path = (relative: string) => fileURLToPath(new URL(relative, import.meta.url));
const ours = () => stepper(process.execPath, ['--import', 'tsx', path('stepper.ts')]);

/** The Python of .venv-bench, made with the project's own and filled if there is none. */
function benchPython(): string {
  const program = process.platform === 'win32' ? 'Scripts/python.exe' : 'bin/python';
  const python = path(`../.venv-bench/${program}`);
  const installed = path('../.venv-bench/gymnasium-installed');
  if (existsSync(installed)) return python;
  console.log('Installing Gymnasium into .venv-bench');
  const run = (command: string, ...args: string[]) => execFileSync(command, args, { stdio: 'inherit' });
  if (!existsSync(python)) run(path(`../.venv/${program}`), '-m', 'venv', path('../.venv-bench'));
  run(python, '-m', 'pip', 'install', '--no-input', '-q', '-r', path('requirements-envs.txt'));
  writeFileSync(installed, '');
  return python;
}

function quantile(sample: readonly number[], p: number): number {
  return [...sample].sort((a, b) => a - b)[Math.round(p * (sample.length - 1))]!;
}

const count = (rate: number) => rate.toLocaleString('en-GB', { maximumSignificantDigits: 3 });
const ratio = (value: number) => value.toFixed(value < 10 ? 2 : 0);

/** Median and quartiles of ratios that were each measured back to back. */
function spread(ratios: readonly number[]): string {
  return `${ratio(quantile(ratios, 0.5))} (${ratio(quantile(ratios, 0.25))}-${ratio(quantile(ratios, 0.75))})`;
}

/** Cells of one task: our rate, theirs, the ratio; for one copy or several. */
async function compare(
  [mine, other]: readonly [Stepper, Stepper | undefined],
  request: Request,
  rounds: number,
): Promise<string[]> {
  const rates: number[] = [];
  const theirs: number[] = [];
  for (let k = 0; k < rounds; k++) {
    rates.push((await mine.rates(request)).cpu);
    if (other) theirs.push((await other.rates(request)).cpu);
  }
  const median = count(quantile(rates, 0.5));
  if (!other) return [median];
  return [median, count(quantile(theirs, 0.5)), spread(rates.map((rate, k) => rate / theirs[k]!))];
}

/** Steps a second of one process that acts and steps, of two at once, and how much more that is by either clock. */
async function collecting(
  pair: readonly [Stepper, Stepper],
  request: Request,
  rounds: number,
): Promise<string[]> {
  const alone: Rates[] = [];
  const both: Rates[] = [];
  await Promise.all(pair.map((one) => one.rates(request)));
  for (let k = 0; k < rounds; k++) {
    alone.push(await pair[k % 2]!.rates(request));
    const [a, b] = await Promise.all([pair[0].rates(request), pair[1].rates(request)]);
    both.push({ cpu: a.cpu + b.cpu, wall: a.wall + b.wall });
  }
  const gain = (clock: keyof Rates) => spread(both.map((rate, k) => rate[clock] / alone[k]![clock]));
  const median = (rates: readonly Rates[]) =>
    count(
      quantile(
        rates.map(({ wall }) => wall),
        0.5,
      ),
    );
  return [median(alone), median(both), gain('wall'), gain('cpu')];
}

async function main(): Promise<void> {
  const [copies, seconds, rounds] = [values.copies, values.seconds, values.rounds].map(Number) as [
    number,
    number,
    number,
  ];
  const compared = !values['without-gymnasium'];
  const python = compared ? (values.python ?? benchPython()) : undefined;
  const lines: string[] = [];
  const print = (...cells: readonly string[]) => {
    lines.push(`| ${cells.join(' | ')} |`);
    console.log(lines.at(-1));
  };
  const head = (...cells: readonly string[]) => {
    print(...cells);
    print(...cells.map((_, i) => (i === 0 ? '---' : '--:')));
  };
  const ids = ENV_IDS.filter((id) => id.includes(values.env));
  const before = describeMachine();

  const sides = [ours(), python ? stepper(python, [path('stepper.py')]) : undefined] as const;
  const columns = compared ? ['Gymnasium', 'ratio'] : [];
  const several = compared ? ['SyncVectorEnv', 'ratio'] : [];
  head('env steps per CPU second', 'one copy', ...columns, `${copies} copies`, ...several);
  for (const id of ids) {
    const one = await compare(sides, { id, copies: 1, seconds }, rounds);
    print(id, ...one, ...(await compare(sides, { id, copies, seconds }, rounds)));
  }
  for (const side of sides) side?.close();

  lines.push('');
  console.log();
  const pair = [ours(), ours()] as const;
  head('env steps per second, a policy acting', 'one process', 'two', 'ratio', 'with a core each');
  for (const id of ids.filter((name) => Object.hasOwn(MUJOCO_TASKS, name) && name.endsWith('v5')))
    print(id, ...(await collecting(pair, { id, copies: 1, acting: true, seconds: 2 * seconds }, rounds)));
  for (const one of pair) one.close();

  if (!compared || values.env) return;
  writeSection('envs', [...lines, '', `${before}; at the end: ${describeMachine()}.`]);
}

if (values.help) console.log(helpText);
else await main();
