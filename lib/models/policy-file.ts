// A policy as text: a self-describing, versioned JSON file that holds everything needed to act.
import { z } from 'zod';
import { FormatError } from '../data/format-error.ts';
import { paramCount } from '../nn/mlp.ts';
import type { Policy } from './policy.ts';

const numbers = z.array(z.number());
const common = {
  format: z.literal('mail-lab policy'),
  version: z.literal(1),
  sizes: z.array(z.int().positive()).min(2).describe('Layer widths from observation to output'),
  activation: z.enum(['relu', 'tanh', 'swish']).describe('Of the hidden layers; the output is linear'),
  obsNorm: z
    .strictObject({ mean_D: numbers, scale_D: numbers, clip: z.number().positive() })
    .describe('The network sees clip((obs - mean) / scale, +-clip)'),
  params_P: z
    .base64()
    .describe('float32, little-endian: each layer its weights [inputs, outputs] row-major, then its biases'),
};
const policyFile = z.discriminatedUnion('kind', [
  z.strictObject({
    ...common,
    kind: z.literal('gaussian'),
    actMean_A: numbers.describe('m = output * actScale + actMean'),
    actScale_A: numbers,
    bound: z.number().min(0).describe('mean = bound tanh(m / bound); 0: mean = m'),
    logStd_A: numbers.describe('ln of the std of each action entry'),
  }),
  z.strictObject({ ...common, kind: z.literal('categorical') }),
]);

/** The policy as JSON text. */
export function policyToText(policy: Policy): string {
  const { spec, params_P, obsNorm } = policy;
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
    sizes: spec.sizes,
    activation: spec.activation,
    obsNorm: { mean_D: [...obsNorm.mean_D], scale_D: [...obsNorm.scale_D], clip: obsNorm.clip },
    ...gaussian,
    params_P: toBase64(params_P),
  };
  return `${JSON.stringify(file, null, 1)}\n`;
}

/**
 * The policy that `policyToText` wrote.
 * @param name what to call the text in errors, for example the file's name
 * @throws FormatError naming the field that is missing, malformed or of the wrong length
 */
export function policyFromText(text: string, name: string): Policy {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch (error) {
    throw new FormatError({ file: name }, 'it is not JSON: save the policy again', { cause: error });
  }
  const result = policyFile.safeParse(json);
  if (!result.success)
    throw new FormatError({ file: name }, `it is not a policy file:\n${z.prettifyError(result.error)}`);
  const file = result.data;
  const params_P = fromBase64(file.params_P);
  const spec = { sizes: file.sizes, activation: file.activation };
  expectLength(name, 'params_P', params_P, paramCount(spec));
  for (const field of ['mean_D', 'scale_D'] as const)
    expectLength(name, field, file.obsNorm[field], spec.sizes[0]!);
  const { mean_D, scale_D, clip } = file.obsNorm;
  const obsNorm = { mean_D: Float32Array.from(mean_D), scale_D: Float32Array.from(scale_D), clip };
  if (file.kind === 'categorical') return { kind: 'categorical', obsNorm, spec, params_P };
  for (const field of ['actMean_A', 'actScale_A', 'logStd_A'] as const)
    expectLength(name, field, file[field], spec.sizes.at(-1)!);
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

function expectLength(name: string, field: string, values: ArrayLike<number>, expected: number): void {
  if (values.length !== expected)
    throw new FormatError(
      { file: name, field },
      `it has ${values.length} entries, expected ${expected} by the layer sizes`,
    );
}

// Byte by byte through a DataView, so that the file is the same on every machine and in a browser.
function toBase64(values: Float32Array): string {
  const view = new DataView(new ArrayBuffer(values.length * 4));
  values.forEach((value, i) => {
    view.setFloat32(i * 4, value, true);
  });
  let bytes = '';
  for (let i = 0; i < view.byteLength; i++) bytes += String.fromCharCode(view.getUint8(i));
  return btoa(bytes);
}

function fromBase64(text: string): Float32Array {
  const bytes = Uint8Array.from(atob(text), (character) => character.charCodeAt(0));
  const view = new DataView(bytes.buffer);
  return Float32Array.from({ length: Math.floor(bytes.length / 4) }, (_, i) => view.getFloat32(i * 4, true));
}
