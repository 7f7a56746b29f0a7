// Puts the kernel together: compiler, cells, output, interrupts and the message server, on the sockets of one connection file.
import fs from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import { createCells, type Sources } from './cells.ts';
import { createCompiler } from './compiler.ts';
import { InterruptedError, reportThrown } from './errors.ts';
import { createInterrupts } from './interrupts.ts';
import { adoptTslabDisplay, captureOutput } from './output.ts';
import { silenceTfjsNotes } from './quiet-tfjs.ts';
import { createServer, type Server } from './server.ts';
import { createSourceMaps } from './source-maps.ts';
import { type ConnectionInfo, openWire, type Wire } from './wire.ts';

interface StartOptions {
  /** The project root, which is also the working directory of every cell. */
  readonly root: string;
  /** Path of the file in which Jupyter says which ports to bind. */
  readonly connectionFile: string;
  readonly sources: Sources;
}

/**
 * Starts the kernel. It runs until a shutdown request, or until the process that started it is gone; until then a cell's
 * `process.exit` throws an Error.
 */
export async function start({ root, connectionFile, sources }: StartOptions): Promise<void> {
  const info: ConnectionInfo = JSON.parse(fs.readFileSync(connectionFile, 'utf8'));
  const load = createRequire(path.join(root, 'lib', 'kernel', 'main.ts'));
  const log = process.stderr.write.bind(process.stderr);
  const exitProcess = process.exit.bind(process);

  const maps = createSourceMaps(root, sources.maps);
  const compiler = createCompiler(root);
  silenceTfjsNotes();
  let wire: Wire | undefined;
  let server: Server | undefined;
  const interrupts = createInterrupts(root, () => wire?.revive());
  const output = captureOutput((type, content) => wire?.publish(type, content, server?.owner));
  adoptTslabDisplay(load('tslab/dist/jupyter.js'), output);
  const cells = createCells({ root, sources, compiler, maps, interrupts });

  for (const event of ['unhandledRejection', 'uncaughtException'])
    process.on(event, (error: unknown) => {
      // What an interrupt stopped may still be rejecting promises that nobody waits for any more.
      if (error instanceof InterruptedError) return;
      if (interrupts.current) interrupts.current.fail(error);
      else server?.publishError(reportThrown(error, maps));
    });
  process.exit = () => {
    throw new Error('Cannot exit from a cell: shut the kernel down from the Kernel menu');
  };

  wire = await openWire(
    info,
    (channel, request) => server?.receive(channel, request),
    (message) => log(`${message}\n`),
  );
  server = createServer({
    wire,
    cells,
    output,
    typescriptVersion: compiler.typescriptVersion,
    interrupt: interrupts.interrupt,
    exit() {
      wire?.close();
      cells.close();
      void interrupts.close().then(() => exitProcess(0));
    },
  });
  endWithParent(() => exitProcess(0));
}

/** A kernel whose starter has died has nobody left to talk to. */
function endWithParent(exit: () => void): void {
  const parent = process.ppid;
  setInterval(() => {
    if (process.ppid !== parent) exit();
  }, 2_000).unref();
}
