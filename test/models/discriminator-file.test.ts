import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { discriminatorFromText, discriminatorToText } from '../../lib/models/discriminator-file.ts';
import { someDiscriminator } from '../confidence/samples.ts';

describe('a discriminator file', () => {
  test('gives back every number, for bounded actions and for one-hot ones', () => {
    for (const actBound of [0.7, Number.POSITIVE_INFINITY]) {
      const made = someDiscriminator(1, { actBound });
      assert.deepEqual(discriminatorFromText(discriminatorToText(made), 'd.json'), made);
    }
  });

  test('is refused, naming file and field, if it is another kind of file or its lengths do not fit', () => {
    const file = JSON.parse(discriminatorToText(someDiscriminator(1)));
    const changed = (changes: object) => () =>
      discriminatorFromText(JSON.stringify({ ...file, ...changes }), 'd.json');
    assert.throws(() => discriminatorFromText('{', 'd.json'), /d\.json.*not JSON: save the discriminator/s);
    assert.throws(changed({ format: 'mail-lab policy' }), /d\.json.*not a discriminator file.*format/s);
    assert.throws(changed({ extra: 1 }), /extra/);
    assert.throws(changed({ sizes: [5, 8, 1] }), /params_P/);
    assert.throws(changed({ actMean_A: [0] }), /actScale_A/);
    assert.throws(changed({ actMean_A: [0], actScale_A: [1] }), /actMean_A.*expected 2/s);
  });
});
