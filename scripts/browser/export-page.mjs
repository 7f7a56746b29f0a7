// nbconvert's HTML page of a notebook, as somebody gets it who has neither JupyterLab nor a network.
import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { pathToFileURL } from 'node:url';
import { promisify } from 'node:util';
import { countFigures } from './lab-page.mjs';

/** Exports a notebook by nbconvert's own command, with its defaults. Resolves to the page's path, beside the notebook. */
export async function exportPage({ python, notebook }) {
  await promisify(execFile)(python, ['-m', 'nbconvert', '--to', 'html', notebook]);
  return notebook.replace(/\.ipynb$/, '.html');
}

/**
 * Opens an exported page without a network, and gives its figures 20 seconds to be drawn.
 * @returns {Promise<{shown: {plots: number, players: number}, wrong: string[]}>} what is drawn, and what is wrong
 */
export async function inspectExport({ browser, file, picture, expected }) {
  const wrong = [];
  const copies = readFileSync(file, 'utf8').split('new DecompressionStream("gzip")').length - 1;
  if (copies !== 1) wrong.push(`the library is embedded ${copies} times, not once`);
  const context = await browser.newContext({ viewport: { width: 1280, height: 1000 }, offline: true });
  try {
    const page = await context.newPage();
    // What nbconvert's own template wants from the network (MathJax) cannot come; a script of ours must not fail for it.
    page.on('pageerror', (error) => wrong.push(`a script failed: ${error.message}`));
    await page.goto(pathToFileURL(file).href, { waitUntil: 'load' });
    let shown = await countFigures(page);
    for (
      let tries = 0;
      tries < 100 && (shown.plots < expected.plots || shown.players < expected.players);
      tries++
    ) {
      await new Promise((resolve) => setTimeout(resolve, 200));
      shown = await countFigures(page);
    }
    await page.screenshot({ path: picture, fullPage: true });
    return { shown, wrong };
  } finally {
    await context.close();
  }
}
