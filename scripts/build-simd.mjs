// npm run build:simd: compiles lib/simd/assembly (AssemblyScript) and writes lib/simd/wasm.ts, which is committed, so that
// nobody needs the compiler to use the lab.
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import asc from 'assemblyscript/asc';
import { isProgram } from './setup.mjs';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');
const target = join(root, 'lib', 'simd', 'wasm.ts');

/**
 * The text of lib/simd/wasm.ts from the sources as they are.
 * @throws Error with the compiler's messages
 */
export async function compileSimd() {
  const folder = mkdtempSync(join(tmpdir(), 'mail-lab-simd-'));
  const wasm = join(folder, 'mail.wasm');
  try {
    const flags = ['--runtime', 'stub', '--enable', 'simd', '-O3', '--noAssert', '--use', 'abort='];
    // Vectors pass between our own modules alone, never to JavaScript, which the compiler cannot know.
    const quiet = ['--disableWarning', '112'];
    const args = ['lib/simd/assembly/index.ts', ...flags, ...quiet, '--baseDir', root, '--outFile', wasm];
    const { error, stderr } = await asc.main(args);
    if (error) throw new Error(`Cannot compile lib/simd/assembly: ${error.message}\n${stderr.toString()}`);
    const text = readFileSync(wasm).toString('base64');
    return [
      '// Written by `npm run build:simd` from lib/simd/assembly: do not edit.',
      '/** The compiled module, base64. */',
      'export const wasmBase64 =',
      `  '${text}';`,
      '',
    ].join('\n');
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

if (isProgram(import.meta.url)) {
  const text = await compileSimd();
  writeFileSync(target, text);
  console.log(`lib/simd/wasm.ts: ${text.length} characters`);
}
