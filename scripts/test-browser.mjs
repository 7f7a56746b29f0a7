// `npm run test:browser`: opens notebooks in the real JupyterLab with headless Chromium, runs all cells, and checks what a
// person would see: no error, no stderr, figures drawn, the live figure moving, the player playing. One of them is then
// looked at in the dark theme, as a file of unknown origin, and as an exported page without a network.
import {
  accessSync,
  constants,
  copyFileSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, delimiter, join, relative, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { exportPage, inspectExport } from './browser/export-page.mjs';
import {
  chooseTheme,
  chromiumFlags,
  darkenWithPlayers,
  darkFaults,
  lookThrough,
  notebookHeight,
  noteLiveStates,
  openNotebook,
  playAll,
  runAllCells,
  watchRun,
} from './browser/lab-page.mjs';
import { startLab } from './browser/lab-server.mjs';
import { findNotebooks, readJobs } from './notebooks/run.mjs';
import { codeCells, textOf } from './notebooks/sources.mjs';
import { ensureSetup, isProgram, runProgram } from './setup.mjs';

const helpText = `Usage: npm run test:browser -- [options] [notebook ...]

Opens notebooks (default: all of notebooks/) in JupyterLab with headless Chromium, runs all cells at the quick profile and
checks what is to be seen. One of them (default: 03) is then shown in the dark theme, opened as a notebook of unknown
origin, and exported by nbconvert and opened without a network: its figures must be drawn each time. Screenshots go to
out/browser/.

  --views NAME     the notebook whose other views are checked, by a part of its name; none for no notebook
  --jobs N         how many notebooks run at once, each in a JupyterLab of its own (default: 2, or 1 on one core)
  --minutes N      give up on a notebook after N minutes (default: 15)
  --out DIR        where the screenshots go (default: out/browser)
  --help           show this text

MAIL_LAB_CHROMIUM names the browser's program; default: chromium, chromium-browser or google-chrome on the path.
`;

/** The browser's program. @throws with how to get one */
export function findChromium(env = process.env) {
  const usable = (file) => {
    try {
      accessSync(file, constants.X_OK);
      return true;
    } catch {
      return false; // Not there, or not a program: asked for the next one.
    }
  };
  if (env.MAIL_LAB_CHROMIUM) {
    if (usable(env.MAIL_LAB_CHROMIUM)) return env.MAIL_LAB_CHROMIUM;
    throw new Error(
      `Cannot run ${env.MAIL_LAB_CHROMIUM}, which MAIL_LAB_CHROMIUM names: give the path of a Chromium program`,
    );
  }
  const names = ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable'];
  const folders = (env.PATH ?? '').split(delimiter);
  const found = names
    .flatMap((name) => folders.map((folder) => join(folder, name)))
    .concat('/Applications/Google Chrome.app/Contents/MacOS/Google Chrome')
    .find(usable);
  if (found === undefined)
    throw new Error(
      `Cannot find a browser: none of ${names.join(', ')} is on the path. Install one ("apt-get install chromium" on Debian, "brew install --cask chromium" on macOS) or name its program in MAIL_LAB_CHROMIUM`,
    );
  return found;
}

/** A copy without outputs, so that only what this run draws is seen. */
function copyCleared(from, to) {
  const notebook = JSON.parse(readFileSync(from, 'utf8'));
  for (const cell of codeCells(notebook)) Object.assign(cell, { outputs: [], execution_count: null });
  writeFileSync(to, JSON.stringify(notebook));
}

/** What is wrong with a saved notebook, and how many figures it should show. */
export function inspect(notebook) {
  const wrong = [];
  const expected = { plots: 0, players: 0 };
  codeCells(notebook).forEach((cell, i) => {
    const where = `cell ${i + 1}`;
    if (textOf(cell).trim() !== '' && cell.execution_count === null) wrong.push(`${where} did not run`);
    for (const output of cell.outputs) {
      if (output.output_type === 'error') wrong.push(`${where}: ${output.ename}: ${output.evalue}`);
      if (output.output_type === 'stream' && output.name === 'stderr')
        wrong.push(`${where} wrote to standard error: ${[output.text].flat().join('').trim()}`);
      const html = [output.data?.['text/html'] ?? ''].flat().join('');
      if (output.data?.['application/vnd.plotly.v1+json'] !== undefined) expected.plots++;
      else if (html.includes('id="player-')) expected.players++;
    }
  });
  return { wrong, expected };
}

async function checkNotebook({ browser, lab, folder, name, out, minutes, allViews, python }) {
  const context = await browser.newContext({ viewport: { width: 1280, height: 1000 } });
  await noteLiveStates(context);
  const page = await context.newPage();
  // Patient on a busy machine; what never comes meets the deadline.
  page.setDefaultTimeout(minutes * 20_000);
  // "Leave without saving?": the renderer adds its own picture to the outputs after they were saved.
  page.on('dialog', (dialog) => dialog.accept());
  const wrong = [];
  page.on('pageerror', (error) => wrong.push(`the page's own script failed: ${error.message}`));
  const picture = (state) => join(out, `${basename(name, '.ipynb')}${state}.png`);
  /** A picture of the whole notebook. */
  const shoot = async (state) => {
    // Tall enough for the whole notebook: Lab scrolls inside its panel.
    for (let time = 0; time < 2; time++) {
      // The first height is Lab's estimate; the second one is measured with all cells drawn.
      const height = await notebookHeight(page);
      await page.setViewportSize({ width: 1280, height: Math.min(12_000, Math.max(1000, height)) });
      await lookThrough(page);
    }
    await page.screenshot({ path: picture(state) });
  };
  const deadline = setTimeout(() => {
    wrong.push(`it did not end within ${minutes} minutes`);
    context.close();
  }, minutes * 60_000);
  try {
    await openNotebook(page, { ...lab, name });
    await runAllCells(page);
    const seen = await watchRun(page);
    const shown = await lookThrough(page);
    await page.keyboard.press('ControlOrMeta+s');
    await page.waitForFunction(() => document.querySelector('.lm-DockPanel .jp-mod-dirty') === null);
    const saved = JSON.parse(readFileSync(join(folder, name), 'utf8'));
    const { wrong: inNotebook, expected } = inspect(saved);
    wrong.push(...inNotebook);
    if (shown.plots < expected.plots)
      wrong.push(`${shown.plots} of ${expected.plots} Plotly figures are drawn`);
    if (shown.players < expected.players)
      wrong.push(`${shown.players} of ${expected.players} players are drawn`);
    const sources = codeCells(saved).map(textOf).join('\n');
    const panels = (sources.match(/\blivePanel\(/g) ?? []).length;
    const states = Object.values(seen);
    const lively = states.filter((count) => count >= 3).length;
    if (lively < Math.min(1, panels)) wrong.push('no live figure changed while its cell ran');
    await shoot('');
    const played = await playAll(page);
    await page.screenshot({ path: picture('-played') });
    const views = allViews
      ? await checkViews({ page, browser, lab, folder, name, saved, expected, shoot, picture, python })
      : [];
    wrong.push(...views);
    return {
      wrong,
      said: `${shown.plots} figures, ${played} players that play, live figures seen in ${states.join(', ') || 'no'} states${allViews ? '; dark, untrusted and exported too' : ''}`,
    };
  } catch (error) {
    await page.screenshot({ path: picture('-failed') }).catch(() => {}); // The page may be gone.
    return { wrong: [...wrong, error.message], said: '' };
  } finally {
    clearTimeout(deadline);
    await context.close();
  }
}

/** What is wrong with the other views of a notebook that has run: dark theme, unknown origin, exported page. */
async function checkViews({ page, browser, lab, folder, name, saved, expected, shoot, picture, python }) {
  const tooFew = (view, { plots, players }) => [
    ...(plots < expected.plots ? [`${view}: ${plots} of ${expected.plots} Plotly figures are drawn`] : []),
    ...(players < expected.players ? [`${view}: ${players} of ${expected.players} players are drawn`] : []),
  ];
  const left = await darkenWithPlayers(page);
  const wrong = tooFew('dark theme', await lookThrough(page));
  if (left > 0) wrong.push(`dark theme: ${left} players keep the ink of the light theme`);
  await shoot('-dark');
  wrong.push(...(await darkFaults(page)));
  // The next notebook of this JupyterLab would be dark as well.
  await chooseTheme(page, 'Light');

  const strange = `untrusted-${name}`;
  const metadata = { ...saved.metadata, from: 'elsewhere' };
  writeFileSync(join(folder, strange), JSON.stringify({ ...saved, metadata }));
  await openNotebook(page, { ...lab, name: strange });
  // Its scripts do not run, so that its players are pictures.
  const { plots } = await lookThrough(page);
  wrong.push(...tooFew('untrusted', { plots, players: expected.players }));
  await shoot('-untrusted');

  const exported = await exportPage({ python, notebook: join(folder, name) });
  const { shown, wrong: inPage } = await inspectExport({
    browser,
    file: exported,
    picture: picture('-export'),
    expected,
  });
  return [...wrong, ...tooFew('exported page', shown), ...inPage.map((text) => `exported page: ${text}`)];
}

function readOptions() {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      views: { type: 'string', default: '03' },
      jobs: { type: 'string' },
      minutes: { type: 'string', default: '15' },
      out: { type: 'string' },
      help: { type: 'boolean', default: false },
    },
  });
  const minutes = Number(values.minutes);
  if (!(minutes > 0))
    throw new Error(`Cannot wait for ${values.minutes} minutes: --minutes takes a positive number`);
  return { ...values, minutes, jobs: readJobs(values.jobs), notebooks: positionals };
}

async function main(options) {
  let executablePath;
  try {
    executablePath = findChromium();
  } catch (error) {
    process.stderr.write(`${error.message}\n`);
    return 1;
  }
  const { root, python } = await ensureSetup({ quiet: true });
  // After the set-up: on a fresh clone the package is not there before.
  const { chromium } = await import('playwright-core');
  const from = process.env.INIT_CWD ?? process.cwd();
  const out = options.out === undefined ? join(root, 'out', 'browser') : resolve(from, options.out);
  mkdirSync(out, { recursive: true });
  const named = options.notebooks.map((file) => resolve(from, file));
  const files = named.length > 0 ? named : findNotebooks(join(root, 'notebooks'), []);

  const home = mkdtempSync(join(tmpdir(), 'mail-lab-browser-'));
  const labs = [];
  let browser;
  const stopAll = async () => {
    await browser?.close();
    await Promise.all(labs.map((lab) => lab.stop()));
    rmSync(home, { recursive: true, force: true });
  };
  for (const signal of ['SIGINT', 'SIGTERM'])
    process.once(signal, () => stopAll().finally(() => process.exit(signal === 'SIGINT' ? 130 : 143)));
  let failed = 0;
  const waiting = [...files];
  /** Checks waiting notebooks one after the other, in a JupyterLab and a folder of records of its own. */
  const work = async (place) => {
    const own = join(home, place);
    const folder = join(own, 'notebooks');
    mkdirSync(folder, { recursive: true });
    const env = { MAIL_LAB_PROFILE: 'quick', ...process.env, MAIL_LAB_OUT: join(own, 'out') };
    const lab = await startLab({ root, python, home: own, notebooks: folder, env });
    labs.push(lab);
    for (let file = waiting.shift(); file !== undefined; file = waiting.shift()) {
      const began = performance.now();
      const name = basename(file);
      copyCleared(file, join(folder, name));
      const allViews = options.views !== 'none' && name.includes(options.views);
      const check = { browser, lab, folder, name, out, minutes: options.minutes, allViews, python };
      const { wrong, said } = await checkNotebook(check);
      const time = `${((performance.now() - began) / 1000).toFixed(0)} s`;
      if (wrong.length === 0) process.stdout.write(`ok      ${name}: ${said} (${time})\n`);
      else {
        failed++;
        process.stdout.write(`FAILED  ${name} (${time})\n${wrong.map((text) => `  - ${text}\n`).join('')}`);
        copyFileSync(join(folder, name), join(out, name));
      }
    }
  };
  const began = performance.now();
  try {
    browser = await chromium.launch({ executablePath, args: chromiumFlags });
    const places = Array.from({ length: Math.min(options.jobs, files.length) }, (_, i) => `lab-${i}`);
    await Promise.all(places.map(work));
    const time = ((performance.now() - began) / 1000).toFixed(0);
    process.stdout.write(
      `Screenshots: ${relative(from, out) || out} (${time} s, ${places.length} at once)\n`,
    );
  } finally {
    await stopAll();
  }
  return failed === 0 ? 0 : 1;
}

if (isProgram(import.meta.url)) runProgram({ readOptions, helpText, main });
