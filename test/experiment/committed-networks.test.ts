import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { before, describe, test } from 'node:test';
import { readAnalysis } from '../../lib/confidence/analysis-files.ts';
import { headerOf } from '../../lib/confidence/analysis-record.ts';
import { experiments } from '../../lib/experiment/experiments/index.ts';
import { NETWORKS, networkFile } from '../../lib/experiment/network-files.ts';
import { indexRecords } from '../../lib/experiment/record-index.ts';
import { readingKey } from '../../lib/experiment/run-key.ts';
import { planSweep } from '../../lib/experiment/sweep-plan.ts';

const below = (folder: string) =>
  readdirSync(folder, { recursive: true, encoding: 'utf8' }).map((name) => join(folder, name));

describe('a committed network', () => {
  const index = indexRecords('results');
  const committed = below('results').filter((name) =>
    NETWORKS.some((network) => name.endsWith(`.${network}.json`)),
  );
  const judged = below(join('results', 'analysis'))
    .filter((name) => name.endsWith('.jsonl'))
    .map((name) => headerOf(readAnalysis(name)))
    .flatMap(({ policySha256, discriminatorSha256 }) => [policySha256, discriminatorSha256]);
  let asked: ReadonlySet<string>;
  before(async () => {
    const { runs } = await planSweep(experiments, { profile: 'full', index });
    asked = new Set(runs.filter(({ networks }) => networks).map(({ identity }) => readingKey(identity)));
  });

  test('is one that an analysis reads, or has read for a record that is here', () => {
    const allowed = index.runs
      .filter(({ identity }) => asked.has(readingKey(identity)))
      .flatMap(({ path }) => NETWORKS.map((network) => networkFile(path, network)));
    const hash = (file: string) => createHash('sha256').update(readFileSync(file)).digest('hex');
    assert.deepEqual(
      committed.filter((file) => !allowed.includes(file) && !judged.includes(hash(file))),
      [],
      'remove these, or say networks: true in the part of the experiment',
    );
    assert.ok(committed.some((file) => allowed.includes(file)));
  });
});
