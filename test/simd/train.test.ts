import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { before, describe, test } from 'node:test';
import { trainMail } from '../../lib/agents/mail.ts';
import type { MailOptions } from '../../lib/agents/mail-config.ts';
import { startEngine } from '../../lib/backend/engine.ts';
import { normals, stream } from '../../lib/backend/rng.ts';
import type { Pairs } from '../../lib/data/types.ts';
import type { RecordLine } from '../../lib/experiment/record.ts';
import { loadSimd } from '../../lib/simd/engine.ts';
import { balancedPairs, countedEnvs } from '../agents/cartpole.ts';
import { root } from '../core/sources.ts';
import { relativeDistance } from '../nn/closeness.ts';

/** One collection and three updates, networks of the default sizes. */
const short: MailOptions = {
  totalSteps: 80,
  warmupSteps: 40,
  warmupModelUpdates: 3,
  envs: 2,
  collectSteps: 20,
  updatesPerCollection: 3,
  horizon: 10,
  starts: 12,
  evalEvery: 1000,
  evalEpisodes: 1,
};

describe('training by either engine', () => {
  before(() => startEngine('small-batches'));

  const pendulumPairs: Pairs = {
    n: 30,
    obs_ND: normals(stream(1), 90),
    act_NA: normals(stream(2), 30),
  };
  const tasks: [string, () => Promise<Pairs>][] = [
    ['Pendulum-v1', async () => pendulumPairs],
    ['CartPole-v1', balancedPairs],
  ];

  async function run(id: string, demos: Pairs, config: MailOptions) {
    const lines: RecordLine[] = [];
    const { newEnv } = countedEnvs(id);
    const result = await trainMail(
      { config: { ...short, ...config }, seed: 1, demos, newEnv },
      { onEvent: (line) => void lines.push(line) },
    );
    const [header] = lines;
    const metrics = lines.find((line) => line.kind === 'metrics');
    assert.ok(header?.kind === 'header' && metrics?.kind === 'metrics');
    return { header, metrics: metrics.metrics, result };
  }

  for (const [id, demosOf] of tasks)
    test(`gives nearly the same first updates, and the record names the engine: ${id}`, async () => {
      const demos = await demosOf();
      const simd = await run(id, demos, {});
      const tfjs = await run(id, demos, { engine: 'tfjs' });
      assert.deepEqual([simd.header.versions.updates, tfjs.header.versions.updates], ['simd', 'tfjs']);
      assert.deepEqual(Object.keys(simd.metrics), Object.keys(tfjs.metrics));
      for (const [name, value] of Object.entries(tfjs.metrics))
        assert.ok(Math.abs(simd.metrics[name]! - value) < 1e-3 * (1 + Math.abs(value)), name);
      for (const part of ['rawPolicy', 'discriminator'] as const) {
        const distance = relativeDistance(simd.result[part].params_P, tfjs.result[part].params_P);
        assert.ok(distance < 1e-3, `${part}: ${distance}`);
      }
    });

  test('a second run needs no more memory', async () => {
    await run('Pendulum-v1', pendulumPairs, {});
    const { memory } = await loadSimd();
    const bytes = memory.buffer.byteLength;
    await run('Pendulum-v1', pendulumPairs, {});
    assert.equal(memory.buffer.byteLength, bytes);
  });

  test('goes on tensors where WebAssembly has no SIMD, and says why', (t) => {
    // Elsewhere there is no processor without it, and nothing to switch off.
    if (process.arch !== 'x64') return t.skip('needs x64');
    const program =
      "import { startMailEngine } from './lib/agents/mail-networks.ts';" +
      "const { engine, reason } = await startMailEngine('simd');" +
      'console.log(engine.name + ": " + reason);';
    const old = ['--no-enable-sse4-1', '--no-enable-ssse3', '--import', 'tsx', '--input-type=module'];
    const { stdout } = spawnSync(process.execPath, [...old, '-e', program], { cwd: root, encoding: 'utf8' });
    assert.match(stdout, /^tfjs: WebAssembly has no SIMD here/);
  });
});
