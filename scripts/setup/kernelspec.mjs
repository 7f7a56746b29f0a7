// The Jupyter kernelspec "mail-lab", in the project's Python environment only: the user's own kernels are not touched.
import { copyFileSync, existsSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { root, scriptsDir, venvDir } from './paths.mjs';
import { writeWhole } from './stamp.mjs';

const folder = join(venvDir, 'share', 'jupyter', 'kernels', 'mail-lab');

/** The text of kernel.json: this Node starts the launcher, which starts tslab with our hooks. */
export function kernelspecText(node = process.execPath, projectRoot = root) {
  const spec = {
    argv: [node, join(projectRoot, 'lib', 'kernel', 'launcher.cjs'), '{connection_file}'],
    display_name: 'TypeScript (mail-lab)',
    language: 'typescript',
    interrupt_mode: 'signal',
    // Read by TensorFlow's library when it is loaded: no informational lines on the server's terminal.
    env: { TF_CPP_MIN_LOG_LEVEL: '3' },
    metadata: { debugger: false },
  };
  return `${JSON.stringify(spec, null, 2)}\n`;
}

/** Writes kernel.json if it is missing or names another Node or folder. */
export function installKernelspec() {
  mkdirSync(folder, { recursive: true });
  writeWhole(join(folder, 'kernel.json'), kernelspecText());
  const logo = join(folder, 'logo-svg.svg');
  if (!existsSync(logo)) copyFileSync(join(scriptsDir, 'setup', 'logo.svg'), logo);
}
