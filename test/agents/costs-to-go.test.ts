import { describe, test } from 'node:test';
import { costsToGo } from '../../lib/agents/mail-critic.ts';
import { normals, permutation, stream } from '../../lib/backend/rng.ts';
import { assertClose } from '../nn/closeness.ts';

const gamma = 0.9;

describe('the costs to go of an imagined rollout', () => {
  test('are 1 - gamma times the discounted sum of what followed, and the rest by the critic', () => {
    // One row: costs 1, 2, 3, then an end of which the critic says 5.
    const toGo = costsToGo({
      cost_TB: Float32Array.of(1, 2, 3),
      end_B: Float32Array.of(5),
      rowOrder_TB: new Int32Array(0),
      gamma,
    });
    const sum = (from: number) => {
      let total = 0;
      for (let t = from; t < 3; t++) total += gamma ** (t - from) * (t + 1);
      return (1 - gamma) * total + gamma ** (3 - from) * 5;
    };
    assertClose(toGo, [sum(0), sum(1), sum(2)], { within: 1e-6 });
  });

  test('follow every row through the shuffles of the ensemble', () => {
    const [T, B] = [4, 6];
    const rng = stream(1, 'costs-to-go');
    const [cost_TB, end_B] = [normals(rng, T * B), normals(rng, B)];
    const orders = Array.from({ length: T }, () => permutation(rng, B));
    const rowOrder_TB = Int32Array.from(orders.flatMap((order) => [...order]));
    const expected = Array.from({ length: T * B }, (_, n) => {
      let place = n % B;
      let total = 0;
      let weight = 1 - gamma;
      for (let t = Math.floor(n / B); t < T; t++) {
        total += weight * cost_TB[t * B + place]!;
        weight *= gamma;
        place = orders[t]!.indexOf(place); // Row j of the next step was row orders[t][j] of this one.
      }
      return total + (weight / (1 - gamma)) * end_B[place]!;
    });
    assertClose(costsToGo({ cost_TB, end_B, rowOrder_TB, gamma }), expected, { within: 1e-5 });
  });

  test('of a constant cost are that cost everywhere, if the critic says so of the end', () => {
    const toGo = costsToGo({
      cost_TB: new Float32Array(12).fill(0.5),
      end_B: new Float32Array(4).fill(0.5),
      rowOrder_TB: new Int32Array(0),
      gamma,
    });
    assertClose(toGo, new Float32Array(12).fill(0.5), { within: 1e-6 });
  });
});
