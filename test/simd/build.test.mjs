import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { describe, test } from 'node:test';
import { compileSimd } from '../../scripts/build-simd.mjs';

describe('the compiled SIMD engine', () => {
  test('is what its sources compile to today, byte by byte', async () => {
    const committed = readFileSync(new URL('../../lib/simd/wasm.ts', import.meta.url), 'utf8');
    const fresh = await compileSimd();
    assert.ok(committed === fresh, 'lib/simd/wasm.ts is not up to date: run npm run build:simd');
  });

  test('asks nothing of its host, so that no host can change what it computes', async () => {
    const { wasmBase64 } = await import('../../lib/simd/wasm.ts');
    const compiled = await WebAssembly.compile(Buffer.from(wasmBase64, 'base64'));
    assert.deepEqual(WebAssembly.Module.imports(compiled), []);
  });
});
