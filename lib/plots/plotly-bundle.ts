// Plotly for embedding in a notebook: plotly.js-dist read as a file (it cannot be imported in Node), cut down to the
// trace types that our figures use, minified, gzipped. 10.1 MB become 0.55 MB of base64. Kept in the per-user cache.
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { homedir } from 'node:os';
import { dirname, join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { transformSync } from 'esbuild';

/** Trace modules beside `scatter`, which is always there. */
const TRACES = ['bar', 'box', 'contour', 'heatmap', 'histogram', 'violin'];

const require = createRequire(import.meta.url);
let embedded: string | undefined;

/** The library, gzip, base64: the same text on every machine with the same versions. */
export function plotlyGzipBase64(): string {
  embedded ??= cached();
  return embedded;
}

/** Version of plotly.js-dist. */
export function plotlyVersion(): string {
  return (require('plotly.js-dist/package.json') as { version: string }).version;
}

function cached(): string {
  const source = readFileSync(require.resolve('plotly.js-dist/plotly.js'));
  const recipe = readFileSync(new URL(import.meta.url));
  const key = createHash('sha256').update(source).update(recipe).digest('hex').slice(0, 16);
  const folder =
    process.env.MAIL_LAB_CACHE ?? join(process.env.XDG_CACHE_HOME ?? join(homedir(), '.cache'), 'mail-lab');
  const file = join(folder, `plotly-${plotlyVersion()}-${key}.b64`);
  if (existsSync(file)) return readFileSync(file, 'utf8');
  const code = minified(source.toString('utf8'));
  const text = gzipSync(code, { level: 9 }).toString('base64');
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(`${file}.${process.pid}.tmp`, text);
  renameSync(`${file}.${process.pid}.tmp`, file);
  return text;
}

/**
 * The distributed file is one function of CommonJS modules and a list of trace modules to register. With a shorter
 * list, and the module wrappers marked as free of side effects, esbuild drops what nothing reaches any more.
 *
 * @throws if plotly.js-dist is not built as expected (another version)
 */
function minified(source: string): string {
  const begin = cutAfter(source, 'var Plotly = (() => {\n', source.indexOf('var Plotly = (() => {\n'));
  const end = source.indexOf('\n  return require_index();\n})();', begin);
  const register = source.lastIndexOf('Plotly.register([', end);
  const registerEnd = source.indexOf(']);', register);
  const listed = source.slice(register, registerEnd);
  const missing = TRACES.filter((name) => !listed.includes(`require_${name}2()`));
  if (end < 0 || register < begin || missing.length > 0)
    throw new Error(
      `Cannot cut plotly.js-dist ${plotlyVersion()} down as its file is laid out in another way than that of 4.1.1: install 4.1.1 or adapt plotly-bundle.ts`,
    );
  const wanted = TRACES.map((name) => `require_${name}2()`).join(',');
  const body = `${source.slice(begin, register)}Plotly.register([${wanted}${source.slice(registerEnd, end)}\nwindow.Plotly = require_index();\n`;
  const pure = body.replace(/^ {2}var (\w+) = (__commonJS|__esm)\(/gm, '  var $1 = /* @__PURE__ */ $2(');
  const { code } = transformSync(pure, {
    minify: true,
    treeShaking: true,
    format: 'iife',
    target: 'es2020',
    legalComments: 'none',
  });
  return `/* plotly.js ${plotlyVersion()}, MIT licence, Plotly, Inc., with its bundled parts under MIT, BSD and ISC */\n${code}`;
}

function cutAfter(text: string, mark: string, at: number): number {
  if (at < 0)
    throw new Error(`Cannot find "${mark.trim()}" in plotly.js-dist ${plotlyVersion()}: install 4.1.1`);
  return text.indexOf(mark, at) + mark.length;
}
