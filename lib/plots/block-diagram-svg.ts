// The slides' two block diagrams side by side: values go forward, derivatives come back where the code has them. Free of Node.
import { FONT_SIZE, INK, PALETTE, WIDTH, wrap } from './style.ts';
import { escapeXml } from './svg.ts';

/** A derivative, and whether each kind of policy gradient goes through it (theory/gradient-paths.ts). */
export interface DrawnPath {
  readonly symbol: string;
  readonly modelFree: boolean;
  readonly modelBased: boolean;
}

const PANEL = WIDTH / 2;
const BOX = { width: 96, height: 40 };
const HEIGHT = 290;
const CAPTION_LINE = 16;
/** Share of an arrow at which its name stands: long ones cross near their middles. */
const NAME_AT = { short: 0.5, long: 0.3 };

type Place = readonly [x: number, y: number];
const places = {
  state: [64, 70],
  world: [194, 70],
  next: [322, 70],
  policy: [64, 220],
  action: [194, 220],
  discriminator: [322, 220],
} satisfies Record<string, Place>;
type Node = keyof typeof places;

/** Where values go, and the derivative that comes back the same way. */
const edges: readonly { readonly from: Node; readonly to: Node; readonly symbol?: string }[] = [
  { from: 'state', to: 'policy', symbol: 'pi_s' },
  { from: 'policy', to: 'action', symbol: 'pi_theta' },
  { from: 'state', to: 'world', symbol: 'f_s' },
  { from: 'action', to: 'world', symbol: 'f_a' },
  { from: 'world', to: 'next' },
  { from: 'state', to: 'discriminator', symbol: 'c_s' },
  { from: 'action', to: 'discriminator', symbol: 'c_a' },
];

/** What comes after an underscore is written low. */
const greek: Readonly<Record<string, string>> = { pi_s: 'π_s', pi_theta: 'π_θ' };

/**
 * Both diagrams as SVG.
 * @throws Error if a derivative of the diagram is not among the paths
 */
export function blockDiagramSvg(paths: readonly DrawnPath[], caption: string): string {
  const lines = wrap(caption, WIDTH - 16);
  const total = HEIGHT + lines.length * CAPTION_LINE + 8;
  const text = lines.map((line, k) => label(line, [8, HEIGHT + 14 + k * CAPTION_LINE], { anchor: 'start' }));
  const parts = [
    ...panel('Model-free', 'environment', 0, (symbol) => pathOf(paths, symbol).modelFree),
    ...panel('Model-based', 'model f', PANEL, (symbol) => pathOf(paths, symbol).modelBased),
    ...text,
  ];
  return `<svg xmlns="http://www.w3.org/2000/svg" width="${WIDTH}" height="${total}" viewBox="0 0 ${WIDTH} ${total}" font-family="Inter, Helvetica, Arial, sans-serif" font-size="${FONT_SIZE}" fill="${INK}">${parts.join('')}</svg>`;
}

function pathOf(paths: readonly DrawnPath[], symbol: string): DrawnPath {
  const found = paths.find((path) => path.symbol === symbol);
  if (!found)
    throw new Error(
      `Cannot draw the derivative ${symbol} as it is not among ${paths.map((path) => path.symbol).join(', ')}`,
    );
  return found;
}

function panel(title: string, world: string, left: number, flows: (symbol: string) => boolean): string[] {
  const names: Record<Node, string> = {
    state: 'state s',
    world,
    next: "next state s'",
    policy: 'policy π_θ',
    action: 'action a',
    discriminator: 'discriminator',
  };
  const at = (node: Node): Place => [left + places[node][0], places[node][1]];
  const boxes = (Object.keys(names) as Node[]).map((node) => box(names[node], at(node)));
  const come = edges.flatMap(({ symbol }) => (symbol && flows(symbol) ? [symbol] : []));
  const arrows = edges.flatMap(({ from, to, symbol }) => {
    // What follows the next state has its derivative from there, if anything goes through the world at all.
    const back = symbol ? flows(symbol) : come.includes('f_s') || come.includes('f_a');
    const forward = arrow(at(from), at(to), { color: INK, width: 1.2, shift: back ? 6 : 0 });
    if (!back) return [forward];
    const color = PALETTE[1];
    return [
      forward,
      arrow(at(to), at(from), {
        color,
        width: 2.6,
        shift: 6,
        name: symbol ? (greek[symbol] ?? symbol) : "J'_s'",
      }),
    ];
  });
  return [label(title, [left + PANEL / 2, 24], { size: 14, bold: true }), ...arrows, ...boxes];
}

function box(name: string, [x, y]: Place): string {
  const { width, height } = BOX;
  return `<rect x="${x - width / 2}" y="${y - height / 2}" width="${width}" height="${height}" rx="6" fill="none" stroke="${INK}" stroke-width="1.4"/>${label(name, [x, y + 4])}`;
}

/** From the edge of one box to the edge of another, `shift` to the right of its own direction. */
function arrow(
  from: Place,
  to: Place,
  style: { readonly color: string; readonly width: number; readonly shift: number; readonly name?: string },
): string {
  const [dx, dy] = [to[0] - from[0], to[1] - from[1]];
  const length = Math.hypot(dx, dy);
  const [ux, uy] = [dx / length, dy / length];
  const inset = Math.min(
    (BOX.width / 2 + 4) / Math.max(Math.abs(ux), 1e-9),
    (BOX.height / 2 + 4) / Math.max(Math.abs(uy), 1e-9),
  );
  const [sx, sy] = [-uy * style.shift, ux * style.shift];
  const point = (distance: number, side = 0): string =>
    `${px(from[0] + ux * distance + sx - uy * side)} ${px(from[1] + uy * distance + sy + ux * side)}`;
  const end = length - inset;
  const head = 4 + 1.5 * style.width;
  const line = `<path d="M${point(inset)}L${point(end - head)}" stroke="${style.color}" stroke-width="${style.width}" fill="none"/>`;
  const tip = `<path d="M${point(end)}L${point(end - head, head / 2)}L${point(end - head, -head / 2)}Z" fill="${style.color}"/>`;
  if (!style.name) return line + tip;
  const along = length < 140 ? NAME_AT.short : NAME_AT.long;
  const name = label(
    style.name,
    [from[0] + ux * length * along + sx * 2.9, from[1] + uy * length * along + sy * 2.9 + 4],
    { color: style.color, bold: true, size: 13 },
  );
  return line + tip + name;
}

function label(
  text: string,
  [x, y]: Place,
  { anchor = 'middle', size = FONT_SIZE, bold = false, color = INK } = {},
): string {
  const [base, low] = text.split('_', 2) as [string, string?];
  const written = low
    ? `${escapeXml(base)}<tspan dy="4" font-size="${size - 3}">${escapeXml(low)}</tspan>`
    : escapeXml(text);
  return `<text x="${px(x)}" y="${px(y)}" text-anchor="${anchor}" font-size="${size}"${bold ? ' font-weight="600"' : ''} fill="${color}">${written}</text>`;
}

function px(value: number): string {
  return String(Math.round(value * 100) / 100);
}
