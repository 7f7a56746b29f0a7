// The report's first page: what was run, what it reached, and all figures as pictures. One file, nothing fetched.

/** @typedef {{name: string, file: string, seconds: number, cells: number, problems: object[], notebook: object}} Ran */

const html = (text) =>
  String(text).replace(/[&<>"]/g, (c) => ({ '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' })[c]);

const joined = (text) => (Array.isArray(text) ? text.join('') : (text ?? ''));

/** First heading of a notebook, else its file name. */
export function titleOf(notebook, name) {
  for (const cell of notebook.cells) {
    const heading = cell.cell_type === 'markdown' && joined(cell.source).match(/^#\s+(.+)$/m);
    if (heading) return heading[1].trim();
  }
  return name;
}

/** Every output with a PNG: the picture (base64) and its caption. */
export function figuresOf(notebook) {
  return notebook.cells
    .flatMap((cell) => cell.outputs ?? [])
    .filter((output) => output.data?.['image/png'] !== undefined)
    .map(({ data }) => ({
      png: joined(data['image/png']).replaceAll('\n', ''),
      caption: joined(data['text/plain']),
    }));
}

const STYLE = `
:root { color-scheme: light dark; }
body { font: 16px/1.55 system-ui, sans-serif; max-width: 60rem; margin: 2rem auto; padding: 0 1rem; }
h1, h2, h3 { line-height: 1.25; } h2 { margin-top: 2.5rem; }
table { border-collapse: collapse; font-variant-numeric: tabular-nums; font-size: 0.9rem; }
th, td { padding: 0.3rem 0.8rem; border-bottom: 1px solid #8884; text-align: right; white-space: nowrap; }
th:nth-child(-n+2), td:nth-child(-n+2) { text-align: left; }
.wide { overflow-x: auto; } .failed { color: #d55e00; font-weight: 600; } .quiet { opacity: 0.75; }
figure { margin: 1.5rem 0; } figure img { max-width: 100%; height: auto; border-radius: 4px; background: #fff; }
pre { white-space: pre-wrap; font-size: 0.85rem; border-left: 3px solid #d55e00; padding-left: 0.8rem; }
`;

/** @param {{runs: {head: string[], rows: string[][]}, notebooks: Ran[], facts: [string, string][]}} content */
export function reportPage({ runs, notebooks, facts }) {
  const failed = notebooks.filter(({ problems }) => problems.some(({ kind }) => kind === 'error'));
  const state =
    failed.length === 0 ? 'all ran to the end' : `<span class="failed">${failed.length} failed</span>`;
  return `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<title>mail-lab: reproduction report</title><style>${STYLE}</style></head><body>
<h1>mail-lab: reproduction report</h1>
<p>Model-based adversarial imitation learning. ${notebooks.length} notebook${notebooks.length === 1 ? '' : 's'}: ${state}.</p>
<h2>Contents</h2>
<div class="wide"><table><tr><th>notebook</th><th>title</th><th>cells</th><th>seconds</th><th>state</th></tr>
${notebooks.map(contentsRow).join('\n')}</table></div>
<h2 id="results">What was reached</h2>
${resultsTable(runs)}
<h2>Figures</h2>
${notebooks.map(figuresSection).join('\n')}
<h2>How it was run</h2>
<div class="wide"><table>${facts.map(([name, value]) => `<tr><td>${html(name)}</td><td>${html(value)}</td></tr>`).join('\n')}</table></div>
</body></html>
`;
}

function contentsRow({ name, file, notebook, cells, seconds, problems }) {
  const errors = problems.filter(({ kind }) => kind === 'error');
  const state =
    errors.length === 0 ? 'ok' : `<span class="failed">failed in cell ${errors[0].cell ?? '?'}</span>`;
  return `<tr><td><a href="${html(file)}">${html(name)}</a></td><td>${html(titleOf(notebook, name))}</td><td>${cells}</td><td>${seconds.toFixed(1)}</td><td>${state}</td></tr>`;
}

function resultsTable({ head, rows }) {
  if (rows.length === 0) return '<p class="quiet">The notebooks that were run left no run records.</p>';
  const tr = (cells, tag) => `<tr>${cells.map((cell) => `<${tag}>${html(cell)}</${tag}>`).join('')}</tr>`;
  return `<div class="wide"><table>${tr(head, 'th')}${rows.map((row) => tr(row, 'td')).join('\n')}</table></div>
<p class="quiet">Returns and lengths are means over the episodes of an evaluation by mean action, of the averaged policy where it was evaluated. Seconds leave evaluations out.</p>`;
}

function figuresSection({ name, file, notebook, problems }) {
  const figures = figuresOf(notebook).map(
    ({ png, caption }) =>
      `<figure><img loading="lazy" src="data:image/png;base64,${png}" width="760" alt="${html(caption)}"></figure>`,
  );
  const errors = problems.map(
    (problem) =>
      `<p class="failed">${problem.kind === 'error' ? 'Error' : 'Standard error'} in cell ${problem.cell ?? '?'}</p><pre>${html(problem.traceback || problem.text || `${problem.name}: ${problem.value}`)}</pre>`,
  );
  return `<h3><a href="${html(file)}">${html(titleOf(notebook, name))}</a></h3>${errors.join('')}${figures.join('\n') || '<p class="quiet">No figures.</p>'}`;
}
