// The block diagrams as a picture for notebooks.
import { blockDiagramSvg, type DrawnPath } from './block-diagram-svg.ts';
import { DISPLAY, type MimeBundle } from './figure.ts';
import { pngOf } from './png.ts';

/** Shown when it is the last expression of a cell or is given to `display`. */
export interface BlockDiagrams {
  readonly svg: string;
  [DISPLAY](): MimeBundle;
}

/**
 * Model-free and model-based imitation side by side: values in grey, derivatives in colour where they flow.
 * @param paths of `gradientPaths`
 */
export function blockDiagrams(
  paths: readonly DrawnPath[],
  { caption }: { readonly caption: string },
): BlockDiagrams {
  const svg = blockDiagramSvg(paths, caption);
  return {
    svg,
    [DISPLAY]: () => ({ 'image/svg+xml': svg, 'image/png': pngOf(svg), 'text/plain': caption }),
  };
}
