import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { declarationsIn, type PublicDeclaration, publicDeclarations } from './public-declarations.ts';

/**
 * Types of arrays and tensors, whose shape a reader needs. Left out: number[], a list along one axis; Uint8Array, a file's
 * bytes but for flags, whose names carry their axes anyway.
 */
const arrays = /\b(?:Float(?:32|64)Array|Int(?:8|16|32)Array|Tensor(?:\dD)?|ArrayLike<number>)/;

/** `obs_BD`, `next_TBZI`: the axes in order behind the last underscore; `J_s` and `c_a` are the paper's own names. */
const shapedName = /_[A-Z][A-Za-z0-9]*$/;

/** '[N, D]', '[P]', '[T + 1]' in prose. */
const shapeInProse = /\[[A-Z][^\]]*\]/;

/** Names that stand for a quantity with a unit, and the words one of which then belongs into the docstring. */
const units: readonly (readonly [name: RegExp, words: RegExp])[] = [
  [/^(?:kl|.*Kl|entropy|.*Entropy|.*[lL]ogLikelihood|logProb)$/, /\bnats?\b/],
  [/^(?:std|.*Std)$/, /\bunits?\b|\bstandard deviations?\b|\bweights?\b/],
  [/^(?:angle|.*Angle)s?$/, /\brad/],
];

/** What a docstring lacks, in words. */
function lacking({ at, name, kind, doc, throws, places }: PublicDeclaration): string[] {
  const here = `${at} ${name}`;
  if (!doc) return [`${here}: there is no docstring`];
  const found: string[] = [];
  if (kind === 'function' && throws && !/@throws|\bthrows\b/i.test(doc))
    found.push(`${here}: it throws, and there is no @throws`);
  for (const place of places) {
    const called = place.name === 'result' ? name : place.name;
    const said = `${doc} ${place.doc}`;
    if (arrays.test(place.type) && !shapedName.test(called) && !shapeInProse.test(said))
      found.push(`${here}: ${place.name} is ${place.type.replace(/\s+/g, ' ')}, and nothing gives its shape`);
    for (const [pattern, words] of units)
      if (pattern.test(called.replace(shapedName, '')) && isNumeric(place.type) && !words.test(said))
        found.push(`${here}: ${place.name} has a unit, and nothing gives it`);
  }
  return found;
}

function isNumeric(type: string): boolean {
  return arrays.test(type) || /\bnumber\b/.test(type);
}

describe('the docstrings of all that lib/ exports', () => {
  test('are there, say what throws, and give shapes and units where names do not', () => {
    const all = publicDeclarations();
    assert.ok(all.length > 500, `${all.length} declarations`);
    assert.deepEqual(all.flatMap(lacking), []);
  });

  test('are held to that: what is missing in a module is named with its line', () => {
    const text = `
      export function bare(): void {}
      /** Sums up. */
      export function sum(x: Float32Array): number {
        if (x.length === 0) throw new Error('Cannot sum up nothing');
        return x.reduce((a, b) => a + b, 0);
      }
      /** Rows of noise, [N, D]. @throws Error if there is none */
      export function fine(n: number): Float32Array {
        if (n < 1) throw new Error('n');
        return new Float32Array(n);
      }
      /** What was learnt. */
      export interface Learnt { readonly loss_N: Float32Array; readonly gradient: Float32Array; readonly kl: number }
      /** One row to the next, inside an options bag. */
      export const step = ({ row }: { readonly row: Float64Array }): number => row[0]!;
      /** Unseen by a scan of exports. */
      function hidden(y: Float32Array) { return y; }
    `;
    assert.deepEqual(declarationsIn('made.ts', text).flatMap(lacking), [
      'made.ts:2 bare: there is no docstring',
      'made.ts:4 sum: it throws, and there is no @throws',
      'made.ts:4 sum: x is Float32Array, and nothing gives its shape',
      'made.ts:14 Learnt: gradient is Float32Array, and nothing gives its shape',
      'made.ts:14 Learnt: kl has a unit, and nothing gives it',
      'made.ts:16 step: row is Float64Array, and nothing gives its shape',
    ]);
  });
});
