import assert from 'node:assert/strict';
import { before, describe, test } from 'node:test';
import { startEngine, tf } from '../../lib/backend/engine.ts';
import { normals, stream } from '../../lib/backend/rng.ts';
import { type AdamOptions, adamStep, initAdam } from '../../lib/nn/adam.ts';
import { assertClose } from './closeness.ts';

const start = [1, -2, 0.5];
const gradients = [
  [0.1, -4, 0],
  [0.3, 1, -0.02],
  [-0.2, 0, 5],
];

// Algorithm 1 of Kingma and Ba 2015 in NumPy, float64, rounded to nine places.
const recorded: [string, AdamOptions, number[][]][] = [
  [
    'default betas',
    { rate: 0.01 },
    [
      [0.990000001, -1.99, 0.5],
      [0.98082219, -1.985305318, 0.507441363],
      [0.978243152, -1.981676316, 0.501076275],
    ],
  ],
  [
    'betas 0.5 and 0.9, epsilon 1e-3',
    { rate: 0.01, beta1: 0.5, beta2: 0.9, epsilon: 1e-3 },
    [
      [0.99009901, -1.990002499, 0.5],
      [0.979921593, -1.987661654, 0.508596868],
      [0.980573129, -1.98639883, 0.499211937],
    ],
  ],
];

describe('adamStep', () => {
  before(() => startEngine());

  test('moves every parameter by the rate against the sign of its first gradient, whatever the size', () => {
    const params_P = Float32Array.of(0, 0, 0, 0);
    adamStep(params_P, [1e-3, -1e-3, 1e4, 0], initAdam(4), { rate: 0.1 });
    assertClose(params_P, [-0.1, 0.1, -0.1, 0], { within: 1e-5 });
  });

  test('takes the second step that a hand calculation gives', () => {
    // Gradients 1 then 0: m = 0.9 x 0.1 over 1 - 0.9^2, v = 0.999 x 0.001 over 1 - 0.999^2.
    const params_P = Float32Array.of(0);
    const adam = initAdam(1);
    adamStep(params_P, [1], adam, { rate: 1 });
    adamStep(params_P, [0], adam, { rate: 1 });
    const second = 0.09 / (1 - 0.81) / Math.sqrt(0.000999 / (1 - 0.999 ** 2));
    assertClose(params_P, [-1 - second], { within: 1e-5 });
    assert.equal(adam.count, 2);
    assertClose(adam.mean_P, [0.09], { within: 1e-7 });
    assertClose(adam.square_P, [0.000999], { within: 1e-9 });
  });

  for (const [name, options, expected] of recorded)
    test(`follows the recorded steps of the paper's algorithm: ${name}`, () => {
      const params_P = Float32Array.from(start);
      const adam = initAdam(3);
      gradients.forEach((gradient_P, t) => {
        adamStep(params_P, gradient_P, adam, options);
        assertClose(params_P, expected[t]!, { within: 5e-7, what: `step ${t + 1}, entry` });
      });
    });

  test("goes the same way as TensorFlow.js's own Adam over 30 steps", () => {
    const rng = stream(1, 'adam');
    const params_P = normals(rng, 10);
    const adam = initAdam(10);
    const variable = tf.variable(tf.tensor1d(params_P.slice())); // the native engine reads the array later
    const other = tf.train.adam(0.02, 0.8, 0.95, 1e-6);
    for (let t = 0; t < 30; t++) {
      const gradient_P = normals(rng, 10);
      adamStep(params_P, gradient_P, adam, { rate: 0.02, beta1: 0.8, beta2: 0.95, epsilon: 1e-6 });
      tf.tidy(() => other.applyGradients([{ name: variable.name, tensor: tf.tensor1d(gradient_P) }]));
    }
    assertClose(params_P, variable.dataSync(), { within: 1e-4 });
    variable.dispose();
    other.dispose();
  });

  test('goes on from a stored state as if it had not stopped', () => {
    const rng = stream(2, 'adam');
    const straight = { params_P: normals(rng, 5), adam: initAdam(5) };
    const steps = Array.from({ length: 6 }, () => normals(rng, 5));
    let resumed = structuredClone(straight);
    steps.forEach((gradient_P, t) => {
      adamStep(straight.params_P, gradient_P, straight.adam, { rate: 0.1 });
      if (t === 3) resumed = structuredClone(resumed);
      adamStep(resumed.params_P, gradient_P, resumed.adam, { rate: 0.1 });
    });
    assert.deepEqual(resumed, straight);
  });

  for (const bad of [Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY])
    test(`refuses a gradient that holds ${bad}, names its entry and changes nothing`, () => {
      const params_P = Float32Array.from(start);
      const adam = initAdam(3);
      adamStep(params_P, gradients[0]!, adam, { rate: 0.01 });
      const untouched = structuredClone({ params_P, adam });
      assert.throws(() => adamStep(params_P, [1, 1, bad], adam, { rate: 0.01 }), {
        message: `Cannot take an optimiser step: gradient entry 2 is ${bad}`,
      });
      assert.deepEqual({ params_P, adam }, untouched);
    });

  test('refuses arrays of different lengths and changes nothing', () => {
    const params_P = Float32Array.from(start);
    for (const [gradient, size] of [
      [[1, 1], 3],
      [[1, 1, 1, 1], 3],
      [[1, 1, 1], 2],
    ] as const)
      assert.throws(() => adamStep(params_P, gradient, initAdam(size), { rate: 0.01 }), {
        name: 'RangeError',
        message: `Cannot take an optimiser step: 3 parameters, ${gradient.length} gradient entries, a state for ${size}`,
      });
    assert.deepEqual([...params_P], start);
  });
});
