import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { describe, test } from 'node:test';
import { z } from 'zod';
import { type SettingRow, settingRows } from '../../lib/agents/setting-rows.ts';
import { trpoConfig } from '../../lib/agents/trpo.ts';
import { algorithms } from '../../lib/experiment/algorithms.ts';
import { root } from '../core/sources.ts';

const schemas = {
  ...Object.fromEntries(Object.entries(algorithms).map(([name, { settings }]) => [name, settings])),
  trpo: trpoConfig,
};

/** Values on the inside and on the outside of every end that a row's words name. */
function ends({ values }: SettingRow): { readonly inside: number[]; readonly outside: number[] } {
  const step = values.startsWith('integer') ? 1 : 1e-9;
  const at = (word: string) => {
    const found = new RegExp(` ${word} (-?[\\d.e-]+)`).exec(values);
    return found ? [Number(found[1])] : [];
  };
  return {
    inside: [
      ...at('from'),
      ...at('to'),
      ...at('above').map((x) => x + step),
      ...at('below').map((x) => x - step),
    ],
    outside: [
      ...at('from').map((x) => x - step),
      ...at('to').map((x) => x + step),
      ...at('above'),
      ...at('below'),
    ],
  };
}

describe('the table of settings', () => {
  for (const [name, schema] of Object.entries(schemas))
    test(`of ${name} has every setting, its default, and the range that is checked`, () => {
      const rows = settingRows(schema);
      assert.deepEqual(
        rows.map(({ setting }) => setting),
        Object.keys(schema.shape),
      );
      const defaults = schema.parse({}) as Record<string, unknown>;
      for (const row of rows) {
        const { setting, meaning } = row;
        const value = row.default === 'none' ? undefined : JSON.parse(row.default);
        assert.deepEqual(value, defaults[setting], setting);
        assert.ok(meaning.length > 5, setting);
        const accepts = (tried: unknown) => schema.safeParse({ [setting]: tried }).success;
        const { inside, outside } = ends(row);
        const list = row.values.startsWith('list');
        for (const x of inside) assert.ok(accepts(list ? [x] : x), `${setting} takes ${x}`);
        for (const x of outside) assert.ok(!accepts(list ? [x] : x), `${setting} refuses ${x}`);
        if (row.values.startsWith('"')) {
          for (const choice of JSON.parse(`[${row.values}]`))
            assert.ok(accepts(choice), `${setting} ${choice}`);
          assert.ok(!accepts('no such choice'), setting);
        } else if (row.values !== 'true, false')
          assert.ok(inside.length > 0 && outside.length > 0, `${setting} names an end of its range`);
      }
    });

  test('refuses a setting that is not described, or whose values it has no words for', () => {
    assert.throws(
      () => settingRows(z.object({ rate: z.number().default(1) })),
      /setting rate has no description/,
    );
    assert.throws(
      () => settingRows(z.object({ at: z.record(z.string(), z.number()).describe('Where') })),
      /values of the setting at .* type is object/,
    );
  });

  test('is what npm run train -- bc --help-settings prints', () => {
    const { stdout, status } = spawnSync(
      process.execPath,
      ['--import', 'tsx', 'scripts/train.ts', 'bc', '--help-settings'],
      { cwd: root, encoding: 'utf8' },
    );
    assert.equal(status, 0);
    for (const { setting, default: value, values, meaning } of settingRows(algorithms.bc.settings)) {
      assert.ok(stdout.includes(`${setting} = ${value}   (${values})\n    ${meaning}\n`), setting);
    }
  });
});
