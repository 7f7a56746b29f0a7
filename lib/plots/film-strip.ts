// The player's still picture: moments of each scene side by side, as SVG. Free of Node.
import type { Scene } from './scene.ts';
import { colour, FONT_SIZE, FRAME, INK, muted, textWidth, WIDTH, wrap } from './style.ts';
import { escapeXml } from './svg.ts';

const HEAD = 24;
const FOOT = 22;
const CAPTION_LINE = 16;

/** One row a scene; its moments are equally far apart, from the start to the end of the longest scene. */
export function filmStripSvg(scenes: readonly Scene[], caption: string, moments = 8): string {
  const longest = Math.max(...scenes.map(({ frames, frameSeconds }) => (frames.length - 1) * frameSeconds));
  const cell = (WIDTH - 16) / moments;
  const parts: string[] = [];
  let top = 0;
  for (const [i, scene] of scenes.entries()) {
    const { view } = scene;
    // A strip's cells are narrow: a camera that follows needs less to either side than the player shows.
    const shown = Math.min(view.width, scene.limits === undefined ? 1.6 : 2.2);
    const scale = cell / shown;
    const height = (view.high - view.low) * scale;
    parts.push(`<text x="8" y="${top + 16}" font-size="13">${escapeXml(scene.label)}</text>`);
    parts.push(
      `<text x="${8 + textWidth(scene.label, 13) + 12}" y="${top + 16}" opacity="0.85">${escapeXml(scene.ending)}</text>`,
    );
    for (let m = 0; m < moments; m++) {
      const seconds = (longest * m) / (moments - 1);
      const frame = Math.round(seconds / scene.frameSeconds);
      const left = 8 + m * cell;
      const bottom = top + HEAD + height;
      const ground = bottom - (scene.ground - view.low) * scale;
      parts.push(
        `<line x1="${left + 2}" x2="${px(left + cell - 2)}" y1="${px(ground)}" y2="${px(ground)}" stroke="${FRAME}"/>`,
      );
      parts.push(
        `<text x="${px(left + cell / 2)}" y="${px(bottom + 14)}" text-anchor="middle" font-size="11">${seconds.toFixed(1)} s</text>`,
      );
      if (frame >= scene.frames.length + 1) continue;
      const at = Math.min(frame, scene.frames.length - 1);
      // Where the camera stands still, the strip follows the first shape.
      const camera = scene.limits === undefined ? scene.camera[at]! : scene.frames[at]![0]!;
      const X = (x: number) => px(left + cell / 2 + (x - camera) * scale);
      const Z = (z: number) => px(bottom - (z - view.low) * scale);
      const figure = bodies(scene, scene.frames[at]!, colour(i), scale, X, Z);
      const clip = `moment-${i}-${m}`;
      parts.push(
        `<clipPath id="${clip}"><rect x="${px(left + 1)}" y="${top + HEAD - 6}" width="${px(cell - 2)}" height="${px(height + 6)}"/></clipPath><g clip-path="url(#${clip})">${figure}</g>`,
      );
    }
    top += HEAD + height + FOOT;
  }
  const lines = wrap(caption, WIDTH - 16);
  lines.forEach((line, k) => {
    parts.push(`<text x="8" y="${px(top + 14 + k * CAPTION_LINE)}">${escapeXml(line)}</text>`);
  });
  const total = px(top + lines.length * CAPTION_LINE + 8);
  return `<svg xmlns="http://www.w3.org/2000/svg" width="${WIDTH}" height="${total}" viewBox="0 0 ${WIDTH} ${total}" font-family="Inter" font-size="${FONT_SIZE}" fill="${INK}">${parts.join('')}</svg>`;
}

function bodies(
  { shapes }: Scene,
  frame: readonly number[],
  color: string,
  scale: number,
  X: (x: number) => string,
  Z: (z: number) => string,
): string {
  let k = 0;
  const next = () => frame[k++]!;
  return shapes
    .map((shape) => {
      const paint = muted(color, shape.shade);
      if (shape.kind === 'segment')
        return `<line x1="${X(next())}" y1="${Z(next())}" x2="${X(next())}" y2="${Z(next())}" stroke="${paint}" stroke-width="${px(2 * shape.radius * scale)}" stroke-linecap="round"/>`;
      const [x, z] = [next(), next()];
      return `<rect x="${X(x - shape.halfWidth)}" y="${Z(z + shape.halfHeight)}" width="${px(2 * shape.halfWidth * scale)}" height="${px(2 * shape.halfHeight * scale)}" fill="${paint}"/>`;
    })
    .join('');
}

function px(value: number): string {
  return String(Math.round(value * 10) / 10);
}
