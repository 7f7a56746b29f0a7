import assert from 'node:assert/strict';
import { test } from 'node:test';
import { inflateSync } from 'node:zlib';
import { DISPLAY_KEY, type DisplayDoor } from '../../lib/kernel/display.ts';
import { figureBundle } from '../../lib/plots/bundle.ts';
import { DISPLAY, figure, plotlyJson, slug } from '../../lib/plots/figure.ts';
import { figureHtml, scriptJson } from '../../lib/plots/html.ts';
import { palettePng } from '../../lib/plots/png.ts';
import { colour, DASHES, INK, luminance, PALETTE, textWidth, wrap } from '../../lib/plots/style.ts';
import { linearTicks, logTicks, svgOf } from '../../lib/plots/svg.ts';

const plain = figure({
  id: 'plain',
  data: [{ type: 'scatter', mode: 'lines', x: [0, 1, 2], y: [1, Number.NaN, 1 / 3], name: 'a' }],
  layout: { axes: { xaxis: { title: { text: 'time (s)' } }, yaxis: { title: { text: 'height (m)' } } } },
  caption: 'A <plain> figure & its caption.',
});

test('a figure shows itself with every MIME type that a viewer may want', () => {
  const bundle = plain[DISPLAY]();
  assert.deepEqual(Object.keys(bundle), [
    'application/vnd.plotly.v1+json',
    'text/html',
    'image/png',
    'text/plain',
  ]);
  const png = Buffer.from(bundle['image/png'] as string, 'base64');
  assert.equal(png.subarray(1, 4).toString(), 'PNG');
  assert.equal(png.readUInt32BE(16), 950, 'width: 760 CSS pixels at 1.25');
  assert.equal(bundle['text/plain'], 'A <plain> figure & its caption.');
});

test('the same figure gives the same bytes again', () => {
  assert.equal(JSON.stringify(figureBundle(plain)), JSON.stringify(figureBundle(plain)));
});

test('the first figure of a kernel brings the library along, and again when its cell is run again', () => {
  const outputs: string[] = [];
  const door: DisplayDoor = {
    show: (bundle) => outputs.push(String(bundle['text/html'])),
    clear: () => {},
    newId: () => '',
  };
  const scope = globalThis as unknown as Record<symbol, unknown>;
  const second = figure({ ...plain, id: 'second' });
  scope[DISPLAY_KEY] = door;
  try {
    const html = [plain, second, plain].map((shown) => String(shown[DISPLAY]()['text/html']));
    assert.ok(html.every((text) => text.length < 60_000 && !text.includes('DecompressionStream')));
  } finally {
    delete scope[DISPLAY_KEY];
  }
  assert.equal(outputs.length, 2);
  assert.ok(outputs[0]!.length > 400_000 && outputs[0]!.includes('DecompressionStream'));
  assert.equal(outputs[1], outputs[0]);
});

test('what Plotly gets is rounded, has no NaN, and lets the page shine through', () => {
  const { data, layout } = plotlyJson(plain);
  assert.deepEqual(data[0]!.y, [1, null, 0.33333]);
  assert.equal(layout.paper_bgcolor, 'rgba(0,0,0,0)');
  assert.equal(layout.plot_bgcolor, 'rgba(0,0,0,0)');
});

test('the static drawing names both axes and carries the caption, escaped', () => {
  const svg = svgOf(plain);
  for (const text of ['time (s)', 'height (m)', 'A &lt;plain&gt; figure &amp; its caption.'])
    assert.ok(svg.includes(text), text);
});

test('text from a figure cannot end its script element', () => {
  const html = figureHtml('x', plotlyJson(plain), '</script><b>', '');
  assert.equal(html.split('</script>').length, 2, 'one script element, closed once');
  assert.deepEqual(JSON.parse(scriptJson({ a: '</script>\u2028' })), { a: '</script>\u2028' });
});

test('inks and series colours stand out on white and on the dark theme', () => {
  const contrast = (a: string, b: string) => {
    const [high, low] = [luminance(a), luminance(b)].sort((x, y) => y - x) as [number, number];
    return (high + 0.05) / (low + 0.05);
  };
  for (const page of ['#ffffff', '#111111']) {
    assert.ok(contrast(INK, page) > 4.2, `${INK} on ${page}`);
    for (const series of PALETTE.slice(0, 3)) assert.ok(contrast(series, page) > 3, `${series} on ${page}`);
  }
});

test('ticks are round numbers inside the range', () => {
  assert.deepEqual(linearTicks(0, 3571, 5), [0, 1000, 2000, 3000]);
  assert.deepEqual(linearTicks(-0.3, 0.3, 6), [-0.3, -0.2, -0.1, 0, 0.1, 0.2, 0.3]);
  assert.deepEqual(linearTicks(1.02, 0.48, 3), [1, 0.8, 0.6]);
  assert.deepEqual(linearTicks(0, 40_400, 2), [0, 20_000, 40_000]);
  assert.deepEqual(logTicks(-2, 1), [0.01, 0.1, 1, 10]);
  assert.deepEqual(logTicks(0.2, 1.2), [2, 5, 10]);
});

test('captions wrap at the width and lose no word', () => {
  const caption = 'one two three four five six seven eight nine ten';
  const lines = wrap(caption, 120);
  assert.ok(lines.length > 1 && lines.every((line) => textWidth(line) <= 120));
  assert.equal(lines.join(' '), caption);
});

test('element ids come from titles alone', () => {
  assert.equal(slug('Return on Hopper-v5 (4 trajectories)'), 'return-on-hopper-v5-4-trajectories');
});

test('a picture with few colours keeps each of them in its palette', () => {
  const rgba = Uint8Array.from([255, 0, 0, 255, 0, 0, 255, 255, 255, 0, 0, 255, 1, 2, 3, 255]);
  const png = palettePng(rgba, 2, 2);
  const part = (type: string) => {
    const at = png.indexOf(type);
    return png.subarray(at + 4, at + 4 + png.readUInt32BE(at - 4));
  };
  const palette = part('PLTE');
  const rows = inflateSync(part('IDAT'));
  const colours = [rows[1]!, rows[2]!, rows[4]!, rows[5]!].map((i) => [
    ...palette.subarray(3 * i, 3 * i + 3),
  ]);
  assert.deepEqual(colours, [
    [255, 0, 0],
    [0, 0, 255],
    [255, 0, 0],
    [1, 2, 3],
  ]);
});

test('no two of the first 30 series look alike', () => {
  const looks = Array.from({ length: 30 }, (_, i) => `${colour(i)} ${DASHES[i % DASHES.length]}`);
  assert.equal(new Set(looks).size, 30);
});
