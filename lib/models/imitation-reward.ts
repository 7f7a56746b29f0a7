// Rewards that a model-free imitator makes of a discriminator's logit, where high means expert (discriminator.ts): with
// D = sigmoid(l) the probability of expert, each shape below is a function of l. Their ORDER of pairs is the same; their
// SIGN is not, and a sign alone teaches where episodes may end early.

/**
 * Rewards of a step as functions of its logit; both are in nats, but for the constants, which have no unit.
 *
 * | name | reward of a step | in terms of the logit | range | what its sign teaches before it knows any expert |
 * |---|---|---|---|---|
 * | survival | -log(1 - D) | softplus(l) | (0, inf) | stay alive: every further step adds |
 * | ending | log D | -softplus(-l) | (-inf, 0) | get it over: every further step costs |
 * | airl | log D - log(1 - D) | l | (-inf, inf) | stay where D takes it for the expert, end where it does not |
 * | constant | 1 | 1 | | control for survival: no imitation at all |
 * | constant-cost | -1 | -1 | | control for ending |
 *
 * So survival suits tasks where the expert outlasts the clock (Hopper, CartPole), ending those that are over when they are
 * solved (MountainCar, Acrobot; the choice of Ho and Ermon's code). A good return under either says little before it is
 * compared with its control, or trained where episodes have one length (horizon.ts; Kostrikov et al. 2019).
 */
export const imitationRewards = {
  survival: survivalReward,
  ending: endingReward,
  airl: airlReward,
  constant: () => 1,
  'constant-cost': () => -1,
} satisfies Readonly<Record<string, (logit: number) => number>>;

/** One of the shapes in the table of `imitationRewards`. */
export type ImitationReward = keyof typeof imitationRewards;

/**
 * -log(1 - D) = softplus(l): positive, so that being alive is worth something whatever D says. An untrained D, l = 0,
 * gives log 2 a step. Linear in l for good pairs, 0 for bad ones.
 */
export function survivalReward(logit: number): number {
  return softplus(logit);
}

/**
 * log D = -softplus(-l): negative, so that an early end saves something whatever D says. An untrained D gives -log 2 a
 * step. 0 for good pairs, linear in l for bad ones: it tells bad from worse, where survival tells good from better.
 */
export function endingReward(logit: number): number {
  return -softplus(-logit);
}

/**
 * log D - log(1 - D) = l, the sum of the two (Fu et al. 2018, AIRL): of either sign, 0 for an untrained D, so unbiased at
 * first. Once D wins every agent's pair is negative, and ending early pays as it does with `endingReward`.
 */
export function airlReward(logit: number): number {
  return logit;
}

/** log(1 + e^x) without overflow, and exact where e^x is lost beside 1. */
export function softplus(x: number): number {
  return Math.max(x, 0) + Math.log1p(Math.exp(-Math.abs(x)));
}
