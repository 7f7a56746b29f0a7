// The real JupyterLab of .venv on a folder of its own, with settings of its own, for the browser check.
import { spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { mkdirSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { labEnvironment, serverArguments } from '../lab.mjs';

/** A port that nobody listens on now. */
function freePort() {
  return new Promise((resolve, reject) => {
    const probe = createServer();
    probe.on('error', reject);
    probe.listen(0, '127.0.0.1', () => {
      const { port } = probe.address();
      probe.close(() => resolve(port));
    });
  });
}

function writeSettings(folder, plugin, settings) {
  const [scope, name] = plugin.split(':');
  mkdirSync(join(folder, scope), { recursive: true });
  writeFileSync(join(folder, scope, `${name}.jupyterlab-settings`), JSON.stringify(settings));
}

/**
 * Starts JupyterLab and waits until it answers.
 *
 * @param {{root: string, python: string, home: string, notebooks: string, env: object}} options `home` holds settings and
 *   run-time files, `notebooks` is what the server shows, `env` is the environment that its kernels get
 * @returns {Promise<{url: string, token: string, log: () => string, stop: () => Promise<void>}>}
 * @throws if the server ends before it answers
 */
export async function startLab({ root, python, home, notebooks, env: outer }) {
  const port = await freePort();
  const token = randomBytes(24).toString('hex');
  const settings = join(home, 'settings');
  // No questions to a news server, no pop-up over the notebook.
  writeSettings(settings, '@jupyterlab/apputils-extension:notification', {
    fetchNews: 'false',
    checkForUpdates: false,
  });
  const env = labEnvironment(root, token, outer);
  for (const [name, part] of [
    ['JUPYTER_CONFIG_DIR', 'config'],
    ['JUPYTER_DATA_DIR', 'data'],
    ['JUPYTER_RUNTIME_DIR', 'runtime'],
    ['JUPYTERLAB_WORKSPACES_DIR', 'workspaces'],
    ['JUPYTERLAB_SETTINGS_DIR', 'settings'],
  ]) {
    env[name] = join(home, part);
    mkdirSync(env[name], { recursive: true, mode: 0o700 });
  }
  const args = serverArguments({ root, port, browser: false, isRoot: process.getuid?.() === 0 }).map((arg) =>
    arg.startsWith('--ServerApp.root_dir=') ? `--ServerApp.root_dir=${notebooks}` : arg,
  );
  // The check asks Lab itself which cells still run.
  args.push('--LabApp.expose_app_in_browser=True');
  const server = spawn(python, args, { cwd: root, env, stdio: ['ignore', 'pipe', 'pipe'] });
  let log = '';
  for (const stream of [server.stdout, server.stderr])
    stream.on('data', (chunk) => {
      log += chunk;
    });
  const ended = new Promise((resolve) => server.on('exit', resolve));
  let over = false;
  ended.then(() => {
    over = true;
  });
  const url = `http://127.0.0.1:${port}`;
  const answers = () =>
    fetch(`${url}/api/status`, { headers: { Authorization: `token ${token}` } }).then(
      ({ ok }) => ok,
      () => false,
    );
  while (!(await answers())) {
    if (over) throw new Error(`JupyterLab ended before it answered:\n${log}`);
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  return {
    url,
    token,
    log: () => log,
    async stop() {
      server.kill('SIGTERM');
      await ended;
    },
  };
}
