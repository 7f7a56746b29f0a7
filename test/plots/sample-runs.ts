// Synthetic, seeded run records for tests of figures: a curve that rises to the expert's return, with noise.
import { normal, stream } from '../../lib/backend/rng.ts';
import type { RecordLine } from '../../lib/experiment/record.ts';

export interface SampleOptions {
  readonly algorithm?: string;
  readonly seed?: number;
  readonly totalEnvSteps?: number;
  readonly evaluations?: number;
  readonly goal?: number;
}

/** Header, then metrics, a clock line and two evaluations (raw and averaged) at equal distances, then the end. */
export function sampleRun({
  algorithm = 'mail',
  seed = 0,
  totalEnvSteps = 50_000,
  evaluations = 25,
  goal = 3400,
}: SampleOptions = {}): RecordLine[] {
  const rng = stream(seed, 'sample', algorithm);
  const lines: RecordLine[] = [
    {
      kind: 'header',
      schema: 1,
      algorithm,
      env: 'Hopper-v5',
      seed,
      config: {},
      demos: { trajectories: 4, pairs: 200 },
      versions: { backend: 'wasm' },
    },
  ];
  for (let i = 0; i <= evaluations; i++) {
    const share = i / evaluations;
    const envSteps = Math.round(totalEnvSteps * share) + (i === 0 ? 0 : seed * 13);
    const updates = i * 40;
    const mean = 20 + goal / (1 + Math.exp(-12 * (share - 0.45 - 0.05 * normal(rng) - 0.02 * seed)));
    lines.push({
      kind: 'metrics',
      envSteps,
      updates,
      metrics: {
        'disc/loss': 0.6 - 0.2 * share,
        'disc/accuracy': 0.95 - 0.3 * share + 0.03 * normal(rng),
        'model/mse': 0.3 * 10 ** (-2 * share) * Math.exp(0.2 * normal(rng)),
        'policy/cost': 3 - 2 * share,
        'policy/gradNorm': 5 * Math.exp(0.4 * normal(rng)),
      },
    });
    lines.push({ kind: 'clock', envSteps, wallSeconds: 60 * share });
    for (const weights of ['raw', 'averaged'] as const) {
      const wobble = weights === 'raw' ? 300 : 60;
      lines.push({
        kind: 'evaluation',
        envSteps,
        updates,
        weights,
        actions: 'mean',
        returns_E: Array.from({ length: 10 }, () => Math.max(5, mean + wobble * normal(rng))),
        lengths_E: Array.from({ length: 10 }, () => Math.round(1000 * share)),
      });
    }
  }
  lines.push({ kind: 'end', envSteps: totalEnvSteps, updates: evaluations * 40, reason: 'finished' });
  return lines;
}
