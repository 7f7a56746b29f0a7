// The expert policies that GAIL's authors published (openai/imitation, expert_policies/*.h5): snapshots of a training
// run, read as policies of ours.
import { z } from 'zod';
import { finite, shapedField } from '../data/fields.ts';
import { FormatError, type FormatPlace } from '../data/format-error.ts';
import { type Group, namesIn, readGroup, readHdf5, readText } from '../data/hdf5.ts';
import type { Policy } from '../models/policy.ts';

/** A policy of the file and what the file says about it. */
export interface GailSnapshot {
  readonly policy: Policy;
  /** The task that it was trained on, by the name of its time, for example `Hopper-v0`. */
  readonly env: string;
  /** Training iteration of the snapshot, and of every snapshot in the file. */
  readonly iteration: number;
  readonly iterations: readonly number[];
}

/** A layer's weights [I, O] and biases [O]. */
interface Layer {
  readonly inputs: number;
  readonly outputs: number;
  readonly weight_IO: Float64Array;
  readonly bias_O: Float64Array;
}

const LEAK = 0.01;
const layerSpec = z.union([
  z.object({ type: z.literal('fc'), n: z.int().positive() }),
  z.object({ type: z.literal('nonlin'), func: z.enum(['tanh', 'relu', 'lrelu']) }),
]);
type HiddenSpec = readonly z.infer<typeof layerSpec>[];

/**
 * A policy out of a training log of GAIL's authors: Gaussian (`GaussianPolicy`) or categorical (`GibbsPolicy`). It
 * takes observations in simulator units, which it standardises as stored: (obs - mean) / (sqrt(meansq - mean^2) + 1e-6).
 *
 * Leaky ReLU layers become ReLU layers of twice the width: lrelu(x) = relu(x) - 0.01 relu(-x), the same function.
 *
 * @param bytes the file
 * @param options.name its name, for errors
 * @param options.iteration which snapshot; the last one where left out
 * @throws FormatError naming the field if anything is missing, of the wrong shape or not a finite number
 */
export function readGailSnapshot(
  bytes: Uint8Array,
  options: { readonly name?: string; readonly iteration?: number } = {},
): Promise<GailSnapshot> {
  const { name: file = 'GAIL policy' } = options;
  return readHdf5(bytes, {
    name: file,
    read(root) {
      const { env, hidden } = readArgs(root, file);
      const snapshots = groupOf(root, 'snapshots', { file, field: 'snapshots' });
      const iterations = snapshots
        .keys()
        .filter((key) => /^iter\d{7}$/.test(key))
        .map((key) => Number(key.slice(4)))
        .sort((a, b) => a - b);
      const { iteration = iterations.at(-1) } = options;
      if (iteration === undefined || !iterations.includes(iteration))
        throw new FormatError(
          { file, field: 'snapshots' },
          `there is no snapshot of iteration ${iteration ?? 'any'}; found ${iterations.join(', ') || namesIn(snapshots)}`,
        );
      const path = `snapshots/iter${String(iteration).padStart(7, '0')}`;
      const snapshot = groupOf(snapshots, path, { file, field: path });
      return { policy: readPolicy(snapshot, { path, file, hidden }), env, iteration, iterations };
    },
  });
}

/** The settings that the run was started with: JSON in an attribute, the layers as JSON inside of it. */
function readArgs(root: Group, file: string): { readonly env: string; readonly hidden: HiddenSpec } {
  const place = { file, field: 'args' };
  const parsed = <T>(schema: z.ZodType<T>, text: string): T => {
    let value: unknown;
    try {
      value = JSON.parse(text);
    } catch (error) {
      throw new FormatError(place, `not JSON (${(error as Error).message})`, { cause: error });
    }
    const result = schema.safeParse(value);
    if (!result.success) throw new FormatError(place, z.prettifyError(result.error));
    return result.data;
  };
  const args = z.object({ env_name: z.string(), policy_hidden_spec: z.string() });
  const { env_name, policy_hidden_spec } = parsed(args, readText(root, 'args', { file }));
  return { env: env_name, hidden: parsed(z.array(layerSpec), policy_hidden_spec) };
}

function readPolicy(
  snapshot: Group,
  options: { readonly path: string; readonly file: string; readonly hidden: HiddenSpec },
): Policy {
  const { file, hidden } = options;
  const kind = snapshot.keys().includes('GibbsPolicy') ? 'GibbsPolicy' : 'GaussianPolicy';
  const path = `${options.path}/${kind}`;
  const root = groupOf(snapshot, path, { file, field: path });
  /** A field below the policy's group, by its path. */
  const field = (name: string, shape: readonly (number | null)[]) => {
    const parts = `${name}`.split('/');
    let within = root;
    for (let i = 1; i < parts.length; i++) {
      const part = `${path}/${parts.slice(0, i).join('/')}`;
      within = groupOf(within, part, { file, field: part });
    }
    const read = shapedField(within, `${path}/${name}`, { shape, place: { file } });
    return { ...read, values: finite(read.values, { file, field: `${path}/${name}` }) };
  };
  const layer = (name: string, inputs: number | null, outputs: number | null): Layer => {
    const { values: weight_IO, shape } = field(`${name}/AffineLayer/W`, [inputs, outputs]);
    const [I, O] = shape as [number, number];
    return {
      inputs: I,
      outputs: O,
      weight_IO,
      bias_O: field(`${name}/AffineLayer/b`, [1, O]).values,
    };
  };

  const layers: Layer[] = [];
  let width: number | null = null;
  const functions = new Set<string>();
  for (const [i, spec] of hidden.entries()) {
    const expected = i % 2 === 0 ? 'fc' : 'nonlin';
    if (spec.type !== expected)
      throw new FormatError(
        { file, field: 'args' },
        `hidden layer ${i} is "${spec.type}", expected "${expected}"`,
      );
    if (spec.type === 'nonlin') functions.add(spec.func);
    else {
      layers.push(layer(`hidden/FeedforwardNet/layer_${i}`, width, spec.n));
      width = spec.n;
    }
  }
  const [func] = functions;
  if (func === undefined || functions.size > 1 || hidden.length % 2 === 1)
    throw new FormatError(
      { file, field: 'args' },
      `expected hidden layers that all end in one function, found ${[...functions].join(', ') || 'none'}`,
    );
  layers.push(layer('out', width, null));

  const D = layers[0]!.inputs;
  const A = layers.at(-1)!.outputs;
  const net =
    func === 'lrelu'
      ? layers.map((l, i) => twice(l, { first: i === 0, last: i === layers.length - 1 }))
      : layers;
  const common = {
    obsNorm: root.keys().includes('obsnorm')
      ? obsNormOf(
          field('obsnorm/Standardizer/mean_1_D', [1, D]).values,
          field('obsnorm/Standardizer/meansq_1_D', [1, D]).values,
        )
      : { mean_D: new Float32Array(D), scale_D: new Float32Array(D).fill(1), clip: Number.MAX_VALUE },
    spec: {
      sizes: [D, ...net.map(({ outputs }) => outputs)],
      activation: func === 'tanh' ? ('tanh' as const) : ('relu' as const),
    },
    params_P: Float32Array.from(net.flatMap(({ weight_IO, bias_O }) => [...weight_IO, ...bias_O])),
  };
  if (kind === 'GibbsPolicy') return { kind: 'categorical', ...common };
  return {
    kind: 'gaussian',
    ...common,
    actMean_A: new Float32Array(A),
    actScale_A: new Float32Array(A).fill(1),
    bound: 0,
    logStd_A: Float32Array.from(field('logstdevs_1_Da', [1, A]).values),
  };
}

/** Statistics as the authors use them; rounding can make meansq smaller than mean^2. Nothing is clipped. */
function obsNormOf(mean_D: Float64Array, meansq_D: Float64Array): Policy['obsNorm'] {
  return {
    mean_D: Float32Array.from(mean_D),
    scale_D: Float32Array.from(mean_D, (mean, d) => Math.sqrt(Math.max(0, meansq_D[d]! - mean ** 2)) + 1e-6),
    clip: Number.MAX_VALUE,
  };
}

/**
 * A layer of a leaky ReLU network as one of a ReLU network of twice the hidden width: it puts out [x, -x] for the ReLU
 * to cut, and takes in [relu(x), relu(-x)], the second half times -0.01.
 */
function twice(
  { inputs, outputs, weight_IO, bias_O }: Layer,
  place: { readonly first: boolean; readonly last: boolean },
): Layer {
  const signs = place.last ? [1] : [1, -1];
  const gains = place.first ? [1] : [1, -LEAK];
  const rows = gains.flatMap((gain) =>
    Array.from({ length: inputs }, (_, i) =>
      signs.flatMap((sign) =>
        Array.from(weight_IO.subarray(i * outputs, (i + 1) * outputs), (w) => gain * sign * w),
      ),
    ),
  );
  return {
    inputs: inputs * gains.length,
    outputs: outputs * signs.length,
    weight_IO: Float64Array.from(rows.flat()),
    bias_O: Float64Array.from(signs.flatMap((sign) => Array.from(bias_O, (b) => sign * b))),
  };
}

/** The group whose path ends in its name within `group`. @throws FormatError if there is none */
function groupOf(group: Group, path: string, place: FormatPlace): Group {
  const found = readGroup(group, path.slice(path.lastIndexOf('/') + 1), place);
  if (found === null) throw new FormatError(place, `missing; found ${namesIn(group)}`);
  return found;
}
