import assert from 'node:assert/strict';
import { test } from 'node:test';
import { areaUnderCurve, commonSteps, curveOf, type Polyline } from '../../lib/stats/learning-curve.ts';
import { sampleRun } from '../plots/sample-runs.ts';
import { fixture, same } from './fixtures.ts';

interface CurveFixture extends Polyline {
  readonly spans: readonly { readonly from: number; readonly until: number; readonly area: number }[];
}

test('areas under curves are trapezoids over NumPy interpolation', () => {
  for (const { spans, ...curve } of fixture<readonly CurveFixture[]>('curves'))
    for (const { from, until, area } of spans) same(areaUnderCurve(curve, { from, until }), area);
});

test('a flat curve has its height as area, over any span', () => {
  const curve = { envSteps: [10, 20, 70], meanReturn: [3, 3, 3] };
  for (const until of [5, 15, 70, 100]) same(areaUnderCurve(curve, { until }), 3);
  assert.throws(() => areaUnderCurve(curve, { from: 5, until: 5 }), /from 5 until 5/);
});

test('the common steps of curves lie where all of them have been evaluated', () => {
  const curves = [0, 3].map((seed) => curveOf(sampleRun({ seed })));
  const steps = commonSteps(curves);
  assert.ok(steps.length > 25 && steps.at(-1) === 50_000);
  assert.deepEqual(
    steps,
    [...steps].sort((a, b) => a - b),
  );
});
