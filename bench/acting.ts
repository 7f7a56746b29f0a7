// npm run bench:acting: what choosing one action costs in plain JavaScript, without an engine. Best and median of repeated
// bursts, microseconds of CPU time. The table goes into bench/README.md.
import { normals, stream } from '../lib/backend/rng.ts';
import { actor, initCategoricalPolicy, initGaussianPolicy } from '../lib/models/policy.ts';
import { standardizer } from '../lib/models/standardizer.ts';
import { describeMachine, writeSection } from './readme.ts';

const rng = stream(0, 'bench');
const common = { hidden: [100, 50], activation: 'relu' as const, lastGain: 0.1 };
const scaling = (D: number) => standardizer(new Float32Array(D), new Float32Array(D).fill(1));
const gaussian = (D: number, A: number) =>
  initGaussianPolicy(
    {
      ...common,
      obsNorm: scaling(D),
      actMean_A: new Float32Array(A),
      actScale_A: new Float32Array(A).fill(1),
      bound: 1.5,
      logStd_A: new Float32Array(A).fill(-1),
    },
    rng,
  );

/** The paper's sizes. */
const policies = {
  'Hopper, 11-100-50-3': gaussian(11, 3),
  'Walker2d and HalfCheetah, 17-100-50-6': gaussian(17, 6),
  'CartPole, 4-100-50-2': initCategoricalPolicy({ ...common, obsNorm: scaling(4), actions: 2 }, rng),
};

const burst = 5000;
const rows = Object.entries(policies).map(([name, policy]) => {
  const act = actor(policy);
  const D = policy.obsNorm.mean_D.length;
  const observations = Array.from({ length: 64 }, () => normals(rng, D));
  const cells = [undefined, rng].map((chance) => {
    const times = Array.from({ length: 23 }, () => {
      const began = process.cpuUsage();
      for (let k = 0; k < burst; k++) act(observations[k % 64]!, chance);
      const { user, system } = process.cpuUsage(began);
      return (user + system) / burst;
    })
      .slice(3)
      .sort((a, b) => a - b);
    return `${times[0]!.toFixed(1)} / ${times[10]!.toFixed(1)}`;
  });
  return `| ${name} | ${cells.join(' | ')} |`;
});
const lines = ['| microseconds, best / median | mean action | sampled action |', '|---|--:|--:|', ...rows];
console.log(lines.join('\n'));
writeSection('acting', [...lines, '', `${describeMachine()}.`]);
