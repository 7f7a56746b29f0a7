// The report's first page: verdicts, what was reached, all figures as pictures, how it was run. One file, nothing fetched, so
// that it can be sent to somebody.
import { escaped, htmlTable } from './html.mjs';
import { scorecardSection } from './scorecard.mjs';

/** @typedef {{name: string, file: string, seconds: number, cells: number, problems: object[], notebook: object}} Ran */

const joined = (text) => (Array.isArray(text) ? text.join('') : (text ?? ''));

/** First heading of a notebook, else its file name. */
export function titleOf(notebook, name) {
  for (const cell of notebook.cells) {
    const heading = cell.cell_type === 'markdown' && joined(cell.source).match(/^#\s+(.+)$/m);
    if (heading) return heading[1].trim();
  }
  return name;
}

/**
 * Every output with a PNG: the picture (base64), its caption, and its size without the caption that is drawn below it
 * (null where that is not known: film strips and diagrams).
 */
export function figuresOf(notebook) {
  return notebook.cells
    .flatMap((cell) => cell.outputs ?? [])
    .filter((output) => output.data?.['image/png'] !== undefined)
    .map(({ data }) => ({
      png: joined(data['image/png']).replaceAll('\n', ''),
      caption: joined(data['text/plain']),
      size: sizeOf(data['application/vnd.plotly.v1+json']),
    }));
}

/** The Plotly version of a figure has its caption as the last annotation, in the room added to the bottom margin. */
function sizeOf(plotly) {
  const { width, height, margin, annotations } = plotly?.layout ?? {};
  const caption = annotations?.at(-1);
  return caption ? { width, height: height - (margin.b + caption.yshift) } : null;
}

const STYLE = `
:root { color-scheme: light dark; --ink: #1d2126; --page: #fff; --line: #d9dde2; --soft: #f4f6f8; --link: #0b5cad; }
@media (prefers-color-scheme: dark) {
  :root { --ink: #e3e6ea; --page: #14171a; --line: #363c43; --soft: #1e2226; --link: #7db8f5; }
  figure img { filter: invert(0.92) hue-rotate(180deg); }
}
body { font: 16px/1.55 system-ui, sans-serif; max-width: 62rem; margin: 2rem auto 4rem; padding: 0 1.25rem;
  color: var(--ink); background: var(--page); }
a { color: var(--link); } h1, h2, h3 { line-height: 1.25; } h1 { margin-bottom: 0.3rem; }
h2 { margin-top: 3rem; padding-top: 1rem; border-top: 1px solid var(--line); } h3 { margin-top: 2rem; }
nav { background: var(--soft); border-radius: 6px; padding: 0.8rem 1.2rem; margin: 1.5rem 0; }
nav ol { margin: 0; padding-left: 1.4rem; columns: 2; column-gap: 2rem; } nav li { break-inside: avoid; }
table { border-collapse: collapse; font-variant-numeric: tabular-nums; font-size: 0.9rem; }
th, td { padding: 0.35rem 0.7rem; border-bottom: 1px solid var(--line); text-align: right; white-space: nowrap; }
th { border-bottom-width: 2px; vertical-align: bottom; } tbody tr:hover { background: var(--soft); }
th:nth-child(-n+2), td:nth-child(-n+2), .facts td { text-align: left; }
.scorecard, .effects { width: 100%; } .scorecard td { vertical-align: top; }
.scorecard td:nth-child(2), .scorecard td:nth-child(3), .effects td:first-child { white-space: normal; min-width: 14rem; }
.scorecard :is(th, td):nth-child(3), .scorecard :is(th, td):last-child { text-align: left; }
.facts td:last-child { white-space: normal; }
.verdict { font-weight: 600; white-space: nowrap; } .verdict::before { content: '● '; }
.supported::before { color: #009e73; } .mixed::before { color: #e69f00; }
.not-supported::before { color: #d55e00; } .not-yet-measured::before { color: #8c8c8c; }
details { border: 1px solid var(--line); border-radius: 6px; padding: 0.5rem 0.9rem; margin: 0.5rem 0; }
details:target { border-color: var(--link); } summary { cursor: pointer; } summary .verdict { margin-left: 0.5rem; }
.wide { overflow-x: auto; } .failed { color: #d55e00; font-weight: 600; } .quiet { opacity: 0.75; }
figure { margin: 1.5rem 0 2rem; max-width: 760px; break-inside: avoid; }
figure img { display: block; width: 100%; height: auto; background: #fff; }
.cropped { overflow: hidden; } figcaption { font-size: 0.85rem; line-height: 1.45; opacity: 0.85; margin-top: 0.3rem; }
pre { white-space: pre-wrap; font-size: 0.85rem; border-left: 3px solid #d55e00; padding-left: 0.8rem; }
@media (max-width: 40rem) { nav ol { columns: 1; } }
@media print {
  :root { --ink: #000; --page: #fff; --line: #bbb; --soft: #fff; --link: #000; }
  @page { margin: 15mm; }
  body { font-size: 10.5pt; max-width: none; margin: 0; padding: 0; } table { font-size: 8.5pt; }
  th, td { padding: 0.2rem 0.4rem; white-space: normal; } tr { break-inside: avoid; } .wide { overflow: visible; }
  h2, h3 { break-after: avoid; } h2 { margin-top: 1.5rem; } figure img { filter: none; max-height: 110mm; width: auto; max-width: 100%; }
  .cropped { aspect-ratio: auto !important; } .cropped + figcaption { display: none; }
  details:not([open]) { border: 0; padding: 0; margin: 0.2rem 0; }
}
`;

/**
 * @param {{runs: {head: string[], rows: string[][]}, scorecard: object[] | null, notebooks: Ran[], facts: [string, string][]}} content
 *   scorecard: as `readScorecard` gives it
 */
export function reportPage({ runs, scorecard, notebooks, facts }) {
  const failed = notebooks.filter(({ problems }) => problems.some(({ kind }) => kind === 'error'));
  const state =
    failed.length === 0 ? 'all ran to the end' : `<span class="failed">${failed.length} failed</span>`;
  const about = Object.fromEntries(facts);
  const stamp = ['date', 'profile', 'mail-lab'].filter((name) => about[name] !== undefined);
  return `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<title>mail-lab: reproduction report</title><style>${STYLE}</style></head><body>
<h1>mail-lab: reproduction report</h1>
<p>Can an imitator learn a skill from a few demonstrations with the help of a discriminator and a learned model of the world
(model-based adversarial imitation learning, MAIL)? A verdict on each claim, and every figure as this machine made it.</p>
<p class="quiet">${stamp.map((name) => `${escaped(name)} ${escaped(about[name])}`).join(' · ')} · ${notebooks.length} notebook${notebooks.length === 1 ? '' : 's'}: ${state}</p>
<nav aria-label="Contents"><ol>
<li><a href="#scorecard">Scorecard</a></li>
<li><a href="#results">What was reached</a></li>
<li><a href="#notebooks">Notebooks</a></li>
${notebooks.map(({ name, notebook }) => `<li><a href="#${escaped(name)}">${escaped(titleOf(notebook, name))}</a></li>`).join('\n')}
<li><a href="#facts">How it was run</a></li>
</ol></nav>
<h2 id="scorecard">Scorecard</h2>
${scorecardSection(scorecard)}
<h2 id="results">What was reached</h2>
${resultsTable(runs)}
<h2 id="notebooks">Notebooks</h2>
${htmlTable(['notebook', 'title', 'cells', 'seconds', 'state'], notebooks.map(contentsRow))}
<h2>Figures</h2>
${notebooks.map(figuresSection).join('\n')}
<h2 id="facts">How it was run</h2>
${htmlTable(
  ['', ''],
  facts.map((row) => row.map(escaped)),
  'facts',
)}
</body></html>
`;
}

function contentsRow({ name, file, notebook, cells, seconds, problems }) {
  const errors = problems.filter(({ kind }) => kind === 'error');
  const state =
    errors.length === 0 ? 'ok' : `<span class="failed">failed in cell ${errors[0].cell ?? '?'}</span>`;
  const link = `<a href="${escaped(file)}">${escaped(name)}</a>`;
  return [link, escaped(titleOf(notebook, name)), cells, seconds.toFixed(1), state];
}

function resultsTable({ head, rows }) {
  if (rows.length === 0) return '<p class="quiet">The notebooks that were run left no run records.</p>';
  return `<p>The runs that the notebooks made for this report, each with its seed.</p>
${htmlTable(
  head,
  rows.map((row) => row.map(escaped)),
)}
<p class="quiet">Returns and lengths are means over the episodes of an evaluation by mean action, of the averaged policy where it was evaluated. Seconds leave evaluations out.</p>`;
}

function figuresSection({ name, file, notebook, problems }) {
  const errors = problems.map(
    (problem) =>
      `<p class="failed">${problem.kind === 'error' ? 'Error' : 'Standard error'} in cell ${problem.cell ?? '?'}</p><pre>${escaped(problem.traceback || problem.text || `${problem.name}: ${problem.value}`)}</pre>`,
  );
  const figures = figuresOf(notebook).map(figureHtml);
  return `<h3 id="${escaped(name)}"><a href="${escaped(file)}">${escaped(titleOf(notebook, name))}</a></h3>${errors.join('')}${figures.join('\n') || '<p class="quiet">No figures.</p>'}`;
}

/** The caption as text under the picture; where it cannot be cut off the picture, only there and in the alternative text. */
function figureHtml({ png, caption, size }) {
  const picture = (alt) => `<img src="data:image/png;base64,${png}" width="760" alt="${escaped(alt)}">`;
  if (size === null) return `<figure>${picture(caption)}</figure>`;
  return `<figure><div class="cropped" style="aspect-ratio:${size.width}/${size.height}">${picture('')}</div><figcaption>${escaped(caption)}</figcaption></figure>`;
}
