// The player's still picture: moments of each scene side by side, as SVG. Free of Node.
import type { Scene, View } from './scene.ts';
import { type Stroke, strokesOf } from './strokes.ts';
import { FONT_SIZE, INK, textWidth, WIDTH, wrap } from './style.ts';
import { escapeXml } from './svg.ts';

const HEAD = 24;
const FOOT = 22;
const CAPTION_LINE = 16;

/** One row a scene; its moments are equally far apart, from the start to the end of the longest scene. */
export function filmStripSvg(scenes: readonly Scene[], caption: string, moments = 8): string {
  const longest = Math.max(...scenes.map(({ steps }) => steps));
  const width = (WIDTH - 16) / moments;
  const parts: string[] = [];
  let top = 0;
  for (const [i, scene] of scenes.entries()) {
    const height = (width * scene.view.height) / closeUp(scene, 0).width;
    const digits = (longest * scene.stepSeconds) / (moments - 1) < 0.1 ? 2 : 1;
    parts.push(`<text x="8" y="${top + 16}" font-size="13">${escapeXml(scene.label)}</text>`);
    parts.push(
      `<text x="${8 + textWidth(scene.label, 13) + 12}" y="${top + 16}" opacity="0.85">${escapeXml(scene.ending)}</text>`,
    );
    for (let m = 0; m < moments; m++) {
      const step = Math.round((longest * m) / (moments - 1));
      const left = 8 + m * width;
      // The moment in which a scene ends is shown once, at the first mark after it.
      if (step >= scene.steps + longest / (moments - 1)) continue;
      const at = Math.min(step, scene.steps);
      parts.push(
        `<text x="${px(left + width / 2)}" y="${px(top + HEAD + height + 14)}" text-anchor="middle" font-size="11">${(at * scene.stepSeconds).toFixed(digits)} s</text>`,
      );
      const frame = { left: left + 2, top: top + HEAD, width: width - 4, height };
      const clip = `moment-${i}-${m}`;
      parts.push(
        `<clipPath id="${clip}"><rect x="${px(frame.left)}" y="${top + HEAD - 6}" width="${px(frame.width)}" height="${px(height + 6)}"/></clipPath>`,
        `<g clip-path="url(#${clip})">${strokesOf(scene, at, frame, { view: closeUp(scene, at) })
          .map(line)
          .join('')}</g>`,
      );
    }
    top += HEAD + height + FOOT;
  }
  const lines = wrap(caption, WIDTH - 16);
  lines.forEach((text, k) => {
    parts.push(`<text x="8" y="${px(top + 14 + k * CAPTION_LINE)}">${escapeXml(text)}</text>`);
  });
  const total = px(top + lines.length * CAPTION_LINE + 8);
  return `<svg xmlns="http://www.w3.org/2000/svg" width="${WIDTH}" height="${total}" viewBox="0 0 ${WIDTH} ${total}" font-family="Inter" font-size="${FONT_SIZE}" fill="${INK}">${parts.join('')}</svg>`;
}

/**
 * The cells of a strip are narrow. Where the ground may be cut at the sides, less of it is shown, and the robot is kept
 * in the middle.
 */
function closeUp({ view, every, ends, parts, unit }: Scene, step: number): View {
  if (view.ground === undefined) return view;
  const first = 6 * parts.length * Math.ceil(step / every);
  const x = view.ground < 0 ? ends[first]! * unit : view.aim[0];
  return { ...view, width: Math.min(view.width, view.height * 1.1), aim: [x, view.aim[1], view.aim[2]] };
}

function line({ points, width, paint = INK, opacity = 1, dashed }: Stroke): string {
  const pairs = points.map(px).join(' ');
  return `<polyline points="${pairs}" fill="none" stroke="${paint}" stroke-width="${px(width)}" stroke-linecap="round" stroke-linejoin="round"${opacity < 1 ? ` opacity="${px(opacity)}"` : ''}${dashed ? ' stroke-dasharray="3 3"' : ''}/>`;
}

function px(value: number): string {
  return String(Math.round(value * 100) / 100);
}
