// Redraws a live figure in place, seldom enough to cost training almost nothing.
import { newDisplay } from '../kernel/display.ts';
import { bringLibrary, figureBundle } from './bundle.ts';
import { type FigureSpec, plotlyJson } from './figure.ts';
import { liveHtml } from './html.ts';

/** What is drawn, and what stands above it. */
export interface Redrawn {
  readonly figure: () => FigureSpec;
  /** Environment steps so far: what speed is measured in. */
  readonly envSteps: () => number;
  /** Line above the figure, given the environment steps taken in the last seconds, per second. */
  readonly status: (stepsPerSecond: number) => string;
  /** Most redraws a second, up to 10. */
  readonly maxHz: number;
}

/** A figure that is drawn anew in its place. */
export interface Redrawer {
  /** Call it when there is something new: draws if it is time to. */
  changed(): void;
  /** Draws the final state with all its MIME types. */
  done(): void;
}

/** Share of the time since the first call that drawing may take. */
const MOST_COST = 0.03;
/** Speed is measured over the last so many seconds. */
const SPEED_WINDOW = 10;

/** A figure under the running cell that follows what changes. Outside a notebook it draws nothing. */
export function redrawer({ figure, envSteps, status, maxHz }: Redrawn): Redrawer {
  const shown = newDisplay();
  const began = performance.now() / 1000;
  const period = 1 / Math.min(10, maxHz);
  const track = [{ at: began, envSteps: 0 }];
  let lastDrawn = Number.NEGATIVE_INFINITY;
  let spent = 0;
  let begun = false;

  const draw = (now: number): void => {
    const spec = figure();
    if (!begun) bringLibrary(spec.id);
    begun = true;
    track.push({ at: now, envSteps: envSteps() });
    while (track.length > 2 && track[1]!.at < now - SPEED_WINDOW) track.shift();
    const first = track[0]!;
    const speed = now > first.at ? (envSteps() - first.envSteps) / (now - first.at) : 0;
    const said = status(speed);
    shown.update({ 'text/html': liveHtml(spec.id, plotlyJson(spec), said), 'text/plain': said });
    lastDrawn = performance.now() / 1000;
    spent += lastDrawn - now;
  };

  return {
    changed() {
      const now = performance.now() / 1000;
      if (now - lastDrawn < period || spent > MOST_COST * (now - began) + 0.05) return;
      draw(now);
    },
    done() {
      shown.update(figureBundle(figure()));
    },
  };
}
