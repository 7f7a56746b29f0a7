// A small imitation problem in which nothing is linear and everything is learnt, in plain double arithmetic: a forward model
// fitted to a known system, a discriminator fitted to expert against agent pairs, and a policy with a hidden layer.
//   s' = F s + G tanh(a) + 0.2 sin(s),   expert: a = -2 G's,   agent: the fresh policy,   noise of both: std xi
import { integer, normal, type Rng } from '../backend/rng.ts';
import { adamStep, initAdam } from '../nn/adam.ts';
import { initMlp, type Mlp } from '../nn/mlp.ts';
import type { GradientProblem } from './gradient-samples.ts';
import { randomLinearQuadratic } from './linear-quadratic.ts';
import { networkRow } from './network.ts';
import { addScaled, type DifferentiableSystem } from './recursion.ts';

/** One row of data: input and target. */
type Row = readonly [readonly number[], readonly number[]];

const std = 0.3;

/** The problem, learnt afresh from the stream: model error and discriminator as a short training leaves them. */
export function learnedProblem(
  {
    obsSize: D,
    actSize: A,
    hidden = 12,
  }: { readonly obsSize: number; readonly actSize: number; readonly hidden?: number },
  rng: Rng,
): GradientProblem {
  const { F_DD, G_DA } = randomLinearQuadratic({ obsSize: D, actSize: A, push: 0.5, memory: 0.8 }, rng);
  const policy = initMlp({ sizes: [D, hidden, A], activation: 'tanh' }, rng, { lastGain: 0.3 });
  const mean = networkRow(policy.spec, policy.params_P);
  const expert = (s: readonly number[]) =>
    G_DA[0]!.map((_, a) => -2 * s.reduce((sum, x, d) => sum + G_DA[d]![a]! * x, 0));
  const step = (s: readonly number[], a: readonly number[]) =>
    s.map((x, d) => {
      const moved = F_DD[d]!.reduce((sum, f, e) => sum + f * s[e]!, 0);
      return moved + G_DA[d]!.reduce((sum, g, k) => sum + g * Math.tanh(a[k]!), 0) + 0.2 * Math.sin(x);
    });
  const noisy = (a: ArrayLike<number>) => Array.from(a, (x) => x + std * normal(rng));

  /** Pairs and changes along trajectories of 10 steps, 60 of each kind of actor. */
  const changes: Row[] = [];
  const pairs: Row[] = [];
  for (const [act, label] of [
    [expert, 1],
    [(s: readonly number[]) => mean(s).out_O, -1],
  ] as const)
    for (let n = 0; n < 60; n++) {
      let s = Array.from({ length: D }, () => normal(rng));
      for (let t = 0; t < 10; t++) {
        const a = noisy(act(s));
        const next = step(s, a);
        changes.push([[...s, ...a], next.map((x, d) => x - s[d]!)]);
        pairs.push([[...s, ...a], [label]]);
        s = next;
      }
    }
  const model = initMlp({ sizes: [D + A, hidden, D], activation: 'tanh' }, rng);
  fit(model, changes, { rng, slope: (out, target) => 2 * (out - target) });
  const discriminator = initMlp({ sizes: [D + A, hidden, 1], activation: 'tanh' }, rng);
  // High means expert: loss softplus(-label logit).
  fit(discriminator, pairs, { rng, slope: (logit, label) => -label / (1 + Math.exp(label * logit)) });
  return {
    name: 'learned-networks',
    system: networkSystem({ policy, model, discriminator }),
    theta_P: Float64Array.from(policy.params_P),
  };
}

/** Policy, delta model and discriminator as a system; cost softplus(-logit). */
function networkSystem(nets: {
  readonly policy: Mlp;
  readonly model: Mlp;
  readonly discriminator: Mlp;
}): DifferentiableSystem {
  const D = nets.policy.spec.sizes[0]!;
  const A = nets.policy.spec.sizes.at(-1)!;
  const model = networkRow(nets.model.spec, nets.model.params_P);
  const logit = networkRow(nets.discriminator.spec, nets.discriminator.params_P);
  return {
    obsSize: D,
    actSize: A,
    gamma: 0.99,
    actStd_A: new Float64Array(A).fill(std),
    policy(theta_P) {
      const net = networkRow(nets.policy.spec, theta_P);
      return (s_D, xi_A) => {
        const row = net(s_D);
        return {
          act_A: addScaled(row.out_O, xi_A, std),
          penalty: 0,
          pull(v_A) {
            const byTheta_P = new Float64Array(theta_P.length);
            return { s_D: row.pull(v_A, byTheta_P), theta_P: byTheta_P };
          },
        };
      };
    },
    cost(s_D, a_A) {
      const row = logit([...s_D, ...a_A]);
      const margin = -row.out_O[0]!;
      const v_I = row.pull([-1 / (1 + Math.exp(-margin))]);
      return {
        cost: Math.max(margin, 0) + Math.log1p(Math.exp(-Math.abs(margin))),
        c_s: v_I.subarray(0, D),
        c_a: v_I.subarray(D),
      };
    },
    model(s_D, a_A) {
      const row = model([...s_D, ...a_A]);
      return {
        next_D: addScaled(s_D, row.out_O),
        pull(v_D) {
          const v_I = row.pull(v_D);
          return { s_D: addScaled(v_I.subarray(0, D), v_D), a_A: v_I.subarray(D) };
        },
      };
    },
  };
}

/** Adam on minibatches of 32; `slope` is the loss's derivative by an output entry. */
function fit(
  net: Mlp,
  rows: readonly Row[],
  { rng, slope }: { readonly rng: Rng; readonly slope: (out: number, target: number) => number },
): void {
  const adam = initAdam(net.params_P.length);
  for (let update = 0; update < 300; update++) {
    const run = networkRow(net.spec, net.params_P);
    const gradient_P = new Float64Array(net.params_P.length);
    for (let b = 0; b < 32; b++) {
      const [input, target] = rows[integer(rng, rows.length)]!;
      const row = run(input);
      row.pull(
        row.out_O.map((out, o) => slope(out, target[o]!) / 32),
        gradient_P,
      );
    }
    adamStep(net.params_P, gradient_P, adam, { rate: 1e-2 });
  }
}
