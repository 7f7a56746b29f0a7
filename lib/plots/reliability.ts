// Reliability diagram: of the pairs that were called "70 % expert", are 70 % the expert's?
import { type Figure, figure, type ScatterTrace, slug, type Trace } from './figure.ts';
import { colour, DASHES, REFERENCE, translucent } from './style.ts';

/** One bin of predicted probabilities, as `calibration` gives it. */
export interface ReliabilityPoint {
  readonly low: number;
  readonly high: number;
  readonly count: number;
  readonly meanProbability: number;
  readonly expertShare: number;
}

/** What `reliabilityDiagram` shows. */
export interface ReliabilityOptions {
  readonly title: string;
  /** What the figure shows: task, discriminator, whose pairs, seeds. What is drawn is added. */
  readonly caption: string;
  readonly height?: number;
}

/**
 * Share of expert pairs against the probability that was predicted, bin by bin, over the share of pairs in each bin.
 * @param series name to bins, for example before and after temperature scaling
 * @throws RangeError if there is no bin
 */
export function reliabilityDiagram(
  series: Readonly<Record<string, readonly ReliabilityPoint[]>>,
  { title, caption, height = 460 }: ReliabilityOptions,
): Figure {
  const groups = Object.entries(series);
  if (groups.every(([, bins]) => bins.length === 0))
    throw new RangeError('Cannot draw a reliability diagram without bins: give at least one');
  const perfect: ScatterTrace = {
    type: 'scatter',
    mode: 'lines',
    x: [0, 1],
    y: [0, 1],
    name: 'perfectly calibrated',
    line: { color: REFERENCE, width: 1.5, dash: 'dash' },
    hoverinfo: 'skip',
  };
  const data = groups.flatMap(([name, bins], g): Trace[] => {
    const color = colour(g);
    const total = bins.reduce((sum, { count }) => sum + count, 0);
    const width = bins.length === 0 ? 0 : Math.min(...bins.map(({ low, high }) => high - low));
    const slot = (0.8 * width) / groups.length;
    return [
      {
        type: 'scatter',
        mode: 'lines+markers',
        x: bins.map(({ meanProbability }) => meanProbability),
        y: bins.map(({ expertShare }) => expertShare),
        name,
        line: { color, width: 2, dash: DASHES[g % DASHES.length]! },
        marker: { color, size: 9 },
        hovertemplate: `${name}<br>predicted %{x:.2f}, found %{y:.2f}<extra></extra>`,
      },
      {
        type: 'bar',
        x: bins.map(({ low, high }) => (low + high) / 2 + slot * (g - (groups.length - 1) / 2)),
        y: bins.map(({ count }) => count / total),
        width: slot,
        marker: { color: translucent(color, 0.75) },
        yaxis: 'y2',
        showlegend: false,
      },
    ];
  });
  return figure({
    id: slug(title),
    data: [perfect, ...data],
    layout: {
      title: { text: title },
      height,
      axes: {
        xaxis: { title: { text: 'predicted probability of "expert"' }, range: [0, 1], anchor: 'y2' },
        yaxis: { title: { text: 'share of expert pairs' }, range: [-0.02, 1.02], domain: [0.32, 1] },
        yaxis2: {
          title: { text: 'share of pairs' },
          rangemode: 'tozero',
          domain: [0, 0.22],
          nticks: 3,
          anchor: 'x',
        },
      },
    },
    caption: `${caption} Above: expert pairs among those of a bin against its mean predicted probability; on the dashed line the two agree. Below: how the pairs spread over the bins.`,
  });
}
