// What a figure is shown as: {Plotly JSON, HTML, PNG, text}. Plotly JSON is what JupyterLab (trusted or not) and
// VS Code draw, HTML is for nbconvert's pages, PNG for viewers that strip scripts, text for terminals.
import { display } from '../kernel/display.ts';
import { type FigureSpec, type MimeBundle, marginsOf, plotlyJson, setFigureBundler } from './figure.ts';
import { figureHtml, libraryHtml } from './html.ts';
import { plotlyGzipBase64, plotlyVersion } from './plotly-bundle.ts';
import { pngOf } from './png.ts';
import { WIDTH, wrap } from './style.ts';
import { svgOf } from './svg.ts';

/** Which figure brought the library into this notebook: the first one shown. */
let carrier: string | undefined;

/**
 * Puts the library into the notebook, once, in an output of its own before that of figure `id`. (Inside a figure's
 * HTML it would never run in JupyterLab, which draws the Plotly JSON instead.) When the cell that brought it is run
 * again, it is brought again, since the old output is gone.
 */
export function bringLibrary(id: string): void {
  carrier ??= id;
  if (carrier === id) display({ ...libraryBundle() });
}

/** An output that shows nothing and holds the library for all figures of the notebook. */
export function libraryBundle(): MimeBundle {
  return {
    'text/html': libraryHtml(plotlyGzipBase64()),
    'text/plain': `plotly.js ${plotlyVersion()}, embedded for the figures below`,
  };
}

/** All ways to show a figure. */
export function figureBundle(spec: FigureSpec): MimeBundle {
  const png = pngOf(svgOf(spec));
  const json = plotlyJson(spec);
  return {
    'application/vnd.plotly.v1+json': withCaption(spec),
    'text/html': figureHtml(spec.id, json, spec.caption, png),
    'image/png': png,
    'text/plain': spec.caption,
  };
}

/** A browser without any of our fonts takes one of its own, whose letters are wider by a few per cent. */
const OTHER_FONTS = 0.92;

/** Where only the Plotly JSON is drawn, the caption is part of the drawing, at a fixed width. */
function withCaption(spec: FigureSpec): Record<string, unknown> {
  const { data, layout, config } = plotlyJson(spec);
  const margin = marginsOf(spec);
  const lines = wrap(spec.caption, OTHER_FONTS * (WIDTH - 24));
  const room = lines.length * 17 + 12;
  const caption = {
    text: lines.map((line) => line.replaceAll('&', '&amp;').replaceAll('<', '&lt;')).join('<br>'),
    xref: 'paper',
    x: 0,
    xanchor: 'left',
    xshift: 8 - margin.l,
    yref: 'paper',
    y: 0,
    yanchor: 'top',
    yshift: -margin.b,
    align: 'left',
    showarrow: false,
  };
  return {
    data,
    layout: {
      ...layout,
      width: WIDTH,
      height: Number(layout.height) + room,
      margin: { ...margin, b: margin.b + room },
      annotations: [caption],
    },
    config: { ...config, responsive: false },
  };
}

setFigureBundler((spec) => {
  bringLibrary(spec.id);
  return figureBundle(spec);
});
