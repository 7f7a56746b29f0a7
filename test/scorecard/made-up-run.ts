import type { HeaderLine, RecordLine } from '../../lib/experiment/record.ts';
import type { EvidenceRun } from '../../lib/scorecard/claim.ts';

/** A run of MAIL with an evaluation at every 100 env steps; the discriminator's accuracy stays. */
export function madeUpRun(
  labels: EvidenceRun['labels'],
  seed: number,
  returns: readonly number[],
  accuracy = 0.75,
): EvidenceRun {
  const header: HeaderLine = {
    kind: 'header',
    schema: 1,
    algorithm: 'mail',
    env: String(labels.env),
    seed,
    config: {},
    demos: null,
    versions: {},
  };
  const lines: RecordLine[] = [
    header,
    ...returns.flatMap((value, i): RecordLine[] => [
      {
        kind: 'evaluation',
        envSteps: 100 * (i + 1),
        updates: i,
        weights: 'averaged',
        actions: 'mean',
        returns_E: [value],
        lengths_E: [10],
      },
      {
        kind: 'metrics',
        envSteps: 100 * (i + 1),
        updates: i,
        metrics: { 'disc/accuracy': accuracy },
      },
      { kind: 'clock', envSteps: 100 * (i + 1), wallSeconds: 2 * (i + 1) },
    ]),
  ];
  return { labels, seed, lines };
}
