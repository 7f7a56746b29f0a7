// Watching policies: an animation with play, scrub and speed in the notebook, and a film strip as its still picture.
import { DISPLAY, type MimeBundle, slug } from './figure.ts';
import { filmStripSvg } from './film-strip.ts';
import { playerHtml } from './player-html.ts';
import { pngOf } from './png.ts';
import type { Scene } from './scene.ts';

export interface PlayerOptions {
  /** Replace the scenes' own labels, in order. */
  readonly labels?: readonly string[];
  /** What is seen: task, policies, how they were made. */
  readonly caption: string;
}

/** Shown when it is the last expression of a cell or is given to `display`. */
export interface Player {
  readonly scenes: readonly Scene[];
  readonly caption: string;
  [DISPLAY](): MimeBundle;
}

/**
 * Scenes side by side, on one clock.
 * @throws if there is no scene, or one without frames
 */
export function player(scenes: readonly Scene[], { labels, caption }: PlayerOptions): Player {
  if (scenes.length === 0) throw new Error('Cannot play 0 scenes: give at least one');
  const named = scenes.map((scene, i) => ({ ...scene, label: labels?.[i] ?? scene.label }));
  for (const { label, frames } of named)
    if (frames.length === 0) throw new Error(`Cannot play the scene "${label}" as it has no frames`);
  return {
    scenes: named,
    caption,
    [DISPLAY]() {
      const png = pngOf(filmStripSvg(named, caption));
      const id = slug(`player-${named.map(({ label }) => label).join('-')}`);
      return {
        'text/html': playerHtml(id, named, caption, png),
        'image/png': png,
        'text/plain': caption,
      };
    },
  };
}
