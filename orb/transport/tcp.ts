import { connect, createServer, type Server, type Socket } from "node:net";
import type { Channel, ChannelEvents, Endpoint, Listener, Transport } from "./port.ts";

function nothing(): void {
  return undefined;
}

class TcpChannel implements Channel {
  readonly peer: string;
  readonly #socket: Socket;

  constructor(socket: Socket, peer: string) {
    this.peer = peer;
    this.#socket = socket;
    // Until start() names a receiver, an early error must not end the process.
    socket.on("error", nothing);
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
    socket.on("data", (chunk) => events.data(chunk as Uint8Array));
    socket.on("drain", () => events.drained());
    socket.on("close", () => events.closed(failure));
    if (socket.destroyed) events.closed(failure);
  }

  send(octets: Uint8Array, free?: () => void): void {
    if (!this.#socket.destroyed && !this.#socket.writableEnded) this.#socket.write(octets, free);
  }

  pause(): void {
    this.#socket.pause();
  }

  resume(): void {
    this.#socket.resume();
  }

  end(): void {
    this.#socket.end();
  }

  destroy(): void {
    this.#socket.destroy();
  }

  ref(): void {
    this.#socket.ref();
  }

  unref(): void {
    this.#socket.unref();
  }
}

function connectTcp(to: Endpoint, signal: AbortSignal): Promise<Channel> {
  return new Promise((resolve, reject) => {
    if (signal.aborted) {
      reject(signal.reason as Error);
      return;
    }
    const socket = connect({ host: to.host, port: to.port, noDelay: true });
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
      resolve(new TcpChannel(socket, `${to.host}:${to.port}`));
    };
    signal.addEventListener("abort", onAbort, { once: true });
    socket.once("error", onError);
    socket.once("connect", onConnect);
  });
}

function listenTcp(at: Endpoint, accept: (channel: Channel) => void): Promise<Listener> {
  return new Promise((resolve, reject) => {
    const server: Server = createServer({ noDelay: true }, (socket) => {
      accept(new TcpChannel(socket, `${socket.remoteAddress ?? "?"}:${socket.remotePort ?? 0}`));
    });
    server.once("error", reject);
    server.listen({ host: at.host, port: at.port }, () => {
      server.removeListener("error", reject);
      server.on("error", nothing);
      const address = server.address();
      const port = typeof address === "object" && address !== null ? address.port : at.port;
      resolve({
        endpoint: { host: at.host, port },
        close: () => new Promise((done) => server.close(() => done())),
        ref: () => void server.ref(),
        unref: () => void server.unref(),
      });
    });
  });
}

/** TCP by `node:net`, without Nagle's delay. */
export const tcpTransport: Transport = { connect: connectTcp, listen: listenTcp };
