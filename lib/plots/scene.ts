// An episode as something to look at: the skeleton of lib/envs/skeleton.ts in small numbers, from where it is seen, and
// what is read out at each step. Free of Node.
import type { Trajectory } from '../data/types.ts';
import { trajectoryLength, trajectoryReturn } from '../data/types.ts';
import { type Part, type SceneryLine, skeletonOf } from '../envs/skeleton.ts';
import { colour, muted } from './style.ts';

/** From where a scene is seen. */
export interface View {
  /** What is seen at least, m. */
  readonly width: number;
  readonly height: number;
  /** What is in the middle, m: x and y relative to the camera's place, z in the world. */
  readonly aim: readonly [number, number, number];
  /** Degrees: 0 looks along +y (x to the right); elevation 90 looks down. */
  readonly azimuth: number;
  readonly elevation: number;
  /** Distance of the eye, m; 0 for a picture without perspective. */
  readonly distance: number;
  /** Height of the ground, m, if it is to be seen. */
  readonly ground?: number;
}

/** A part with its colour. */
export interface ScenePart extends Part {
  /** 0 to 255 each. */
  readonly rgb: readonly number[];
}

/** One episode as the player takes it. */
export interface Scene {
  readonly label: string;
  readonly parts: readonly ScenePart[];
  readonly scenery: readonly SceneryLine[];
  readonly view: View;
  /** Number of steps, T. */
  readonly steps: number;
  readonly stepSeconds: number;
  /** A frame is kept every so many steps, and of the last moment. */
  readonly every: number;
  /** Both ends of each part in every kept frame, [N, 6], relative to the camera's place, in multiples of `unit`. */
  readonly ends: Int16Array;
  /** m */
  readonly unit: number;
  /** Place of the camera in every kept frame, x and y, m, [N, 2]. */
  readonly camera: Float32Array;
  readonly reward_T: Float32Array;
  /** The discriminator's belief that a pair is the expert's, 0 to 1, [T]. */
  readonly confidence_T?: Float32Array;
  /** How it ended, for example `fell after 1.2 s, return 375`. */
  readonly ending: string;
}

/** What is shown of an episode beside its motion. */
export interface SceneOptions {
  readonly label: string;
  /** The discriminator's belief that each pair is the expert's, 0 to 1, [T]. */
  readonly confidence_T?: ArrayLike<number>;
  /** Number of its colour. */
  readonly color?: number;
  /** Keep every so many steps; the player draws what lies between. Default: about 30 frames a second. */
  readonly every?: number;
}

/** How a task is shown. */
interface Stage extends View {
  /** Which way the camera goes with the first moving part. */
  readonly follow?: 'x' | 'xy';
  /** What an episode does that its task's rule ends. */
  readonly end: string;
}

const side = (width: number, low: number, high: number, x = 0) =>
  ({
    width,
    height: high - low,
    aim: [x, 0, (low + high) / 2],
    azimuth: 0,
    elevation: 0,
    distance: 0,
  }) as const;
const walking = { follow: 'x', ground: 0, end: 'fell' } as const;
const inSpace = { azimuth: 25, elevation: 18, distance: 9, ground: 0, follow: 'xy', end: 'fell' } as const;

const STAGES: Readonly<Record<string, Stage>> = {
  CartPole: { ...side(5.6, -0.6, 1.3), ground: -0.3, end: 'fell' },
  MountainCar: { ...side(1.9, 0, 1.25, -0.3), end: 'reached the top' },
  Acrobot: { ...side(4.4, -2.15, 2.15), end: 'reached the line' },
  Pendulum: { ...side(2.4, -1.2, 1.2), end: 'ended' },
  InvertedPendulum: { ...side(2.6, -0.25, 0.85), end: 'fell' },
  Reacher: { ...side(0.68, -0.34, 0.34), aim: [0, 0, 0], elevation: 90, end: 'ended' },
  Hopper: { ...side(3, -0.15, 1.75), ...walking },
  Walker2d: { ...side(3, -0.15, 1.75), ...walking },
  HalfCheetah: { ...side(3.2, -0.2, 1.4), ...walking },
  // Its rule is about heights: it may as well jump too high.
  Ant: { ...side(3, -0.55, 1.75), ...inSpace, end: 'unhealthy' },
  Humanoid: { ...side(2.8, -0.25, 1.75), ...inSpace },
};

/** Colour of what a robot is to reach. */
const GOAL = '#E69F00';

/**
 * A trajectory as a scene.
 * @param env id of the task, one of `ENV_IDS`
 * @throws Error if there is no drawing of the task, or the trajectory or its confidences do not fit
 */
export async function sceneOf(
  env: string,
  trajectory: Trajectory,
  { label, confidence_T, color = 0, every }: SceneOptions,
): Promise<Scene> {
  const steps = trajectoryLength(trajectory);
  if (confidence_T !== undefined && confidence_T.length !== steps)
    throw new Error(
      `Cannot show ${confidence_T.length} confidences beside the ${steps} steps of "${label}": give one a step`,
    );
  const skeleton = await skeletonOf(env, trajectory, every === undefined ? {} : { every });
  const { parts, ends } = skeleton;
  const { follow, end, ...view } = STAGES[env.replace(/-v\d+$/, '')]!;

  const first = parts.findIndex(({ shade }) => shade === 1);
  const camera = new Float32Array(2 * ends.length);
  ends.forEach((places, f) => {
    for (let axis = 0; axis < (follow?.length ?? 0); axis++)
      camera[2 * f + axis] = (places[6 * first + axis]! + places[6 * first + 3 + axis]!) / 2;
  });
  const unit = view.width / 5000;
  const relative = ends.flatMap((places, f) =>
    Array.from(places, (value, k) => {
      const from = k % 3 < 2 ? camera[2 * f + (k % 3)]! : 0;
      return Math.max(-32768, Math.min(32767, Math.round((value - from) / unit)));
    }),
  );
  const total = Math.round(trajectoryReturn(trajectory)).toLocaleString('en-US');
  const how = trajectory.terminated ? `${end} after` : 'cut off at';
  return {
    label,
    parts: parts.map((part) => ({
      ...part,
      rgb: rgbOf(part.goal ? GOAL : muted(colour(color), part.shade)),
    })),
    scenery: skeleton.scenery,
    view,
    steps,
    stepSeconds: skeleton.stepSeconds,
    every: skeleton.every,
    ends: Int16Array.from(relative),
    unit,
    camera,
    reward_T: Float32Array.from(trajectory.reward_T),
    ...(confidence_T === undefined ? {} : { confidence_T: Float32Array.from(confidence_T) }),
    ending: `${how} ${(steps * skeleton.stepSeconds).toFixed(1)} s, return ${total}`,
  };
}

function rgbOf(hex: string): number[] {
  return [1, 3, 5].map((at) => Number.parseInt(hex.slice(at, at + 2), 16));
}
