import { connect, createServer, type Server, type Socket } from "node:net";
import {
  type Channel,
  type ChannelEvents,
  type Credentials,
  type Endpoint,
  type Listener,
  type ListenEndpoint,
  placeOf,
  type ChannelOptions,
  type Transport,
} from "./port.ts";
import { clearStale } from "./unix.ts";

function nothing(): void {
  return undefined;
}

const NOTHING: Buffer = Buffer.alloc(0);
export interface TcpOptions {
  /** Milliseconds without traffic after which the system asks whether the peer is still there; 0 never does. */
  readonly keepAliveMs: number;
  /** Who is at the other side of a UNIX-domain socket that was accepted, a `net.Socket`; `node:net` cannot tell. */
  readonly credentialsOf?: (socket: object) => Credentials | undefined;
  /**
   * Sets whether closing a `net.Socket` resets its connection. Where given, connections that were accepted are reset
   * when the process is killed: their clients notice while they are idle. Taken back before an orderly close.
   */
  readonly setReset?: ((socket: object, resets: boolean) => void) | undefined;
  /** Has a `net.Server` be closed before its connections when the process is killed; returns what takes that back. */
  readonly hold?: ((server: object) => () => void) | undefined;
  /** Sets what `node:net` has no names for; the rest of {@link ChannelOptions} stays unset without. @throws when the system refuses */
  readonly setOption?:
    | ((socket: object, option: keyof ChannelOptions, value: number) => void)
    | undefined;
}

function socketOptions({ keepAliveMs }: TcpOptions): {
  readonly noDelay: true;
  readonly keepAlive: boolean;
  readonly keepAliveInitialDelay: number;
} {
  return { noDelay: true, keepAlive: keepAliveMs > 0, keepAliveInitialDelay: keepAliveMs };
}

function where({ host, port, path }: Endpoint): { path: string } | { host: string; port: number } {
  return path === undefined ? { host, port } : { path };
}

/** From these versions on `node:net` can share a port. */
const REUSE_PORT: ReadonlyMap<number, number> = new Map([
  [22, 12],
  [23, 1],
]);

/** What is asked of `node:net` beside the place. @throws ENOTSUP where it cannot share a port */
function listenOptions({ ipv6Only, reusePort }: ListenEndpoint): {
  readonly ipv6Only: boolean;
  readonly reusePort?: true;
} {
  if (reusePort !== true) return { ipv6Only: ipv6Only === true };
  const [major = 0, minor = 0] = process.versions.node.split(".").map(Number);
  const least = major > 23 ? 0 : (REUSE_PORT.get(major) ?? Infinity);
  if (minor >= least) return { ipv6Only: ipv6Only === true, reusePort };
  throw Object.assign(
    new Error(`reusePort needs Node 22.12, or the native reactor; this is ${process.version}`),
    { code: "ENOTSUP" },
  );
}

/** Octets one read takes at most where the receiver names no place. */
const READ_OCTETS = 65_536;
/** Chunks below this may share their memory with others: what they hold is not kept for long. */
const SMALL_OCTETS = 1_024;

/**
 * Reads of a socket into one piece of memory again and again, or into the receiver's own. Without it
 * `node:net` takes 64 KiB anew for each read; only the side that connects can choose.
 */
class Reads {
  #events: ChannelEvents | undefined;
  #own: Buffer = Buffer.alloc(0);
  /** What came before there was a receiver. */
  readonly #early: Uint8Array[] = [];

  start(events: ChannelEvents): void {
    this.#events = events;
    for (const chunk of this.#early.splice(0)) events.data(chunk);
  }

  /** Where the next read goes. */
  buffer(): Uint8Array {
    const room = this.#events?.room?.();
    if (room !== undefined) return room;
    if (this.#own.length === 0) this.#own = Buffer.allocUnsafeSlow(READ_OCTETS);
    return this.#own;
  }

  /** Takes the result of a read into what `buffer` gave. */
  take(count: number, into: Uint8Array): void {
    const chunk = into === this.#own ? this.#handOver(count) : into.subarray(0, count);
    if (this.#events === undefined) this.#early.push(chunk);
    else this.#events.data(chunk);
  }

  /** What was read, in memory of about its size. */
  #handOver(count: number): Uint8Array {
    const own = this.#own;
    if (count * 2 < own.length) {
      const chunk =
        count < SMALL_OCTETS ? Buffer.allocUnsafe(count) : Buffer.allocUnsafeSlow(count);
      own.copy(chunk, 0, 0, count);
      return chunk;
    }
    this.#own = Buffer.alloc(0);
    return own.subarray(0, count);
  }
}

class TcpChannel implements Channel {
  readonly peer: string;
  declare readonly credentials?: Credentials;
  readonly #socket: Socket;
  readonly #isTcp: boolean;
  readonly #reads: Reads | undefined;
  readonly #setReset: TcpOptions["setReset"];
  readonly #options: TcpOptions;

  /** @param reads what the socket was told to read with; left out: it emits "data" */
  constructor(
    socket: Socket,
    peer: string,
    isTcp: boolean,
    {
      reads,
      credentials,
      options,
      isAccepted = false,
    }: {
      readonly reads?: Reads;
      readonly credentials?: Credentials | undefined;
      readonly options: TcpOptions;
      readonly isAccepted?: boolean;
    },
  ) {
    this.peer = peer;
    if (credentials !== undefined) this.credentials = credentials;
    this.#isTcp = isTcp;
    this.#socket = socket;
    this.#reads = reads;
    this.#options = options;
    // Until start() names a receiver, an early error must not end the process.
    socket.on("error", nothing);
    // Only TCP has resets.
    const setReset = isTcp && isAccepted ? options.setReset : undefined;
    this.#setReset = setReset;
    if (setReset === undefined) return;
    setReset(socket, true);
    // The peer ends the connection, and so will the socket by itself.
    socket.on("end", () => setReset(socket, false));
  }

  get queuedOctets(): number {
    return this.#socket.writableLength;
  }

  start(events: ChannelEvents): void {
    const socket = this.#socket;
    let failure: Error | undefined;
    socket.on("error", (error) => {
      failure ??= error;
    });
    if (this.#reads === undefined) socket.on("data", (chunk) => events.data(chunk as Uint8Array));
    else this.#reads.start(events);
    socket.on("drain", () => events.drained());
    socket.on("close", () => events.closed(failure));
    if (socket.destroyed) events.closed(failure);
  }

  send(octets: Uint8Array, free?: () => void): void {
    if (!this.#socket.destroyed && !this.#socket.writableEnded) this.#socket.write(octets, free);
  }

  configure(wanted: ChannelOptions): readonly (keyof ChannelOptions)[] {
    if (!this.#isTcp) return [];
    const names = Object.keys(wanted) as (keyof ChannelOptions)[];
    return names.filter((name) => {
      const value = wanted[name];
      return value !== undefined && !this.#set(name, value);
    });
  }

  /** @returns whether it is set */
  #set(option: keyof ChannelOptions, value: number | boolean): boolean {
    const { keepAliveMs, setOption } = this.#options;
    if (option === "noDelay") {
      this.#socket.setNoDelay(value === true);
      return true;
    }
    if (option === "keepAlive") {
      this.#socket.setKeepAlive(value === true, keepAliveMs);
      return true;
    }
    try {
      setOption?.(this.#socket, option, Number(value));
      return setOption !== undefined;
    } catch {
      return false;
    }
  }

  pause(): void {
    this.#socket.pause();
  }

  resume(): void {
    this.#socket.resume();
  }

  end(): void {
    this.#setReset?.(this.#socket, false);
    this.#socket.end();
  }

  reset(): void {
    const socket = this.#socket;
    const close = (): void => {
      // Only TCP has resets; the peer of a UNIX-domain socket learns of its end at once. A socket whose end is on its way
      // the system refuses to reset, and Node then neither closes it nor ends a process that has it.
      const isEnding = socket.writableEnded && !socket.writableFinished;
      if (this.#isTcp && !isEnding) socket.resetAndDestroy();
      else socket.destroy();
    };
    // A write of nothing is done when those before it are.
    if (socket.destroyed || socket.writableEnded) close();
    else socket.write(NOTHING, close);
  }

  destroy(): void {
    this.#setReset?.(this.#socket, false);
    this.#socket.destroy();
  }

  ref(): void {
    this.#socket.ref();
  }

  unref(): void {
    this.#socket.unref();
  }
}

function connectTcp(to: Endpoint, signal: AbortSignal, options: TcpOptions): Promise<Channel> {
  return new Promise((resolve, reject) => {
    if (signal.aborted) {
      reject(signal.reason as Error);
      return;
    }
    const reads = new Reads();
    const onread = {
      buffer: () => reads.buffer(),
      callback: (count: number, into: Uint8Array) => {
        reads.take(count, into);
        return true;
      },
    };
    const socket = connect({ ...where(to), ...socketOptions(options), onread });
    const settle = (): void => {
      signal.removeEventListener("abort", onAbort);
      socket.removeListener("error", onError);
      socket.removeListener("connect", onConnect);
    };
    const onAbort = (): void => {
      settle();
      socket.on("error", nothing);
      socket.destroy();
      reject(signal.reason as Error);
    };
    const onError = (error: Error): void => {
      settle();
      reject(error);
    };
    const onConnect = (): void => {
      settle();
      resolve(new TcpChannel(socket, placeOf(to), to.path === undefined, { reads, options }));
    };
    signal.addEventListener("abort", onAbort, { once: true });
    socket.once("error", onError);
    socket.once("connect", onConnect);
  });
}

function listenOnce(
  at: ListenEndpoint,
  accept: (channel: Channel) => void,
  options: TcpOptions,
): Promise<Listener> {
  return new Promise((resolve, reject) => {
    const isTcp = at.path === undefined;
    let accepted = 0;
    const server: Server = createServer(socketOptions(options), (socket) => {
      const peer = isTcp
        ? `${socket.remoteAddress ?? "?"}:${socket.remotePort ?? 0}`
        : `${placeOf(at)}#${++accepted}`;
      const credentials = isTcp ? undefined : options.credentialsOf?.(socket);
      accept(new TcpChannel(socket, peer, isTcp, { credentials, options, isAccepted: true }));
    });
    server.once("error", reject);
    server.listen({ ...where(at), ...listenOptions(at) }, () => {
      server.removeListener("error", reject);
      server.on("error", nothing);
      const address = server.address();
      const port = typeof address === "object" && address !== null ? address.port : at.port;
      const letGo = isTcp ? options.hold?.(server) : undefined;
      resolve({
        endpoint: isTcp ? { host: at.host, port } : { host: at.host, port, path: at.path },
        close: () => {
          letGo?.();
          return new Promise((done) => server.close(() => done()));
        },
        ref: () => void server.ref(),
        unref: () => void server.unref(),
      });
    });
  });
}

async function listenTcp(
  at: ListenEndpoint,
  accept: (channel: Channel) => void,
  options: TcpOptions,
): Promise<Listener> {
  try {
    return await listenOnce(at, accept, options);
  } catch (error) {
    const isTaken = error instanceof Error && "code" in error && error.code === "EADDRINUSE";
    if (!isTaken || at.path === undefined || !(await clearStale(at.path))) throw error;
    return await listenOnce(at, accept, options);
  }
}

/** TCP and UNIX-domain sockets by `node:net`, without Nagle's delay. */
export function newTcpTransport(options: TcpOptions): Transport {
  return {
    connect: (to, signal) => connectTcp(to, signal, options),
    listen: (at, accept) => listenTcp(at, accept, options),
  };
}

export const tcpTransport: Transport = newTcpTransport({ keepAliveMs: 0 });
