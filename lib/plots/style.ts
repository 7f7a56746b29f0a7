// The one style of every figure: colours that stay apart for colour-blind readers, inks that can be read on white
// and on JupyterLab's dark theme alike, sizes.

/**
 * Series colours: Okabe and Ito (2008), "Color Universal Design", without yellow and black, which vanish on a white
 * or a dark page. Ordered so that the first ones differ most.
 */
export const PALETTE = ['#0072B2', '#D55E00', '#009E73', '#CC79A7', '#E69F00', '#56B4E9'] as const;

/** Colours of a heat map from low to high: cividis (Nunez et al. 2018), which colour-blind readers see alike. */
export const HEAT = ['#00224e', '#35456c', '#666970', '#948e77', '#c8b866', '#fee838'] as const;

/**
 * Dashes go with the colours, so that series stay apart in grey print too. One less than colours, so that a colour that comes
 * again has another dash.
 */
export const DASHES = ['solid', 'dash', 'dot', 'dashdot', 'longdash'] as const;
/** One of the line styles. */
export type Dash = (typeof DASHES)[number];

/** Text: 4.3 : 1 or more against both #ffffff and #111111 (WCAG contrast). */
export const INK = '#7a7a7a';
/** Reference lines (expert, random, behavioural cloning). */
export const REFERENCE = '#8c8c8c';
/** Grid lines. */
export const GRID = 'rgba(128,128,128,0.25)';
/** Axis lines and frames. */
export const FRAME = 'rgba(128,128,128,0.6)';

/** Width of a figure, CSS pixels. */
export const WIDTH = 760;
/** Font size of ticks, legend and caption, CSS pixels. */
export const FONT_SIZE = 12;
/** Only fonts that a page may already have: nothing is fetched. */
export const FONT = 'Inter, "Helvetica Neue", Helvetica, Arial, sans-serif';

/** Colour number `i` of the palette, starting again after the last. */
export function colour(i: number): string {
  return PALETTE[i % PALETTE.length]!;
}

/** `#rrggbb` with an opacity from 0 to 1, as CSS. */
export function translucent(hex: string, opacity: number): string {
  const channels = [1, 3, 5].map((at) => Number.parseInt(hex.slice(at, at + 2), 16));
  return `rgba(${channels.join(',')},${opacity})`;
}

/** `#rrggbb` mixed with mid-grey: `share` of it from 0 to 1. Opaque, so overlapping shapes leave no darker joints. */
export function muted(hex: string, share: number): string {
  const channel = (at: number) =>
    Math.round(Number.parseInt(hex.slice(at, at + 2), 16) * share + 0x88 * (1 - share));
  return `#${[1, 3, 5].map((at) => channel(at).toString(16).padStart(2, '0')).join('')}`;
}

/** How light `#rrggbb` is to the eye, from 0 to 1 (WCAG relative luminance). */
export function luminance(hex: string): number {
  const [r, g, b] = [1, 3, 5].map((at) => {
    const c = Number.parseInt(hex.slice(at, at + 2), 16) / 255;
    return c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4;
  }) as [number, number, number];
  return 0.2126 * r + 0.7152 * g + 0.0722 * b;
}

/** The colour at `share` of the way along a scale of colours at ascending shares. */
export function colourAt(scale: readonly (readonly [number, string])[], share: number): string {
  const k = Math.max(
    1,
    scale.findIndex(([at]) => at >= share),
  );
  const [[low, from], [high, to]] = [scale[k - 1]!, scale[k]!];
  const mix = (share - low) / (high - low);
  const channel = (hex: string, at: number) => Number.parseInt(hex.slice(at, at + 2), 16);
  return `#${[1, 3, 5]
    .map((at) =>
      Math.round(channel(from, at) * (1 - mix) + channel(to, at) * mix)
        .toString(16)
        .padStart(2, '0'),
    )
    .join('')}`;
}

/** Advance widths of Inter Regular, in 1/100 em, for the printable ASCII characters from the space on. */
const ADVANCE = [
  28, 29, 47, 63, 64, 98, 64, 30, 36, 36, 50, 66, 29, 46, 29, 36, 63, 41, 61, 62, 65, 59, 62, 57, 62, 62, 29,
  30, 66, 66, 66, 51, 97, 69, 65, 73, 72, 60, 59, 75, 74, 27, 57, 67, 57, 90, 75, 76, 64, 76, 64, 64, 65, 74,
  69, 99, 68, 68, 63, 36, 36, 36, 47, 46, 32, 56, 61, 57, 61, 58, 37, 61, 59, 24, 24, 55, 24, 88, 59, 60, 61,
  61, 38, 53, 33, 59, 56, 82, 55, 56, 55, 43, 33, 43, 66,
];

/** Width of a line of text, CSS pixels; characters beyond ASCII count as 0.62 em. */
export function textWidth(text: string, size = FONT_SIZE): number {
  let hundredths = 0;
  for (const character of text) hundredths += ADVANCE[character.codePointAt(0)! - 32] ?? 62;
  return (hundredths / 100) * size;
}

/** Breaks a text at spaces into lines no wider than `width` CSS pixels. */
export function wrap(text: string, width: number, size = FONT_SIZE): string[] {
  const lines: string[] = [];
  let line = '';
  for (const word of text.split(/\s+/)) {
    const longer = line === '' ? word : `${line} ${word}`;
    if (line !== '' && textWidth(longer, size) > width) {
      lines.push(line);
      line = word;
    } else line = longer;
  }
  return line === '' ? lines : [...lines, line];
}

/** The level of an interval in words: `95 %`. */
export function percent({ level = 0.95 }: { readonly level?: number }): string {
  return `${Number((100 * level).toPrecision(4))} %`;
}

/** How many seeds, in words: `5`, or `3 to 5` where groups differ. */
export function seedCounts(counts: readonly number[]): string {
  const [least, most] = [Math.min(...counts), Math.max(...counts)];
  return least === most ? String(least) : `${least} to ${most}`;
}
