'use strict';
// Starts the notebook kernel: `node lib/kernel/launcher.cjs <connection file>`. Plain JavaScript, since nothing that reads
// TypeScript is loaded yet. Everything that must hold before the first module of the project loads is settled here.

const fs = require('node:fs');
const path = require('node:path');

/** The kernel hooks into these packages, so other versions of them are refused. */
const PINNED = { tslab: '1.0.22', '@tslab/typescript-for-tslab': '5.0.4' };
const OLDEST_NODE = [20, 19];

const root = path.resolve(__dirname, '..', '..');

function fail(message) {
  process.stderr.write(`${message}\n`);
  process.exit(1);
}

function checkVersions() {
  const [major, minor] = process.versions.node.split('.').map(Number);
  if (major < OLDEST_NODE[0] || (major === OLDEST_NODE[0] && minor < OLDEST_NODE[1]))
    fail(
      `Cannot start the kernel on Node ${process.versions.node}: install Node ${OLDEST_NODE.join('.')} or newer`,
    );
  for (const [name, version] of Object.entries(PINNED)) {
    const file = path.join(root, 'node_modules', name, 'package.json');
    if (!fs.existsSync(file))
      fail(`Cannot start the kernel as ${name} is not installed: run "npm run setup"`);
    const found = JSON.parse(fs.readFileSync(file, 'utf8')).version;
    if (found !== version)
      fail(
        `Cannot start the kernel with ${name} ${found}, as its hooks fit ${version} only: run "npm run setup"`,
      );
  }
}

/** TensorFlow reads these once, when it loads. Whatever the user has set stays. */
function setDefaults() {
  const threads = process.env.MAIL_LAB_THREADS || '1';
  process.env.TF_CPP_MIN_LOG_LEVEL ??= '3';
  process.env.TF_NUM_INTRAOP_THREADS ??= threads;
  process.env.TF_NUM_INTEROP_THREADS ??= '1';
  process.env.OMP_NUM_THREADS ??= threads;
  process.noDeprecation = true; // a dependency's deprecation would end up as red text under a cell
}

const connectionFile = process.argv[2] && path.resolve(process.argv[2]);
if (!connectionFile)
  fail('Cannot start the kernel without a connection file: give its path as the only argument');
checkVersions();
setDefaults();
process.chdir(root);
const sources = require('./sources.cjs');
sources.register(root);
require('./main.ts').start({ root, connectionFile, sources });
