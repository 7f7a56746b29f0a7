// `node --require` this: tfjs-node's native addon is not there, as after a set-up without a compiler.
'use strict';
const fs = require('node:fs');

const { existsSync } = fs;
// The first thing that tfjs-node does is to ask whether its addon exists; it throws if not.
fs.existsSync = (path) => !String(path).endsWith('tfjs_binding.node') && existsSync(path);
