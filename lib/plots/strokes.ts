// One moment of a scene, as strokes on a flat picture (projection, painter's order, ground) and as numbers. The film strip
// draws the strokes as SVG, and the player's page runs these very functions: their text is sent to it, so they may use
// nothing from outside themselves.
import type { Scene, View } from './scene.ts';

/** A line with round ends, in pixels. */
export interface Stroke {
  /** x y x y ... */
  readonly points: readonly number[];
  readonly width: number;
  /** CSS colour; where there is none, the text's. */
  readonly paint?: string;
  readonly opacity?: number;
  readonly dashed?: true;
}

/** Where the picture is, in pixels. */
export interface Frame {
  readonly left: number;
  readonly top: number;
  readonly width: number;
  readonly height: number;
}

/** What is read out beside the picture. */
export interface Readout {
  /** Whole steps made, at most T. */
  readonly made: number;
  /** Sum of the rewards so far. */
  readonly total: number;
  /** What the last step paid; none before the first. */
  readonly reward?: number;
  /** What the discriminator made of its pair. */
  readonly confidence?: number;
}

/** The numbers of a scene after so many steps. */
export function readoutOf({ steps, reward_T, confidence_T }: Scene, step: number): Readout {
  const made = Math.min(Math.floor(step), steps);
  const total = reward_T.subarray(0, made).reduce((sum, reward) => sum + reward, 0);
  if (made === 0) return { made, total };
  const reward = reward_T[made - 1]!;
  return confidence_T
    ? { made, total, reward, confidence: confidence_T[made - 1]! }
    : { made, total, reward };
}

/**
 * The strokes of a scene after so many steps, back to front.
 * @param step from 0 to T; between two kept moments the parts are mixed
 * @param view from where; the scene's own, or another one
 * @param faded paler, as a scene that is over
 */
export function strokesOf(
  scene: Scene,
  step: number,
  frame: Frame,
  { view = scene.view, faded = false }: { readonly view?: View; readonly faded?: boolean } = {},
): Stroke[] {
  const { parts, ends, camera, every, steps, unit } = scene;
  const lastFrame = camera.length / 2 - 1;
  const before = Math.max(0, Math.min(Math.floor(step / every), lastFrame - 1));
  const after = Math.min(before + 1, lastFrame);
  const between = Math.min(steps, after * every) - before * every;
  const share = between > 0 ? Math.min(1, (step - before * every) / between) : 0;
  const mix = (values: ArrayLike<number>, size: number, k: number) =>
    values[before * size + k]! * (1 - share) + values[after * size + k]! * share;

  // Axes of the picture: right, up, and towards the viewer.
  const [turn, rise] = [view.azimuth, view.elevation].map((degrees) => (degrees * Math.PI) / 180) as [
    number,
    number,
  ];
  const [cosA, sinA, cosE, sinE] = [Math.cos(turn), Math.sin(turn), Math.cos(rise), Math.sin(rise)];
  const scale = Math.min(frame.width / view.width, frame.height / view.height);
  const middle = [frame.left + frame.width / 2, frame.top + frame.height / 2] as const;
  const [cameraX, cameraY] = [mix(camera, 2, 0), mix(camera, 2, 1)];
  const [aimX, aimY, aimZ] = view.aim;
  /** Pixels x and y, nearness in metres, and pixels a metre, of a point that is given relative to the camera. */
  const project = (x: number, y: number, z: number) => {
    const [dx, dy, dz] = [x - aimX, y - aimY, z - aimZ];
    const right = dx * cosA + dy * sinA;
    const ahead = dx * sinA - dy * cosA;
    const near = ahead * cosE + dz * sinE;
    const up = dz * cosE - ahead * sinE;
    const zoom = scale * (view.distance > 0 ? view.distance / Math.max(0.1, view.distance - near) : 1);
    return { x: middle[0] + right * zoom, y: middle[1] - up * zoom, near, zoom };
  };
  const flat = (points: readonly (readonly [number, number, number])[]) =>
    points.flatMap(([x, y, z]) => {
      const at = project(x - cameraX, y - cameraY, z);
      return [at.x, at.y];
    });
  const strokes: Stroke[] = [];

  // Ground: a line with a tick a metre from the side, a round piece of a grid from above.
  const { ground } = view;
  if (ground !== undefined && view.distance === 0) {
    const half = frame.width / scale / 2;
    const y = project(0, 0, ground).y;
    strokes.push({ points: [frame.left, y, frame.left + frame.width, y], width: 1, opacity: 0.6 });
    for (let m = Math.ceil(cameraX + aimX - half); m <= cameraX + aimX + half; m++) {
      const { x } = project(m - cameraX, 0, ground);
      strokes.push({ points: [x, y, x, y + (m % 5 === 0 ? 9 : 4)], width: 1, opacity: 0.6 });
    }
  }
  const reach = 0.75 * view.width;
  if (ground !== undefined && view.distance > 0) {
    const spacing = 0.5;
    for (const alongX of [true, false]) {
      const [across, along] = alongX ? [cameraY, cameraX] : [cameraX, cameraY];
      for (let k = Math.ceil((across - reach) / spacing); k * spacing <= across + reach; k++) {
        const offset = k * spacing - across;
        const half = Math.sqrt(Math.max(0, reach * reach - offset * offset));
        const ends = [-half, half].map((d) => [along + d, k * spacing] as const);
        strokes.push({
          points: flat(ends.map(([u, v]) => (alongX ? [u, v, ground] : [v, u, ground]))),
          width: 1,
          opacity: (k % 10 === 0 ? 0.75 : 0.3) * (1 - 0.8 * (offset / reach) ** 2),
        });
      }
    }
  }
  for (const { points, dashed } of scene.scenery)
    strokes.push({
      points: flat(points),
      width: dashed ? 1 : 1.5,
      opacity: 0.7,
      ...(dashed ? { dashed } : {}),
    });

  // Parts, the nearest last; in the plane they stay in their order.
  const size = 6 * parts.length;
  const placed = parts.map((part, i) => {
    const value = (k: number) => mix(ends, size, 6 * i + k) * unit;
    const from = project(value(0), value(1), value(2));
    const to = project(value(3), value(4), value(5));
    const shadow = [
      project(value(0), value(1), ground ?? 0),
      project(value(3), value(4), ground ?? 0),
    ] as const;
    return { ...part, from, to, shadow, near: (from.near + to.near) / 2 };
  });
  // A line of length 0 is not drawn everywhere.
  const line = (a: { x: number; y: number }, b: { x: number; y: number }, dx = 0, dy = 0) => [
    ...[a.x + dx, a.y + dy],
    ...[b.x + dx + 0.01, b.y + dy],
  ];
  const css = (rgb: readonly number[], other: number, amount: number) =>
    `rgb(${rgb.map((c) => Math.round(c * (1 - amount) + other * amount)).join(',')})`;
  if (ground !== undefined && view.distance > 0)
    for (const { shadow, radius } of placed)
      strokes.push({
        points: line(...shadow),
        width: 1.6 * radius * shadow[0].zoom,
        paint: 'rgb(128,128,128)',
        opacity: 0.15,
      });
  if (view.distance > 0) placed.sort((a, b) => a.near - b.near);
  for (const { from, to, radius, rgb, near } of placed) {
    const width = radius * (from.zoom + to.zoom);
    const pale = faded ? rgb.map((c) => 0.4 * c + 0.6 * 136) : rgb;
    // What is far is greyer.
    const base = pale.map((c) => c + (136 - c) * Math.max(0, Math.min(0.5, -near / view.width)));
    strokes.push({
      points: line(from, to),
      width: width + Math.min(2, 0.3 * width),
      paint: css(base, 0, 0.4),
    });
    strokes.push({ points: line(from, to), width, paint: css(base, 0, 0) });
    const shift = 0.16 * width;
    strokes.push({
      points: line(from, to, -shift, -shift),
      width: 0.35 * width,
      paint: css(base, 255, 0.28),
    });
  }
  return strokes;
}
