// What the files of networks have in common: layer sizes, scaling of observations, weights; each file's own keys are beside.
import { z } from 'zod';
import { FormatError } from '../data/format-error.ts';
import { type Mlp, paramCount } from '../nn/mlp.ts';
import type { Standardizer } from './standardizer.ts';

/** An array of numbers in a file. */
export const fileNumbers = z.array(z.number());

/** The keys that every network's file has. */
export const networkKeys = {
  version: z.literal(1),
  sizes: z.array(z.int().positive()).min(2).describe('Layer widths from input to output'),
  activation: z.enum(['relu', 'tanh', 'swish']).describe('Of the hidden layers; the output is linear'),
  obsNorm: z
    .strictObject({ mean_D: fileNumbers, scale_D: fileNumbers, clip: z.number().positive() })
    .describe('The network sees clip((obs - mean) / scale, +-clip)'),
  params_P: z
    .base64()
    .describe('float32, little-endian: each layer its weights [inputs, outputs] row-major, then its biases'),
};

interface ScaledNetwork extends Mlp {
  readonly obsNorm: Standardizer;
}

/** The keys before a file's own ones, and `params_P`, which stands last. */
export function networkToFile({ spec, params_P, obsNorm }: ScaledNetwork) {
  return {
    sizes: spec.sizes,
    activation: spec.activation,
    obsNorm: { mean_D: [...obsNorm.mean_D], scale_D: [...obsNorm.scale_D], clip: obsNorm.clip },
    params_P: toBase64(params_P),
  };
}

/**
 * The text of a file by its schema.
 * @param what the kind of file, for errors
 * @throws FormatError if it is not JSON or does not fit
 */
export function parseNetworkFile<S extends z.ZodType>(
  schema: S,
  text: string,
  { name, what }: { readonly name: string; readonly what: string },
): z.infer<S> {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch (error) {
    throw new FormatError({ file: name }, `it is not JSON: save the ${what} again`, { cause: error });
  }
  const result = schema.safeParse(json);
  if (!result.success)
    throw new FormatError({ file: name }, `it is not a ${what} file:\n${z.prettifyError(result.error)}`);
  return result.data;
}

/**
 * The network of a parsed file.
 * @throws FormatError if the weights are not as many as the layer sizes say
 */
export function networkFromFile(file: z.infer<z.ZodObject<typeof networkKeys>>, name: string): ScaledNetwork {
  const spec = { sizes: file.sizes, activation: file.activation };
  const params_P = fromBase64(file.params_P);
  expectFileLength(name, 'params_P', params_P, paramCount(spec));
  const { mean_D, scale_D, clip } = file.obsNorm;
  const obsNorm = { mean_D: Float32Array.from(mean_D), scale_D: Float32Array.from(scale_D), clip };
  return { spec, params_P, obsNorm };
}

/** Checks a field's length, [N]. @throws FormatError if there are not as many entries as the layer sizes say */
export function expectFileLength(
  name: string,
  field: string,
  values: ArrayLike<number>,
  expected: number,
): void {
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
