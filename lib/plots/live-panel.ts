// Ties the live panel to the notebook: redraws in place, seldom enough to cost training almost nothing.
import type { OnEvent } from '../experiment/record.ts';
import { newDisplay } from '../kernel/display.ts';
import { bringLibrary, figureBundle } from './bundle.ts';
import { plotlyJson } from './figure.ts';
import { liveHtml } from './html.ts';
import { addLine, type LiveOptions, liveFigure, newLiveState, statusText } from './live.ts';

/** A figure that grows while a run goes on. */
export interface LivePanel {
  /** Give this to a training run as its `onEvent`. */
  readonly onEvent: OnEvent;
  /** Draws the final state with all its MIME types. Call it when training ends, also by an interrupt. */
  done(): void;
}

/** What the panel shows, and how often. */
export interface LivePanelOptions extends LiveOptions {
  /** Most redraws a second, up to 10. */
  readonly maxHz?: number;
}

/** Share of the time since the panel began that drawing may take. */
const MOST_COST = 0.03;
/** Speed is measured over the last so many seconds. */
const SPEED_WINDOW = 10;

/**
 * A panel under the cell that follows training: return (raw and averaged policy) above discriminator accuracy, model
 * error and gradient norm, against environment steps. Outside a notebook it draws nothing.
 */
export function livePanel({ maxHz = 5, ...options }: LivePanelOptions): LivePanel {
  const state = newLiveState();
  const shown = newDisplay();
  const began = performance.now() / 1000;
  const period = 1 / Math.min(10, maxHz);
  const track = [{ at: began, envSteps: 0 }];
  let lastDrawn = Number.NEGATIVE_INFINITY;
  let spent = 0;
  let begun = false;

  const draw = (now: number): void => {
    const spec = liveFigure(state, options);
    if (!begun) bringLibrary(spec.id);
    begun = true;
    track.push({ at: now, envSteps: state.envSteps });
    while (track.length > 2 && track[1]!.at < now - SPEED_WINDOW) track.shift();
    const { at, envSteps } = track[0]!;
    const speed = now > at ? (state.envSteps - envSteps) / (now - at) : 0;
    const status = statusText(state.envSteps, options.totalEnvSteps, speed);
    shown.update({ 'text/html': liveHtml(spec.id, plotlyJson(spec), status), 'text/plain': status });
    lastDrawn = performance.now() / 1000;
    spent += lastDrawn - now;
  };

  return {
    onEvent(line) {
      addLine(state, line);
      const now = performance.now() / 1000;
      if (now - lastDrawn < period || spent > MOST_COST * (now - began) + 0.05) return;
      draw(now);
    },
    done() {
      shown.update(figureBundle(liveFigure(state, options)));
    },
  };
}
