// Loads tfjs-node in a process of its own and multiplies two matrices; prints the version of TensorFlow's library.
const util = require('node:util');

// tfjs-node 4.22 still calls two functions that Node 23 removed (tensorflow/tfjs#8609).
util.isNullOrUndefined ??= (value) => value === null || value === undefined;
util.isArray ??= Array.isArray;

const tf = require('@tensorflow/tfjs-node');
const product = tf.matMul(
  [
    [1, 2],
    [3, 4],
  ],
  [
    [5, 6],
    [7, 8],
  ],
);
const got = Array.from(product.dataSync()).join(' ');
if (tf.getBackend() !== 'tensorflow') throw new Error(`The backend is ${tf.getBackend()}, not tensorflow`);
if (got !== '19 22 43 50') throw new Error(`The product of two matrices is ${got}, not 19 22 43 50`);
process.stdout.write(`${JSON.stringify({ tensorflow: tf.backend().binding.TF_Version })}\n`);
