import { createServer, type IncomingMessage } from "node:http";
import { WebSocket, WebSocketServer } from "ws";
import {
  type Channel,
  type Endpoint,
  type ListenEndpoint,
  type Listener,
  newTcpTransport,
  type Transport,
} from "orbweaver/orb";
import { WebSocketChannel } from "./channel.ts";

/** The subprotocol that both sides name (RFC 6455, 1.9). */
const SUBPROTOCOL = "giop";
const DEFAULT_PATH = "/giop";
/** Octets of one frame received: far above what this transport sends in one. */
const MAX_FRAME_OCTETS = 16 << 20;
const KEEP_ALIVE_MS = 60_000;

export interface WebSocketOptions {
  /** Where the entrance is on its HTTP server: `/giop`. */
  readonly path?: string;
  /** Which addresses are spoken to, and listened at, over WebSocket: all where absent. The others are TCP. */
  readonly isEntrance?: (endpoint: Endpoint) => boolean;
  /** The URL of an address: `ws://HOST:PORT/PATH` where absent. For `wss:` and for entrances under another name. */
  readonly urlOf?: (endpoint: Endpoint) => string;
  /** Whether a page of a browser, which names its origin, may connect: none where absent. */
  readonly allowsOrigin?: (origin: string) => boolean;
}

interface Settings extends Required<WebSocketOptions> {
  readonly tcp: Transport;
}

function defaultUrl({ host, port }: Endpoint, path: string): string {
  return `ws://${host.includes(":") ? `[${host}]` : host}:${port}${path}`;
}

function connectTo(url: string, signal: AbortSignal): Promise<Channel> {
  return new Promise((resolve, reject) => {
    if (signal.aborted) {
      reject(signal.reason as Error);
      return;
    }
    const socket = new WebSocket(url, [SUBPROTOCOL], {
      perMessageDeflate: false,
      maxPayload: MAX_FRAME_OCTETS,
    });
    let upgraded: IncomingMessage | undefined;
    const onAbort = (): void => {
      reject(signal.reason as Error);
      socket.terminate();
    };
    signal.addEventListener("abort", onAbort, { once: true });
    socket.once("upgrade", (response) => {
      upgraded = response;
    });
    // Stays, so that an error behind an abort ends nothing else.
    socket.on("error", (error) => {
      signal.removeEventListener("abort", onAbort);
      reject(error);
    });
    socket.once("open", () => {
      signal.removeEventListener("abort", onAbort);
      resolve(new WebSocketChannel(socket, url, upgraded?.socket));
    });
  });
}

/** Who came without asking for a WebSocket. */
const UPGRADE_REQUIRED = 426;

function listenAt(
  at: ListenEndpoint,
  accept: (channel: Channel) => void,
  { path, allowsOrigin }: Settings,
): Promise<Listener> {
  return new Promise((resolve, reject) => {
    const http = createServer((_request, response) => {
      response.writeHead(UPGRADE_REQUIRED, { upgrade: "websocket" }).end("GIOP over WebSocket\n");
    });
    const entrance = new WebSocketServer({
      server: http,
      path,
      perMessageDeflate: false,
      maxPayload: MAX_FRAME_OCTETS,
      handleProtocols: (offered) => (offered.has(SUBPROTOCOL) ? SUBPROTOCOL : false),
      // Node's clients name no origin; a browser always does, whatever page it is.
      verifyClient: ({ req }: { readonly req: IncomingMessage }) =>
        req.headers.origin === undefined || allowsOrigin(req.headers.origin),
    });
    // It passes on the errors of the HTTP server.
    entrance.once("error", reject);
    entrance.on("connection", (socket, request) => {
      const { remoteAddress = "?", remotePort = 0 } = request.socket;
      accept(new WebSocketChannel(socket, `${remoteAddress}:${remotePort}`, request.socket));
    });
    const { host, port, ipv6Only = false } = at;
    http.listen({ host, port, ipv6Only }, () => {
      entrance.removeListener("error", reject);
      entrance.on("error", () => undefined);
      const address = http.address();
      const inForce = typeof address === "object" && address !== null ? address.port : port;
      resolve({
        endpoint: { host, port: inForce },
        close: () =>
          new Promise((done) => {
            entrance.close();
            http.close(() => done());
            http.closeIdleConnections();
          }),
        ref: () => void http.ref(),
        unref: () => void http.unref(),
      });
    });
  });
}

/**
 * GIOP over WebSocket, for peers behind an HTTP entrance: give it to ORB_init as its transport. With
 * `orb.bidirectional` objects of a client are called over the WebSocket that it opened.
 */
export function newWebSocketTransport(options: WebSocketOptions = {}): Transport {
  const path = options.path ?? DEFAULT_PATH;
  const settings: Settings = {
    path,
    isEntrance: options.isEntrance ?? (() => true),
    urlOf: options.urlOf ?? ((endpoint) => defaultUrl(endpoint, path)),
    allowsOrigin: options.allowsOrigin ?? (() => false),
    tcp: newTcpTransport({ keepAliveMs: KEEP_ALIVE_MS }),
  };
  const isOurs = (endpoint: Endpoint): boolean =>
    endpoint.path === undefined && settings.isEntrance(endpoint);
  return {
    connect: (to, signal) =>
      isOurs(to) ? connectTo(settings.urlOf(to), signal) : settings.tcp.connect(to, signal),
    listen: (at, accept) =>
      isOurs(at) ? listenAt(at, accept, settings) : settings.tcp.listen(at, accept),
  };
}
