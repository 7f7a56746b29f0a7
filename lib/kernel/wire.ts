// Jupyter's wire protocol over ZeroMQ: sockets, signatures, and messages as records.
import { createHmac, randomUUID, timingSafeEqual } from 'node:crypto';
import { Reply, Router, type Socket, XPublisher } from 'zeromq';

/** A connection file's content, by the Jupyter protocol. */
export interface ConnectionInfo {
  readonly transport: string;
  readonly ip: string;
  readonly key: string;
  readonly shell_port: number;
  readonly iopub_port: number;
  readonly stdin_port: number;
  readonly control_port: number;
  readonly hb_port: number;
}

/** A message's header, by the Jupyter protocol. */
export interface Header {
  readonly msg_id: string;
  readonly msg_type: string;
  readonly session: string;
  readonly username: string;
  readonly date: string;
  readonly version: string;
}

/** A request as it came in. */
export interface Request {
  readonly identities: readonly Buffer[];
  readonly header: Header;
  readonly content: Record<string, unknown>;
}

/** The two channels that requests come by. */
export type Channel = 'shell' | 'control';

/** The sockets of a kernel. */
export interface Wire {
  /** Sends a reply on the channel that the request came from. */
  reply(channel: Channel, request: Request, type: string, content: object): void;
  /** Sends a message to all frontends, as a consequence of `parent` if there is one. */
  publish(type: string, content: object, parent?: Request): void;
  /** True while requests that have arrived wait to be read. */
  pending(channel: Channel): boolean;
  /** Takes up reading again on every channel where it has stopped. */
  revive(): void;
  close(): void;
}

/** Version of the Jupyter messaging protocol that is spoken. */
export const PROTOCOL_VERSION = '5.3';
const DELIMITER = Buffer.from('<IDS|MSG>');

/** Binds the sockets and calls `receive` with every valid request. Invalid ones go to `complain`. */
export async function openWire(
  info: ConnectionInfo,
  receive: (channel: Channel, request: Request) => void,
  complain: (message: string) => void,
): Promise<Wire> {
  const session = randomUUID();
  const sockets = {
    shell: new Router(),
    control: new Router(),
    stdin: new Router(),
    iopub: new XPublisher(),
    heartbeat: new Reply(),
  };
  const ports = {
    shell: info.shell_port,
    control: info.control_port,
    stdin: info.stdin_port,
    iopub: info.iopub_port,
    heartbeat: info.hb_port,
  };

  function frames(type: string, content: object, parent?: Request): (string | Buffer)[] {
    const header: Header = {
      msg_id: randomUUID(),
      msg_type: type,
      session,
      username: parent?.header.username ?? 'kernel',
      date: new Date().toISOString(),
      version: PROTOCOL_VERSION,
    };
    const parts = [header, parent?.header ?? {}, {}, content].map((part) => JSON.stringify(part));
    return [DELIMITER, sign(info.key, parts), ...parts];
  }

  for (const socket of [sockets.shell, sockets.control, sockets.iopub]) {
    // Without limits, every send happens at once. By default a socket takes some hundred sends in one turn of the event loop and
    // makes the next one wait, and a send while another waits is an error: output would be lost.
    socket.sendHighWaterMark = 0;
    socket.sendTimeout = 0;
  }
  sockets.iopub.linger = 1_000;
  sockets.shell.linger = 1_000;
  sockets.control.linger = 1_000;
  await Promise.all(
    Object.entries(sockets).map(([name, socket]) =>
      (socket as Socket).bind(`${info.transport}://${info.ip}:${ports[name as keyof typeof ports]}`),
    ),
  );

  async function read(channel: Channel): Promise<void> {
    const socket = sockets[channel];
    while (!socket.closed) {
      const message = await nextMessage(socket);
      if (!message) return;
      const request = parse(info.key, message);
      if (typeof request === 'string') complain(request);
      else receive(channel, request);
    }
  }
  async function echoHeartbeat(): Promise<void> {
    for await (const message of sockets.heartbeat) await sockets.heartbeat.send(message);
  }
  async function welcomeSubscribers(): Promise<void> {
    for await (const [message] of sockets.iopub) {
      if (message?.[0] !== 1) continue;
      const topic = message.subarray(1).toString();
      await sockets.iopub.send([topic, ...frames('iopub_welcome', { subscription: topic })]);
    }
  }
  void read('control');
  void read('shell');
  void echoHeartbeat().catch(() => complain('The heartbeat stopped'));
  void welcomeSubscribers().catch(() => complain('The iopub channel stopped'));

  // Cells and timers may still print while the process winds down.
  let closed = false;
  return {
    reply(channel, request, type, content) {
      if (!closed) void sockets[channel].send([...request.identities, ...frames(type, content, request)]);
    },
    publish(type, content, parent) {
      if (!closed) void sockets.iopub.send([type, ...frames(type, content, parent)]);
    },
    pending: (channel) => !sockets[channel].closed && sockets[channel].readable,
    revive() {
      void read('control');
      void read('shell');
    },
    close() {
      closed = true;
      for (const socket of Object.values(sockets)) socket.close();
    },
  };
}

/** The next message, or undefined if the socket is closed or is being read by someone else already. */
async function nextMessage(socket: Router): Promise<Buffer[] | undefined> {
  try {
    return await socket.receive();
  } catch (error) {
    if (socket.closed || (error as NodeJS.ErrnoException).code === 'EBUSY') return undefined;
    if ((error as NodeJS.ErrnoException).code === 'EAGAIN') return undefined;
    throw error;
  }
}

function sign(key: string, parts: readonly (string | Buffer)[]): string {
  if (key === '') return '';
  const hmac = createHmac('sha256', key);
  for (const part of parts) hmac.update(part);
  return hmac.digest('hex');
}

/** The request in a multipart message, or a sentence that says why there is none. */
function parse(key: string, message: readonly Buffer[]): Request | string {
  const at = message.findIndex((frame) => frame.equals(DELIMITER));
  if (at < 0 || message.length < at + 6) return "Dropped a message that is not in Jupyter's format";
  const parts = message.slice(at + 2, at + 6);
  const expected = Buffer.from(sign(key, parts));
  const signature = message[at + 1]!;
  if (signature.length !== expected.length || !timingSafeEqual(signature, expected))
    return 'Dropped a message with a wrong signature';
  try {
    const [header, , , content] = parts.map((part) => JSON.parse(part.toString()));
    return { identities: message.slice(0, at), header, content };
  } catch {
    return 'Dropped a message that is not valid JSON';
  }
}
