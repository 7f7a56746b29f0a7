// npm run bench:engine: what each backend costs at the batches of MAIL (small) and of TRPO (large), in one run. Best and median of
// repeated calls, milliseconds; the choice in lib/backend/engine.ts rests on it. The table goes into bench/README.md.
import { type BackendName, startEngine } from '../lib/backend/engine.ts';
import { normals, permutation, stream } from '../lib/backend/rng.ts';
import { pathwiseGradient } from '../lib/estimators/pathwise.ts';
import { discriminatorGradient, initDiscriminator } from '../lib/models/discriminator.ts';
import { initForwardModel, modelGradient } from '../lib/models/forward-model.ts';
import { initGaussianPolicy } from '../lib/models/policy.ts';
import { standardizer } from '../lib/models/standardizer.ts';
import { values } from '../lib/models/value.ts';
import { initMlp } from '../lib/nn/mlp.ts';
import { describeMachine, writeSection } from './readme.ts';

// Hopper's sizes and MAIL's defaults.
const [D, A, B, T, hidden] = [11, 3, 42, 40, [100, 50]];
const rng = stream(0, 'bench');
const obsNorm = standardizer(new Float32Array(D), new Float32Array(D).fill(1));
const action = { actMean_A: new Float32Array(A), actScale_A: new Float32Array(A).fill(1) };
const policy = initGaussianPolicy(
  {
    obsNorm,
    ...action,
    bound: 1.5,
    logStd_A: new Float32Array(A).fill(-1),
    hidden,
    activation: 'relu',
    lastGain: 0.1,
  },
  rng,
);
const discriminator = initDiscriminator({ obsNorm, ...action, actBound: 1, hidden }, rng);
const data = { obs_BD: normals(rng, 64 * D), act_BA: normals(rng, 64 * A), nextObs_BD: normals(rng, 64 * D) };
const modelOf = (members: number) =>
  initForwardModel({ obsNorm, actBound: 1, actSize: A, hidden: [128, 128], members, data }, rng);
const problemOf = (members: number) => ({
  policy,
  discriminator,
  model: modelOf(members),
  start_BD: normals(rng, B * D),
  noise_TBK: normals(rng, T * B * A),
  rowOrder_TB: Int32Array.from(Array.from({ length: T }, () => [...permutation(rng, B)]).flat()),
  gamma: 0.99,
  saturationWeight: 0.01,
  saturationBeyond: 2,
  temperature: 1,
});
const [one, three] = [problemOf(1), problemOf(3)];
const pair_NI = normals(rng, 256 * (D + A));
const batch = { expert_BI: pair_NI, agent_BI: pair_NI.slice().reverse() };
const transitions = { input_NI: pair_NI, target_ND: normals(rng, 256 * D) };
const valueNet = initMlp({ sizes: [D, 64, 64, 1], activation: 'tanh' }, rng);
const many_ND = normals(rng, 4000 * D);

const work: Readonly<Record<string, () => unknown>> = {
  'MAIL policy step, 1 model': () => pathwiseGradient(one),
  'MAIL policy step, 3 models': () => pathwiseGradient(three),
  'discriminator step with penalty': () => discriminatorGradient(discriminator, batch, { penalty: 1 }),
  'forward-model step, 1 member': () => modelGradient(one.model.members[0]!, transitions),
  'values of 4,000 observations': () => values(valueNet, many_ND),
};

const cells = new Map<string, string[]>(Object.keys(work).map((name) => [name, []]));
for (const backend of ['wasm', 'tensorflow'] satisfies BackendName[]) {
  await startEngine('small-batches', backend);
  for (const [name, run] of Object.entries(work)) {
    for (let k = 0; k < 3; k++) run();
    const times = Array.from({ length: 15 }, () => {
      const began = performance.now();
      run();
      return performance.now() - began;
    }).sort((a, b) => a - b);
    cells.get(name)!.push(`${times[0]!.toFixed(1)} / ${times[7]!.toFixed(1)}`);
  }
}
const rows = [...cells].map(([name, row]) => `| ${name} | ${row.join(' | ')} |`);
const lines = ['| ms, best / median | WASM | native |', '|---|--:|--:|', ...rows];
console.log(lines.join('\n'));
writeSection('engine', [...lines, '', `${describeMachine()}.`]);
