// Several runs that are made one after the other, in one figure that follows them: what a live ablation is watched on.
import { judgedEvaluations, type RecordLine } from '../experiment/record.ts';
import { mean } from '../stats/aggregate.ts';
import { type References, referenceTraces } from './curves.ts';
import { type FigureSpec, type ScatterTrace, slug } from './figure.ts';
import { addLine, type LiveState, newLiveState, statusText } from './live.ts';
import { redrawer } from './redraw.ts';
import { colour, DASHES } from './style.ts';

/** What a board shows, and how much there is to come. */
export interface BoardOptions {
  readonly title: string;
  /** How many runs there will be, and the environment steps of each: the axes and the time left are reckoned from them. */
  readonly runs: number;
  readonly envStepsPerRun: number;
  /** Returns, drawn as horizontal lines, for example `{expert: 500, random: 24}`. */
  readonly references?: References;
  /** Tag of the metric below the return. Default: 'disc/accuracy'. */
  readonly metric?: string;
  /** What that is, with its unit. Default: 'discriminator accuracy'. */
  readonly metricTitle?: string;
  /** Limits of its axis. Default: from 0.4 to 1, where an accuracy lies. */
  readonly metricRange?: readonly [number, number];
}

/** A run on the board. Runs of one name, which are seeds, share a colour. */
export interface BoardRun {
  readonly name: string;
  readonly state: LiveState;
}

/** A board that follows runs. */
export interface LiveBoard {
  /** Takes a record line of the run of that name in: give this to `runHere`. A header, or another name, begins a run. */
  onEvent(line: RecordLine, name: string): void;
  /** Draws the final state with all its MIME types. Call it when the runs end, also by an interrupt. */
  done(): void;
}

/**
 * A board under the cell that follows runs: return above, a metric below, against environment steps, a line for each run.
 * Outside a notebook it draws nothing.
 */
export function liveBoard({ maxHz = 5, ...options }: BoardOptions & { readonly maxHz?: number }): LiveBoard {
  const runs: BoardRun[] = [];
  const total = options.runs * options.envStepsPerRun;
  const envSteps = () => runs.reduce((sum, { state }) => sum + state.envSteps, 0);
  const { changed, done } = redrawer({
    figure: () => boardFigure(runs, options),
    envSteps,
    status: (speed) => `run ${runs.length} of ${options.runs} · ${statusText(envSteps(), total, speed)}`,
    maxHz,
  });
  return {
    onEvent(line, name) {
      if (line.kind === 'header' || runs.at(-1)?.name !== name) runs.push({ name, state: newLiveState() });
      addLine(runs.at(-1)!.state, line);
      changed();
    },
    done,
  };
}

/** The board as a figure. */
export function boardFigure(
  runs: readonly BoardRun[],
  {
    title,
    envStepsPerRun,
    references = {},
    metric = 'disc/accuracy',
    metricTitle = 'discriminator accuracy',
    metricRange = [0.4, 1.02],
  }: BoardOptions,
): FigureSpec {
  const last = Math.max(envStepsPerRun, ...runs.map(({ state }) => state.envSteps));
  const names = [...new Set(runs.map(({ name }) => name))];
  const data = runs.flatMap(({ name, state }, i): ScatterTrace[] => {
    const k = names.indexOf(name);
    const style = { color: colour(k), width: 2.5, dash: DASHES[k % DASHES.length]! };
    const { x, y } = state.metrics.get(metric) ?? { x: [], y: [] };
    const curve = { type: 'scatter', mode: 'lines', name, line: style } as const;
    // A name stands in the legend once, with its first run.
    const first = runs.findIndex((run) => run.name === name) === i;
    return [
      { ...curve, ...returnsOf(state), showlegend: first },
      { ...curve, x: [...x], y: [...y], xaxis: 'x2', yaxis: 'y2', showlegend: false },
    ];
  });
  data.push(...referenceTraces(references, last));
  const range = [0, last * 1.01] as const;
  const steps = { range, tickformat: ',d', title: { text: 'environment steps' } };
  return {
    id: slug(`live-${title}`),
    data,
    layout: {
      title: { text: title },
      height: 580,
      showlegend: true,
      axes: {
        xaxis: { ...steps, anchor: 'y' },
        yaxis: {
          domain: [0.51, 1],
          rangemode: 'tozero',
          tickformat: ',~r',
          title: { text: 'return per episode' },
        },
        xaxis2: { ...steps, anchor: 'y2' },
        yaxis2: {
          domain: [0, 0.34],
          anchor: 'x2',
          nticks: 5,
          range: metricRange,
          title: { text: metricTitle },
        },
      },
    },
    caption: captionOf(runs, references, metricTitle),
  };
}

/** Evaluations of the averaged policy where there are any, else of the raw one. */
function returnsOf({ evaluations }: LiveState): { x: number[]; y: number[] } {
  const judged = judgedEvaluations(evaluations);
  const averaged = judged.filter(({ weights }) => weights === 'averaged');
  const shown = averaged.length > 0 ? averaged : judged;
  return {
    x: shown.map(({ envSteps }) => envSteps),
    y: shown.map(({ returns_E }) => mean(returns_E)),
  };
}

function captionOf(runs: readonly BoardRun[], references: References, metricTitle: string): string {
  const headers = runs.flatMap(({ state }) => (state.header ? [state.header] : []));
  const list = (values: readonly (string | number)[]) => [...new Set(values)].join(', ');
  const last = runs.flatMap(({ state }) => judgedEvaluations(state.evaluations)).at(-1);
  const about =
    headers.length === 0
      ? ''
      : `${list(headers.map(({ algorithm }) => algorithm))} on ${list(headers.map(({ env }) => env))}, seeds ${list(headers.map(({ seed }) => seed))}. `;
  const episodes =
    last === undefined ? '' : ` over ${last.returns_E.length} episodes, ${last.actions} actions`;
  const lines = Object.keys(references);
  return `${about}Above: mean return of the averaged policy${episodes}. Below: ${metricTitle}, averaged since the previous point.${lines.length > 0 ? ` Grey lines: ${lines.join(', ')}.` : ''}`;
}
