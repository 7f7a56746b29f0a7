// The kernel as a table of messages. Cells run one at a time in the order of their requests; everything else is answered on arrival,
// so that completion and hover work while a cell trains.
import type { Cells, Outcome } from './cells.ts';
import type { ErrorReport } from './errors.ts';
import { createHistory, type HistoryRequest } from './history.ts';
import type { Output } from './output.ts';
import { type Channel, PROTOCOL_VERSION, type Request, type Wire } from './wire.ts';

interface ExecuteContent {
  readonly code: string;
  readonly silent?: boolean;
  readonly store_history?: boolean;
  readonly stop_on_error?: boolean;
}

interface CursorContent {
  readonly code: string;
  readonly cursor_pos: number;
}

interface Parts {
  readonly wire: Wire;
  readonly cells: Cells;
  readonly output: Output;
  readonly typescriptVersion: string;
  interrupt(): void;
  exit(): void;
}

/** The kernel's side of the conversation. */
export interface Server {
  receive(channel: Channel, request: Request): void;
  /** The request whose cell runs, or ran last: printed text belongs to it. */
  readonly owner: Request | undefined;
  /** Shows an error that came after its cell had ended. */
  publishError(report: ErrorReport): void;
}

/** Answers the messages of `wire`; `exit` is called when a client asks for a shutdown. */
export function createServer({ wire, cells, output, typescriptVersion, interrupt, exit }: Parts): Server {
  const history = createHistory();
  const waiting: { channel: Channel; request: Request }[] = [];
  let owner: Request | undefined;
  let busy = false;
  let executionCount = 0;

  const answers: Record<string, (content: never) => object> = {
    kernel_info_request: () => kernelInfo(typescriptVersion),
    is_complete_request: ({ code }: CursorContent) => cells.completeness(code),
    complete_request({ code, cursor_pos }: CursorContent) {
      const { start, end, matches } = cells.complete(code, toUnits(code, cursor_pos));
      const place = { cursor_start: toPoints(code, start), cursor_end: toPoints(code, end) };
      return { status: 'ok', matches, ...place, metadata: {} };
    },
    inspect_request({ code, cursor_pos }: CursorContent) {
      const text = cells.hover(code, toUnits(code, cursor_pos));
      const data = text === undefined ? {} : { 'text/plain': text };
      return { status: 'ok', found: text !== undefined, data, metadata: {} };
    },
    history_request: (content: HistoryRequest) => ({ status: 'ok', history: history.find(content) }),
    comm_info_request: () => ({ status: 'ok', comms: {} }),
    shutdown_request: ({ restart }: { restart: boolean }) => ({ status: 'ok', restart }),
    interrupt_request() {
      interrupt();
      return { status: 'ok' };
    },
  };

  function receive(channel: Channel, request: Request): void {
    const type = request.header.msg_type;
    if (type === 'execute_request') {
      waiting.push({ channel, request });
      if (!busy) void work();
      return;
    }
    wire.publish('status', { execution_state: 'busy' }, request);
    const answer = answers[type];
    if (answer) wire.reply(channel, request, type.replace('_request', '_reply'), attempt(answer, request));
    wire.publish('status', { execution_state: 'idle' }, request);
    // Frontends take the last status for the kernel's.
    if (busy) wire.publish('status', { execution_state: 'busy' }, owner);
    if (type === 'shutdown_request') exit();
  }

  /** A fault in an answer is the kernel's and not the cell's: it is told to the asker, and the kernel goes on. */
  function attempt(answer: (content: never) => object, request: Request): object {
    try {
      return answer(request.content as never);
    } catch (error) {
      return { status: 'error', ename: 'KernelError', evalue: String(error), traceback: [String(error)] };
    }
  }

  async function work(): Promise<void> {
    busy = true;
    for (let next = waiting.shift(); next; next = waiting.shift()) {
      const content = next.request.content as unknown as ExecuteContent;
      await execute(next.channel, next.request, content);
    }
    busy = false;
  }

  async function execute(channel: Channel, request: Request, content: ExecuteContent): Promise<void> {
    const { code, silent = false } = content;
    const stored = !silent && content.store_history !== false;
    owner = request;
    wire.publish('status', { execution_state: 'busy' }, request);
    if (stored) executionCount += 1;
    const count = executionCount;
    if (!silent) wire.publish('execute_input', { code, execution_count: count }, request);
    const page = helpFor(code);
    const outcome: Outcome = page ? { status: 'ok' } : await cells.run(code, count);
    if (outcome.status === 'ok' && outcome.result && !silent)
      output.publish('execute_result', { execution_count: count, data: outcome.result, metadata: {} });
    if (outcome.status === 'error' && !silent) output.publish('error', outcome.report);
    output.flush();
    const reply =
      outcome.status === 'ok'
        ? { status: 'ok', execution_count: count, payload: page ? [page] : [], user_expressions: {} }
        : { status: 'error', execution_count: count, ...outcome.report, payload: [], user_expressions: {} };
    const stop = outcome.status === 'error' && content.stop_on_error !== false;
    if (stop) await readArrived();
    if (stored) history.add(count, code, outcome.status === 'ok' ? asText(outcome.result) : undefined);
    wire.reply(channel, request, 'execute_reply', reply);
    wire.publish('status', { execution_state: 'idle' }, request);
    if (stop) abortWaiting();
  }

  /** `?name` or `name?` alone in a cell opens the documentation of the name in the pager. */
  function helpFor(code: string): object | undefined {
    const [, before, after] = /^\s*(?:\?\s*([\w$.]+)|([\w$.]+)\s*\?)\s*$/.exec(code) ?? [];
    const name = before ?? after;
    if (name === undefined) return undefined;
    const text = cells.hover(name, name.length) ?? `Nothing is known about ${name}`;
    return { source: 'page', start: 0, data: { 'text/plain': text } };
  }

  /** Reads what has arrived. Done before the reply goes out: a request sent after it is a new start and must run. */
  async function readArrived(): Promise<void> {
    do await turn();
    while (wire.pending('shell'));
  }

  /** Answers the waiting execute requests without running them, as they were sent before the failure was known. */
  function abortWaiting(): void {
    for (const { channel, request } of waiting.splice(0)) {
      wire.publish('status', { execution_state: 'busy' }, request);
      wire.reply(channel, request, 'execute_reply', { status: 'aborted', execution_count: executionCount });
      wire.publish('status', { execution_state: 'idle' }, request);
    }
  }

  return {
    receive,
    get owner() {
      return owner;
    },
    publishError(report) {
      output.publish('error', report);
    },
  };
}

function turn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}

function asText(result: Record<string, unknown> | undefined): string | undefined {
  const text = result?.['text/plain'];
  return typeof text === 'string' ? text : undefined;
}

/** Jupyter counts characters by code point, JavaScript by UTF-16 unit. */
function toUnits(code: string, points: number): number {
  return [...code].slice(0, points).join('').length;
}

function toPoints(code: string, units: number): number {
  return [...code.slice(0, units)].length;
}

function kernelInfo(typescriptVersion: string): object {
  return {
    status: 'ok',
    protocol_version: PROTOCOL_VERSION,
    implementation: 'mail-lab',
    implementation_version: '0.1.0',
    banner: `mail-lab: TypeScript ${typescriptVersion} on Node ${process.versions.node}`,
    language_info: {
      name: 'typescript',
      version: typescriptVersion,
      mimetype: 'text/typescript',
      file_extension: '.ts',
      pygments_lexer: 'typescript',
      // `mode` is what JupyterLab looks up, the other two are for the classic notebook.
      codemirror_mode: { mode: 'typescript', name: 'javascript', typescript: true },
    },
    help_links: [{ text: 'TypeScript', url: 'https://www.typescriptlang.org/docs/' }],
  };
}
