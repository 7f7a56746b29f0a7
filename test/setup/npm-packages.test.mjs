// The comparison of package-lock.json with what npm says it has installed.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { firstStalePackage, lockDisagreement } from '../../scripts/setup/npm-packages.mjs';

const machine = { platform: 'linux', arch: 'x64' };
const lock = {
  packages: {
    '': { dependencies: { a: '1.0.0' } },
    'node_modules/a': { version: '1.0.0', integrity: 'sha512-a' },
    'node_modules/for-linux': { version: '2.0.0', optional: true, os: ['linux'], cpu: ['x64'] },
    'node_modules/for-mac': { version: '2.0.0', optional: true, os: ['darwin'], cpu: ['x64'] },
    'node_modules/not-for-linux': { version: '2.0.0', optional: true, os: ['!linux'] },
    'node_modules/for-musl': { version: '2.0.0', optional: true, os: ['linux'], libc: ['musl'] },
  },
};
const installed = {
  packages: {
    'node_modules/a': { version: '1.0.0', integrity: 'sha512-a' },
    'node_modules/for-linux': { version: '2.0.0' },
  },
};

test('an install that lacks only the packages for other machines is fresh', () => {
  assert.equal(firstStalePackage(lock, installed, machine), undefined);
});

test('an install without the file that npm writes last counts as half-made', () => {
  assert.match(firstStalePackage(lock, undefined, machine) ?? '', /half-made/);
});

test('another version, another hash and a missing package are each named', () => {
  const withA = (a) => ({ packages: { ...installed.packages, 'node_modules/a': a } });
  const older = withA({ version: '0.9.0', integrity: 'sha512-a' });
  assert.equal(firstStalePackage(lock, older, machine), 'node_modules/a is 0.9.0, not 1.0.0');
  const forged = withA({ version: '1.0.0', integrity: 'sha512-b' });
  assert.equal(firstStalePackage(lock, forged, machine), 'node_modules/a has another hash');
  const { 'node_modules/a': _, ...rest } = installed.packages;
  assert.equal(firstStalePackage(lock, { packages: rest }, machine), 'node_modules/a is missing');
});

test('a node_modules that was installed on another platform is stale', () => {
  const onMac = { platform: 'darwin', arch: 'x64' };
  assert.equal(firstStalePackage(lock, installed, onMac), 'node_modules/for-mac is missing');
});

test('a package.json that was edited without its lock file is told apart', () => {
  assert.equal(lockDisagreement({ dependencies: { a: '1.0.0' } }, lock), undefined);
  assert.match(
    lockDisagreement({ dependencies: { a: '1.1.0' } }, lock) ?? '',
    /a is 1\.1\.0 in the one and 1\.0\.0/,
  );
  assert.match(lockDisagreement({ dependencies: {} }, lock) ?? '', /a is undefined in the one/);
});
