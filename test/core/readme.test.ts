import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, test } from 'node:test';
import { root } from './sources.ts';

/** The first program in TypeScript below a heading of the README. */
function programBelow(heading: string): string {
  const text = readFileSync(join(root, 'README.md'), 'utf8');
  const section = text.split(`\n## ${heading}\n`)[1]?.split('\n## ')[0];
  const program = section && /```ts\n([\s\S]*?)```/.exec(section)?.[1];
  assert.ok(program, `README.md has no program below "${heading}"`);
  return program;
}

describe("the README's program", () => {
  const folder = mkdtempSync(join(tmpdir(), 'mail-lab-readme-'));
  after(() => rmSync(folder, { recursive: true }));

  test('trains a policy that is better than chance, saves and loads it, and acts', () => {
    // As in a project that has mail-lab among its packages, beside the demonstrations.
    mkdirSync(join(folder, 'node_modules'));
    symlinkSync(root, join(folder, 'node_modules', 'mail-lab'), 'junction');
    symlinkSync(join(root, 'data'), join(folder, 'data'), 'junction');
    writeFileSync(join(folder, 'program.mts'), programBelow('The library in five lines'));
    const { stdout, stderr, status } = spawnSync(
      process.execPath,
      ['--import', import.meta.resolve('tsx'), 'program.mts'],
      { cwd: folder, encoding: 'utf8' },
    );
    assert.equal(status, 0, stderr);
    const numbers = stdout.match(/-?\d+/g)!.map(Number);
    const [returns, action] = [numbers.slice(0, -1), numbers.at(-1)!];
    assert.equal(returns.length, 10, stdout);
    // A random policy gets 24.
    assert.ok(returns.reduce((sum, x) => sum + x / returns.length, 0) > 100, stdout);
    assert.ok(action === 0 || action === 1, stdout);
    assert.ok(existsSync(join(folder, 'policy.json')));
  });
});
