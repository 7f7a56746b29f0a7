// What rliable, SciPy, lifelines and statsmodels compute, written by make_fixtures.py, and how near is equal.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import type { Estimate } from '../../lib/stats/bootstrap.ts';

export function fixture<T>(name: string): T {
  return JSON.parse(readFileSync(new URL(`fixtures/${name}.json`, import.meta.url), 'utf8')) as T;
}

/** Equal but for rounding: to 1e-9. */
export function same(actual: number, expected: number, what = ''): void {
  const near = Math.abs(actual - expected) <= 1e-9 * Math.max(1, Math.abs(expected));
  assert.ok(near, `${what} ${actual} is not ${expected}`);
}

/** Ends of intervals, each the mean over repetitions, and the standard error of one interval of 50,000 resamples. */
export interface Ends {
  readonly ends: readonly [number, number];
  readonly error: readonly [number, number];
}

/** The same interval but for the chance of two bootstraps with 50,000 resamples or more. */
export function sameInterval({ value, low, high }: Estimate, { ends, error }: Ends, what: string): void {
  [low, high].forEach((end, i) => {
    // Six standard errors, which are known from few repetitions only; 1 % of the width where draws hit one atom.
    const slack = 6 * error[i]! * Math.SQRT2 + 0.01 * (ends[1] - ends[0]);
    assert.ok(Math.abs(end - ends[i]!) <= slack, `${what}: ${end} is not ${ends[i]} +- ${slack}`);
  });
  assert.ok(low <= value && value <= high, what);
}
