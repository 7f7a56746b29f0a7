import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { nearestName } from '../../lib/agents/nearest-name.ts';

describe('the name that was meant', () => {
  const known = ['horizon', 'policyRate', 'policyHidden', 'gamma'];

  test('is the one with the fewest edits, letter case apart', () => {
    assert.equal(nearestName('horizn', known), 'horizon');
    assert.equal(nearestName('horrizon', known), 'horizon');
    assert.equal(nearestName('policyrate', known), 'policyRate');
    assert.equal(nearestName('policyHiden', known), 'policyHidden');
    assert.equal(nearestName('gama', known), 'gamma');
  });

  test('is none where nothing is near, or nothing is known', () => {
    assert.equal(nearestName('entropyBonus', known), undefined);
    assert.equal(nearestName('lr', ['learningRate']), undefined);
    assert.equal(nearestName('horizon', []), undefined);
  });
});
