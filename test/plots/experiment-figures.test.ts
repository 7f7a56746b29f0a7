// The figures of experiments: dose-response, profiles, reliability, heat maps, logarithmic lines, bootstrap bands.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { stream } from '../../lib/backend/rng.ts';
import { learningCurves } from '../../lib/plots/curves.ts';
import { doseResponse } from '../../lib/plots/dose-response.ts';
import {
  type FigureSpec,
  type HeatmapTrace,
  marginsOf,
  plotlyJson,
  type ScatterTrace,
} from '../../lib/plots/figure.ts';
import { heatMap, seedHeatMap } from '../../lib/plots/heat-map.ts';
import { logLines } from '../../lib/plots/log-lines.ts';
import { performanceProfiles } from '../../lib/plots/profile.ts';
import { reliabilityDiagram } from '../../lib/plots/reliability.ts';
import { colourAt } from '../../lib/plots/style.ts';
import { reachedCurves } from '../../lib/plots/survival.ts';
import { svgOf } from '../../lib/plots/svg.ts';
import { sampleRun } from './sample-runs.ts';

const bootstrap = () => ({ rng: stream(5, 'figures'), resamples: 200 });
const named = ({ data }: FigureSpec, name: string) =>
  data.find((trace) => trace.name === name) as ScatterTrace;

describe('learning curves with bootstrap bands', () => {
  const runs = ['mail', 'gail'].flatMap((algorithm) =>
    [0, 1, 2, 3].map((seed) => sampleRun({ algorithm, seed })),
  );
  const figure = learningCurves(runs, { bootstrap: bootstrap() });

  test('hold the interquartile mean inside the band, and say so', () => {
    const [band] = figure.data;
    const line = named(figure, 'mail (4 seeds)');
    const n = line.x.length;
    assert.equal(band!.x.length, 2 * n);
    line.y.forEach((value, i) => {
      const [high, low] = [(band as ScatterTrace).y[i]!, (band as ScatterTrace).y[2 * n - 1 - i]!];
      assert.ok(low <= value! && value! <= high);
    });
    assert.match(figure.caption, /band: 95 % bootstrap interval of that mean/);
  });

  test('have all bands behind all lines', () => {
    const bands = figure.data.map((trace) => trace.type === 'scatter' && trace.fill !== undefined);
    assert.deepEqual(bands, [true, true, ...new Array<boolean>(10).fill(false)]);
  });

  test('are the same again with the same stream', () => {
    assert.deepEqual(learningCurves(runs, { bootstrap: bootstrap() }).data, figure.data);
  });
});

describe('a dose-response', () => {
  const doses = [
    { level: 4, scores: [10, 12, 14] },
    { level: 0.25, scores: [1, 2, 3] },
  ];
  const options = { title: 'Size', factor: 'size of D', bootstrap: bootstrap(), caption: 'Pendulum.' };
  const figure = doseResponse({ MAIL: doses }, { ...options, references: { expert: 20 } });

  test('has the interquartile mean of every level, in order, and every seed', () => {
    assert.deepEqual(named(figure, 'MAIL').y, [2, 12]);
    assert.deepEqual(named(figure, 'MAIL, one seed').y, [1, 2, 3, 10, 12, 14]);
    assert.deepEqual(figure.layout.axes.xaxis!.ticktext, ['0.25', '4']);
    assert.deepEqual(named(figure, 'expert (20)').y, [20, 20]);
    assert.match(figure.caption, /^Pendulum\..*95 % bootstrap interval.*\(3 a level\)/);
  });

  test('places levels by size on request, logarithmically too', () => {
    const log = doseResponse({ MAIL: doses }, { ...options, scale: 'log' });
    named(log, 'MAIL').x.forEach((x, i) => {
      assert.ok(Math.abs(x - [0.25, 4][i]!) < 1e-9);
    });
  });

  test('has no interval from one seed, and is refused without a level', () => {
    const single = doseResponse({ MAIL: [{ level: 1, scores: [5] }] }, options);
    assert.deepEqual(
      single.data.map(({ type, name }) => [type, name]),
      [
        ['scatter', 'MAIL, one seed'],
        ['scatter', undefined],
        ['scatter', 'MAIL'],
      ],
    );
    assert.deepEqual((single.data[1] as ScatterTrace).y, [null, null, null]);
    assert.throws(() => doseResponse({}, options), /no level/);
    const none = { MAIL: [{ level: 0, scores: [5] }, ...doses] };
    assert.throws(() => doseResponse(none, { ...options, scale: 'log' }), /level 0 on a logarithmic axis/);
  });
});

test('a performance profile falls from all runs to none', () => {
  const figure = performanceProfiles(
    { MAIL: [[0.9], [0.8], [0.4]] },
    { title: 'Profiles', bootstrap: bootstrap(), caption: 'Hopper-v5.' },
  );
  const { y } = named(figure, 'MAIL');
  assert.deepEqual([y[0], y.at(-1)], [1, 0]);
  assert.ok(y.every((share, i) => i === 0 || share! <= y[i - 1]!));
});

describe('a reliability diagram', () => {
  const bins = [
    { low: 0, high: 0.5, count: 30, meanProbability: 0.2, expertShare: 0.3 },
    { low: 0.5, high: 1, count: 10, meanProbability: 0.7, expertShare: 0.6 },
  ];
  const figure = reliabilityDiagram({ D: bins }, { title: 'Calibration', caption: 'Hopper-v5.' });

  test('has found against predicted, over the share of pairs in each bin', () => {
    assert.deepEqual(
      [named(figure, 'D').x, named(figure, 'D').y],
      [
        [0.2, 0.7],
        [0.3, 0.6],
      ],
    );
    assert.deepEqual((figure.data[2] as ScatterTrace).y, [0.75, 0.25]);
  });

  test('names the axis that its panels share once, also in the static drawing', () => {
    assert.equal(svgOf(figure).split('predicted probability of').length, 2);
  });

  test('is refused without a bin', () => {
    assert.throws(() => reliabilityDiagram({ D: [] }, { title: 'x', caption: 'y' }), /without bins/);
  });
});

describe('a heat map', () => {
  const options = {
    title: 'Rate',
    columns: ['slow', 'fast'],
    rows: [1e-3, 1e-4],
    xTitle: 'decay',
    yTitle: 'rate',
    caption: 'x',
  };
  const figure = heatMap(
    [
      [1234, Number.NaN],
      [3, 4],
    ],
    {
      ...options,
      notes: [
        ['[1, 2]', ''],
        ['', ''],
      ],
    },
  );

  test('has room for the names of its rows', () => {
    const long = heatMap([[1], [2]], {
      ...options,
      columns: ['slow'],
      rows: ['short', 'a name with many letters'],
    });
    assert.ok(marginsOf(long).l > marginsOf(figure).l + 60);
  });

  test('of seeds shows their middle, its interval and how many there are, and an empty cell where there are none', () => {
    const seeds = seedHeatMap(
      [
        [[1, 2, 3, 4], []],
        [[7], [5, 5]],
      ],
      { ...options, digits: 1, bootstrap: bootstrap() },
    );
    const { z, text } = seeds.data[0] as HeatmapTrace;
    assert.deepEqual(z, [
      [7, 5],
      [2.5, null],
    ]);
    assert.deepEqual(text[0], ['7.0<br>1 seed', '5.0<br>5.0 to 5.0, 2 seeds']);
    assert.equal(text[1]![0], '2.5<br>1.0 to 4.0, 4 seeds');
    assert.equal(text[1]![1], '');
    assert.match(seeds.caption, /its 95 % bootstrap interval/);
  });

  test('has its first row on top, numbers in the cells, and nothing where nothing was measured', () => {
    const { z, text } = figure.data[0] as HeatmapTrace;
    assert.deepEqual(z, [
      [3, 4],
      [1234, null],
    ]);
    assert.deepEqual(text[1], ['1,234<br>[1, 2]', '']);
    assert.deepEqual(figure.layout.axes.yaxis!.ticktext, ['0.0001', '0.001']);
    const svg = svgOf(figure);
    for (const written of ['>1,234<', '>[1, 2]<', '>slow<']) assert.ok(svg.includes(written), written);
  });

  test('is refused if names are missing or there is no number', () => {
    assert.throws(() => heatMap([[1]], options), /1 rows with 1 columns under 2 row and 2 column names/);
    const empty = [Number.NaN, Number.NaN];
    assert.throws(() => heatMap([empty, empty], options), /without a number/);
  });

  test('takes its colours from the scale, ends included', () => {
    const scale = [
      [0, '#000000'],
      [0.5, '#808080'],
      [1, '#ff0000'],
    ] as const;
    assert.deepEqual(
      [0, 0.25, 0.5, 1].map((share) => colourAt(scale, share)),
      ['#000000', '#404040', '#808080', '#ff0000'],
    );
  });
});

test('lines on logarithmic axes name their few places, and what is not positive is refused', () => {
  const point = { x: 5, value: 1, low: -1, high: 2 };
  const options = { title: 'Variance', xTitle: 'horizon (steps)', yTitle: 'variance', caption: 'x' };
  const figure = logLines({ pathwise: [point, { ...point, x: 20 }] }, options);
  assert.deepEqual(figure.layout.axes.xaxis!.ticktext, ['5', '20']);
  assert.ok(
    (figure.data[0] as ScatterTrace).y.every((y) => y! > 0),
    'the band ends above zero',
  );
  assert.throws(() => logLines({ pathwise: [{ ...point, value: 0 }] }, options), /\(5, 0\) of "pathwise"/);
});

test('a legend that is too long for one row goes on in further rows, and the drawing makes room for it', () => {
  const lines = (count: number): FigureSpec => ({
    id: 'x',
    data: Array.from({ length: count }, (_, i) => ({
      type: 'scatter',
      mode: 'lines',
      x: [0, 1],
      y: [i, i],
      name: `a fairly long name, number ${i}`,
    })),
    layout: { axes: { xaxis: {}, yaxis: {} } },
    caption: '',
  });
  assert.equal(marginsOf(lines(7)).t - marginsOf(lines(2)).t, 48, 'three rows of at most three names');
  const places = [...svgOf(lines(7)).matchAll(/<text x="([\d.]+)" y="([\d.]+)"[^>]*>a fairly/g)];
  assert.equal(new Set(places.map(([, x]) => x)).size, 3);
  assert.equal(new Set(places.map(([, , y]) => y)).size, 3);
  assert.ok(Number(plotlyJson(lines(7)).layout.height) > 0);
});

describe('runs that reach a threshold', () => {
  const lifetimes = (...runs: [steps: number, reached: boolean][]) =>
    runs.map(([steps, reached]) => ({ steps, reached }));
  const caption = { title: 'When', threshold: '90 % of the expert', caption: 'Two methods.' };
  const shown = reachedCurves(
    {
      MAIL: lifetimes([10, true], [30, true], [20, false], [50, false]),
      GAIL: lifetimes([40, true]),
    },
    caption,
  );

  test('are drawn as steps to the end of the longest run; a run that was cut short still counts before', () => {
    const line = named(shown, 'MAIL (2 of 4)');
    // 1/4 after the first of four; of the two still under way at 30 one arrives: 1 - 3/4 * 1/2.
    assert.deepEqual(
      [line.x, line.y],
      [
        [0, 10, 30, 50],
        [0, 0.25, 0.625, 0.625],
      ],
    );
    assert.equal(line.line!.shape, 'hv');
    assert.deepEqual(named(shown, 'GAIL (1 of 1)').y, [0, 1, 1]);
  });

  test('have a dot where one ended without, at the share then', () => {
    const dots = named(shown, 'MAIL, ended without');
    assert.deepEqual(
      [dots.x, dots.y],
      [
        [20, 50],
        [0.25, 0.625],
      ],
    );
    assert.deepEqual(named(shown, 'GAIL, ended without').x, []);
    assert.match(shown.caption, /^Two methods\. .* 90 % of the expert, by Kaplan and Meier/);
    assert.match(svgOf(shown), /^<svg /);
  });

  test('cannot be drawn for a method without runs', () => {
    assert.throws(() => reachedCurves({ none: [] }, caption), /from 0 runs/);
  });
});
