import assert from 'node:assert/strict';
import { before, describe, test } from 'node:test';
import fc from 'fast-check';
import { normals, stream } from '../../lib/backend/rng.ts';
import { adamStep, initAdam } from '../../lib/nn/adam.ts';
import { loadSimd, type MailEngine, type SimdExports, simdEngine } from '../../lib/simd/engine.ts';
import { assertClose } from '../nn/closeness.ts';

let wasm: SimdExports;
let engine: MailEngine;
before(async () => {
  wasm = await loadSimd();
  engine = await simdEngine();
});

/** Copies numbers into the module's memory. */
function put(values: ArrayLike<number>): number {
  const at = wasm.alloc(values.length);
  view(at, values.length).set(values);
  return at;
}

function view(at: number, n: number): Float32Array {
  return new Float32Array(wasm.memory.buffer, at, n);
}

describe('the elementary functions of the SIMD engine', () => {
  /** All of [-95, 95] finely, the neighbourhood of 0, and where tanh changes its formula. */
  const points = Float32Array.from([
    ...Array.from({ length: 40_000 }, (_, i) => -95 + (190 * i) / 39_999),
    ...Array.from({ length: 4000 }, (_, i) => -2 + i / 1000),
    ...Array.from({ length: 60 }, (_, i) => 2 ** -i).flatMap((x) => [x, -x]),
    0,
    0.625,
    -0.625,
    1e30,
    -1e30,
  ]);
  const padded = Math.ceil(points.length / 4) * 4;

  function computed(which: number, x = points): Float32Array {
    wasm.reset();
    const at = wasm.alloc(padded);
    view(at, x.length).set(x);
    wasm.applyFunction(which, at, padded);
    return view(at, x.length).slice();
  }

  const bounded = (x: number) => Math.max(-87.3, Math.min(88.3, x));
  const functions: [string, (x: number) => number][] = [
    ['exp', (x) => Math.exp(Math.fround(bounded(x)))],
    ['sigmoid', (x) => 1 / (1 + Math.exp(-x))],
    ['tanh', Math.tanh],
    ['softplus', (x) => Math.max(x, 0) + Math.log1p(Math.exp(-Math.abs(x)))],
  ];
  for (const [which, [name, exact]] of functions.entries())
    test(`${name} is exact to 3e-7 of its value`, () => {
      const values = computed(which);
      points.forEach((x, i) => {
        const expected = exact(x);
        // Where the result is below the smallest ordinary float32, the bound on exp's argument shows: 2e-38 at most.
        const error = Math.abs(values[i]! - expected);
        assert.ok(
          error <= 3e-7 * Math.abs(expected) + 2e-38,
          `${name}(${x}) is ${values[i]}, not ${expected}`,
        );
      });
    });

  test('hand on what is not a number, so that a diverged run is noticed', () => {
    for (const [which, [name]] of functions.entries())
      assert.ok(computed(which, Float32Array.of(Number.NaN, 1)).subarray(0, 1).every(Number.isNaN), name);
  });
});

describe('the matrix product of the SIMD engine', () => {
  const sizes = fc.record({
    rows: fc.integer({ min: 1, max: 23 }),
    panels: fc.integer({ min: 1, max: 4 }),
    inner: fc.integer({ min: 1, max: 40 }),
    transposed: fc.boolean(),
    accumulate: fc.boolean(),
    seed: fc.nat(1000),
  });

  test('equals the sum of products, for any sizes, A transposed or not, onto a bias or onto what is there', () => {
    fc.assert(
      fc.property(sizes, ({ rows, panels, inner, transposed, accumulate, seed }) => {
        const rng = stream(seed, 'matmul');
        const cols = 8 * panels;
        const room = rows + 3;
        const [a, b, start] = [
          normals(rng, room * inner),
          normals(rng, inner * cols),
          normals(rng, room * cols),
        ];
        wasm.reset();
        const [aAt, bAt, cAt, biasAt] = [put(a), put(b), put(start), put(start.subarray(0, cols))];
        const entry = (i: number, k: number) => (transposed ? a[k * room + i]! : a[i * inner + k]!);
        const [aRow, aCol] = transposed ? [4, 4 * room] : [4 * inner, 4];
        const init = accumulate ? [cAt, 4 * cols] : [biasAt, 0];
        wasm.matmul(aAt, aRow, aCol, bAt, 32, 4 * cols, ...init, cAt, 4 * cols, rows, cols, inner);
        const c = view(cAt, rows * cols);
        for (let i = 0; i < rows; i++)
          for (let j = 0; j < cols; j++) {
            let sum = start[accumulate ? i * cols + j : j]!;
            for (let k = 0; k < inner; k++) sum += entry(i, k) * b[k * cols + j]!;
            assert.ok(Math.abs(c[i * cols + j]! - sum) < 1e-4, `${i}, ${j}: ${c[i * cols + j]} not ${sum}`);
          }
        // With these numbers of rows nothing is written beyond them.
        if (![1, 2, 5].includes(rows))
          assert.deepEqual(
            [...view(cAt + 4 * rows * cols, cols)],
            [...start.subarray(rows * cols, (rows + 1) * cols)],
          );
      }),
      { numRuns: 300 },
    );
  });
});

describe("the SIMD engine's Adam", () => {
  test('takes the steps of lib/nn/adam.ts, over many of them', () => {
    const rng = stream(3, 'adam');
    const P = 1003;
    const options = { rate: 3e-3, beta1: 0.5 };
    const [one, two] = [normals(rng, P), new Float32Array(P)];
    two.set(one);
    const [stateOne, stateTwo] = [initAdam(P), initAdam(P)];
    for (let k = 0; k < 50; k++) {
      const gradient_P = normals(rng, P, 10 ** -(k % 5));
      adamStep(one, gradient_P, stateOne, options);
      engine.adamStep(two, gradient_P, stateTwo, options);
    }
    assertClose(two, one, { within: 2e-6, what: 'parameter' });
    assertClose(stateTwo.mean_P, stateOne.mean_P, { within: 1e-6, what: 'mean' });
    assertClose(stateTwo.square_P, stateOne.square_P, { within: 1e-6, what: 'square' });
    assert.equal(stateTwo.count, 50);
  });

  test('refuses a gradient that is not finite, and changes nothing', () => {
    const params_P = Float32Array.of(1, 2);
    const state = initAdam(2);
    assert.throws(() => engine.adamStep(params_P, Float32Array.of(0, Number.NaN), state, { rate: 1 }), {
      message: 'Cannot take an optimiser step: gradient entry 1 is NaN',
    });
    assert.deepEqual([...params_P], [1, 2]);
    assert.equal(state.count, 0);
  });
});
