// The HTML part of a figure's MIME bundle: a PNG that a script replaces by the Plotly figure. Where scripts are
// stripped, the PNG stays. Free of Node; the library itself comes in as text (plotly-bundle.ts).
import type { PlotlyJson } from './figure.ts';
import { FONT, INK, WIDTH } from './style.ts';
import { escapeXml } from './svg.ts';

/** An expression: the promise of Plotly that all scripts of a page share, whichever of them runs first. */
const PLOTLY =
  '(window.mailLabPlotly??=(()=>{let resolve;const promise=new Promise(r=>{resolve=r});promise.resolve=resolve;return promise})())';

const CAPTION_STYLE = `font:12px/1.4 ${FONT.replaceAll('"', "'")};color:var(--jp-content-font-color1,${INK});margin:2px 8px 8px;max-width:${WIDTH - 16}px`;

/**
 * Unpacks Plotly once per page; later copies do nothing. The text is hidden from AMD loaders that some exported
 * pages carry, since the bundle would otherwise hand itself to them.
 *
 * @param gzipBase64 the library, gzip, base64
 */
export function libraryHtml(gzipBase64: string): string {
  return `<script>(()=>{const ready=${PLOTLY};if(ready.started)return;ready.started=true;
const bytes=Uint8Array.from(atob("${gzipBase64}"),c=>c.charCodeAt(0));
new Response(new Blob([bytes]).stream().pipeThrough(new DecompressionStream("gzip"))).text().then(text=>{
const script=document.createElement("script");script.textContent="(function(define,module,exports){"+text+"\\n})()";
document.head.append(script);script.remove();ready.resolve(window.Plotly)})})()</script>`;
}

/** A figure with its caption. `png` is base64. */
export function figureHtml(id: string, json: PlotlyJson, caption: string, png: string): string {
  return `<figure id="${id}" style="margin:0;max-width:${WIDTH}px"><div>${image(png, caption)}</div><figcaption style="${CAPTION_STYLE};display:none">${escapeXml(caption)}</figcaption></figure>
<script>(here=>{const figure=here.previousElementSibling,box=figure.firstChild;${PLOTLY}.then(Plotly=>{
box.replaceChildren();figure.lastChild.style.display="block";const json=${scriptJson(json)};Plotly.newPlot(box,json.data,json.layout,json.config)})})(document.currentScript)</script>`;
}

/**
 * A figure that is sent again and again into the same output: the drawn element is kept on the page and moves into
 * each new output before the browser paints, so the plot changes in place and never flickers.
 *
 * @param status one line of text above the plot
 */
export function liveHtml(id: string, json: PlotlyJson, status: string): string {
  const height = Number(json.layout.height ?? 400);
  return `<figure id="${id}" style="margin:0;max-width:${WIDTH}px;min-height:${height + 24}px"><div style="${CAPTION_STYLE}">${escapeXml(status)}</div></figure>
<script>(here=>{const figure=here.previousElementSibling,json=${scriptJson(json)};
const kept=(window.mailLabLive??={}),box=kept["${id}"]??=document.createElement("div");figure.append(box);
${PLOTLY}.then(Plotly=>{if(box.isConnected)Plotly.react(box,json.data,json.layout,json.config)})})(document.currentScript)</script>`;
}

/** The picture that stands where no script runs. */
export function image(png: string, alt: string): string {
  return `<img src="data:image/png;base64,${png}" alt="${escapeXml(alt)}" width="${WIDTH}" style="max-width:100%">`;
}

/** JSON that may stand inside a script element. */
export function scriptJson(value: unknown): string {
  return JSON.stringify(value)
    .replaceAll('<', '\\u003c')
    .replaceAll('\u2028', '\\u2028')
    .replaceAll('\u2029', '\\u2029');
}
