// node scripts/run.mjs FILE.ts [ARG ...]: set-up where something is missing, then the TypeScript program FILE.ts.
import { spawn } from 'node:child_process';
import { ensureSetup, runMain } from './setup.mjs';

runMain(async () => {
  await ensureSetup({ quiet: true });
  // TensorFlow's library writes notices to the raw standard error unless told so before the process starts.
  const env = { TF_CPP_MIN_LOG_LEVEL: '3', ...process.env };
  const child = spawn(process.execPath, ['--import', 'tsx', ...process.argv.slice(2)], {
    stdio: 'inherit',
    env,
  });
  return new Promise((resolve, reject) => {
    child.on('error', reject);
    child.on('exit', (code, signal) => resolve(signal ? 1 : code));
    for (const name of ['SIGINT', 'SIGTERM']) process.on(name, () => child.kill(name));
  });
});
