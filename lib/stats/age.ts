// Does a score grow with the age of what made it? Things made at successive stages, each tried on the data of every stage.
import { mean } from './aggregate.ts';
import { spearman } from './rank.ts';

/** Positive errors by stage: `error_SS[i][j]` is that of what was made at stage i, on the data of stage j; square. */
export type StageErrors = readonly (readonly number[])[];

/**
 * Spearman's correlation of age and error at equal data: for the data of every stage j from 2 on, over the makers of stages
 * 0 to j, whose age there is j - i; the mean over these stages. How hard the data are cancels. That an older maker is also
 * one that has learnt less does not: see `growthByAge`.
 * @throws RangeError if the errors are not a square of at least 3 stages
 */
export function ageCorrelation(error_SS: StageErrors): number {
  assertSquare(error_SS, 3);
  return mean(
    error_SS.slice(2).map((_, k) => {
      const j = k + 2;
      return spearman(error_SS.slice(0, j + 1).map((row, i) => [j - i, row[j]!] as const));
    }),
  );
}

/**
 * Growth of the log error per stage of age, with all cancelled that belongs to a maker alone (it has learnt less) or to the
 * data alone (they are harder). For a pair of stages i < j
 *   d(i, j) = [ln e(i, j) - ln e(j, j)] - [ln e(i, i) - ln e(j, i)]
 * is how much further the old maker is behind the new one on new data than on old data; 0 if every error is a product of
 * something of the maker and something of the data. The slope is that of d against the age j - i, through 0.
 * @throws RangeError if the errors are not a square of at least 2 stages
 */
export function growthByAge(error_SS: StageErrors): number {
  assertSquare(error_SS, 2);
  const log = (i: number, j: number) => Math.log(error_SS[i]![j]!);
  let product = 0;
  let square = 0;
  for (let i = 0; i < error_SS.length; i++)
    for (let j = i + 1; j < error_SS.length; j++) {
      product += (j - i) * (log(i, j) - log(j, j) - log(i, i) + log(j, i));
      square += (j - i) ** 2;
    }
  return product / square;
}

function assertSquare(error_SS: StageErrors, least: number): void {
  const widths = error_SS.map((row) => row.length);
  if (error_SS.length < least || widths.some((width) => width !== error_SS.length))
    throw new RangeError(
      `Errors by stage are ${error_SS.length} rows of ${[...new Set(widths)].join(' or ')}: give a square of at least ${least} stages`,
    );
}
