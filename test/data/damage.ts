// Ways to damage a file that a reader has to bear: it gives the same numbers or a FormatError that names the file.
import assert from 'node:assert/strict';
import { FormatError } from '../../lib/data/format-error.ts';

/** Reads the file cut short in many places and with bytes flipped, `step` bytes apart; at least one must be an error. */
export async function bearsDamage(
  bytes: Uint8Array,
  read: (bytes: Uint8Array) => Promise<unknown>,
  { step = 61 }: { readonly step?: number } = {},
): Promise<void> {
  const whole = await read(bytes);
  let errors = 0;
  const attempt = async (damaged: Uint8Array, what: string) => {
    try {
      await read(damaged);
    } catch (error) {
      assert.ok(error instanceof FormatError, `${what}: ${error}`);
      errors++;
    }
  };
  for (let at = 0; at < bytes.length; at += step) {
    const flipped = bytes.slice();
    flipped[at]! ^= 0xff;
    await attempt(flipped, `byte ${at} flipped`);
  }
  const before = errors;
  for (const share of [0, 0.01, 0.3, 0.6, 0.99])
    await attempt(bytes.slice(0, share * bytes.length), `cut to ${share}`);
  assert.equal(errors - before, 5, 'a file that is cut short is no whole file');
  assert.ok(before > 0);
  assert.deepEqual(await read(bytes), whole);
}
