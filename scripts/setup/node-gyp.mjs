// The compiler driver that comes with npm, and the headers of this Node.
import { existsSync, readFileSync, realpathSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { npmScript } from './npm-packages.mjs';

/** The node-gyp that comes with npm. */
export function nodeGyp() {
  return join(dirname(dirname(npmScript())), 'node_modules', 'node-gyp', 'bin', 'node-gyp.js');
}

/** The folder that holds include/node of just this Node, or undefined: then node-gyp downloads the headers. */
export function nodeHeaders() {
  const prefix = dirname(dirname(realpathSync(process.execPath)));
  const file = join(prefix, 'include', 'node', 'node_version.h');
  if (!existsSync(file) || !existsSync(join(prefix, 'include', 'node', 'common.gypi'))) return undefined;
  const text = readFileSync(file, 'utf8');
  const part = (name) => text.match(new RegExp(`#define NODE_${name}_VERSION (\\d+)`))?.[1];
  const version = [part('MAJOR'), part('MINOR'), part('PATCH')].join('.');
  return version === process.versions.node ? prefix : undefined;
}
