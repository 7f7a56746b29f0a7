// Small parts of the set-up: versions, stamps, commands, the kernelspec, JupyterLab's arguments.
import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { labEnvironment, serverArguments } from '../../scripts/lab.mjs';
import { CommandError, findProgram, run } from '../../scripts/setup/command.mjs';
import { kernelspecText } from '../../scripts/setup/kernelspec.mjs';
import { nodeVersionProblem } from '../../scripts/setup/node-version.mjs';
import { root } from '../../scripts/setup/paths.mjs';
import { findPython } from '../../scripts/setup/python-env.mjs';
import { firstDifference, readJson, writeJson, writeWhole } from '../../scripts/setup/stamp.mjs';
import { findTests } from '../../scripts/test.mjs';

const folder = mkdtempSync(join(tmpdir(), 'mail-lab-setup-'));
after(() => rmSync(folder, { recursive: true, force: true }));

test('Node versions that cannot require an ES module are turned down with advice', () => {
  for (const version of ['20.19.0', '20.20.2', '22.12.0', '24.1.0', '26.10.0'])
    assert.equal(nodeVersionProblem(version), undefined, version);
  for (const version of ['18.20.0', '20.18.3', '21.7.0', '22.11.0'])
    assert.match(nodeVersionProblem(version) ?? '', new RegExp(`${version}.*20\\.19`), version);
});

test('a stamp is fresh only if it holds everything that is wanted', () => {
  const path = join(folder, 'stamp.json');
  assert.equal(firstDifference(readJson(path), { a: 1 }), 'stamp');
  writeJson(path, { a: 1, b: 'x' });
  assert.equal(firstDifference(readJson(path), { a: 1 }), undefined);
  assert.equal(firstDifference(readJson(path), { a: 1, b: 'y' }), 'b');
  writeFileSync(path, '{"a": 1');
  assert.equal(readJson(path), undefined, 'a torn stamp counts as none');
});

test('a file is only written when its text differs', () => {
  const path = join(folder, 'deep', 'file.txt');
  assert.equal(writeWhole(path, 'one'), true);
  assert.equal(writeWhole(path, 'one'), false);
  assert.equal(writeWhole(path, 'two'), true);
  assert.equal(readFileSync(path, 'utf8'), 'two');
});

test('a failed command says what was run, how it ended and its last lines', async () => {
  const program = 'for (let i = 0; i < 100; i++) console.error("line " + i); process.exit(3)';
  await assert.rejects(run(process.execPath, ['-e', program]), (error) => {
    assert.ok(error instanceof CommandError);
    assert.match(error.message, /-e/);
    assert.match(error.message, /exit code 3/);
    assert.match(error.message, /line 0\n/);
    assert.match(error.message, /line 99$/);
    assert.doesNotMatch(error.message, /line 50\n/);
    return true;
  });
  await assert.rejects(run(join(folder, 'no-such-program'), []), /could not be started/);
});

test('a command past its time limit is stopped and says so', async () => {
  const endless = run(process.execPath, ['-e', 'setInterval(() => {}, 1000)'], { limitSeconds: 0.2 });
  await assert.rejects(endless, /was stopped after 0\.2 s/);
});

test('a command hands back its standard output and shows each line, also those ended by a carriage return', async () => {
  const lines = [];
  const program = 'process.stdout.write("10 %\\r20 %\\rdone\\n")';
  const output = await run(process.execPath, ['-e', program], { onLine: (line) => lines.push(line) });
  assert.equal(output, '10 %\r20 %\rdone\n');
  assert.deepEqual(lines, ['10 %', '20 %', 'done']);
});

test('programs are looked for on the PATH that is given', () => {
  assert.equal(findProgram('no-such-program-anywhere', { PATH: folder }), undefined);
  assert.equal(findProgram(process.execPath, { PATH: '' }), process.execPath);
});

test('a Python that does not exist, or is no Python, is named with what to do', async () => {
  await assert.rejects(
    findPython({ MAIL_LAB_PYTHON: join(folder, 'nope') }),
    /MAIL_LAB_PYTHON\) cannot be found/,
  );
  await assert.rejects(
    findPython({ MAIL_LAB_PYTHON: process.execPath }),
    /does not run[\s\S]*install Python/,
  );
  await assert.rejects(findPython({ PATH: '' }), /none is on the PATH[\s\S]*--without-python/);
});

test('the kernelspec starts the launcher of this checkout with the Node that made it', () => {
  const spec = JSON.parse(kernelspecText('/opt/node', '/lab'));
  assert.deepEqual(spec.argv, [
    '/opt/node',
    join('/lab', 'lib', 'kernel', 'launcher.cjs'),
    '{connection_file}',
  ]);
  assert.equal(spec.language, 'typescript');
  assert.equal(spec.interrupt_mode, 'signal');
});

test('JupyterLab listens on the loopback address, keeps its token off the command line, and allows root only to root', () => {
  const options = { root: '/lab', port: 9000, browser: false, isRoot: false, token: 'secret' };
  const args = serverArguments(options);
  assert.ok(args.includes('--ServerApp.ip=127.0.0.1'));
  assert.ok(args.includes('--ServerApp.port=9000') && args.includes('--ServerApp.port_retries=0'));
  assert.ok(args.includes('--no-browser') && !args.includes('--allow-root'));
  assert.ok(!args.some((argument) => argument.includes('secret')));
  assert.ok(serverArguments({ ...options, isRoot: true }).includes('--allow-root'));
  const env = labEnvironment('/lab', 'secret', { HOME: '/home/someone' });
  assert.equal(env.JUPYTER_TOKEN, 'secret');
  assert.equal(labEnvironment('/lab', undefined, { JUPYTER_TOKEN: 'mine' }).JUPYTER_TOKEN, 'mine');
  // An empty token in the environment would switch authentication off.
  assert.ok(!('JUPYTER_TOKEN' in labEnvironment('/lab', undefined, { JUPYTER_TOKEN: '' })));
  for (const name of ['JUPYTER_CONFIG_DIR', 'JUPYTER_DATA_DIR', 'JUPYTER_RUNTIME_DIR'])
    assert.ok(env[name]?.startsWith('/lab/.cache/jupyter/'), name);
});

test('the test command finds this file, and names narrow it down', () => {
  const isTest = (name) => name.endsWith('.test.mjs');
  const own = join('test', 'setup', 'parts.test.mjs');
  assert.ok(findTests(root, isTest).includes(own));
  assert.deepEqual(findTests(root, isTest, ['setup/parts']), [own]);
});
