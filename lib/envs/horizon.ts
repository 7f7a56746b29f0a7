// Episodes of one length, so that their ends tell nothing: adversarial rewards leak through early termination.
import { savedVector } from './episodic.ts';
import type { Box, Env, EnvState } from './types.ts';
import { delegate } from './wrappers.ts';

/**
 * The same task in episodes of exactly `maxSteps` steps. Where the task would terminate, time goes on without it: the
 * last observation stays, rewards are 0, actions do nothing, and `info.ended` is 1. `terminated` is never true.
 */
export function fixedHorizon(env: Env): Env {
  return outlast(env, false);
}

/**
 * `fixedHorizon` with the end made visible (Kostrikov et al. 2019, "Discriminator-actor-critic"): observations have one
 * more entry, [D + 1], which is 0 while the task runs. The observation after the terminating step is the task's own;
 * all later ones are the absorbing state, zeros and a 1.
 */
export function absorbingState(env: Env): Env {
  return outlast(env, true);
}

function outlast(env: Env, absorbing: boolean): Env {
  const { id, maxSteps } = env;
  const { size } = env.obsSpace;
  const last = new Float64Array(size);
  let elapsed = 0;
  /** Steps that the task itself has made; it is over if these stay behind. */
  let played = 0;
  let over = false;

  function observe(out: Float64Array = new Float64Array(absorbing ? size + 1 : size)): Float64Array {
    const absorbed = absorbing && elapsed > played;
    if (absorbed) out.fill(0);
    else out.set(last);
    if (absorbing) out[size] = absorbed ? 1 : 0;
    return out;
  }

  return {
    ...delegate(env),
    obsSpace: absorbing ? withIndicator(env.obsSpace) : env.obsSpace,

    reset({ seed, options, out } = {}) {
      const start = options?.state ? { ...options, state: withoutHorizon(options.state) } : options;
      const { info } = env.reset({
        ...(seed !== undefined && { seed }),
        ...(start && { options: start }),
        out: last,
      });
      elapsed = 0;
      played = 0;
      over = false;
      return { obs: observe(out), info: { ...info, ended: 0 } };
    },

    step(action, out) {
      if (over && elapsed >= maxSteps)
        throw new Error(`Cannot step ${id} after the end of an episode (step ${elapsed}): call reset first`);
      if (over) {
        elapsed++;
        const truncated = elapsed >= maxSteps;
        return { obs: observe(out), reward: 0, terminated: false, truncated, info: { ended: 1 } };
      }
      const { obs, reward, terminated, truncated, info } = env.step(action);
      last.set(obs);
      elapsed++;
      played = elapsed;
      over = terminated;
      return {
        obs: observe(out),
        reward,
        terminated: false,
        truncated,
        info: { ...info, ended: terminated ? 1 : 0 },
      };
    },

    getState() {
      const state = env.getState();
      return { ...state, vectors: { ...state.vectors, horizon: [over ? 1 : 0, played] }, elapsed };
    },

    setState(state) {
      const { horizon } = state.vectors;
      // A state that was saved without this wrapper belongs to a running episode.
      const saved = horizon && savedVector(state.vectors, { env: id, name: 'horizon', size: 2 });
      const wasOver = saved?.[0] === 1;
      const steps = wasOver ? saved[1]! : state.elapsed;
      last.set(env.setState({ ...withoutHorizon(state), elapsed: steps }));
      elapsed = state.elapsed;
      played = steps;
      over = wasOver;
      return observe();
    },

    close() {
      over = false;
      env.close();
    },
  };
}

function withoutHorizon(state: EnvState): EnvState {
  const { horizon: _, ...vectors } = state.vectors;
  return { ...state, vectors };
}

function withIndicator({ size, low, high }: Box): Box {
  return {
    type: 'box',
    size: size + 1,
    // The absorbing state has zeros, which must lie within the bounds too.
    low: Float64Array.from([...low.map((bound) => Math.min(bound, 0)), 0]),
    high: Float64Array.from([...high.map((bound) => Math.max(bound, 0)), 1]),
  };
}
