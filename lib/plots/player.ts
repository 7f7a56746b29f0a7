// Watching policies: an animation with play, scrub and speed in the notebook, and a film strip as its still picture.
import type { Trajectory } from '../data/types.ts';
import { DISPLAY, type MimeBundle, slug } from './figure.ts';
import { filmStripSvg } from './film-strip.ts';
import { playerHtml } from './player-html.ts';
import { pngOf } from './png.ts';
import { type Scene, sceneOf } from './scene.ts';

/** An episode to be watched. */
export interface Played {
  /** Whose episode it is. */
  readonly label: string;
  readonly trajectory: Trajectory;
  /** The discriminator's belief that each pair of the episode is the expert's, 0 to 1, [T]. */
  readonly confidence_T?: ArrayLike<number>;
}

/** What `play` shows. */
export interface PlayOptions {
  /** Task of all the episodes, one of `ENV_IDS`. */
  readonly env: string;
  /** What is seen: task, policies, how they were made. */
  readonly caption: string;
  /** Keep one moment every so many steps; the player draws what lies between. Default: about 30 a second. */
  readonly every?: number;
}

/** Shown when it is the last expression of a cell or is given to `display`. */
export interface Player {
  readonly scenes: readonly Scene[];
  readonly caption: string;
  [DISPLAY](): MimeBundle;
}

/**
 * Episodes of one task side by side, on one clock, with reward, return and confidence read out at every step. Robots are
 * placed by their saved states; without them by the observations.
 * @throws if there is no episode, no drawing of the task, or an episode that is not one of it
 */
export async function play(
  episodes: readonly Played[],
  { env, caption, every }: PlayOptions,
): Promise<Player> {
  if (episodes.length === 0) throw new Error('Cannot play 0 episodes: give at least one');
  const scenes: Scene[] = [];
  for (const [color, { trajectory, ...shown }] of episodes.entries())
    scenes.push(
      await sceneOf(env, trajectory, { ...shown, color, ...(every === undefined ? {} : { every }) }),
    );
  return {
    scenes,
    caption,
    [DISPLAY]() {
      const png = pngOf(filmStripSvg(scenes, caption));
      const id = slug(`player-${env}-${scenes.map(({ label }) => label).join('-')}`);
      return {
        'text/html': playerHtml(id, scenes, caption, png),
        'image/png': png,
        'text/plain': caption,
      };
    },
  };
}
