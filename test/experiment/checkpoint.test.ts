import assert from 'node:assert/strict';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, test } from 'node:test';
import { openResumableRun } from '../../lib/experiment/checkpoint.ts';
import type { RecordLine } from '../../lib/experiment/record.ts';

const line = (envSteps: number): RecordLine => ({
  kind: 'metrics',
  envSteps,
  updates: envSteps,
  metrics: { x: 1 },
});

describe('a resumable run', () => {
  const dir = mkdtempSync(join(tmpdir(), 'mail-lab-checkpoint-'));
  after(() => rmSync(dir, { recursive: true }));

  test('goes on after the lines of its last checkpoint, with the state saved there', () => {
    const path = join(dir, 'run.jsonl');
    const first = openResumableRun(path, { seed: 1 });
    assert.equal(first.resumed, false);
    first.record.write(line(1));
    const state = { params_P: Float32Array.of(1, 2), rng: [1, 2, 3, 4] };
    first.checkpoint.save(state);
    state.params_P[0] = 9; // training goes on in place
    first.record.write(line(2)); // lost: after the checkpoint

    const second = openResumableRun(path, { seed: 1 });
    assert.equal(second.resumed, true);
    assert.deepEqual(second.checkpoint.from, { params_P: Float32Array.of(1, 2), rng: [1, 2, 3, 4] });
    second.record.write(line(3));
    second.close();
    const written = readFileSync(path, 'utf8')
      .trim()
      .split('\n')
      .map((text) => JSON.parse(text).envSteps);
    assert.deepEqual(written, [1, 3]);
    assert.ok(!existsSync(`${path}.checkpoint`));
  });

  test("ends its record with the machine's facts and the end", () => {
    const path = join(dir, 'ended.jsonl');
    const run = openResumableRun(path, {});
    run.onEvent(line(1));
    run.onEvent({ kind: 'end', envSteps: 1, updates: 1, reason: 'finished' });
    run.close();
    const lines = readFileSync(path, 'utf8').trim().split('\n');
    const kinds = lines.map((text) => JSON.parse(text).kind);
    assert.deepEqual(kinds, ['metrics', 'machine', 'end']);
  });

  test("refuses another run's checkpoint and a damaged one, naming the file, and leaves both in place", () => {
    const path = join(dir, 'other.jsonl');
    openResumableRun(path, { seed: 1 }).checkpoint.save({});
    assert.throws(() => openResumableRun(path, { seed: 2 }), /other\.jsonl\.checkpoint.*seed":2.*seed":1/);
    assert.throws(() => openResumableRun(path, { seed: 2 }), /seed":2/);
    writeFileSync(`${path}.checkpoint`, readFileSync(`${path}.checkpoint`).subarray(0, 9));
    assert.throws(() => openResumableRun(path, { seed: 1 }), /Cannot read the checkpoint .*other\.jsonl/);
  });
});
