// The native addon by tfjs-node's own install script, which downloads it from a storage host, where that host answers.
import { readFileSync, rmSync } from 'node:fs';
import { request as httpRequest } from 'node:http';
import { request as httpsRequest } from 'node:https';
import { delimiter, join } from 'node:path';
import { run } from './command.mjs';
import { nodeGyp, nodeHeaders } from './node-gyp.mjs';
import { modulesDir } from './paths.mjs';
import { writeWhole } from './stamp.mjs';

export const packageDir = join(modulesDir, '@tensorflow', 'tfjs-node');
const probeMs = 5_000;
const installSeconds = 300;

/** The host from which the install script downloads. */
function storageHost(env) {
  return (
    env.TFJS_NODE_BASE_URI ||
    env.TFJS_NODE_CDN_STORAGE ||
    env.CDN_STORAGE ||
    'https://storage.googleapis.com/'
  );
}

/**
 * Whether the storage host answers within five seconds, straight or by way of HTTPS_PROXY; any answer counts.
 *
 * @returns {Promise<string | undefined>} why not, or undefined if it does
 */
export function unreachable(env = process.env) {
  const url = new URL(storageHost(env));
  const proxy = env.HTTPS_PROXY || env.https_proxy || env.HTTP_PROXY || env.http_proxy;
  const target = proxy ? new URL(proxy) : url;
  const ask = target.protocol === 'https:' ? httpsRequest : httpRequest;
  const port = url.port || (url.protocol === 'https:' ? 443 : 80);
  const credentials = proxy && target.username && `${target.username}:${target.password}`;
  const options = proxy
    ? {
        method: 'CONNECT',
        path: `${url.hostname}:${port}`,
        headers: credentials
          ? {
              'Proxy-Authorization': `Basic ${Buffer.from(decodeURIComponent(credentials)).toString('base64')}`,
            }
          : {},
      }
    : { method: 'HEAD' };
  return new Promise((resolve) => {
    const outgoing = ask(target, { ...options, agent: false, timeout: probeMs }, (response) => {
      finish(proxy ? `the proxy answers ${response.statusCode}` : undefined);
    });
    const timer = setTimeout(() => finish(`no answer within ${probeMs / 1000} s`), probeMs);
    const finish = (problem) => {
      clearTimeout(timer);
      outgoing.destroy();
      resolve(problem && `${url.hostname} cannot be reached (${problem})`);
    };
    outgoing.on('connect', (response) =>
      finish(response.statusCode === 200 ? undefined : `the proxy answers ${response.statusCode}`),
    );
    outgoing.on('error', (error) => finish(error.code ?? error.message));
    outgoing.end();
  });
}

/**
 * Runs the package's own install script, within a time limit. Whatever goes wrong, the package is left as it came.
 *
 * @throws {CommandError}
 */
export async function installPrebuilt(report) {
  const manifest = join(packageDir, 'package.json');
  const untouched = readFileSync(manifest, 'utf8');
  // Where the host has no addon for this machine, the script builds one, and asks for these three.
  const headers = nodeHeaders();
  const path = [join(modulesDir, '.bin'), process.env.PATH].join(delimiter);
  const gyp = { npm_config_node_gyp: nodeGyp(), ...(headers ? { npm_config_nodedir: headers } : {}) };
  const env = { ...process.env, PATH: path, ...gyp };
  try {
    await report.step("TensorFlow addon by tfjs-node's own install script", (update) =>
      run(process.execPath, [join('scripts', 'install.js')], {
        cwd: packageDir,
        env,
        limitSeconds: installSeconds,
        onLine: update,
      }),
    );
  } catch (error) {
    removeAddon();
    throw error;
  } finally {
    writeWhole(manifest, untouched); // the script rewrites its own package.json while it works
  }
}

/** Takes libraries and addon out of the package. */
export function removeAddon() {
  for (const name of ['deps', 'lib', 'build'])
    rmSync(join(packageDir, name), { recursive: true, force: true });
}
