// Policy files of GAIL's authors. Fixtures in their layout: test/data/make_fixtures.py, which computes in numpy.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { readGailSnapshot } from '../../lib/agents/gail-snapshot.ts';
import { stream } from '../../lib/backend/rng.ts';
import { addArray, type Group, writeHdf5 } from '../../lib/data/hdf5.ts';
import { actor } from '../../lib/models/policy.ts';
import { policyFromText, policyToText } from '../../lib/models/policy-file.ts';
import { standardizeRow } from '../../lib/models/standardizer.ts';
import { rowFunction } from '../../lib/nn/mlp.ts';
import { bearsDamage } from '../data/damage.ts';

const folder = new URL('../data/fixtures/', import.meta.url);
const bytesOf = (name: string) => new Uint8Array(readFileSync(new URL(`${name}.h5`, folder)));
const expectedOf = (name: string) =>
  JSON.parse(readFileSync(new URL(`${name}.json`, folder), 'utf8')) as {
    obs: number[][];
    out: number[][];
    logStd: number[] | null;
  };
const near = (a: ArrayLike<number>, b: ArrayLike<number>, what: string) => {
  assert.equal(a.length, b.length);
  for (let i = 0; i < a.length; i++)
    assert.ok(
      Math.abs(a[i]! - b[i]!) <= 2e-5 * (1 + Math.abs(b[i]!)),
      `${what}, entry ${i}: ${a[i]} and ${b[i]}`,
    );
};

test('a Gaussian policy of leaky ReLU layers acts as numpy computes, and so does its file in our format', async () => {
  const { policy, ...about } = await readGailSnapshot(bytesOf('gail-lrelu'));
  assert.deepEqual(about, { env: 'Somewhere-v0', iteration: 20, iterations: [0, 20] });
  assert.ok(policy.kind === 'gaussian');
  const { obs, out, logStd } = expectedOf('gail-lrelu');
  near(policy.logStd_A, logStd!, 'log std');
  for (const kept of [policy, policyFromText(policyToText(policy), 'policy.json')])
    for (const [i, row] of obs.entries()) near(actor(kept)(row) as Float64Array, out[i]!, `action ${i}`);
  assert.notDeepEqual(actor(policy)(obs[0]!, stream(1)), actor(policy)(obs[0]!)); // sampled actions have noise
});

test('a categorical policy of tanh layers has the logits that numpy computes, and takes the largest', async () => {
  const { policy } = await readGailSnapshot(bytesOf('gail-tanh'));
  assert.equal(policy.kind, 'categorical');
  const { obs, out } = expectedOf('gail-tanh');
  for (const [i, row] of obs.entries()) {
    near(
      rowFunction(policy)(standardizeRow(policy.obsNorm, row, new Float64Array(5))),
      out[i]!,
      `logits ${i}`,
    );
    assert.equal(actor(policy)(row), out[i]!.indexOf(Math.max(...out[i]!)));
  }
});

test('a snapshot is chosen by its iteration, and one that is not there is an error', async () => {
  const [first, last] = [
    await readGailSnapshot(bytesOf('gail-tanh'), { iteration: 0 }),
    await readGailSnapshot(bytesOf('gail-tanh')),
  ];
  assert.equal(first.iteration, 0);
  assert.notDeepEqual(first.policy.params_P, last.policy.params_P);
  await assert.rejects(
    readGailSnapshot(bytesOf('gail-tanh'), { iteration: 10, name: 'x.h5' }),
    /Cannot read x.h5, snapshots: there is no snapshot of iteration 10; found 0, 20/,
  );
});

/** A policy file of one tanh layer, 2-3-1, with parts changed or, where null, left out. */
function made(changes: { args?: string | null; W?: [number, number]; value?: number; mean?: number[] } = {}) {
  const spec = [
    { type: 'fc', n: 3 },
    { type: 'nonlin', func: 'tanh' },
  ];
  const { args = JSON.stringify({ env_name: 'X-v0', policy_hidden_spec: JSON.stringify(spec) }) } = changes;
  const { W = [2, 3], value = 0, mean = [1, 2] } = changes;
  return writeHdf5((root) => {
    if (args !== null) root.create_attribute('args', args);
    const policy = root.create_group('snapshots').create_group('iter0000007').create_group('GaussianPolicy');
    const array = (group: Group, name: string, shape: number[]) =>
      addArray(group, { name, data: new Float64Array(shape[0]! * shape[1]!).fill(value), shape });
    const layer = (group: Group, inputs: number, outputs: number) => {
      const affine = group.create_group('AffineLayer');
      array(affine, 'W', [inputs, outputs]);
      array(affine, 'b', [1, outputs]);
    };
    layer(policy.create_group('hidden').create_group('FeedforwardNet').create_group('layer_0'), ...W);
    layer(policy.create_group('out'), 3, 1);
    const norm = policy.create_group('obsnorm').create_group('Standardizer');
    array(norm, 'mean_1_D', mean);
    array(norm, 'meansq_1_D', [1, 2]);
    array(policy, 'logstdevs_1_Da', [1, 1]);
  });
}

const spec = (...layers: unknown[]) =>
  JSON.stringify({ env_name: 'X-v0', policy_hidden_spec: JSON.stringify(layers) });
const fc = { type: 'fc', n: 3 };
const wrong: [string, Parameters<typeof made>[0], RegExp][] = [
  ['no args', { args: null }, /args: the attribute is missing/],
  ['args that are no JSON', { args: '{' }, /args: not JSON/],
  ['args without layers', { args: '{"env_name": "X-v0"}' }, /args: .*policy_hidden_spec/s],
  ['a layer that nobody knows', { args: spec(fc, { type: 'nonlin', func: 'elu' }) }, /args: /],
  [
    'layers in another order',
    { args: spec({ type: 'nonlin', func: 'tanh' }, fc) },
    /hidden layer 0 is "nonlin"/,
  ],
  ['no hidden layer', { args: spec() }, /expected hidden layers that all end in one function, found none/],
  [
    'a layer too many',
    { args: spec(fc, { type: 'nonlin', func: 'tanh' }, fc, { type: 'nonlin', func: 'tanh' }) },
    /layer_2: missing; found layer_0/,
  ],
  [
    'weights of another shape',
    { W: [2, 4] },
    /layer_0\/AffineLayer\/W: has shape \[2, 4\], expected \[any, 3\]/,
  ],
  ['a NaN weight', { value: Number.NaN }, /layer_0\/AffineLayer\/W: entry 0 is NaN/],
  ['statistics of another width', { mean: [1, 3] }, /mean_1_D: has shape \[1, 3\], expected \[1, 2\]/],
];
for (const [what, changes, message] of wrong)
  test(`${what} is an error that names file and field`, async () => {
    await readGailSnapshot(await made());
    await assert.rejects(readGailSnapshot(await made(changes), { name: 'x.h5' }), (error) => {
      assert.equal((error as Error).name, 'FormatError', String(error));
      assert.match(String(error), /Cannot read x.h5, /);
      assert.match(String(error), message);
      return true;
    });
  });

test('a damaged policy file gives a policy or an error that names the file, and never a crash', async () => {
  await bearsDamage(bytesOf('gail-lrelu'), (bytes) => readGailSnapshot(bytes), { step: 97 });
});
