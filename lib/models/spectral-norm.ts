// Spectral normalisation as a bound: no layer of a network stretches any input by more than a given factor (Miyato et al.
// 2018). Differs from the paper, where every pass divides the weights by their norm: here the weights themselves are
// shrunk after a step that took them beyond the bound, which needs no derivative and no state.
import { layerViews, type Mlp } from '../nn/mlp.ts';

/** Shrinks, in place, every weight matrix whose largest singular value exceeds `bound` until it is `bound`. */
export function boundSpectralNorms(net: Mlp, bound: number): void {
  for (const { inputs, outputs, weight_IO } of layerViews(net.spec, net.params_P)) {
    const norm = spectralNorm(weight_IO, { inputs, outputs });
    if (norm > bound) for (let i = 0; i < weight_IO.length; i++) weight_IO[i]! *= bound / norm;
  }
}

/** The largest singular value of a matrix, [I, O], from below, by 30 power iterations on W'W from a fixed start. */
export function spectralNorm(
  weight_IO: ArrayLike<number>,
  { inputs: I, outputs: O }: { readonly inputs: number; readonly outputs: number },
): number {
  // No matrix of interest is orthogonal to this one.
  let v_O = Float64Array.from({ length: O }, (_, o) => Math.cos(o + 1));
  let norm = 0;
  for (let k = 0; k < 30; k++) {
    const length = Math.hypot(...v_O);
    if (length === 0) return 0;
    const next_O = new Float64Array(O);
    let square = 0;
    for (let i = 0; i < I; i++) {
      let u = 0;
      for (let o = 0; o < O; o++) u += (weight_IO[i * O + o]! * v_O[o]!) / length;
      square += u * u;
      for (let o = 0; o < O; o++) next_O[o]! += u * weight_IO[i * O + o]!;
    }
    norm = Math.sqrt(square);
    v_O = next_O;
  }
  return norm;
}
