import assert from 'node:assert/strict';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { writeFileAtomic } from '../../lib/data/atomic.ts';
import { adoptRecords } from '../../lib/experiment/adopt.ts';
import { type Experiment, expandExperiment } from '../../lib/experiment/experiment.ts';
import { compareExperiment } from '../../lib/experiment/experiment-comparison.ts';
import {
  type ExperimentRun,
  experimentFrame,
  experimentRows,
  experimentRuns,
} from '../../lib/experiment/experiment-runs.ts';
import { experimentNamed, experiments } from '../../lib/experiment/experiments/index.ts';
import { plannedIdentity, recordedIdentity } from '../../lib/experiment/identity.ts';
import { NETWORKS, networkFile } from '../../lib/experiment/network-files.ts';
import type { HeaderLine } from '../../lib/experiment/record.ts';
import { indexRecords } from '../../lib/experiment/record-index.ts';
import { runHere } from '../../lib/experiment/run-here.ts';
import { expertCard, keyedRun, readingKey, runKey } from '../../lib/experiment/run-key.ts';
import { imitate, type RunSpec } from '../../lib/experiment/run-spec.ts';
import { costs, planSweep } from '../../lib/experiment/sweep-plan.ts';
import { discriminatorFromText } from '../../lib/models/discriminator-file.ts';
import { policyFromText } from '../../lib/models/policy-file.ts';
import { summarize } from '../../lib/stats/run-summary.ts';
import { tiny } from '../agents/mail-small.ts';

const base = imitate('mail', 'CartPole-v1', { config: { discriminatorHidden: [200, 100] } });
const bc = imitate('bc', 'CartPole-v1');
const example: Experiment = {
  name: 'example',
  question: 'Does it?',
  measured: 'return',
  parts: [
    {
      labels: { method: 'MAIL' },
      base,
      factors: {
        size: [0.5, 2].map((label) => ({
          label,
          set: { discriminatorScale: label, discriminatorHidden: undefined },
        })),
        pairs: [1, 4].map((label) => ({ label, set: { trajectories: label } })),
      },
      quick: { seeds: [7], config: { totalSteps: 3000 }, levels: { pairs: [4] } },
      full: { seeds: [7, 8] },
    },
    { labels: { method: 'MAIL again' }, base, full: { seeds: [7, 8] } },
    { labels: { method: 'BC' }, base: bc, full: { seeds: [7] } },
  ],
};

describe('an experiment', () => {
  test('is every combination of levels for every seed', () => {
    const runs = expandExperiment(example, 'full');
    assert.deepEqual(
      runs.slice(0, 5).map(({ labels, spec }) => [labels, spec.trajectories, spec.seed]),
      [
        [{ method: 'MAIL', size: 0.5, pairs: 1 }, 1, 7],
        [{ method: 'MAIL', size: 0.5, pairs: 1 }, 1, 8],
        [{ method: 'MAIL', size: 0.5, pairs: 4 }, 4, 7],
        [{ method: 'MAIL', size: 0.5, pairs: 4 }, 4, 8],
        [{ method: 'MAIL', size: 2, pairs: 1 }, 1, 7],
      ],
    );
    assert.equal(runs.length, 2 * 2 * 2 + 2 + 1);
    const { discriminatorHidden, ...rest } = base.config as Record<string, unknown>;
    assert.deepEqual(runs[0]!.spec.config, { ...rest, discriminatorScale: 0.5 });
  });

  test('runs at a profile what its budgets name, and nothing of a part without one', () => {
    const runs = expandExperiment(example, 'quick');
    assert.deepEqual(
      runs.map(({ labels }) => labels),
      [0.5, 2].map((size) => ({ method: 'MAIL', size, pairs: 4 })),
    );
    assert.ok(runs.every(({ spec }) => 'totalSteps' in spec.config && spec.config.totalSteps === 3000));
  });

  test('with a wrong setting, factor or level is refused with its name', () => {
    const [part] = example.parts as [Experiment['parts'][number]];
    const refused = (change: Partial<typeof part>, message: RegExp) =>
      assert.throws(
        () => expandExperiment({ ...example, parts: [{ ...part, ...change }] }, 'quick'),
        (error: Error) => error.message.startsWith('Cannot expand example') && message.test(error.message),
      );
    refused({ quick: { seeds: [1], config: { hidden: [3] } } }, /hidden: there is no such setting/);
    refused({ quick: { seeds: [] } }, /there are no seeds/);
    refused({ quick: { seeds: [1, -1] } }, /there is a seed -1/);
    refused({ quick: { seeds: [1], levels: { width: [1] } } }, /there is no factor width/);
    refused({ quick: { seeds: [1], levels: { size: [3] } } }, /size has no level 3: there are 0.5, 2/);
    assert.throws(
      () => expertCard('Hoper-v5'),
      /no demonstrations of Hoper-v5: there are .*hopper-v5-expert/,
    );
    assert.throws(() => experimentNamed('d-shape'), /no experiment d-shape: there are .*d-size/);
  });

  test('makes a run once that stands for several of its conditions, the first seed of each condition first', async () => {
    const { runs, missing } = await planSweep([example], { profile: 'full', index: indexRecords() });
    // The base's discriminator is twice the policy's: the second part is runs of the first.
    assert.equal(runs.length, 2 * 2 * 2 + 1);
    assert.deepEqual(missing, runs);
    assert.deepEqual(
      runs.map(({ spec }) => spec.seed),
      [7, 7, 7, 7, 7, 8, 8, 8, 8],
    );
    const [first] = example.parts as [Experiment['parts'][number], ...Experiment['parts']];
    const networks = { ...example, parts: [...example.parts, { ...first, networks: true }] };
    const asked = await planSweep([networks], { profile: 'full', index: indexRecords() });
    assert.deepEqual(
      asked.runs.map(({ spec, networks }) => [spec.algorithm, networks]),
      asked.runs.map(({ spec }) => [spec.algorithm, spec.algorithm === 'mail']),
      'networks are left where one condition asks for them',
    );
    const eights = await planSweep([example], { profile: 'full', seeds: [8], index: indexRecords() });
    assert.equal(eights.runs.length, 4);
  });

  for (const experiment of experiments)
    test(`that is committed can be expanded, each condition with labels of its own: ${experiment.name}`, () => {
      for (const profile of ['quick', 'full'] as const) {
        const names = expandExperiment(experiment, profile).map(({ labels, spec }) =>
          JSON.stringify([labels, spec.seed]),
        );
        assert.equal(new Set(names).size, names.length);
      }
    });
});

describe('a recorded run', () => {
  const out = mkdtempSync(join(tmpdir(), 'mail-lab-runs-'));
  const kept = process.env.MAIL_LAB_OUT;
  after(() => {
    if (kept === undefined) delete process.env.MAIL_LAB_OUT;
    else process.env.MAIL_LAB_OUT = kept;
    rmSync(out, { recursive: true });
  });
  const little = { evalEpisodes: 1 };
  const specs: RunSpec[] = [
    imitate('mail', 'CartPole-v1', {
      config: { ...tiny, discriminatorHidden: undefined, discriminatorScale: 0.5 },
    }),
    imitate('mail', 'CartPole-v1', { config: { ...tiny, policyDropout: 0.1 } }),
    imitate('gail', 'CartPole-v1', { config: { ...little, totalSteps: 128, batchSteps: 128 } }),
    imitate('bc', 'CartPole-v1', { every: 1, config: { ...little, hidden: [4], epochs: 3 } }),
    imitate('expert', 'CartPole-v1', { config: little }),
    imitate('random', 'CartPole-v1', { config: little }),
  ].map((spec) => ({ ...spec, seed: 3 }));
  let runs: ExperimentRun[];
  before(async () => {
    process.env.MAIL_LAB_OUT = out;
    runs = await runHere(specs.map((spec) => ({ labels: { method: spec.algorithm }, spec })));
  });
  const headerOf = ({ lines }: ExperimentRun) => lines![0] as HeaderLine;

  test('has the key and the place that its plan said', async () => {
    assert.equal(runs.length, specs.length);
    for (const [i, run] of runs.entries()) {
      const { key, place } = await keyedRun(specs[i]!);
      assert.equal(runKey(recordedIdentity(headerOf(run))!), key, specs[i]!.algorithm);
      assert.equal(run.path, join(out, 'records', place));
    }
  });

  test('is another run if anything is different that its bytes depend on, and the same on paper if the engine is', () => {
    const [run] = runs as [ExperimentRun];
    const header = headerOf(run);
    const { versions, config, demos } = header;
    const backend = versions.backend === 'wasm' ? 'tensorflow' : 'wasm';
    const keyOf = (change: Partial<HeaderLine>) => runKey(recordedIdentity({ ...header, ...change })!);
    const others: Partial<HeaderLine>[] = [
      { seed: 4 },
      { env: 'Acrobot-v1' },
      { config: { ...config, horizon: 4 } },
      { demos: { ...demos, trajectories: 5 } },
      { demos: { ...demos, sha256: '0' } },
      { versions: { ...versions, algorithm: '0' } },
      { versions: { ...versions, updates: 'tfjs' } },
      { versions: { ...versions, backend } },
    ];
    const keys = [{}, ...others].map(keyOf);
    assert.equal(new Set(keys).size, keys.length);
    const elsewhere = { ...header, versions: { ...versions, backend, chosen: 'asked for' } };
    assert.equal(readingKey(recordedIdentity(elsewhere)!), run.key);
    const { gamma, ...before } = config;
    assert.equal(keyOf({ config: before }), keyOf({}), 'a record from before a setting was there');
    assert.equal(recordedIdentity({ ...header, config: { ...config, gone: 1 } }), undefined);
  });

  test('of a reference does not depend on how many demonstrations others get', () => {
    const key = (spec: RunSpec, sha256 = 'a') => runKey(plannedIdentity(spec, sha256));
    const [expert, random] = specs.slice(-2) as [RunSpec, RunSpec];
    assert.equal(key(expert), key({ ...expert, trajectories: 1 }));
    assert.notEqual(key(expert), key(expert, 'b'));
    assert.equal(key(random), key(random, 'b'));
  });

  test('is found wherever it lies, as a row with its labels', async () => {
    const found = experimentRuns(
      {
        ...example,
        parts: runs.map(({ labels, spec }) => ({ labels, base: spec, full: { seeds: [3, 99] } })),
      },
      'full',
      [join(out, 'records')],
    );
    assert.deepEqual(
      found.map(({ lines }) => lines !== undefined),
      runs.flatMap(() => [true, false]),
    );
    const rows = experimentRows(found);
    assert.deepEqual(
      rows.map(({ method, algorithm, seed }) => [method, algorithm, seed]),
      specs.map(({ algorithm }) => [algorithm, algorithm, 3]),
    );
    assert.equal(rows.find(({ method }) => method === 'expert')?.lastThree, 500);
    const frame = await experimentFrame(found);
    assert.deepEqual(frame.shape, [rows.length, Object.keys(rows[0]!).length]);
    assert.deepEqual(
      frame.column('lastThree').values,
      rows.map(({ lastThree }) => lastThree),
    );
    const compared = compareExperiment(found);
    // Two runs of MAIL have the same label: they are one condition.
    assert.deepEqual(
      compared.map(({ labels, row }) => [labels.method, row.seeds]),
      [
        ['mail', 2],
        ['gail', 1],
        ['bc', 1],
        ['expert', 1],
        ['random', 1],
      ],
    );
    const expert = compared.find(({ labels }) => labels.method === 'expert')!;
    assert.deepEqual([expert.env, expert.row.return, expert.row.score], ['CartPole-v1', 500, 1]);
    assert.deepEqual(expert.summaries, [
      summarize(found.find(({ labels }) => labels.method === 'expert')!.lines!, 450),
    ]);
  });

  test('has beside it the policy that it learnt, and the discriminator where there is one', () => {
    const beside = runs.map(({ path }) => NETWORKS.filter((name) => existsSync(networkFile(path!, name))));
    const adversarial = ['policy', 'discriminator'];
    assert.deepEqual(beside, [adversarial, adversarial, adversarial, ['policy'], [], []]);
    for (const { path } of runs.slice(0, 3)) {
      const [policy, discriminator] = NETWORKS.map((name) => networkFile(path!, name)) as [string, string];
      const { obsNorm } = policyFromText(readFileSync(policy, 'utf8'), policy);
      const { spec } = discriminatorFromText(readFileSync(discriminator, 'utf8'), discriminator);
      assert.equal(spec.sizes[0], obsNorm.mean_D.length + 2, 'observation and one-hot action');
    }
  });

  test('says what a run like it costs', async () => {
    const cost = costs(indexRecords(join(out, 'records')));
    assert.ok(cost(await keyedRun(specs[0]!))! > 0);
    assert.equal(cost(await keyedRun({ ...specs[0]!, env: 'Hopper-v5' })), undefined);
  });

  test('of another checkout is adopted once, under the name that it has here', async () => {
    const [other, here] = [join(out, 'other'), join(out, 'here')];
    const [run] = runs as [ExperimentRun];
    const text = readFileSync(run.path!, 'utf8');
    const elsewhere = join(other, 'mail', 'cartpole-small', 'seed-3.jsonl');
    writeFileAtomic(elsewhere, text);
    const networks = ['policy', 'discriminator'];
    for (const network of networks)
      writeFileAtomic(elsewhere.replace('.jsonl', `.${network}.json`), `"${network}"`);
    const ofOldSettings = join(dirname(elsewhere), 'seed-4.jsonl');
    writeFileAtomic(ofOldSettings, text.replace('"gamma"', '"discount"'));
    const target = join(here, (await keyedRun(specs[0]!)).place);
    assert.deepEqual(adoptRecords(other, here), { adopted: [target], left: [ofOldSettings] });
    assert.equal(readFileSync(target, 'utf8'), text);
    for (const network of networks)
      assert.equal(readFileSync(target.replace('.jsonl', `.${network}.json`), 'utf8'), `"${network}"`);
    assert.deepEqual(adoptRecords(other, here).adopted, []);
    const bare = join(out, 'bare');
    const [record] = adoptRecords(other, bare, { networks: ({ seed }) => seed !== 3 }).adopted;
    assert.deepEqual(readdirSync(dirname(record!)), ['seed-3.jsonl'], 'networks were not asked for');
  });

  test('is run again here, or read if that is asked for; aborted, it is not there and goes on the next time', async () => {
    const planned = [{ labels: {}, spec: specs[3]! }];
    let heard = 0;
    const listening = { onEvent: () => void heard++ };
    const [read] = await runHere(planned, { ...listening, reuse: true });
    assert.equal(heard, 0);
    assert.deepEqual(read!.lines, runs[3]!.lines);
    await runHere(planned, listening);
    assert.ok(heard > 0);
    const stop = new AbortController();
    const fresh = [{ labels: {}, spec: { ...specs[0]!, seed: 5 } }];
    const onEvent = () => stop.abort();
    const descriptors = () => (existsSync('/proc/self/fd') ? readdirSync('/proc/self/fd').length : 0);
    const open = descriptors();
    for (let i = 0; i < 3; i++) assert.deepEqual(await runHere(fresh, { signal: stop.signal, onEvent }), []);
    assert.equal(descriptors(), open);
    const [whole] = await runHere(fresh);
    assert.equal(whole!.lines!.at(-1)?.kind, 'end');
  });
});
