// Does the warning come in time? Alarms at a fixed rate of false alarms, and how many steps before the fall they ring.
import { quantile } from '../stats/aggregate.ts';

/** Named series of one episode, [T] each, all low in trouble: running confidence, minus distance, running reward. */
export type Signals = Readonly<Record<string, ArrayLike<number>>>;

/**
 * For each signal the threshold at which, of these episodes, at most the share `falseAlarms` ever sinks below it from step
 * `from` on. Judge the rate on other episodes than these.
 * @param calm episodes in which nothing went wrong
 * @param options.falseAlarms share of calm episodes that may raise an alarm, 0 to below 1
 * @param options.from steps left out at the start, where a running mean has seen little; default 0
 * @throws RangeError if there is no episode, or none is longer than `from`
 */
export function alarmThresholds(
  calm: readonly Signals[],
  { falseAlarms, from = 0 }: { readonly falseAlarms: number; readonly from?: number },
): Record<string, number> {
  if (!(falseAlarms >= 0 && falseAlarms < 1))
    throw new RangeError(`Cannot allow a share of ${falseAlarms} false alarms: give 0 or more, below 1`);
  const names = Object.keys(calm[0] ?? {});
  if (names.length === 0) throw new RangeError('Cannot choose a threshold from 0 calm episodes: give some');
  return Object.fromEntries(
    names.map((name) => {
      const lowest = calm.map((signals) => lowestFrom(signals[name]!, from)).sort((a, b) => a - b);
      return [name, lowest[Math.floor(falseAlarms * lowest.length)]!];
    }),
  );
}

/** First step, from `from` on, at which the signal is below the threshold; null if it never is. */
export function firstAlarm(
  signal_T: ArrayLike<number>,
  { threshold, from = 0 }: { readonly threshold: number; readonly from?: number },
): number | null {
  for (let t = from; t < signal_T.length; t++) if (signal_T[t]! < threshold) return t;
  return null;
}

/** An episode that was disturbed, or not. */
export interface WatchedEpisode {
  readonly signals: Signals;
  /** Alarms count from this step on: the step of the perturbation, or the `from` of the thresholds. */
  readonly from: number;
  /** It ended in a fall. */
  readonly fell: boolean;
}

/** What a signal was worth over many episodes. Flat, so that it is a table's row. */
export interface LeadRow {
  readonly signal: string;
  readonly threshold: number;
  readonly falls: number;
  /** Share of the falls with an alarm at least one step before the last one. */
  readonly warned: number;
  /** Steps from alarm to fall, median over all falls; a fall without a warning counts as 0. */
  readonly medianLead: number;
  /** Share of the episodes without a fall in which it rang; NaN if there is none. */
  readonly alarmsWithoutFall: number;
  /** Steps by which it rang before the reference, median over all falls; a signal that never rang counts as ringing at the end. */
  readonly beforeReference: number;
  /** Shares of the falls in which it rang before, with, and after the reference. */
  readonly earlier: number;
  readonly together: number;
  readonly later: number;
}

/**
 * How early each signal rang, beside a reference. With the running reward as the reference this answers whether
 * confidence drops before the return does: both have the same rate of false alarms, by their thresholds.
 * @param thresholds from `alarmThresholds` on other episodes
 * @throws RangeError if no episode ended in a fall or the reference is not among the signals
 */
export function leadTimes(
  episodes: readonly WatchedEpisode[],
  thresholds: Readonly<Record<string, number>>,
  { reference }: { readonly reference: string },
): LeadRow[] {
  const fallen = episodes.filter(({ fell }) => fell);
  const standing = episodes.filter(({ fell }) => !fell);
  if (fallen.length === 0 || thresholds[reference] === undefined)
    throw new RangeError(
      `Cannot measure lead times before ${reference} over ${fallen.length} falls: give episodes that fell and a threshold for it`,
    );
  const alarm = ({ signals, from }: WatchedEpisode, name: string) =>
    firstAlarm(signals[name]!, { threshold: thresholds[name]!, from });
  /** Steps left at the alarm, the falling one not counted. */
  const lead = (episode: WatchedEpisode, name: string) => {
    const last = episode.signals[name]!.length - 1;
    return last - (alarm(episode, name) ?? last);
  };
  return Object.entries(thresholds).map(([signal, threshold]) => {
    const leads = fallen.map((episode) => lead(episode, signal));
    const ahead = fallen.map((episode, e) => leads[e]! - lead(episode, reference));
    const share = (of: readonly number[], holds: (n: number) => boolean) =>
      of.filter(holds).length / of.length;
    return {
      signal,
      threshold,
      falls: fallen.length,
      warned: share(leads, (steps) => steps > 0),
      medianLead: quantile(leads, 0.5),
      alarmsWithoutFall:
        standing.filter((episode) => alarm(episode, signal) !== null).length / standing.length,
      beforeReference: quantile(ahead, 0.5),
      earlier: share(ahead, (steps) => steps > 0),
      together: share(ahead, (steps) => steps === 0),
      later: share(ahead, (steps) => steps < 0),
    };
  });
}

function lowestFrom(signal_T: ArrayLike<number>, from: number): number {
  if (signal_T.length <= from)
    throw new RangeError(
      `Cannot choose a threshold after step ${from} in an episode of ${signal_T.length} steps: leave it out or lower from`,
    );
  let lowest = Number.POSITIVE_INFINITY;
  for (let t = from; t < signal_T.length; t++) lowest = Math.min(lowest, signal_T[t]!);
  return lowest;
}
