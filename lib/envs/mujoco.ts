// The one door to MuJoCo: load the WASM engine once, compile a model, step it, read and write its state.
import type { MainModule, MjData, MjModel } from '@mujoco/mujoco';

/** Vectors of the simulator that a task may read; all float64. */
export type DataField =
  | 'qpos'
  | 'qvel'
  | 'ctrl'
  | 'act'
  | 'qacc_warmstart'
  | 'qfrc_actuator'
  | 'xpos'
  | 'xipos'
  | 'ten_length'
  | 'ten_velocity'
  | 'geom_xpos'
  | 'geom_xmat'
  | 'cinert'
  | 'cvel'
  | 'cfrc_ext';

/** A compiled model with its data. A handle on WASM memory: call `close` when done. */
export interface Simulation {
  readonly nq: number;
  readonly nv: number;
  readonly nu: number;
  /** Seconds per `mj_step`. */
  readonly timestep: number;
  /**
   * A field of the simulator, seen in place: writing to it changes the simulator. Ask again after every call
   * that may allocate, and never keep it: growth of the WASM heap leaves old views empty.
   */
  view(field: DataField): Float64Array;
  getTime(): number;
  setTime(time: number): void;
  /** Everything back to the model's own initial state. */
  resetData(): void;
  /** Recomputes what follows from qpos, qvel and ctrl (positions, forces, accelerations) without moving on. */
  forward(): void;
  /**
   * Moves on by `count` timesteps under the present `ctrl`.
   * @throws Error if MuJoCo found the state unusable and silently restarted from the initial one
   */
  advance(count: number): void;
  /** Fills `cfrc_ext`, which stepping alone leaves stale. */
  computeContactForces(): void;
  /** A field of the compiled model (`body_mass`, `jnt_range`, ...), copied out. For tests and inspection. */
  modelField(name: string): readonly number[];
  /** A field of the compiled model's options (`timestep`, `gravity`, ...), copied out. */
  optionField(name: string): readonly number[];
  /** Bytes of the WASM heap, shared by all simulations. */
  heapBytes(): number;
  close(): void;
}

let engine: Promise<MainModule> | undefined;

/**
 * The engine, loaded at the first call (10 MB of WASM, about 0.2 s) and shared by all later ones.
 * @throws Error if @mujoco/mujoco cannot be loaded; the next call tries again
 */
export function loadMujoco(): Promise<MainModule> {
  engine ??= import('@mujoco/mujoco')
    .then(({ default: factory }) => inlined(factory))
    .catch((cause: unknown) => {
      engine = undefined;
      throw new Error('Cannot load the MuJoCo engine: check that @mujoco/mujoco is installed', { cause });
    });
  return engine;
}

/**
 * Runs `load` with V8's inlining of small WASM functions, which MuJoCo is full of: more steps a second, and the
 * same numbers. Later versions of V8 inline of themselves; Node 20 and 22 have it behind a flag, which a module keeps
 * that was loaded under it. The limits are read whenever a function is compiled, so they stay raised.
 */
async function inlined<T>(load: () => Promise<T>): Promise<T> {
  const { process: node } = globalThis as { process?: NodeJS.Process };
  if (!/^v2[02]\./.test(node?.version ?? '')) return load();
  const v8 = node!.getBuiltinModule('node:v8');
  v8.setFlagsFromString('--wasm-inlining-budget=20000');
  v8.setFlagsFromString('--wasm-inlining-max-size=1500');
  v8.setFlagsFromString('--experimental-wasm-inlining');
  try {
    return await load();
  } finally {
    v8.setFlagsFromString('--no-experimental-wasm-inlining');
  }
}

/**
 * Compiles an MJCF text and makes the data to simulate it.
 * @throws Error if MuJoCo rejects the model, with MuJoCo's reason
 */
export async function createSimulation(mjcf: string): Promise<Simulation> {
  const mujoco = await loadMujoco();
  const model = compile(mujoco, mjcf);
  try {
    return simulate(mujoco, model, new mujoco.MjData(model));
  } catch (cause) {
    model.delete();
    throw new Error('Cannot make the simulation data: close environments that are no longer used', { cause });
  }
}

function compile(mujoco: MainModule, mjcf: string): MjModel {
  let model: MjModel | null;
  try {
    model = mujoco.MjModel.from_xml_string(mjcf);
  } catch (cause) {
    const reason = (cause instanceof Error ? cause.message : String(cause)).replace(/\s+/g, ' ').trim();
    throw new Error(`Cannot compile the MuJoCo model: ${reason}`, { cause });
  }
  if (!model) throw new Error('Cannot compile the MuJoCo model: the engine returned none');
  return model;
}

function simulate(mujoco: MainModule, model: MjModel, data: MjData): Simulation {
  const { nq, nv, nu } = model;
  const views = new Map<DataField, Float64Array>();
  const timestep = withOptions(model, (option) => option.timestep);
  let open = true;
  /** `data.time`, kept here as each read of it goes through the bindings. */
  let time = 0;

  // Each read of a property of `data` builds a new view, so views are kept and fetched again only after the
  // heap has grown, which detaches them (length 0).
  function view(field: DataField): Float64Array {
    const kept = views.get(field);
    if (kept !== undefined && kept.length > 0) return kept;
    assertOpen();
    const fetched: unknown = data[field];
    if (!(fetched instanceof Float64Array))
      throw new Error(`Cannot read ${field}: MuJoCo gave no float64 array`);
    views.set(field, fetched);
    return fetched;
  }

  function assertOpen(): void {
    if (!open) throw new Error('Cannot use a simulation after close: make a new environment');
  }

  return {
    nq,
    nv,
    nu,
    timestep,
    view,
    getTime: () => time,
    setTime: (seconds) => {
      data.time = seconds;
      time = seconds;
    },
    resetData: () => {
      mujoco.mj_resetData(model, data);
      time = 0;
    },
    forward: () => mujoco.mj_forward(model, data),
    advance: (count) => {
      const before = time;
      for (let i = 0; i < count; i++) mujoco.mj_step(model, data);
      // MuJoCo answers a state that is not finite or huge by starting over at time 0.
      time = data.time;
      if (!(time > before + (count - 0.5) * timestep)) {
        throw new Error(
          `Cannot go on from time ${before}: the simulation became unstable and MuJoCo restarted it, so reset the environment`,
        );
      }
    },
    computeContactForces: () => mujoco.mj_rnePostConstraint(model, data),
    modelField: (name) => numbers(name, (model as unknown as Record<string, unknown>)[name]),
    optionField: (name) =>
      withOptions(model, (option) => numbers(name, (option as unknown as Record<string, unknown>)[name])),
    heapBytes: () => view('qpos').buffer.byteLength,
    close: () => {
      if (!open) return;
      open = false;
      views.clear();
      data.delete();
      model.delete();
    },
  };
}

/** The options are an object of their own on the WASM side: freed here, whatever `read` does. */
function withOptions<T>(model: MjModel, read: (option: MjModel['opt']) => T): T {
  const option = model.opt;
  try {
    return read(option);
  } finally {
    option.delete();
  }
}

function numbers(name: string, value: unknown): readonly number[] {
  if (typeof value === 'number') return [value];
  if (ArrayBuffer.isView(value)) return Array.from(value as unknown as ArrayLike<number>, Number);
  if (value !== null && typeof value === 'object' && 'value' in value) return [Number(value.value)];
  throw new Error(`Cannot read the model field ${name}: expected numbers, got ${typeof value}`);
}
