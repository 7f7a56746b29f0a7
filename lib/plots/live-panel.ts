// Ties the live panel to the notebook.
import type { OnEvent } from '../experiment/record.ts';
import { addLine, type LiveOptions, liveFigure, newLiveState, statusText } from './live.ts';
import { redrawer } from './redraw.ts';

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

/**
 * A panel under the cell that follows training: return (raw and averaged policy) above discriminator accuracy, model
 * error and gradient norm, against environment steps. Outside a notebook it draws nothing.
 */
export function livePanel({ maxHz = 5, ...options }: LivePanelOptions): LivePanel {
  const state = newLiveState();
  const { changed, done } = redrawer({
    figure: () => liveFigure(state, options),
    envSteps: () => state.envSteps,
    status: (speed) => statusText(state.envSteps, options.totalEnvSteps, speed),
    maxHz,
  });
  return {
    onEvent(line) {
      addLine(state, line);
      changed();
    },
    done,
  };
}
