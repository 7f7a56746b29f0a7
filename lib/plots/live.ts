// A panel that follows a training run in place: return, discriminator, model and gradient norm against environment
// steps, with speed and time left. Pure bookkeeping and drawing; `livePanel` in live-panel.ts ties it to a notebook.
import {
  type EvaluationLine,
  type HeaderLine,
  judgedEvaluations,
  type RecordLine,
} from '../experiment/record.ts';
import { mean } from '../stats/aggregate.ts';
import { referenceTraces } from './curves.ts';
import { type Axis, type FigureSpec, type ScatterTrace, slug } from './figure.ts';
import { colour } from './style.ts';

/** What the panel has seen so far. Changed in place by `addLine`. */
export interface LiveState {
  header: HeaderLine | null;
  envSteps: number;
  readonly evaluations: EvaluationLine[];
  /** Per metric tag: environment steps and values. */
  readonly metrics: Map<string, { readonly x: number[]; readonly y: number[] }>;
}

/** What the panel shows. */
export interface LiveOptions {
  readonly title: string;
  /** Drawn as a horizontal line. */
  readonly expertReturn?: number;
  /** Environment steps that the run will take: the width of the axes, and what the time left is reckoned from. */
  readonly totalEnvSteps?: number;
}

/** The small plots below the return, in this order; a plot without data is left out. */
const METRICS: readonly { readonly tag: string; readonly label: string; readonly axis: Axis }[] = [
  { tag: 'disc/accuracy', label: 'discriminator accuracy', axis: { range: [0.4, 1.02] } },
  { tag: 'model/mse', label: 'model error (mean sq.)', axis: { type: 'log' } },
  { tag: 'policy/gradNorm', label: 'policy gradient norm', axis: { type: 'log' } },
];
/** Most points of a curve that are sent to the page. */
const MOST_POINTS = 300;

/** Before the first line. */
export function newLiveState(): LiveState {
  return { header: null, envSteps: 0, evaluations: [], metrics: new Map() };
}

/** Takes one record line in. */
export function addLine(state: LiveState, line: RecordLine): void {
  if (line.kind === 'header') state.header = line;
  if ('envSteps' in line) state.envSteps = Math.max(state.envSteps, line.envSteps);
  if (line.kind === 'evaluation') state.evaluations.push(line);
  if (line.kind === 'metrics')
    for (const [tag, value] of Object.entries(line.metrics)) {
      const series = state.metrics.get(tag) ?? { x: [], y: [] };
      state.metrics.set(tag, series);
      series.x.push(line.envSteps);
      series.y.push(value);
    }
}

/** The panel as a figure. */
export function liveFigure(
  state: LiveState,
  { title, expertReturn, totalEnvSteps }: LiveOptions,
): FigureSpec {
  const last = Math.max(totalEnvSteps ?? 0, state.envSteps, 1);
  const range = [0, last * 1.01] as const;
  const small = shownMetrics(state);
  const data: ScatterTrace[] = (['raw', 'averaged'] as const).flatMap((weights, i) =>
    returnTrace(state, weights, i),
  );
  if (expertReturn !== undefined) data.push(...referenceTraces({ expert: expertReturn }, last));
  const steps = { text: 'environment steps' };
  const axes: Record<string, Axis> = {
    xaxis: { range, anchor: 'y', tickformat: ',d', title: steps },
    yaxis: {
      domain: small.length === 0 ? [0, 1] : [0.51, 1],
      rangemode: 'tozero',
      tickformat: ',~r',
      title: { text: 'return per episode' },
    },
  };
  small.forEach(({ tag, label, axis }, k) => {
    const n = k + 2;
    const gap = 0.13;
    const width = (1 - gap * (small.length - 1)) / small.length;
    const left = k * (width + gap);
    axes[`xaxis${n}`] = {
      domain: [left, Math.min(1, left + width)],
      range,
      anchor: `y${n}`,
      nticks: 3,
      tickformat: '~s',
      title: steps,
    };
    axes[`yaxis${n}`] = { domain: [0, 0.34], anchor: `x${n}`, nticks: 5, title: { text: label }, ...axis };
    const series = state.metrics.get(tag)!;
    data.push({
      type: 'scatter',
      mode: 'lines',
      ...thinned(series.x, series.y),
      xaxis: `x${n}`,
      yaxis: `y${n}`,
      line: { color: colour(k + 2), width: 1.5 },
      name: label,
      showlegend: false,
      hovertemplate: `${label}<br>%{x:,d} steps: %{y:.3~g}<extra></extra>`,
    });
  });
  return {
    id: slug(`live-${title}`),
    data,
    layout: { title: { text: title }, height: small.length === 0 ? 400 : 580, showlegend: true, axes },
    caption: captionOf(state, expertReturn),
  };
}

function returnTrace(state: LiveState, weights: 'raw' | 'averaged', i: number): ScatterTrace[] {
  const lines = judgedEvaluations(state.evaluations).filter((line) => line.weights === weights);
  if (lines.length === 0) return [];
  return [
    {
      type: 'scatter',
      mode: lines.length < 40 ? 'lines+markers' : 'lines',
      ...thinned(
        lines.map((line) => line.envSteps),
        lines.map((line) => mean(line.returns_E)),
      ),
      name: `${weights} policy`,
      line: {
        color: colour(1 - i),
        width: weights === 'raw' ? 1.5 : 2.5,
        dash: weights === 'raw' ? 'dot' : 'solid',
      },
      marker: { color: colour(1 - i), size: 4 },
      hovertemplate: `${weights} policy<br>%{x:,d} steps: %{y:,.0f}<extra></extra>`,
    },
  ];
}

/** Those of the small plots that there is something to draw of. */
function shownMetrics({ metrics }: LiveState) {
  return METRICS.filter(({ tag }) => metrics.has(tag));
}

function captionOf(state: LiveState, expertReturn: number | undefined): string {
  const { header, evaluations, envSteps } = state;
  const run = header === null ? '' : `${header.algorithm} on ${header.env}, seed ${header.seed}. `;
  const last = judgedEvaluations(evaluations).at(-1);
  const episodes =
    last === undefined ? '' : ` over ${last.returns_E.length} evaluation episodes, ${last.actions} actions`;
  const expert = expertReturn === undefined ? '' : ' Dashed: the expert.';
  const accuracy = state.metrics.has('disc/accuracy') ? '; 0.5 is a discriminator that cannot tell' : '';
  const returns =
    shownMetrics(state).length === 0
      ? `Mean return${episodes}`
      : `Above: mean return${episodes}. Below: training metrics, each averaged since the previous point${accuracy}`;
  return `${run}${returns}. ${envSteps.toLocaleString('en-US')} environment steps.${expert}`;
}

/** At most `MOST_POINTS` points: means of equal runs of points, so that a spike is not lost by chance of sampling. */
function thinned(x: readonly number[], y: readonly number[]): { x: number[]; y: number[] } {
  const every = Math.ceil(x.length / MOST_POINTS);
  if (every <= 1) return { x: [...x], y: [...y] };
  const out = { x: [] as number[], y: [] as number[] };
  for (let from = 0; from < x.length; from += every) {
    const part = y.slice(from, from + every);
    out.x.push(x[Math.min(from + every, x.length) - 1]!);
    out.y.push(part.reduce((a, b) => a + b, 0) / part.length);
  }
  return out;
}

/** `12,400 of 50,000 environment steps · 420 steps/s · 1:29 left`. */
export function statusText(
  envSteps: number,
  totalEnvSteps: number | undefined,
  stepsPerSecond: number,
): string {
  const parts = [
    totalEnvSteps === undefined
      ? `${envSteps.toLocaleString('en-US')} environment steps`
      : `${envSteps.toLocaleString('en-US')} of ${totalEnvSteps.toLocaleString('en-US')} environment steps`,
  ];
  if (stepsPerSecond > 0) {
    parts.push(`${Number(stepsPerSecond.toPrecision(3)).toLocaleString('en-US')} steps/s`);
    const left = totalEnvSteps === undefined ? 0 : (totalEnvSteps - envSteps) / stepsPerSecond;
    if (left > 0) parts.push(`${clock(left)} left`);
  }
  return parts.join(' · ');
}

/** Seconds as `m:ss`, or `h:mm:ss` from one hour on. */
export function clock(seconds: number): string {
  const whole = Math.round(seconds);
  const [h, m, s] = [Math.floor(whole / 3600), Math.floor(whole / 60) % 60, whole % 60];
  const ss = String(s).padStart(2, '0');
  return h > 0 ? `${h}:${String(m).padStart(2, '0')}:${ss}` : `${m}:${ss}`;
}
