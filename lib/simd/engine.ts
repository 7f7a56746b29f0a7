// MAIL's gradients and Adam in WebAssembly with SIMD: what pathwise.ts, discriminator.ts, forward-model.ts and adam.ts compute
// on tensors, with the same arguments and results, for speed. The sources are in assembly/; `npm run build:simd` compiles
// them. One thread, no fused multiply-add, nothing of the host's Math: the same bytes on every machine.
import { checkedShape, type PathwiseGradient, type PathwiseProblem } from '../estimators/pathwise.ts';
import { checkPenalty, type DiscriminatorBatch, type DiscriminatorLoss } from '../models/discriminator.ts';
import { type ForwardNet, isGated } from '../models/forward-network.ts';
import type { Policy } from '../models/policy.ts';
import { standardizeRows } from '../models/standardizer.ts';
import { type AdamOptions, type AdamState, checkAdamStep } from '../nn/adam.ts';
import type { Mlp } from '../nn/mlp.ts';
import { wasmBase64 } from './wasm.ts';

/** The heart of MAIL's updates; lib/agents/mail-networks.ts has the one on tensors, and each function's explanation. */
export interface MailEngine {
  readonly name: 'tfjs' | 'simd';
  pathwiseGradient(problem: PathwiseProblem): PathwiseGradient;
  discriminatorGradient(
    net: Mlp,
    batch: DiscriminatorBatch,
    options: DiscriminatorLoss,
  ): { readonly gradient_P: Float32Array; readonly metrics: Record<string, number> };
  modelGradient(
    member: ForwardNet,
    rows: { readonly input_NI: Float32Array; readonly target_ND: Float32Array },
  ): { readonly gradient_P: Float32Array; readonly mse: number };
  adamStep(params_P: Float32Array, gradient_P: Float32Array, state: AdamState, options: AdamOptions): void;
}

/** What the compiled module offers; see assembly/. Every argument is a number: an address in bytes, a count, a setting. */
export interface SimdExports {
  readonly memory: WebAssembly.Memory;
  reset(): void;
  alloc(floats: number): number;
  padded(width: number): number;
  applyFunction(which: number, x: number, n: number): void;
  matmul(...args: number[]): void;
  copyRows(...args: number[]): void;
  makeNet(sizes: number, layers: number, activation: number, params: number, rows: number): number;
  makeHead(...args: number[]): number;
  collectGradient(net: number, to: number): void;
  modelGradient(net: number, input: number, target: number, rows: number): number;
  discriminatorGradient(...args: number[]): void;
  policyGradient(...args: number[]): void;
  adamStep(...args: number[]): void;
}

const activations = ['relu', 'tanh', 'swish'];

let loading: Promise<SimdExports> | undefined;

/**
 * The compiled module, one instance for the whole process: nothing is kept in it between calls, so its memory grows to what
 * the largest call needs and stays there.
 * @throws Error (in the promise) where WebAssembly has no SIMD
 */
export function loadSimd(): Promise<SimdExports> {
  loading ??= WebAssembly.instantiate(Uint8Array.from(atob(wasmBase64), (c) => c.charCodeAt(0))).then(
    ({ instance }) => instance.exports as unknown as SimdExports,
  );
  return loading;
}

/**
 * The engine in WebAssembly. Its functions throw a TypeError for what it has no code for: the simulator's Jacobians, errors in
 * Jacobians, dropout, a learnt std, soft Gumbel samples, an expert weight other than 1, gated networks.
 * @throws Error (in the promise) where WebAssembly has no SIMD
 */
export async function simdEngine(): Promise<MailEngine> {
  const wasm = await loadSimd();
  return {
    name: 'simd',
    pathwiseGradient: (problem) => pathwiseGradient(wasm, problem),
    discriminatorGradient: (net, batch, options) => discriminatorGradient(wasm, net, batch, options),
    modelGradient: (member, rows) => modelGradient(wasm, member, rows),
    adamStep: (params_P, gradient_P, state, options) =>
      adamStep(wasm, { params_P, gradient_P, state }, options),
  };
}

function pathwiseGradient(wasm: SimdExports, problem: PathwiseProblem): PathwiseGradient {
  const { B, T } = checkedShape(problem);
  const { policy, discriminator, model, noise_TBK, gamma } = problem;
  if (problem.jacobians) throw new TypeError(lacks("the simulator's Jacobians"));
  if (problem.jacobianError) throw new TypeError(lacks('errors in the Jacobian'));
  if (problem.policyKeep_TBH || problem.discriminatorKeep_TBH) throw new TypeError(lacks('dropout'));
  if (problem.learnStd) throw new TypeError(lacks('the derivative by the std'));
  if (problem.gumbel === 'soft') throw new TypeError(lacks('soft Gumbel samples'));
  const M = model.members.length;
  const { actMean_A, actScale_A } = discriminator;
  const I = discriminator.spec.sizes[0]!;
  wasm.reset();
  const policyNet = putNet(wasm, policy, B);
  const discriminatorNet = putNet(wasm, discriminator, B);
  const members = putIntegers(
    wasm,
    model.members.map((member) => putNet(wasm, plainNet(member), B / M)),
  );
  const start_BD = standardizeRows(model.obsNorm, problem.start_BD, { clipped: false });
  const { anchor_TBD, weight_TB = new Float32Array(T * B).fill(1) } = problem;
  const anchorNorm_TBD = anchor_TBD && standardizeRows(model.obsNorm, anchor_TBD, { clipped: false });
  const order_TB =
    M > 1 && !anchor_TBD ? problem.rowOrder_TB : Int32Array.from({ length: T * B }, (_, n) => n % B);
  const inverseScale_A = actScale_A.map((scale) => 1 / scale);
  const pairs = wasm.alloc((T * B + 3) * wasm.padded(I));
  const { critic } = problem;
  const [costs, ends] = critic ? [wasm.alloc(T * B), wasm.alloc(B)] : [0, 0];
  const results = wasm.alloc(4);
  wasm.policyGradient(
    policyNet,
    discriminatorNet,
    members,
    M,
    putHead(wasm, policy, problem),
    T,
    B,
    put(wasm, start_BD),
    put(wasm, noise_TBK, noise_TBK.length + 8),
    putIntegers(wasm, order_TB),
    anchorNorm_TBD ? put(wasm, anchorNorm_TBD) : 0,
    put(wasm, weight_TB),
    Number(model.predicts === 'delta'),
    putRows(wasm, model.deltaScale_D),
    putRows(wasm, actMean_A, inverseScale_A),
    pairs,
    model.obsNorm.clip,
    gamma,
    problem.saturationWeight,
    Number(problem.derivative !== 'partial'),
    Number(problem.cost === 'belief'),
    critic ? putNet(wasm, critic, B) : 0,
    costs,
    ends,
    results,
  );
  const compact = wasm.alloc(T * B * I);
  wasm.copyRows(pairs, wasm.padded(I), compact, I, T * B, I);
  const [cost, meanLogit] = new Float64Array(wasm.memory.buffer, results, 2);
  return {
    gradient_P: takeGradient(wasm, policyNet, policy),
    cost: cost!,
    pair_NI: take(wasm, compact, T * B * I),
    meanLogit: meanLogit!,
    ...(critic ? { toGo: { cost_TB: take(wasm, costs, T * B), end_B: take(wasm, ends, B) } } : {}),
  };
}

function putHead(
  wasm: SimdExports,
  policy: Policy,
  { model, saturationBeyond, temperature }: PathwiseProblem,
): number {
  const A = policy.spec.sizes.at(-1)!;
  const gaussian = policy.kind === 'gaussian';
  const vectors = gaussian ? putRows(wasm, policy.actMean_A, policy.actScale_A, policy.logStd_A) : 0;
  const bound = gaussian ? policy.bound : 0;
  return wasm.makeHead(A, Number(!gaussian), vectors, bound, model.actBound, saturationBeyond, temperature);
}

function discriminatorGradient(
  wasm: SimdExports,
  net: Mlp,
  { expert_BI, agent_BI }: DiscriminatorBatch,
  { penalty, expertWeight = 1, keep_NH }: DiscriminatorLoss,
) {
  checkPenalty(net, penalty);
  if (expertWeight !== 1 || keep_NH) throw new TypeError(lacks('expertWeight and dropout'));
  const I = net.spec.sizes[0]!;
  const rows = (expert_BI.length + agent_BI.length) / I;
  wasm.reset();
  const netAt = putNet(wasm, net, rows);
  const pairs = wasm.alloc(rows * I);
  floats(wasm, pairs, rows * I).set(expert_BI);
  floats(wasm, pairs, rows * I).set(agent_BI, expert_BI.length);
  const results = wasm.alloc(6);
  wasm.discriminatorGradient(netAt, pairs, expert_BI.length / I, rows, penalty, results);
  const [loss, accuracy, squaredNorm] = new Float64Array(wasm.memory.buffer, results, 3);
  return {
    gradient_P: takeGradient(wasm, netAt, net),
    metrics: {
      'disc/loss': loss!,
      'disc/accuracy': accuracy!,
      ...(penalty === 0 ? {} : { 'disc/gradientNormSquared': squaredNorm! }),
    },
  };
}

function modelGradient(
  wasm: SimdExports,
  anyMember: ForwardNet,
  { input_NI, target_ND }: { readonly input_NI: Float32Array; readonly target_ND: Float32Array },
) {
  const member = plainNet(anyMember);
  const rows = input_NI.length / member.spec.sizes[0]!;
  wasm.reset();
  const net = putNet(wasm, member, rows);
  const mse = wasm.modelGradient(net, put(wasm, input_NI), put(wasm, target_ND), rows);
  return { gradient_P: takeGradient(wasm, net, member), mse };
}

function adamStep(
  wasm: SimdExports,
  step: { params_P: Float32Array; gradient_P: Float32Array; state: AdamState },
  { rate, beta1 = 0.9, beta2 = 0.999, epsilon = 1e-8 }: AdamOptions,
): void {
  const { params_P, gradient_P, state } = step;
  checkAdamStep(params_P, gradient_P, state);
  state.count += 1;
  const P = params_P.length;
  wasm.reset();
  const [params, gradient] = [put(wasm, params_P), put(wasm, gradient_P)];
  const [mean, square] = [put(wasm, state.mean_P), put(wasm, state.square_P)];
  const [correction1, correction2] = [beta1, beta2].map((beta) => 1 / (1 - power(beta, state.count)));
  wasm.adamStep(params, gradient, mean, square, P, rate, beta1, beta2, epsilon, correction1!, correction2!);
  params_P.set(floats(wasm, params, P));
  state.mean_P.set(floats(wasm, mean, P));
  state.square_P.set(floats(wasm, square, P));
}

/** x^n by multiplications, which round alike everywhere, as the host's ** need not. */
function power(x: number, n: number): number {
  let result = 1;
  for (let square = x, left = n; left > 0; left = Math.floor(left / 2), square *= square)
    if (left % 2 === 1) result *= square;
  return result;
}

function lacks(what: string): string {
  return `The SIMD engine has no code for ${what}: use the engine tfjs`;
}

/** @throws TypeError if it is a gated network */
function plainNet(net: ForwardNet): Mlp {
  if (isGated(net)) throw new TypeError(lacks('gated networks'));
  return net;
}

function putNet(wasm: SimdExports, { spec, params_P }: Mlp, rows: number): number {
  const { sizes, activation } = spec;
  const params = put(wasm, params_P);
  const kind = activations.indexOf(activation);
  return wasm.makeNet(putIntegers(wasm, sizes), sizes.length - 1, kind, params, rows);
}

/** Copies numbers into the module's memory, and leaves room for `size` of them. Returns where they are. */
function put(wasm: SimdExports, values: Float32Array, size = values.length): number {
  const at = wasm.alloc(size);
  const room = floats(wasm, at, size);
  room.set(values);
  room.fill(0, values.length);
  return at;
}

/** Rows of equal length one after the other, each filled up with zeros to its width in memory. */
function putRows(wasm: SimdExports, ...rows: readonly Float32Array[]): number {
  const width = wasm.padded(rows[0]!.length);
  const joined = new Float32Array(rows.length * width);
  rows.forEach((row, r) => {
    joined.set(row, r * width);
  });
  return put(wasm, joined);
}

function putIntegers(wasm: SimdExports, values: ArrayLike<number>): number {
  const at = wasm.alloc(values.length);
  new Int32Array(wasm.memory.buffer, at, values.length).set(values);
  return at;
}

function takeGradient(wasm: SimdExports, net: number, { params_P }: Mlp): Float32Array {
  const at = wasm.alloc(params_P.length);
  wasm.collectGradient(net, at);
  return take(wasm, at, params_P.length);
}

function take(wasm: SimdExports, at: number, n: number): Float32Array {
  return floats(wasm, at, n).slice();
}

/** The numbers at an address, until the module's memory next grows. */
function floats({ memory }: SimdExports, at: number, n: number): Float32Array {
  return new Float32Array(memory.buffer, at, n);
}
