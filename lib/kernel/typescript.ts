// The compiler inside tslab, by a short name: the transformations take it as an argument, since tslab brings its own.
import type TypeScript from '@tslab/typescript-for-tslab';

/** The compiler's own module. */
export type Ts = typeof TypeScript;
