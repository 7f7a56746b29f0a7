// Rich output from cells and from library code. Node-free: outside the kernel every function returns quietly, so that
// code which draws can run anywhere.

/** Where the kernel keeps its door to the frontend. */
export const DISPLAY_KEY: unique symbol = Symbol.for('mail-lab.display');

/** A MIME bundle: MIME type to content. JSON types take objects, binary types take base64 text. */
export type MimeBundle = Record<string, unknown>;

/** What the kernel puts under `DISPLAY_KEY`. */
export interface DisplayDoor {
  /** Sends display_data, or update_display_data if `update`. */
  show(bundle: MimeBundle, options: { metadata?: MimeBundle; displayId?: string; update?: boolean }): void;
  /** Empties the output of the running cell; with `wait`, once the next output is there. */
  clear(wait: boolean): void;
  /** A display id that no other display has. */
  newId(): string;
}

/** An output that can be replaced in place. */
export interface LiveDisplay {
  /** Shows the bundle: a new output the first time, from then on the same output with new content. */
  update(bundle: MimeBundle, metadata?: MimeBundle): void;
}

function door(): DisplayDoor | undefined {
  return (globalThis as unknown as Record<symbol, DisplayDoor | undefined>)[DISPLAY_KEY];
}

/** The method by which a value says how it is shown. */
export const DISPLAY_METHOD: unique symbol = Symbol.for('Jupyter.display');

/** What knows how to show itself: figures, players. Deno's kernel looks for the same method. */
export interface Displayable {
  [DISPLAY_METHOD](): Readonly<MimeBundle>;
}

/**
 * Shows a MIME bundle, or something that knows how to show itself, below the running cell, in order with what was
 * printed. Does nothing outside the kernel.
 */
export function display(shown: MimeBundle | Displayable, metadata?: MimeBundle): void {
  const method = (shown as Partial<Displayable>)[DISPLAY_METHOD];
  door()?.show(
    method === undefined ? (shown as MimeBundle) : method.call(shown),
    metadata ? { metadata } : {},
  );
}

/** An output for live figures and progress: its first `update` shows it, later ones replace it in place, also from later cells. */
export function newDisplay(): LiveDisplay {
  const displayId = door()?.newId() ?? '';
  let update = false;
  return {
    update(bundle, metadata) {
      door()?.show(bundle, { displayId, update, ...(metadata && { metadata }) });
      update = true;
    },
  };
}

/** Empties the output of the running cell. With `wait`, the old output stays until new output comes (no flicker). */
export function clearOutput(wait = false): void {
  door()?.clear(wait);
}
