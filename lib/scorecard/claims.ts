// The slides' claims in their order. The paraphrases are ours.
import { expertNoiseHelps, largeDiscriminator, largeSlowRate } from './ablation-claims.ts';
import type { Claim } from './claim.ts';
import {
  beliefAndReturn,
  endToEnd,
  fewerInteractions,
  fewTrajectories,
  notSolid,
  totalDerivative,
} from './comparison-claims.ts';
import { movingData } from './model-claims.ts';
import { blockDiagrams, highVariance, monteCarlo, noisyModel } from './theory-claims.ts';
import { confidenceMeasure, moreRobust } from './trained-policy-claims.ts';

/** Every claim, in the order of the slides. */
export const claims: readonly Claim[] = [
  highVariance,
  endToEnd,
  fewerInteractions,
  moreRobust,
  totalDerivative,
  monteCarlo,
  blockDiagrams,
  beliefAndReturn,
  fewTrajectories,
  movingData,
  noisyModel,
  notSolid,
  largeDiscriminator,
  largeSlowRate,
  expertNoiseHelps,
  confidenceMeasure,
];
