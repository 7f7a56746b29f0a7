// The gated forward model of the ICML paper (Baram et al. 2017, "advanced" model) as plain data, and one row of it in
// plain arithmetic; gated-dense.ts computes it on tensors. Read off the released code (itaicaspi/mgail, mgail.py):
//
//   state   x = relu(s W1);  r, z = sigmoid(x Wg);  c = tanh([x, r h] Wc);  y = (1 - z) c + z h;  e_s = sigmoid(y W2)
//   action  e_a = sigmoid(relu(a W3) W4)
//   fused   out = dense(relu(dense(relu(dense(relu(dense(e_s * e_a)))))))          (* entry by entry: Hadamard product)
//
// with a bias everywhere. The release calls the gate a GRU, but feeds it a memory h of ones, never carried on: so h is 1
// here too, and its products with weights, which are then constants, are part of the biases.
import { normal, type Rng } from '../backend/rng.ts';
import { initMlp, type Mlp, type MlpSpec, paramCount, rowFunction } from '../nn/mlp.ts';

/** Input is [obsNorm, act], [D + A]; every inner layer has `width` units; the output is linear, [D]. */
export interface GatedSpec {
  readonly obsSize: number;
  readonly actSize: number;
  readonly width: number;
}

/** A gated network: its layout and all of its parameters. */
export interface GatedNet {
  readonly spec: GatedSpec;
  /** All parameters, [P]: the parts of `gatedParts` one after the other. */
  readonly params_P: Float32Array;
}

/** The dense pieces. What joins them (masks, gates, products) has no parameters. */
export interface GatedParts<Part> {
  readonly state: Part;
  /** Reset and update gate side by side, [2 width]. */
  readonly gates: Part;
  readonly candidate: Part;
  readonly stateCode: Part;
  readonly actionCode: Part;
  readonly fused: Part;
}

/** The order of the parts in `params_P`. */
export const gatedPartNames = ['state', 'gates', 'candidate', 'stateCode', 'actionCode', 'fused'] as const;

/** Number of parameters of a gated network. */
export function gatedParamCount(spec: GatedSpec): number {
  const specs = partSpecs(spec);
  return gatedPartNames.reduce((sum, name) => sum + paramCount(specs[name]), 0);
}

/**
 * The parts of a gated network, as views onto its parameters.
 * @throws RangeError if the array's length is not the layout's
 */
export function gatedParts({ spec, params_P }: GatedNet): GatedParts<Mlp> {
  const count = gatedParamCount(spec);
  if (params_P.length !== count)
    throw new RangeError(
      `A gated network of width ${spec.width} has ${count} parameters, but ${params_P.length} were given`,
    );
  const specs = partSpecs(spec);
  let at = 0;
  return mapParts(specs, (part) => {
    const from = at;
    at += paramCount(part);
    return { spec: part, params_P: params_P.subarray(from, at) };
  });
}

/**
 * A fresh gated network: weights from N(0, gain^2 / inputs), gain sqrt(2) before a ReLU, else 1; biases 0.
 * Differs from the paper's code, where every weight and bias is from N(0, 0.15^2): give `initStd` 0.15 for that.
 */
export function initGated(spec: GatedSpec, rng: Rng, { initStd }: { initStd?: number } = {}): GatedNet {
  const net = { spec, params_P: new Float32Array(gatedParamCount(spec)) };
  if (initStd !== undefined) {
    for (let i = 0; i < net.params_P.length; i++) net.params_P[i] = initStd * normal(rng);
    return net;
  }
  mapParts(gatedParts(net), (part, name) => {
    const lastGain = name === 'state' ? Math.SQRT2 : 1;
    part.params_P.set(initMlp(part.spec, rng, { lastGain }).params_P);
  });
  return net;
}

/** The network's output, [D], for one input row, [D + A], in plain arithmetic. The array is reused by the next call. */
export function gatedRowFunction(net: GatedNet): (input_I: ArrayLike<number>) => Float64Array {
  const part = mapParts(gatedParts(net), rowFunction);
  const { obsSize: D, width: H } = net.spec;
  return (input_I) => {
    const input = Array.from(input_I);
    const x_H = part.state(input.slice(0, D)).map((v) => Math.max(0, v));
    const gate = part.gates(x_H).map(sigmoid);
    const candidate_H = part.candidate([...x_H, ...gate.subarray(0, H)]).map(Math.tanh);
    const gated_H = candidate_H.map((c, h) => (1 - gate[H + h]!) * c + gate[H + h]!);
    const stateCode_H = part.stateCode(gated_H).map(sigmoid);
    const actionCode_H = part.actionCode(input.slice(D)).map(sigmoid);
    return part.fused(stateCode_H.map((e, h) => e * actionCode_H[h]!));
  };
}

/** The same for every part, in the order of `params_P`. */
export function mapParts<From, To>(
  parts: GatedParts<From>,
  f: (part: From, name: (typeof gatedPartNames)[number]) => To,
): GatedParts<To> {
  return Object.fromEntries(
    gatedPartNames.map((name) => [name, f(parts[name], name)]),
  ) as unknown as GatedParts<To>;
}

function partSpecs({ obsSize: D, actSize: A, width: H }: GatedSpec): GatedParts<MlpSpec> {
  const relu = (...sizes: number[]): MlpSpec => ({ sizes, activation: 'relu' });
  return {
    state: relu(D, H),
    gates: relu(H, 2 * H),
    candidate: relu(2 * H, H),
    stateCode: relu(H, H),
    actionCode: relu(A, H, H),
    fused: relu(H, H, H, H, D),
  };
}

function sigmoid(x: number): number {
  return 1 / (1 + Math.exp(-x));
}
