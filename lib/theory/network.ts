// The networks of nn/mlp.ts, one row at a time in double arithmetic, with the derivative written a second time,
// independently of nn/dense.ts: for checks, not for speed.
import type { Activation, MlpSpec } from '../nn/mlp.ts';

/** A network's output, [O], and row vectors times its Jacobians. */
export interface NetworkRow {
  readonly out_O: Float64Array;
  /** v d out / d input, [I]. Where `params_P` is given, v d out / d params is added to it. */
  pull(v_O: ArrayLike<number>, params_P?: Float64Array): Float64Array;
}

/** The network with these parameters, laid out as in `Mlp.params_P`, as a function of one input row, [I]. */
export function networkRow(
  { sizes, activation }: MlpSpec,
  params_P: ArrayLike<number>,
): (input_I: ArrayLike<number>) => NetworkRow {
  const last = sizes.length - 2;
  const starts = [0];
  for (let l = 0; l <= last; l++) starts.push(starts[l]! + (sizes[l]! + 1) * sizes[l + 1]!);
  return (input_I) => {
    const inputs: Float64Array[] = [Float64Array.from(input_I)];
    const slopes: Float64Array[] = [];
    for (let l = 0; l <= last; l++) {
      const [I, O, x, W] = [sizes[l]!, sizes[l + 1]!, inputs[l]!, starts[l]!];
      const y = new Float64Array(O);
      const slope = new Float64Array(O).fill(1);
      for (let o = 0; o < O; o++) {
        let z = params_P[W + I * O + o]!;
        for (let i = 0; i < I; i++) z += x[i]! * params_P[W + i * O + o]!;
        y[o] = l < last ? activate(activation, z) : z;
        if (l < last) slope[o] = activationSlope(activation, z);
      }
      inputs.push(y);
      slopes.push(slope);
    }
    return {
      out_O: inputs[last + 1]!,
      pull(v_O, gradient_P) {
        let v = Float64Array.from(v_O);
        for (let l = last; l >= 0; l--) {
          const [I, O, x, W] = [sizes[l]!, sizes[l + 1]!, inputs[l]!, starts[l]!];
          const atAffine = v.map((each, o) => each * slopes[l]![o]!);
          if (gradient_P) {
            for (let o = 0; o < O; o++) {
              for (let i = 0; i < I; i++) gradient_P[W + i * O + o]! += x[i]! * atAffine[o]!;
              gradient_P[W + I * O + o]! += atAffine[o]!;
            }
          }
          v = new Float64Array(I);
          for (let i = 0; i < I; i++)
            for (let o = 0; o < O; o++) v[i]! += params_P[W + i * O + o]! * atAffine[o]!;
        }
        return v;
      },
    };
  };
}

function activate(activation: Activation, z: number): number {
  if (activation === 'relu') return Math.max(0, z);
  return activation === 'tanh' ? Math.tanh(z) : z / (1 + Math.exp(-z));
}

function activationSlope(activation: Activation, z: number): number {
  if (activation === 'relu') return z > 0 ? 1 : 0;
  if (activation === 'tanh') return 1 - Math.tanh(z) ** 2;
  const s = 1 / (1 + Math.exp(-z));
  return s + z * s * (1 - s);
}
