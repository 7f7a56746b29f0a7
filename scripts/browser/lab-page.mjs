// What a person does on JupyterLab's page, and what they would see there.

/** Chromium without questions to its maker's servers; as root it cannot have its sandbox. */
export const chromiumFlags = [
  ...(process.getuid?.() === 0 ? ['--no-sandbox'] : []),
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];

/** The notebook that is in front. */
const PANEL = '.jp-NotebookPanel:not(.lm-mod-hidden)';

/** Opens a notebook alone, in a workspace of its own, and waits until its kernel is idle. */
export async function openNotebook(page, { url, token, name }) {
  const workspace = name.replace(/[^a-z0-9]+/gi, '-');
  await page.goto(`${url}/lab/workspaces/${workspace}/tree/${encodeURIComponent(name)}?token=${token}`);
  await page.locator(`${PANEL} .jp-Cell`).first().waitFor();
  // Not the notebook's own indicator, which says idle before there is a kernel.
  await page
    .locator('#jp-main-statusbar')
    .getByText(/\| Idle$/)
    .waitFor();
}

/** Menu Run > Run All Cells. Resolves when the first cell is on its way to the kernel. */
export async function runAllCells(page) {
  await page.locator('.lm-MenuBar-itemLabel', { hasText: /^Run$/ }).click();
  await page
    .locator(
      '.lm-Menu-item[data-command="runmenu:run-all"], .lm-Menu-item[data-command="notebook:run-all-cells"]',
    )
    .first()
    .click();
  await page.waitForFunction(() =>
    window.jupyterapp.shell.currentWidget.content.widgets.some(
      ({ model }) => model.type === 'code' && (model.executionState === 'running' || model.executionCount),
    ),
  );
}

/**
 * Brings the running cell into view, or scrolls on in search of it: Lab keeps only the cells near the view on the page.
 */
function followRun(page) {
  return page.evaluate((selector) => {
    const panel = document.querySelector(selector);
    const running = [...panel.querySelectorAll('.jp-InputPrompt')].find((p) => p.textContent.includes('*'));
    if (running !== undefined) running.closest('.jp-Cell')?.scrollIntoView({ block: 'end' });
    else {
      const outer = panel.querySelector('.jp-WindowedPanel-outer');
      const atEnd = outer.scrollTop + outer.clientHeight >= outer.scrollHeight - 2;
      outer.scrollTo(0, atEnd ? 0 : outer.scrollTop + 0.6 * outer.clientHeight);
    }
  }, PANEL);
}

/**
 * How many cells of the notebook in front wait for the kernel or are run by it, by Lab's own book: what is on the page
 * says it only of the cells near the view, and the kernel is idle between two cells.
 */
function cellsToRun(page) {
  return page.evaluate(() => {
    const { content } = window.jupyterapp.shell.currentWidget;
    return content.widgets.filter(({ model }) => model.type === 'code' && model.executionState === 'running')
      .length;
  });
}

/**
 * Notes, on every page of a context, each state that a live figure is drawn in. A page that looks on from outside
 * would miss states when the machine is busy.
 */
export function noteLiveStates(context) {
  return context.addInitScript(() => {
    const states = {};
    window.liveStatesSeen = states;
    new MutationObserver(() => {
      for (const { parentElement, data } of document.querySelectorAll(
        'figure[id^="live-"] .js-plotly-plot',
      )) {
        const ends = (data ?? []).map(({ x, y }) => `${x?.length}:${y?.[y.length - 1]}`).join(' ');
        states[parentElement.id] ??= [];
        if (!states[parentElement.id].includes(ends)) states[parentElement.id].push(ends);
      }
    }).observe(document, { childList: true, subtree: true });
  });
}

/**
 * Looks on until all cells have run, or what follows one that failed was given up.
 * @returns {Promise<Record<string, number>>} per live figure, how many different states it was drawn in
 */
export async function watchRun(page) {
  while ((await cellsToRun(page)) > 0) {
    await followRun(page);
    await new Promise((resolve) => setTimeout(resolve, 150));
  }
  return page.evaluate(() =>
    Object.fromEntries(Object.entries(window.liveStatesSeen).map(([id, states]) => [id, states.length])),
  );
}

/**
 * Scrolls through the notebook, since Lab draws only the cells in view, and counts what is drawn: Plotly figures with
 * data and lines or cells (or the picture of it that Lab's renderer keeps in a saved notebook), players whose canvas is not
 * blank. At each place it waits until the cells and figures there are drawn. Ends at the top.
 */
export async function lookThrough(page) {
  const cells = new Map();
  const outer = page.locator(`${PANEL} .jp-WindowedPanel-outer`);
  const drawnHere = () => page.waitForFunction(drawnInView, PANEL, { timeout: 20_000 }).catch(() => {}); // The count shows what is missing.
  await outer.evaluate((element) => element.scrollTo(0, 0));
  for (let atEnd = false; !atEnd; ) {
    await drawnHere();
    for (const [cell, found] of await page.evaluate(countInView, PANEL)) {
      const before = cells.get(cell) ?? { plots: 0, players: 0 };
      cells.set(cell, {
        plots: Math.max(before.plots, found.plots),
        players: Math.max(before.players, found.players),
      });
    }
    atEnd = await outer.evaluate(async (element) => {
      const before = element.scrollTop;
      element.scrollBy(0, element.clientHeight * 0.6);
      await new Promise((resolve) => requestAnimationFrame(() => requestAnimationFrame(resolve)));
      return element.scrollTop <= before;
    });
  }
  await outer.evaluate((element) => element.scrollTo(0, 0));
  await drawnHere();
  const sum = (key) => [...cells.values()].reduce((total, cell) => total + cell[key], 0);
  return { plots: sum('plots'), players: sum('players') };
}

/**
 * In the page: whether there are cells in view, and every Plotly output that Lab has put there is drawn. Below the last
 * cell, where Lab lets one scroll on, there is nothing to wait for.
 */
function drawnInView(panel) {
  const outer = document.querySelector(`${panel} .jp-WindowedPanel-outer`).getBoundingClientRect();
  const cells = [...document.querySelectorAll(`${panel} .jp-Cell`)];
  const { widgets } = window.jupyterapp.shell.currentWidget.content;
  const isLast = Number(cells.at(-1)?.dataset.windowedListIndex) === widgets.length - 1;
  if (isLast && cells.at(-1).getBoundingClientRect().bottom <= outer.top) return true;
  const inView = cells.filter((cell) => {
    const { top, bottom, height } = cell.getBoundingClientRect();
    return height > 0 && bottom > outer.top && top < outer.bottom;
  });
  const plots = inView.flatMap((cell) => [...cell.querySelectorAll('.jp-RenderedPlotly')]);
  return inView.length > 0 && plots.every((plot) => plot.querySelector('.main-svg, img') !== null);
}

/** In the page: figures per cell, for the cells that are there now. */
function countInView(panel) {
  const isDrawn = (plot) =>
    plot.data?.length > 0 &&
    plot.querySelector('.main-svg .trace path, .main-svg .points path, .main-svg .heatmaplayer image') !==
      null;
  const isPainted = (canvas) => {
    const { data } = canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height);
    const colours = new Set();
    for (let i = 0; i < data.length; i += 4)
      if (data[i + 3] > 0) colours.add((data[i] << 16) | (data[i + 1] << 8) | data[i + 2]);
    return colours.size > 2;
  };
  const isPicture = (image) => image.complete && image.naturalWidth > 0;
  return [...document.querySelectorAll(`${panel} .jp-Cell`)].map((cell) => [
    cell.dataset.windowedListIndex,
    {
      plots:
        [...cell.querySelectorAll('.js-plotly-plot')].filter(isDrawn).length +
        [...cell.querySelectorAll('.jp-RenderedPlotly:not(:has(.main-svg)) img')].filter(isPicture).length,
      players: [...cell.querySelectorAll('.jp-OutputArea figure canvas')].filter(isPainted).length,
    },
  ]);
}

/** Figures that are drawn on an exported page of a notebook, which holds all cells at once. */
export async function countFigures(page) {
  const cells = (await page.evaluate(countInView, 'body')).map(([, found]) => found);
  const sum = (key) => cells.reduce((total, cell) => total + cell[key], 0);
  return { plots: sum('plots'), players: sum('players') };
}

/** Height of the window that would show the whole notebook, CSS pixels: an estimate while cells are not drawn. */
export function notebookHeight(page) {
  return page.evaluate((panel) => {
    const outer = document.querySelector(`${panel} .jp-WindowedPanel-outer`);
    const cells = [...document.querySelectorAll(`${panel} .jp-Cell`)];
    const drawn = cells.length === Number(cells.at(-1)?.dataset.windowedListIndex) + 1;
    const tall =
      drawn && outer.clientHeight >= 2000
        ? cells.at(-1).getBoundingClientRect().bottom - cells[0].getBoundingClientRect().top
        : outer.scrollHeight;
    return Math.ceil(tall) + 140;
  }, PANEL);
}

/**
 * Tries every player on the page as a person would: plays, goes to the end and one step back by the keyboard, and walks
 * around a scene in space. Leaves them in the middle of their episodes. Resolves to how many there are.
 * @throws if one does not react, or if Lab takes its keys
 */
export async function playAll(page) {
  const players = await page.locator(`${PANEL} .jp-OutputArea figure:has(canvas)`).all();
  for (const player of players) {
    await player.scrollIntoViewIfNeeded();
    const canvas = player.locator('canvas');
    const scrub = player.getByRole('slider');
    /** Does something and waits for another picture. */
    const seeChange = async (action) => {
      const before = await canvas.evaluate((element) => element.toDataURL());
      await action();
      const element = await canvas.elementHandle();
      await page.waitForFunction(([now, still]) => now.toDataURL() !== still, [element, before]);
    };
    const sliderAt = async (wanted) => {
      const element = await scrub.elementHandle();
      await page.waitForFunction(([now, value]) => Number(now.value) === value, [element, wanted]);
    };
    const steps = Number(await scrub.getAttribute('max'));
    await seeChange(() => player.getByRole('button', { name: 'Play' }).click());
    const activeCell = () =>
      page.evaluate(
        (panel) => document.querySelector(`${panel} .jp-mod-active`)?.dataset.windowedListIndex,
        PANEL,
      );
    const cell = await activeCell();
    await scrub.press('End');
    await sliderAt(steps);
    await player.getByRole('button', { name: 'Play' }).waitFor();
    await seeChange(() => scrub.press('ArrowLeft'));
    await sliderAt(steps - 1);
    if ((await activeCell()) !== cell)
      throw new Error('Lab took the keys of a player: another cell is active');
    await seeChange(() => scrub.fill(String(Math.floor(steps / 2))));
    if ((await canvas.getAttribute('title')) === '') continue;
    const { x, y, width } = await canvas.boundingBox();
    await seeChange(async () => {
      await page.mouse.move(x + width / 4, y + 90);
      await page.mouse.down();
      await page.mouse.move(x + width / 4 - 40, y + 100);
      await page.mouse.up();
    });
  }
  return players.length;
}

/** Menu Settings > Theme > JupyterLab Dark or Light. Waits until the page wears it. */
export async function chooseTheme(page, theme) {
  const menuItem = (label) => page.locator('.lm-Menu-itemLabel', { hasText: label }).last();
  await page.locator('.lm-MenuBar-itemLabel', { hasText: /^Settings$/ }).click();
  await menuItem(/^Theme$/).hover();
  await menuItem(new RegExp(`^JupyterLab ${theme}$`)).click();
  const light = String(theme === 'Light');
  await page.waitForFunction((wanted) => document.body.dataset.jpThemeLight === wanted, light);
}

/**
 * Menu Settings > Theme > JupyterLab Dark, with an eye on the players, whose canvas does not change colours by itself.
 * @returns {Promise<number>} how many of those on the page were not drawn anew within 10 seconds
 */
export async function darkenWithPlayers(page) {
  const canvases = await page.locator(`${PANEL} .jp-OutputArea figure canvas`).elementHandles();
  const light = await Promise.all(
    canvases.map((canvas) => canvas.evaluate((element) => element.toDataURL())),
  );
  await chooseTheme(page, 'Dark');
  const changes = canvases.map((canvas, i) =>
    page
      .waitForFunction(([now, was]) => now.toDataURL() !== was, [canvas, light[i]], { timeout: 10_000 })
      .then(
        () => 0,
        () => 1,
      ),
  );
  return (await Promise.all(changes)).reduce((sum, one) => sum + one, 0);
}

/**
 * What a person could not read in the dark: text of Plotly figures, on the page now, that stands out from what is behind it
 * by less than 3 : 1 (WCAG's contrast, which asks that much of large text and of graphics).
 * @returns {Promise<string[]>} one line for each figure, and one if there is no text at all
 */
export function darkFaults(page) {
  return page.evaluate((panel) => {
    const channels = (colour) => colour.match(/[\d.]+/g)?.map(Number) ?? [0, 0, 0, 0];
    const luminance = (colour) => {
      const [r, g, b] = channels(colour).map((c) =>
        c / 255 <= 0.04045 ? c / 3294.6 : ((c / 255 + 0.055) / 1.055) ** 2.4,
      );
      return 0.2126 * r + 0.7152 * g + 0.0722 * b;
    };
    const behind = (element) => {
      for (let at = element; at; at = at.parentElement) {
        const colour = getComputedStyle(at).backgroundColor;
        if ((channels(colour)[3] ?? 1) > 0.5) return colour;
      }
      return 'rgb(255, 255, 255)';
    };
    const contrast = (a, b) => {
      const [low, high] = [luminance(a), luminance(b)].sort((x, y) => x - y);
      return (high + 0.05) / (low + 0.05);
    };
    const plots = [...document.querySelectorAll(`${panel} .js-plotly-plot`)];
    const dim = plots.flatMap((plot) => {
      const lowest = [...plot.querySelectorAll('.main-svg text')]
        // On a cell or a bar of its own, which is the same in the dark.
        .filter((text) => text.closest('.heatmap-label, .bartext-inside') === null)
        .map((text) => ({ text, contrast: contrast(getComputedStyle(text).fill, behind(text)) }))
        .sort((a, b) => a.contrast - b.contrast)[0];
      return lowest && lowest.contrast < 3
        ? [
            `dark theme: "${lowest.text.textContent}" is hard to read (contrast ${lowest.contrast.toFixed(1)})`,
          ]
        : [];
    });
    const texts = document.querySelectorAll(`${panel} .js-plotly-plot .main-svg text`).length;
    return texts === 0 ? ['dark theme: no figure with text was on the page', ...dim] : dim;
  }, PANEL);
}
