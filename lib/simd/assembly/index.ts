// The functions that lib/simd/engine.ts calls. Pointers are byte addresses in the module's memory.

export { makeHead } from './action';
export { adamStep } from './adam';
export { alloc, allocRows, padded, reset } from './arena';
export { applyFunction } from './functions';
export { discriminatorGradient, modelGradient } from './learners';
export { matmul } from './matmul';
export { collectGradient, copyRows, makeNet } from './net';
export { policyGradient } from './policy';
