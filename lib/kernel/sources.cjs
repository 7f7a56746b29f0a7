'use strict';
// Lets `require` read the project's TypeScript. esbuild turns each file into CommonJS when it is first needed. The time stamp of
// every loaded file is kept: that is what hot reload compares.

const fs = require('node:fs');
const Module = require('node:module');
const path = require('node:path');
const esbuild = require('esbuild');

/** Source maps (JSON text) and source texts of the loaded files, by file name. */
const maps = new Map();
/** File name -> the stamp that the file had when it was loaded. */
const stamps = new Map();

function stamp(file) {
  const stat = fs.statSync(file, { throwIfNoEntry: false });
  return stat ? `${stat.mtimeMs} ${stat.size}` : 'absent';
}

/** esbuild works in a child process, which an interrupt from Jupyter (sent to the whole process group) takes down. */
function transform(source, options) {
  try {
    return esbuild.transformSync(source, options);
  } catch (error) {
    if (!/The service (is no longer running|was stopped)/.test(error.message)) throw error;
    esbuild.stop();
    return esbuild.transformSync(source, options);
  }
}

/** A file that imports one of the project's own by `import()`: it has to become `require`, so that a module has one instance. */
const IMPORTS_OWN_FILE = /\bimport\(\s*['"]\./;

function compileTypeScript(module, file) {
  const source = fs.readFileSync(file, 'utf8');
  const { code, map } = transform(source, {
    loader: file.endsWith('x') ? 'tsx' : 'ts',
    format: 'cjs',
    target: 'node20',
    sourcefile: file,
    sourcemap: 'external',
    sourcesContent: false,
    keepNames: true,
    // Otherwise it stays what it is, since some packages can be imported but not required.
    supported: { 'dynamic-import': !IMPORTS_OWN_FILE.test(source) },
    define: {
      'import.meta.url': '__importMetaUrl',
      'import.meta.filename': '__filename',
      'import.meta.dirname': '__dirname',
    },
  });
  maps.set(file, { map, source });
  // On the first line, so that the lines of the map still hold.
  const meta = code.includes('__importMetaUrl')
    ? 'const __importMetaUrl = require("node:url").pathToFileURL(__filename).href;'
    : '';
  module._compile(meta + code, file);
}

/** Installs the reader for .ts and .tsx, and the bookkeeping for every file of the project (packages excepted). */
function register(root) {
  const own = (file) =>
    file.startsWith(root + path.sep) && !file.includes(`${path.sep}node_modules${path.sep}`);
  for (const extension of ['.ts', '.tsx', '.js', '.json']) {
    const original = extension.startsWith('.ts') ? compileTypeScript : Module._extensions[extension];
    Module._extensions[extension] = (module, file) => {
      if (own(file)) stamps.set(file, stamp(file));
      original(module, file);
    };
  }
}

/** True if a loaded file has changed since, `keep` excepted. */
function anyChanged(keep) {
  for (const [file, loaded] of stamps) if (!keep.has(file) && stamp(file) !== loaded) return true;
  return false;
}

/** Forgets every loaded file but those of `keep`, so that the next `require` reads them again. */
function forget(keep) {
  for (const file of stamps.keys()) {
    if (keep.has(file)) continue;
    delete require.cache[file];
    stamps.delete(file);
  }
}

/** The files loaded so far. */
function loaded() {
  return new Set(stamps.keys());
}

module.exports = { register, maps, stamp, anyChanged, forget, loaded };
