import assert from 'node:assert/strict';
import { after, describe, test } from 'node:test';
import {
  type BackendName,
  engineFacts,
  matMulTransposedLeft,
  reluMask,
  scope,
  startEngine,
  tanh,
  tf,
} from '../../lib/backend/engine.ts';
import { loadNative } from '../../lib/backend/native.ts';
import { normals, stream } from '../../lib/backend/rng.ts';

const missing = await loadNative();
const backends: readonly BackendName[] = missing ? ['wasm'] : ['wasm', 'tensorflow'];

// Runs first, and in a process of its own: node:test starts one for every file.
test('the engine has no facts before it is started', () => {
  assert.throws(() => engineFacts(), /The tensor engine has not been started: await startEngine\(\) first/);
});

describe('choosing a backend', () => {
  const asked = process.env.MAIL_LAB_BACKEND;
  after(() => {
    if (asked === undefined) delete process.env.MAIL_LAB_BACKEND;
    else process.env.MAIL_LAB_BACKEND = asked;
  });

  for (const backend of backends)
    test(`${backend}, asked for by argument or by environment, runs and is reported`, async () => {
      process.env.MAIL_LAB_BACKEND = backend;
      for (const facts of [await startEngine('small-batches', backend), await startEngine('large-batches')]) {
        assert.deepEqual(facts, engineFacts());
        assert.equal(facts.backend, backend);
        assert.equal(tf.getBackend(), backend);
        assert.equal(facts.reason, 'asked for');
        assert.equal(facts.version, tf.version_core);
        assert.ok(facts.threads >= 1);
      }
    });

  test('auto takes the one that suits the run, or says why not', async () => {
    delete process.env.MAIL_LAB_BACKEND;
    const small = await startEngine('small-batches');
    assert.equal(small.backend, 'wasm');
    assert.match(small.reason, /measured to be faster for small-batches/);
    const large = await startEngine('large-batches');
    assert.equal(large.backend, missing ? 'wasm' : 'tensorflow');
    assert.match(
      large.reason,
      missing ? /the native engine is missing/ : /measured to be faster for large-batches/,
    );
  });

  test('another name is refused and leaves the running backend alone', async () => {
    await startEngine('small-batches', 'wasm');
    await assert.rejects(startEngine('small-batches', 'cuda'), {
      message: 'Cannot start the backend "cuda": MAIL_LAB_BACKEND takes tensorflow, wasm or auto',
    });
    assert.equal(engineFacts().backend, 'wasm');
    assert.equal(tf.getBackend(), 'wasm');
  });
});

for (const backend of backends)
  describe(`operations on ${backend}`, () => {
    test('scope frees all tensors but those it returns, also when it throws', async () => {
      await startEngine('small-batches', backend);
      const before = tf.memory().numTensors;
      const kept = scope(() => {
        const square = tf.square(tf.tensor1d([1, 2, 3]));
        return { sum: tf.sum(square), note: 'plain values pass through' };
      });
      assert.equal(kept.sum.dataSync()[0], 14);
      assert.equal(kept.note, 'plain values pass through');
      assert.equal(tf.memory().numTensors, before + 1);
      kept.sum.dispose();
      assert.throws(
        () =>
          scope(() => {
            tf.tensor1d([1, 2]);
            throw new Error('in the middle');
          }),
        /in the middle/,
      );
      assert.equal(tf.memory().numTensors, before);
    });

    test('reluMask is 1 where a ReLU passed and 0 where it did not, zero included', async () => {
      await startEngine('small-batches', backend);
      const mask = scope(() => [...reluMask(tf.relu(tf.tensor1d([-2, -1e-6, -0, 0, 1e-6, 3]))).dataSync()]);
      assert.deepEqual(mask, [0, 0, 0, 0, 1, 1]);
    });

    test('tanh equals Math.tanh to 3e-7, far out as well', async () => {
      await startEngine('small-batches', backend);
      const x = [-1e4, -90, -20, -3, -0.5, -1e-3, 0, 1e-3, 0.5, 3, 20, 90, 1e4];
      const y = scope(() => [...tanh(tf.tensor1d(x)).dataSync()]);
      y.forEach((value, i) => {
        assert.ok(Math.abs(value - Math.tanh(Math.fround(x[i]!))) < 3e-7, `tanh ${x[i]} is ${value}`);
      });
    });

    test('matMulTransposedLeft is the sum over rows of outer products', async () => {
      await startEngine('small-batches', backend);
      const [B, I, O] = [5, 3, 4];
      const rng = stream(1, 'matmul');
      const x_BI = normals(rng, B * I);
      const y_BO = normals(rng, B * O);
      const product = scope(() => {
        const out_IO = matMulTransposedLeft(tf.tensor2d(x_BI, [B, I]), tf.tensor2d(y_BO, [B, O]));
        assert.deepEqual(out_IO.shape, [I, O]);
        return out_IO.dataSync();
      });
      for (let i = 0; i < I; i++)
        for (let o = 0; o < O; o++) {
          let sum = 0;
          for (let b = 0; b < B; b++) sum += x_BI[b * I + i]! * y_BO[b * O + o]!;
          assert.ok(Math.abs(product[i * O + o]! - sum) < 1e-5, `entry ${i}, ${o}`);
        }
    });
  });
