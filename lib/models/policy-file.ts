// A policy as text: a self-describing, versioned JSON file that holds everything needed to act.
import { z } from 'zod';
import {
  expectFileLength,
  fileNumbers,
  networkFromFile,
  networkKeys,
  networkToFile,
  parseNetworkFile,
} from './network-file.ts';
import type { Policy } from './policy.ts';

const common = { format: z.literal('mail-lab policy'), ...networkKeys };
const policyFile = z.discriminatedUnion('kind', [
  z.strictObject({
    ...common,
    kind: z.literal('gaussian'),
    actMean_A: fileNumbers.describe('m = output * actScale + actMean'),
    actScale_A: fileNumbers,
    bound: z.number().min(0).describe('mean = bound tanh(m / bound); 0: mean = m'),
    logStd_A: fileNumbers.describe('ln of the std of each action entry'),
  }),
  z.strictObject({ ...common, kind: z.literal('categorical') }),
]);

/** The policy as JSON text, version 1 of the format: all that acting needs, weights as float32 in base64. */
export function policyToText(policy: Policy): string {
  const { params_P, ...network } = networkToFile(policy);
  const gaussian =
    policy.kind === 'gaussian'
      ? {
          actMean_A: [...policy.actMean_A],
          actScale_A: [...policy.actScale_A],
          bound: policy.bound,
          logStd_A: [...policy.logStd_A],
        }
      : {};
  const file = {
    format: 'mail-lab policy',
    version: 1,
    kind: policy.kind,
    ...network,
    ...gaussian,
    params_P,
  };
  return `${JSON.stringify(file, null, 1)}\n`;
}

/**
 * The policy that `policyToText` wrote.
 * @param name what to call the text in errors, for example the file's name
 * @throws FormatError naming the field that is missing, malformed or of the wrong length
 */
export function policyFromText(text: string, name: string): Policy {
  const file = parseNetworkFile(policyFile, text, { name, what: 'policy' });
  const { spec, params_P, obsNorm } = networkFromFile(file, name);
  for (const field of ['mean_D', 'scale_D'] as const)
    expectFileLength(name, field, file.obsNorm[field], spec.sizes[0]!);
  if (file.kind === 'categorical') return { kind: 'categorical', obsNorm, spec, params_P };
  for (const field of ['actMean_A', 'actScale_A', 'logStd_A'] as const)
    expectFileLength(name, field, file[field], spec.sizes.at(-1)!);
  return {
    kind: 'gaussian',
    obsNorm,
    spec,
    params_P,
    actMean_A: Float32Array.from(file.actMean_A),
    actScale_A: Float32Array.from(file.actScale_A),
    bound: file.bound,
    logStd_A: Float32Array.from(file.logStd_A),
  };
}
