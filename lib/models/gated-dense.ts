// The gated network of gated-network.ts on tensors: forward in batches, and its two derivatives, written out.
import { reluMask, type Tensor1D, type Tensor2D, tanh, tf } from '../backend/engine.ts';
import {
  backward,
  type DenseDeltas,
  type DenseTrace,
  forwardTraced,
  upload,
  weightGradient,
} from '../nn/dense.ts';
import type { ForwardNetPass, UploadedForwardNet } from './forward-network.ts';
import { type GatedNet, gatedPartNames, gatedParts, mapParts } from './gated-network.ts';

/** Puts a gated network's weights on the engine. Call inside `scope`. */
export function uploadGated(net: GatedNet): UploadedForwardNet {
  const part = mapParts(gatedParts(net), upload);
  const { obsSize: D, actSize: A, width: H } = net.spec;

  const traced = (input_BI: Tensor2D): ForwardNetPass => {
    const [s_BD, a_BA] = tf.split(input_BI, [D, A], 1) as [Tensor2D, Tensor2D];
    const state = forwardTraced(part.state, s_BD);
    const x_BH = tf.relu(state.out_BO);
    const gates = forwardTraced(part.gates, x_BH);
    const gate_BG = tf.sigmoid(gates.out_BO);
    const [r_BH, z_BH] = tf.split(gate_BG, [H, H], 1) as [Tensor2D, Tensor2D];
    const candidate = forwardTraced(part.candidate, tf.concat2d([x_BH, r_BH], 1));
    const c_BH = tanh(candidate.out_BO);
    const open_BH: Tensor2D = tf.sub(1, z_BH);
    const stateCode = forwardTraced(part.stateCode, tf.add(tf.mul(open_BH, c_BH), z_BH));
    const es_BH = tf.sigmoid(stateCode.out_BO);
    const actionCode = forwardTraced(part.actionCode, a_BA);
    const ea_BH = tf.sigmoid(actionCode.out_BO);
    const fused = forwardTraced(part.fused, tf.mul(es_BH, ea_BH));

    /** From the output to the input, with what every part leaves behind for its weights. */
    const walkBack = (outCot_BO: Tensor2D) => {
      const byFused = backward(part.fused, fused.trace, outCot_BO);
      const esCot = tf.mul<Tensor2D>(tf.mul(byFused.inCot_BI, ea_BH), sigmoidSlope(es_BH));
      const eaCot = tf.mul<Tensor2D>(tf.mul(byFused.inCot_BI, es_BH), sigmoidSlope(ea_BH));
      const byAction = backward(part.actionCode, actionCode.trace, eaCot);
      const byCode = backward(part.stateCode, stateCode.trace, esCot);
      const yCot = byCode.inCot_BI;
      const cCot = tf.mul<Tensor2D>(tf.mul(yCot, open_BH), tf.sub(1, tf.square(c_BH)));
      const byCandidate = backward(part.candidate, candidate.trace, cCot);
      const [xByCandidate, rCot] = tf.split(byCandidate.inCot_BI, [H, H], 1) as [Tensor2D, Tensor2D];
      const zCot = tf.mul<Tensor2D>(yCot, tf.sub(1, c_BH));
      const gateCot = tf.mul<Tensor2D>(tf.concat2d([rCot, zCot], 1), sigmoidSlope(gate_BG));
      const byGates = backward(part.gates, gates.trace, gateCot);
      const xCot = tf.mul<Tensor2D>(tf.add(xByCandidate, byGates.inCot_BI), reluMask(x_BH));
      const byState = backward(part.state, state.trace, xCot);
      const passes: Record<(typeof gatedPartNames)[number], { trace: DenseTrace; deltas: DenseDeltas }> = {
        state: { trace: state.trace, deltas: byState.deltas },
        gates: { trace: gates.trace, deltas: byGates.deltas },
        candidate: { trace: candidate.trace, deltas: byCandidate.deltas },
        stateCode: { trace: stateCode.trace, deltas: byCode.deltas },
        actionCode: { trace: actionCode.trace, deltas: byAction.deltas },
        fused: { trace: fused.trace, deltas: byFused.deltas },
      };
      return { inCot_BI: tf.concat2d([byState.inCot_BI, byAction.inCot_BI], 1), passes };
    };
    return {
      out_BO: fused.out_BO,
      pull: (outCot_BO) => walkBack(outCot_BO).inCot_BI,
      gradient(outCot_BO): Tensor1D {
        const { passes } = walkBack(outCot_BO);
        return tf.concat1d(gatedPartNames.map((name) => weightGradient([passes[name]])));
      },
    };
  };
  return { forward: (input_BI) => traced(input_BI).out_BO, traced };
}

function sigmoidSlope(y: Tensor2D): Tensor2D {
  return tf.mul(y, tf.sub(1, y));
}
