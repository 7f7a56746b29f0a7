// Which Node.js versions the project runs on. Written in old syntax, since an old Node must be able to say so.

/**
 * What is wrong with a Node.js version, or undefined. ES modules are loaded by `require` in the kernel, which Node can
 * do since 20.19 and, on the next line, since 22.12.
 *
 * @param {string} version such as "20.20.2"
 */
export function nodeVersionProblem(version) {
  const parts = version.split('.').map(Number);
  const major = parts[0];
  const minor = parts[1];
  const fine = (major === 20 && minor >= 19) || (major === 22 && minor >= 12) || major > 22;
  if (fine) return undefined;
  return (
    `Cannot use Node.js ${version}: mail-lab needs 20.19 or newer (of the 22 line, 22.12 or newer). ` +
    'Install a current version from https://nodejs.org, or with nvm: nvm install 22'
  );
}
