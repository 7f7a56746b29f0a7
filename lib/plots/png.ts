// SVG to PNG, without a browser and with our own font, so that every machine makes the same picture. The picture is
// stored with a palette of at most 256 colours: a third of the size, and a notebook carries each one twice.
import { fileURLToPath } from 'node:url';
import { crc32, deflateSync } from 'node:zlib';
import { Resvg } from '@resvg/resvg-js';

const FONT_FILE = fileURLToPath(new URL('./fonts/Inter-subset.ttf', import.meta.url));

/**
 * @param svg a complete SVG document
 * @param scale device pixels per CSS pixel
 * @param background CSS colour; white by default, as most viewers of a bare PNG are white
 * @returns the PNG, base64
 */
export function pngOf(svg: string, { scale = 1.25, background = '#ffffff' } = {}): string {
  const image = new Resvg(svg, {
    background,
    fitTo: { mode: 'zoom', value: scale },
    font: { fontFiles: [FONT_FILE], loadSystemFonts: false, defaultFontFamily: 'Inter' },
  }).render();
  return palettePng(image.pixels, image.width, image.height).toString('base64');
}

/**
 * Opaque RGBA pixels as a PNG with a palette. Colours are rounded to 5 bits a channel where there are too many; the
 * most frequent 256 stay, each other one becomes its nearest.
 */
export function palettePng(rgba: Uint8Array, width: number, height: number): Buffer {
  const index = paletteIndex(rgba);
  const rows = Buffer.alloc((width + 1) * height);
  for (let y = 0, at = 0; y < height; y++)
    for (let x = 0; x < width; x++, at += 4)
      rows[y * (width + 1) + 1 + x] = index.of.get(colourKey(rgba, at, index.mask))!;
  const header = Buffer.alloc(13);
  header.writeUInt32BE(width, 0);
  header.writeUInt32BE(height, 4);
  header.set([8, 3, 0, 0, 0], 8); // 8 bits a pixel, palette, deflate, no filter method but 0, not interlaced
  return Buffer.concat([
    Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]),
    chunk('IHDR', header),
    chunk('PLTE', Buffer.from(index.palette)),
    chunk('IDAT', deflateSync(rows, { level: 9 })),
    chunk('IEND', Buffer.alloc(0)),
  ]);
}

function colourKey(rgba: Uint8Array, at: number, mask: number): number {
  return ((rgba[at]! << 16) | (rgba[at + 1]! << 8) | rgba[at + 2]!) & mask;
}

/** Palette entries (r, g, b, ...) and, for every masked colour of the picture, its entry. */
function paletteIndex(rgba: Uint8Array): { palette: number[]; of: Map<number, number>; mask: number } {
  let mask = 0xffffff;
  let counts = count(rgba, mask);
  if (counts.size > 256) {
    mask = 0xf8f8f8;
    counts = count(rgba, mask);
  }
  const ranked = [...counts].sort(([a, m], [b, n]) => n - m || a - b).map(([key]) => key);
  const kept = ranked.slice(0, 256);
  // A masked channel stands for the values up to 7 above it: stretching keeps pure white white.
  const channels = (key: number) =>
    [16, 8, 0].map((shift) => {
      const value = (key >> shift) & 0xff;
      return mask === 0xffffff ? value : value | (value >> 5);
    });
  const palette = kept.map(channels);
  const of = new Map(kept.map((key, i) => [key, i]));
  for (const key of ranked.slice(256)) {
    const [r, g, b] = channels(key) as [number, number, number];
    let nearest = 0;
    let least = Number.POSITIVE_INFINITY;
    palette.forEach((entry, i) => {
      const distance = (entry[0]! - r) ** 2 + (entry[1]! - g) ** 2 + (entry[2]! - b) ** 2;
      if (distance < least) [nearest, least] = [i, distance];
    });
    of.set(key, nearest);
  }
  return { palette: palette.flat(), of, mask };
}

function count(rgba: Uint8Array, mask: number): Map<number, number> {
  const counts = new Map<number, number>();
  for (let at = 0; at < rgba.length; at += 4) {
    const key = colourKey(rgba, at, mask);
    counts.set(key, (counts.get(key) ?? 0) + 1);
  }
  return counts;
}

function chunk(type: string, data: Buffer): Buffer {
  const body = Buffer.concat([Buffer.from(type, 'latin1'), data]);
  const out = Buffer.alloc(body.length + 8);
  out.writeUInt32BE(data.length, 0);
  body.copy(out, 4);
  out.writeUInt32BE(crc32(body), body.length + 4);
  return out;
}
