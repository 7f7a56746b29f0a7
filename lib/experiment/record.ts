// What a run leaves behind: a list of plain lines, written as JSON Lines by store.ts and drawn by plots/.
// Lines of kind 'clock' and 'machine' hold what differs between two equal runs; everything else is a pure
// function of (config, seed) on one backend.

/** First line: what was run. */
export interface HeaderLine {
  readonly kind: 'header';
  readonly schema: 1;
  readonly algorithm: string;
  readonly env: string;
  readonly seed: number;
  /** The full configuration after defaults. */
  readonly config: Readonly<Record<string, unknown>>;
  /** Demonstrations used: set, hash, trajectories, pairs; null where the algorithm uses none. */
  readonly demos: Readonly<Record<string, unknown>> | null;
  /** Engine that computed it: backend name and library versions. */
  readonly versions: Readonly<Record<string, string>>;
}

/** One evaluation: every episode's return and length. */
export interface EvaluationLine {
  readonly kind: 'evaluation';
  /** All environment steps that training took so far (evaluation's own steps are counted apart). */
  readonly envSteps: number;
  readonly updates: number;
  /** Which weights acted: the raw policy, or the running average that is deployed. */
  readonly weights: 'raw' | 'averaged';
  /** Whether the mean (mode) action or a sampled one was taken. */
  readonly actions: 'mean' | 'sampled';
  readonly returns_E: readonly number[];
  readonly lengths_E: readonly number[];
}

/**
 * The evaluations of one kind of action: by mean action where there are any, else by sampled ones. The two differ too much
 * to be drawn as one curve.
 */
export function judgedEvaluations(lines: readonly RecordLine[]): EvaluationLine[] {
  const all = lines.filter((line): line is EvaluationLine => line.kind === 'evaluation');
  const byMean = all.filter((line) => line.actions === 'mean');
  return byMean.length > 0 ? byMean : all;
}

/** Training metrics averaged since the previous such line, by stable tag (`disc/loss`, `model/mse`, ...). */
export interface MetricsLine {
  readonly kind: 'metrics';
  readonly envSteps: number;
  readonly updates: number;
  readonly metrics: Readonly<Record<string, number>>;
}

/** Wall-clock seconds since the run began, at this many environment steps. Evaluation time is left out. */
export interface ClockLine {
  readonly kind: 'clock';
  readonly envSteps: number;
  readonly wallSeconds: number;
}

/** Where it ran: processor, Node, threads. */
export interface MachineLine {
  readonly kind: 'machine';
  readonly facts: Readonly<Record<string, string | number>>;
}

/** Last line of a run that was not cut short. */
export interface EndLine {
  readonly kind: 'end';
  readonly envSteps: number;
  readonly updates: number;
  readonly reason: 'finished' | 'aborted';
}

/** Any line of a run record. */
export type RecordLine = HeaderLine | EvaluationLine | MetricsLine | ClockLine | MachineLine | EndLine;

/** Receives lines as they come; training never waits for it. */
export type OnEvent = (line: RecordLine) => void;
