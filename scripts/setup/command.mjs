// Child processes of the set-up: captured output, time limits, and errors that say what to look at.
import { spawn } from 'node:child_process';
import { accessSync, constants, readFileSync, statSync } from 'node:fs';
import { delimiter, isAbsolute, join } from 'node:path';
import { isWindows } from './paths.mjs';

const keptFirst = 8;
const keptLast = 20;
const running = new Set();

/** A failure that a person can mend; `message` says what failed, with which command, and how to mend it. */
export class SetupError extends Error {
  constructor(message, options) {
    super(message, options);
    this.name = 'SetupError';
  }
}

/** A command that did not end well: the command line, how it ended, and its last lines (of a long output also the first). */
export class CommandError extends Error {
  constructor(commandLine, ending, lastLines) {
    super(
      `${commandLine}\n${ending}${lastLines.length ? `; its last lines:\n${indent(lastLines.join('\n'))}` : ''}`,
    );
    this.name = 'CommandError';
    this.commandLine = commandLine;
    this.ending = ending;
    this.lastLines = lastLines;
  }
}

/** Text moved right by four spaces. */
export function indent(text) {
  return text.replace(/^(?=.)/gm, '    ');
}

/** The processes under way, for the lock file: pid and start time, so that a later set-up can end left-overs safely. */
export function runningProcesses() {
  return [...running].map((child) => ({ pid: child.pid, born: processBirth(child.pid) }));
}

/** When a process started, in the kernel's own unit; undefined where the system has no /proc or no such process. */
export function processBirth(pid) {
  try {
    const text = readFileSync(`/proc/${pid}/stat`, 'utf8');
    return text.slice(text.lastIndexOf(')') + 2).split(' ')[19];
  } catch {
    return undefined; // no /proc here, or the process is gone
  }
}

/** Ends a process and everything in its group. */
export function endGroup(pid, signal = 'SIGKILL') {
  try {
    process.kill(isWindows ? pid : -pid, signal);
  } catch (error) {
    if (error.code !== 'ESRCH') throw error;
  }
}

/** Ends every process that is under way. */
export function endAll() {
  for (const child of running) endGroup(child.pid);
}

/**
 * Runs a command to its end.
 *
 * @param {string} command
 * @param {string[]} args
 * @param {{cwd?: string, env?: object, onLine?: (line: string) => void, limitSeconds?: number,
 *   isNoise?: (line: string) => boolean}} [options] isNoise: lines that an error message leaves out
 * @returns {Promise<string>} standard output
 * @throws {CommandError} on another exit code than 0, on a signal, past the time limit, or if it cannot be started
 */
export function run(command, args, { cwd, env, onLine, limitSeconds, isNoise } = {}) {
  const commandLine = [command, ...args]
    .map((part) => (/[\s"']/.test(part) ? JSON.stringify(part) : part))
    .join(' ');
  return new Promise((resolve, reject) => {
    // A group of its own, so that a time limit or an interrupt ends the compilers below it as well.
    const child = spawn(command, args, { cwd, env, detached: !isWindows, stdio: ['ignore', 'pipe', 'pipe'] });
    if (child.pid) running.add(child);
    const lastLines = [];
    let output = '';
    let timedOut = false;
    const timer =
      limitSeconds &&
      setTimeout(() => {
        timedOut = true;
        endGroup(child.pid);
      }, limitSeconds * 1000);
    const take = (line) => {
      if (!line.trim()) return;
      if (!isNoise?.(line)) {
        lastLines.push(line);
        if (lastLines.length > keptFirst + keptLast) lastLines.splice(keptFirst, 1);
      }
      onLine?.(line);
    };
    splitLines(child.stdout, take, (text) => {
      output += text;
    });
    splitLines(child.stderr, take);
    const settle = (act) => {
      clearTimeout(timer);
      running.delete(child);
      act();
    };
    child.on('error', (error) =>
      settle(() =>
        reject(new CommandError(commandLine, `could not be started (${error.message})`, lastLines)),
      ),
    );
    child.on('close', (code, signal) =>
      settle(() => {
        if (code === 0) resolve(output);
        else {
          let ending = signal ? `was ended by ${signal}` : `ended with exit code ${code}`;
          if (timedOut) ending = `was stopped after ${limitSeconds} s`;
          reject(new CommandError(commandLine, ending, lastLines));
        }
      }),
    );
  });
}

function splitLines(stream, onLine, onText) {
  let rest = '';
  stream.setEncoding('utf8');
  stream.on('data', (text) => {
    onText?.(text);
    const lines = (rest + text).split(/\r?\n|\r/);
    rest = lines.pop();
    for (const line of lines) onLine(line);
  });
  stream.on('end', () => rest && onLine(rest));
}

/** The path of a program on PATH, or undefined. */
export function findProgram(name, env = process.env) {
  const endings = isWindows ? (env.PATHEXT ?? '.EXE;.CMD').split(';') : [''];
  const folders = isAbsolute(name) ? [''] : (env.PATH ?? '').split(delimiter).filter(Boolean);
  for (const folder of folders)
    for (const ending of endings) {
      const path = folder ? join(folder, name + ending) : name + ending;
      try {
        accessSync(path, constants.X_OK);
        if (statSync(path).isFile()) return path;
      } catch {
        // not here: look in the next folder
      }
    }
  return undefined;
}
