// What a cell prints and shows. Printed lines are collected and sent in few messages; anything that must keep its place among
// them (a display, the result, the end of the cell) flushes them first.
import { randomUUID } from 'node:crypto';
import { StringDecoder } from 'node:string_decoder';
import { DISPLAY_KEY, type DisplayDoor, type MimeBundle } from './display.ts';

/** Sends one iopub message about the cell that runs, or that ran last. */
export type Publish = (type: string, content: object) => void;

/** All that goes to the frontends from a cell, in one order. */
export interface Output {
  /** Shows a bundle, in order with what was printed. */
  readonly door: DisplayDoor;
  /** Sends a message in order with what was printed. */
  publish: Publish;
  flush(): void;
}

/** The first few pieces of text within a window go out at once, as a busy loop may follow; the rest is collected. */
const WINDOW_MS = 40;
const AT_ONCE = 10;
/** Collected text is sent at the end of the window, or when it is this long. */
const LONGEST = 1 << 16;

/** Takes over stdout and stderr of the process and the display door. `send` sends a message at once. */
export function captureOutput(send: Publish): Output {
  let stream: 'stdout' | 'stderr' = 'stdout';
  let pieces: string[] = [];
  let length = 0;
  let windowStart = 0;
  let inWindow = 0;
  let timer: NodeJS.Timeout | undefined;

  function flush(): void {
    clearTimeout(timer);
    timer = undefined;
    if (length === 0) return;
    const text = pieces.join('');
    pieces = [];
    length = 0;
    send('stream', { name: stream, text });
  }

  function print(name: 'stdout' | 'stderr', text: string): void {
    if (text === '') return;
    if (name !== stream) flush();
    stream = name;
    pieces.push(text);
    length += text.length;
    const now = performance.now();
    const windowOver = now - windowStart > WINDOW_MS;
    if (windowOver) {
      windowStart = now;
      inWindow = 0;
    }
    inWindow += 1;
    if (windowOver || inWindow <= AT_ONCE || length > LONGEST) flush();
    else timer ??= setTimeout(flush, WINDOW_MS);
  }

  function publish(type: string, content: object): void {
    flush();
    send(type, content);
  }

  for (const name of ['stdout', 'stderr'] as const) process[name].write = writer((text) => print(name, text));

  const door: DisplayDoor = {
    show(bundle, { metadata = {}, displayId, update = false }) {
      const content = { data: bundle, metadata, transient: displayId ? { display_id: displayId } : {} };
      publish(update ? 'update_display_data' : 'display_data', content);
    },
    clear: (wait) => publish('clear_output', { wait }),
    newId: () => randomUUID(),
  };
  (globalThis as unknown as Record<symbol, DisplayDoor>)[DISPLAY_KEY] = door;
  return { door, publish, flush };
}

/** Makes tslab's own `display` API in cells end up in the same place. */
export function adoptTslabDisplay(jupyter: { lastWriteDisplayData: unknown }, output: Output): void {
  jupyter.lastWriteDisplayData = (
    content: { data: MimeBundle; metadata: MimeBundle; transient?: { display_id?: string } },
    update?: boolean,
  ) => {
    const displayId = content.transient?.display_id;
    output.door.show(content.data, {
      metadata: content.metadata,
      ...(displayId && { displayId }),
      update: update ?? false,
    });
  };
}

function writer(print: (text: string) => void): typeof process.stdout.write {
  const decoder = new StringDecoder('utf8');
  return (chunk: string | Uint8Array, ...rest: unknown[]): boolean => {
    print(typeof chunk === 'string' ? chunk : decoder.write(Buffer.from(chunk)));
    const done = rest.find((argument) => typeof argument === 'function') as (() => void) | undefined;
    if (done) process.nextTick(done);
    return true;
  };
}
