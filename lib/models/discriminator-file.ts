// A discriminator as text, beside the policy that it taught: a self-describing, versioned JSON file.
import { z } from 'zod';
import type { Discriminator } from './discriminator.ts';
import {
  expectFileLength,
  fileNumbers,
  networkFromFile,
  networkKeys,
  networkToFile,
  parseNetworkFile,
} from './network-file.ts';

const discriminatorFile = z.strictObject({
  format: z.literal('mail-lab discriminator'),
  ...networkKeys,
  actMean_A: fileNumbers.describe('The network sees (clip(act, +-actBound) - actMean) / actScale after obs'),
  actScale_A: fileNumbers,
  actBound: z.number().positive().nullable().describe('null: one-hot rows, which are not clipped'),
});

/** The discriminator as JSON text. A high logit means expert. */
export function discriminatorToText(discriminator: Discriminator): string {
  const { actMean_A, actScale_A, actBound } = discriminator;
  const { params_P, ...network } = networkToFile(discriminator);
  const file = {
    format: 'mail-lab discriminator',
    version: 1,
    ...network,
    actMean_A: [...actMean_A],
    actScale_A: [...actScale_A],
    actBound: Number.isFinite(actBound) ? actBound : null,
    params_P,
  };
  return `${JSON.stringify(file, null, 1)}\n`;
}

/**
 * The discriminator that `discriminatorToText` wrote.
 * @param name what to call the text in errors, for example the file's name
 * @throws FormatError naming the field that is missing, malformed or of the wrong length
 */
export function discriminatorFromText(text: string, name: string): Discriminator {
  const file = parseNetworkFile(discriminatorFile, text, { name, what: 'discriminator' });
  const network = networkFromFile(file, name);
  const { actMean_A, actScale_A, actBound } = file;
  const { mean_D, scale_D } = network.obsNorm;
  expectFileLength(name, 'scale_D', scale_D, mean_D.length);
  expectFileLength(name, 'actScale_A', actScale_A, actMean_A.length);
  expectFileLength(name, 'actMean_A', actMean_A, network.spec.sizes[0]! - mean_D.length);
  return {
    ...network,
    actMean_A: Float32Array.from(actMean_A),
    actScale_A: Float32Array.from(actScale_A),
    actBound: actBound ?? Number.POSITIVE_INFINITY,
  };
}
