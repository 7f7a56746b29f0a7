// What is wrong with an environment, in the manner of Gymnasium's check_env: for tasks of one's own.
import { stream } from '../backend/rng.ts';
import { contains, sample } from './spaces.ts';
import type { Action, Box, Env, EnvState, Info, StepResult } from './types.ts';

/**
 * Plays with an environment, freshly made, and tells what it does differently from what learners rely on: shapes and
 * bounds, seeds, the order of calls, end flags, refusal of malformed actions, saved states. It is closed afterwards.
 *
 * @param options.steps how many random steps to take, default 100
 * @param options.seed of those steps and of the resets, default 0
 * @returns one sentence per problem, in the order found; none if all is well
 */
export function checkEnv(
  env: Env,
  { steps = 100, seed = 0 }: { readonly steps?: number; readonly seed?: number } = {},
): readonly string[] {
  const problems: string[] = [];
  const report: Report = (problem) => {
    if (!problems.includes(problem)) problems.push(problem);
  };
  checkSpaces(env, report);
  // Without sound spaces nothing else can be said.
  if (problems.length > 0) return problems;
  const stages = [
    () => checkBeforeReset(env, report),
    () => checkReset(env, seed, report),
    () => checkSteps(env, { steps, seed }, report),
    () => checkTimeLimit(env, seed, report),
    () => checkMalformedActions(env, seed, report),
    () => checkStates(env, seed, report),
    () => checkClose(env, seed, report),
  ];
  for (const stage of stages) {
    try {
      stage();
    } catch (error) {
      report(`it threw where it should not: ${error instanceof Error ? error.message : error}`);
    }
  }
  return problems;
}

type Report = (problem: string) => void;

function checkSpaces({ id, obsSpace, actSpace, maxSteps }: Env, report: Report): void {
  if (typeof id !== 'string' || id === '') report('id is empty: give it a name');
  if (!(Number.isInteger(maxSteps) && maxSteps > 0))
    report(`maxSteps is ${maxSteps}: expected a positive integer`);
  if (obsSpace?.type !== 'box') report('obsSpace is not a box: observations are vectors');
  else checkBox('obsSpace', obsSpace, report);
  if (actSpace?.type === 'box') checkBox('actSpace', actSpace, report);
  else if (actSpace?.type !== 'discrete') report('actSpace is neither a box nor discrete');
  else if (!(Number.isInteger(actSpace.n) && actSpace.n > 0))
    report(`actSpace.n is ${actSpace.n}: expected a positive integer`);
}

function checkBox(name: string, { size, low, high }: Box, report: Report): void {
  if (!(Number.isInteger(size) && size > 0)) report(`${name}.size is ${size}: expected a positive integer`);
  else if (low.length !== size || high.length !== size)
    report(`${name} has ${low.length} lower and ${high.length} upper bounds: expected ${size}`);
  else if (!low.every((bound, i) => bound <= high[i]!))
    report(`${name} has a lower bound above the upper one`);
}

function checkBeforeReset(env: Env, report: Report): void {
  const action = someAction(env);
  if (!throws(() => env.step(action))) report('step before the first reset should throw');
  for (const bad of [-1, 0.5])
    if (!throws(() => env.reset({ seed: bad })))
      report('reset should refuse a seed that is not an integer from 0');
}

function checkReset(env: Env, seed: number, report: Report): void {
  const first = env.reset({ seed });
  checkObservation(env, first.obs, 'reset', report);
  checkInfo(first.info, 'reset', report);
  const kept = Array.from(first.obs);
  const second = env.reset();
  const keptSecond = Array.from(second.obs);
  if (first.obs === second.obs) report('reset gives the same array every time: give a fresh one');
  if (!same(env.reset({ seed }).obs, kept)) report('reset with the same seed gives another observation');
  else if (!same(env.reset().obs, keptSecond))
    report('a reset that follows a seeded one is not determined by that seed');
}

function checkSteps(env: Env, { steps, seed }: { steps: number; seed: number }, report: Report): void {
  const first = play(env, { steps, seed }, report);
  const again = play(env, { steps, seed }, () => {});
  const differs = first.findIndex((step, t) => !sameStep(step, again[t]));
  if (differs >= 0 || first.length !== again.length)
    report('the same seed and actions give other steps: draw chance from the seeded stream only');
}

/** Random steps over as many episodes as it takes, with everything that a step returns looked at. */
function play(env: Env, { steps, seed }: { steps: number; seed: number }, report: Report): StepResult[] {
  const rng = stream(seed, 'check', env.id);
  const taken: StepResult[] = [];
  let before = env.reset({ seed }).obs;
  let length = 0;
  for (let t = 0; t < steps; t++) {
    const action = sample(env.actSpace, rng);
    const given = typeof action === 'number' ? [] : Array.from(action);
    const was = Array.from(before);
    const step = env.step(action);
    length++;
    if (typeof action !== 'number' && !same(action, given))
      report('step changes the action that it is given');
    checkObservation(env, step.obs, 'step', report);
    checkInfo(step.info, 'step', report);
    checkOutcome(step, report);
    if (step.obs === before) report('step gives the same array every time: give a fresh one');
    else if (!same(before, was)) report('step writes into an observation that it gave away before');
    taken.push({ ...step, obs: Float64Array.from(step.obs) });
    if (step.truncated === true && length !== env.maxSteps)
      report(`an episode was truncated after ${length} steps: maxSteps is ${env.maxSteps}`);
    if (length >= env.maxSteps && step.truncated === false && step.terminated === false)
      report(`an episode goes on after maxSteps = ${env.maxSteps} steps`);
    before = step.obs;
    if (step.terminated || step.truncated || length > env.maxSteps) {
      if (!throws(() => env.step(action))) report('step after the end of an episode should throw');
      before = env.reset().obs;
      length = 0;
    }
  }
  return taken;
}

function checkOutcome({ reward, terminated, truncated, info }: StepResult, report: Report): void {
  if (!Number.isFinite(reward)) report(`reward is ${reward}: expected a finite number`);
  for (const [name, flag] of Object.entries({ terminated, truncated }))
    if (typeof flag !== 'boolean') report(`${name} is ${JSON.stringify(flag)}: expected true or false`);
  const terms = Object.entries(info ?? {}).filter(([name]) => name.startsWith('reward_'));
  const sum = terms.reduce((total, [, value]) => total + value, 0);
  if (terms.length > 0 && !(Math.abs(sum - reward) <= 1e-9 * Math.max(1, Math.abs(reward))))
    report('the terms reward_* in info do not sum to the reward');
}

/** By setting the clock to one step before the limit. */
function checkTimeLimit(env: Env, seed: number, report: Report): void {
  env.reset({ seed });
  env.setState({ ...env.getState(), elapsed: env.maxSteps - 1 });
  const { truncated } = env.step(someAction(env));
  if (truncated === false) report('step number maxSteps should be truncated');
}

function checkMalformedActions(env: Env, seed: number, report: Report): void {
  const { actSpace } = env;
  const malformed: Action[] =
    actSpace.type === 'discrete'
      ? [-1, actSpace.n, 0.5, Number.NaN]
      : [new Float64Array(actSpace.size + 1), new Float64Array(actSpace.size).fill(Number.NaN)];
  for (const action of malformed) {
    env.reset({ seed });
    if (!throws(() => env.step(action)))
      report(
        typeof action === 'number'
          ? `step should refuse the action ${action}`
          : `step should refuse an action of ${action.length} numbers like ${action[0]}`,
      );
  }
}

function checkStates(env: Env, seed: number, report: Report): void {
  env.reset({ seed });
  const action = someAction(env);
  const { obs, terminated, truncated } = env.step(action);
  const state = env.getState();
  if (state.env !== env.id) report(`the state says that it belongs to ${state.env}: expected ${env.id}`);
  if (state.elapsed !== 1) report(`elapsed is ${state.elapsed} in the state after 1 step`);
  const stored = JSON.parse(JSON.stringify(state)) as EnvState;
  if (!sameState(stored, state))
    report('the state changes when it is stored as JSON: use plain finite numbers');
  const observed = Float64Array.from(obs);
  env.reset();
  if (!same(env.setState(stored), observed)) report('setState gives another observation than the state had');
  else if (!terminated && !truncated) {
    const next = env.step(action);
    env.setState(stored);
    if (!sameStep(next, env.step(action)))
      report('the same action from the same state gives another step: something is missing from the state');
  }
  if (!throws(() => env.setState({ ...stored, env: `${env.id} of another kind` })))
    report("setState should refuse another task's state");
}

function checkClose(env: Env, seed: number, report: Report): void {
  env.reset({ seed });
  env.close();
  if (!throws(() => env.step(someAction(env)))) report('step after close should throw');
  if (throws(() => env.close())) report('a second close should do nothing');
}

function checkObservation({ obsSpace }: Env, obs: Float64Array, call: string, report: Report): void {
  if (!(obs instanceof Float64Array)) report(`the observation of ${call} is not a Float64Array`);
  else if (obs.length !== obsSpace.size)
    report(`the observation of ${call} has ${obs.length} numbers: expected ${obsSpace.size}`);
  else if (!obs.every(Number.isFinite))
    report(`the observation of ${call} holds a number that is not finite`);
  else if (!contains(obsSpace, obs)) report(`the observation of ${call} lies outside obsSpace`);
}

function checkInfo(info: Info, call: string, report: Report): void {
  if (info === null || typeof info !== 'object') report(`the info of ${call} is not a record`);
  else if (!Object.values(info).every((value) => typeof value === 'number'))
    report(`the info of ${call} holds something else than numbers`);
}

function someAction({ actSpace }: Env): Action {
  return sample(actSpace, stream(1, 'check', 'one action'));
}

function throws(run: () => unknown): boolean {
  try {
    run();
    return false;
  } catch {
    return true;
  }
}

function same(a: ArrayLike<number>, b: ArrayLike<number>): boolean {
  if (a.length !== b.length) return false;
  for (let i = 0; i < a.length; i++) if (!Object.is(a[i], b[i])) return false;
  return true;
}

function sameStep(a: StepResult, b: StepResult | undefined): boolean {
  return (
    b !== undefined &&
    same(a.obs, b.obs) &&
    Object.is(a.reward, b.reward) &&
    a.terminated === b.terminated &&
    a.truncated === b.truncated
  );
}

function sameState(a: EnvState, b: EnvState): boolean {
  const names = Object.keys(b.vectors);
  return (
    Object.keys(a.vectors).length === names.length &&
    names.every((name) => Array.isArray(b.vectors[name]) && sameNumbers(a.vectors[name]!, b.vectors[name]!))
  );
}

/** JSON has no -0. */
function sameNumbers(a: readonly number[], b: readonly number[]): boolean {
  return a.length === b.length && a.every((value, i) => value === b[i]);
}
