// The modules of lib/ and what each of them imports, read from the sources by TypeScript's own scanner.
import { readdirSync, readFileSync } from 'node:fs';
import { join, posix } from 'node:path';
import { fileURLToPath } from 'node:url';
import ts from 'typescript';

export const root = fileURLToPath(new URL('../..', import.meta.url));

/**
 * Every TypeScript module of lib/, as a path below it, with its imports: paths below lib/, or names of packages. Without
 * the AssemblyScript, which is compiled to WebAssembly and looks like TypeScript only.
 */
export function libImports(): Map<string, readonly string[]> {
  const folder = join(root, 'lib');
  const modules = readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && entry.name.endsWith('.ts'))
    .map((entry) => posix.relative(folder, join(entry.parentPath, entry.name)))
    .filter((path) => !path.startsWith('simd/assembly/'))
    .sort();
  return new Map(
    modules.map((path) => {
      const { importedFiles } = ts.preProcessFile(readFileSync(join(folder, path), 'utf8'));
      const imports = importedFiles.map(({ fileName }) =>
        fileName.startsWith('.') ? posix.join(posix.dirname(path), fileName) : fileName,
      );
      return [path, imports];
    }),
  );
}
