// The published tables that ours stands beside: mean and standard deviation of an episode's return. In the tables of MuJoCo
// tasks both are over evaluation episodes of one training run, so a cell says nothing of other seeds.

/**
 * How far a number can be trusted. verified: recomputed from the authors' raw files (openai/imitation, results/). secondary:
 * from a summary of the paper, not the paper's own text. from memory: to be checked before it is quoted.
 */
export type Reliability = 'verified' | 'secondary' | 'from memory';

/** A cell of a published table. */
export interface PublishedCell {
  /** Our task; the papers used the first version of it, CartPole-v0 (200 steps) for CartPole-v1 (500). */
  readonly env: string;
  readonly method: 'cloning alone' | 'GAIL' | 'MAIL';
  /** Demonstrations given. GAIL's authors keep one pair in 20 (classic tasks: 10); MAIL's repository shows no sub-sampling. */
  readonly trajectories: number;
  /** Mean return of an episode, in the task's reward. */
  readonly mean: number;
  /** Standard deviation of that over episodes, in the same unit. */
  readonly std: number;
  readonly reliability: Reliability;
}

/** Return of the TRPO experts whose trajectories the papers imitate (verified). */
export const publishedExperts: Readonly<Record<string, number>> = {
  'Hopper-v5': 3571.38,
  'CartPole-v1': 200,
};

type Column = readonly (readonly [
  trajectories: number,
  mean: number,
  std: number,
  reliability?: Reliability,
])[];

function column(env: string, method: PublishedCell['method'], cells: Column): PublishedCell[] {
  return cells.map(([trajectories, mean, std, reliability = 'verified']) => ({
    env,
    method,
    trajectories,
    mean,
    std,
    reliability,
  }));
}

/** Ho and Ermon 2016 for cloning and GAIL; Baram, Anschel and Mannor 2016 and 2017 for MAIL. */
export const publishedCells: readonly PublishedCell[] = [
  ...column('Hopper-v5', 'cloning alone', [
    [4, 50.57, 0.95],
    [11, 1025.84, 266.86],
    [18, 1949.09, 500.61],
    [25, 3383.96, 657.61],
  ]),
  ...column('Hopper-v5', 'GAIL', [
    [4, 3614.22, 7.17],
    [11, 3615.0, 4.32],
    [18, 3600.7, 4.24],
    [25, 3560.85, 3.09],
  ]),
  ...column('Hopper-v5', 'MAIL', [
    [4, 3669.53, 6.09, 'secondary'],
    [11, 3649.98, 12.36, 'from memory'],
    [18, 3661.78, 11.52, 'from memory'],
    [25, 3673.41, 7.73, 'secondary'],
  ]),
  ...column('CartPole-v1', 'cloning alone', [
    [1, 72.02, 35.82],
    [4, 169.18, 59.81],
    [7, 188.6, 29.61],
    [10, 177.19, 52.83],
  ]),
  ...column(
    'CartPole-v1',
    'GAIL',
    [1, 4, 7, 10].map((n) => [n, 200, 0]),
  ),
  ...column(
    'CartPole-v1',
    'MAIL',
    [1, 4, 7, 10].map((n) => [n, 200, 0, 'from memory']),
  ),
];

/** A published return over that of the paper's own expert. */
export function publishedShare({ env, mean }: PublishedCell): number {
  return mean / publishedExperts[env]!;
}

/**
 * One cell.
 * @throws RangeError naming those that there are
 */
export function publishedCell(wanted: Pick<PublishedCell, 'env' | 'method' | 'trajectories'>): PublishedCell {
  const { env, method, trajectories } = wanted;
  const column = publishedCells.filter((cell) => cell.env === env && cell.method === method);
  const found = column.find((cell) => cell.trajectories === trajectories);
  if (!found)
    throw new RangeError(
      `Cannot find a published return of ${method} on ${env} from ${trajectories} trajectories: there are cells for ${column.map((cell) => cell.trajectories).join(', ') || 'no number of them'}`,
    );
  return found;
}
