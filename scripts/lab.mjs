// `npm run lab`: JupyterLab of the project's Python environment on notebooks/, on the loopback address, with a token.
import { spawn } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { ensureSetup, isProgram, runProgram } from './setup.mjs';

const helpText = `Usage: npm run lab -- [options]

Opens JupyterLab on notebooks/ at notebook 00 with the kernel "TypeScript (mail-lab)". Ctrl-C twice ends it.

  --port N       the port to listen on (default: 8888, or the next free one)
  --token T      the token that the browser must show (default: JUPYTER_TOKEN, else a random one, printed with
                 the address)
  --no-browser   do not open a browser
  --help         show this text
`;

/** Settings for the server; the token goes by the environment, since a command line can be read by others. */
export function serverArguments({ root, port, browser, isRoot }) {
  return [
    ...['-m', 'jupyterlab', `--ServerApp.root_dir=${join(root, 'notebooks')}`, '--ServerApp.ip=127.0.0.1'],
    ...(port === undefined ? [] : [`--ServerApp.port=${port}`, '--ServerApp.port_retries=0']),
    ...(browser ? [] : ['--no-browser']),
    ...(isRoot ? ['--allow-root'] : []),
    // The address that is opened and printed shows where to begin, not an empty launcher.
    '--LabApp.default_url=/lab/tree/00-start-here.ipynb',
    // Only our kernel in the launcher.
    '--KernelSpecManager.ensure_native_kernel=False',
    '--KernelSpecManager.allowed_kernelspecs=mail-lab',
    '--MultiKernelManager.default_kernel_name=mail-lab',
    // A training cell may send thousands of lines and figures in a second; the server's own limits would cut them off.
    '--ZMQChannelsWebsocketConnection.iopub_msg_rate_limit=100000',
    '--ZMQChannelsWebsocketConnection.iopub_data_rate_limit=100000000',
  ];
}

/**
 * An environment in which the user's own Jupyter settings and extensions play no part. Without a token the server makes
 * a random one and prints it; an empty one would switch authentication off, and is taken out.
 */
export function labEnvironment(root, token, env = process.env) {
  const home = join(root, '.cache', 'jupyter');
  const { JUPYTER_TOKEN: inherited, ...rest } = env;
  const known = token ?? inherited;
  return {
    ...rest,
    ...(known ? { JUPYTER_TOKEN: known } : {}),
    JUPYTER_PREFER_ENV_PATH: '1',
    JUPYTER_CONFIG_DIR: join(home, 'config'),
    JUPYTER_DATA_DIR: join(home, 'data'),
    JUPYTER_RUNTIME_DIR: join(home, 'runtime'),
    JUPYTERLAB_SETTINGS_DIR: join(home, 'settings'),
    JUPYTERLAB_WORKSPACES_DIR: join(home, 'workspaces'),
    IPYTHONDIR: join(home, 'ipython'),
    PYTHONNOUSERSITE: '1',
  };
}

function readOptions() {
  const options = {
    port: { type: 'string' },
    token: { type: 'string' },
    'no-browser': { type: 'boolean', default: false },
    help: { type: 'boolean', default: false },
  };
  const { values } = parseArgs({ options });
  const port = values.port === undefined ? undefined : Number(values.port);
  if (port !== undefined && !(Number.isInteger(port) && port > 0 && port < 65536))
    throw new Error(`Cannot listen on port "${values.port}": --port takes a whole number from 1 to 65535`);
  if (values.token === '')
    throw new Error(
      'Cannot start with an empty token, which would let every program on this computer in: leave --token out',
    );
  return {
    port,
    token: values.token,
    browser: !values['no-browser'],
    help: values.help,
  };
}

async function main(options) {
  const { root, python } = await ensureSetup({ quiet: true });
  mkdirSync(join(root, 'notebooks'), { recursive: true });
  mkdirSync(join(root, '.cache', 'jupyter', 'runtime'), { recursive: true, mode: 0o700 });
  const args = serverArguments({ root, ...options, isRoot: process.getuid?.() === 0 });
  const server = spawn(python, args, {
    stdio: 'inherit',
    cwd: root,
    env: labEnvironment(root, options.token),
  });
  // Ctrl-C on a terminal reaches the server by itself, which then asks or stops; we only must not die before it.
  process.on('SIGINT', () => {
    if (!process.stdin.isTTY) server.kill('SIGINT');
  });
  for (const signal of ['SIGTERM', 'SIGHUP']) process.on(signal, () => server.kill('SIGTERM'));
  return new Promise((resolve, reject) => {
    server.on('error', reject);
    server.on('exit', (code, signal) =>
      resolve(code ?? (signal === 'SIGINT' || signal === 'SIGTERM' ? 0 : 1)),
    );
  });
}

if (isProgram(import.meta.url)) runProgram({ readOptions, helpText, main });
