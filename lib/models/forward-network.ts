// The networks that a forward model may be made of, behind one interface: what is predicted for a batch of
// [obsNorm, act] rows, and the two derivatives that anyone asks for. A new kind of model is one more branch here.
import type { Tensor1D, Tensor2D } from '../backend/engine.ts';
import { backward, backwardDeltas, forward, forwardTraced, upload, weightGradient } from '../nn/dense.ts';
import { type Mlp, rowFunction } from '../nn/mlp.ts';
import { uploadGated } from './gated-dense.ts';
import { type GatedNet, gatedRowFunction } from './gated-network.ts';

/** A plain network or a gated one, input [D + A], output [D]. */
export type ForwardNet = Mlp | GatedNet;

/** A network's weights on the engine. */
export interface UploadedForwardNet {
  /** Output, [B, D], for inputs, [B, D + A]. */
  forward(input_BI: Tensor2D): Tensor2D;
  /** The same, and the way back. */
  traced(input_BI: Tensor2D): ForwardNetPass;
}

/** One forward pass, with what its derivatives need. */
export interface ForwardNetPass {
  readonly out_BO: Tensor2D;
  /** Vector-Jacobian product: cotangent of the output, [B, D], to that of the input, [B, D + A]. */
  pull(outCot_BO: Tensor2D): Tensor2D;
  /** Gradient of <outCot, out> summed over the batch with respect to the parameters, [P]. */
  gradient(outCot_BO: Tensor2D): Tensor1D;
}

/** Puts a network's weights on the engine. Call inside `scope`. */
export function uploadForwardNet(net: ForwardNet): UploadedForwardNet {
  if (isGated(net)) return uploadGated(net);
  const weights = upload(net);
  return {
    forward: (input_BI) => forward(weights, input_BI),
    traced(input_BI) {
      const { out_BO, trace } = forwardTraced(weights, input_BI);
      return {
        out_BO,
        pull: (outCot_BO) => backward(weights, trace, outCot_BO).inCot_BI,
        gradient: (outCot_BO) =>
          weightGradient([{ trace, deltas: backwardDeltas(weights, trace, outCot_BO) }]),
      };
    },
  };
}

/** Output, [D], for one input row, [D + A], in plain arithmetic; the array is reused by the next call. */
export function forwardNetRow(net: ForwardNet): (input_I: ArrayLike<number>) => Float64Array {
  return isGated(net) ? gatedRowFunction(net) : rowFunction(net);
}

/** Which of the two kinds a network is. */
export function isGated(net: ForwardNet): net is GatedNet {
  return 'width' in net.spec;
}
