// Returns beside the expert's: the share that the papers' tables are in, and when a task counts as learnt.

/**
 * A return as a share of the expert's, the unit of the papers' tables: 1 is the expert.
 * @throws RangeError if the expert's return is not above 0, where a larger share would be worse
 */
export function expertShare(episodeReturn: number, expertReturn: number): number {
  if (!(expertReturn > 0))
    throw new RangeError(
      `Cannot take a share of the expert's return ${expertReturn}: it is not above 0. Compare returns, or scores between the random policy's and the expert's (normalizedScore)`,
    );
  return episodeReturn / expertReturn;
}

/** The return at which a task counts as learnt: `share` of the expert's; where that is negative, as far below it. */
export function learntReturn(expertReturn: number, share = 0.9): number {
  return expertReturn > 0 ? share * expertReturn : expertReturn - (1 - share) * Math.abs(expertReturn);
}
