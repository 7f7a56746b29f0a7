import assert from 'node:assert/strict';
import { test } from 'node:test';
import { addArray, addBooleans, type Dataset, readField, readHdf5, writeHdf5 } from '../../lib/data/hdf5.ts';
import { lookup3, STAND_IN, standInsToBooleans } from '../../lib/data/hdf5-booleans.ts';

test('lookup3 agrees with the values that its author publishes', () => {
  assert.equal(lookup3(new Uint8Array(0)), 0xdeadbeef);
  assert.equal(lookup3(new TextEncoder().encode('Four score and seven years ago')), 0x17770551);
});

test('booleans are stored as h5py stores them: an enumeration of FALSE and TRUE', async () => {
  const flags = Uint8Array.of(1, 0, 0, 1, 1);
  const bytes = await writeHdf5((root) => {
    addBooleans(root, { name: 'before', data: flags });
    addBooleans(root.create_group('inner'), { name: 'flags', data: new Uint8Array(3000).fill(1) });
    addArray(root, { name: 'numbers', data: Float64Array.of(0.5), shape: [1] });
  });
  await readHdf5(bytes, {
    name: 'x',
    read(root) {
      const { type, enum_type } = (root.get('before') as Dataset).metadata;
      assert.equal(type, 8);
      assert.deepEqual(enum_type, { type: 0, nmembers: 2, members: { FALSE: 0, TRUE: 1 } });
      assert.deepEqual([...readField(root, 'before', { file: 'x' }).values], [...flags]);
      assert.deepEqual([...readField(root, 'numbers', { file: 'x' }).values], [0.5]);
      const inner = readField(root, 'inner/flags', { file: 'x' });
      assert.deepEqual(inner.shape, [3000]);
      assert.ok(inner.values.every((value) => value === 1));
    },
  });
});

test('a stand-in outside of an object header is refused and never patched blindly', () => {
  const description = [0x36, 1, 0, 0, 1, 0, 0, 0, ...new TextEncoder().encode(`${STAND_IN}\0`)];
  const bytes = new Uint8Array(200);
  bytes.set(description, 100);
  const before = bytes.slice();
  assert.throws(() => standInsToBooleans(bytes), /byte 100 belongs to no object header/);
  assert.deepEqual(bytes, before);
});

test('files that are written and read at the same time do not meet', async () => {
  const written = await Promise.all(
    [1, 2, 3].map((x) =>
      writeHdf5((root) => addArray(root, { name: 'x', data: Float64Array.of(x), shape: [1] })),
    ),
  );
  const read = await Promise.all(
    written.map((bytes) =>
      readHdf5(bytes, { name: 'x', read: (root) => readField(root, 'x', { file: 'x' }).values[0] }),
    ),
  );
  assert.deepEqual(read, [1, 2, 3]);
});

test('an error in our own code is passed on as it is, and the clock goes on', async () => {
  const failing = () => {
    throw new TypeError('ours');
  };
  const clock = Date.now;
  await assert.rejects(writeHdf5(failing), TypeError);
  assert.equal(Date.now, clock);
  await assert.rejects(readHdf5(await writeHdf5(() => {}), { name: 'x', read: failing }), TypeError);
});
