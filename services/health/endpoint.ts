import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import { WebSocketServer } from "ws";
import { EventStreams } from "./event-streams.ts";
import type { HealthSource } from "./source.ts";

export interface HealthOptions {
  readonly source: HealthSource;
  /** 127.0.0.1 where absent: what is told here is nobody else's business. */
  readonly host?: string;
  /** 0 takes a free one. */
  readonly port: number;
  /** Clients of `/events` at a time; more are refused with 503. */
  readonly mostClients?: number;
  /** Events kept for a client that does not read. */
  readonly mostEvents?: number;
  /** Whether a page of a browser, which names its origin, may watch: none where absent. */
  readonly allowsOrigin?: (origin: string) => boolean;
  /** For the instants of events: milliseconds since 1970. */
  readonly wallMs?: () => number;
}

/** An endpoint at work. */
export interface HealthEndpoint extends AsyncDisposable {
  /** `http://HOST:PORT`, the port in force. */
  readonly url: string;
  close(): Promise<void>;
}

const MOST_CLIENTS = 64;
const MOST_EVENTS = 1_000;
/** A client says nothing that would be longer. */
const MOST_HEARD_OCTETS = 1_024;
const OK = 200;
const NOT_FOUND = 404;
const NOT_ALLOWED = 405;
const UPGRADE_REQUIRED = 426;
const FAILED = 500;
const UNAVAILABLE = 503;
/** Milliseconds in which a request must have come. */
const REQUEST_TIMEOUT_MS = 10_000;

interface Answer {
  readonly status: number;
  readonly contentType: string;
  readonly text: string;
}

function json(status: number, value: unknown): Answer {
  const text = `${JSON.stringify(value, undefined, 2)}\n`;
  return { status, contentType: "application/json; charset=utf-8", text };
}

function plain(status: number, text: string): Answer {
  return { status, contentType: "text/plain; charset=utf-8", text: `${text}\n` };
}

function reason(thrown: unknown): string {
  return thrown instanceof Error ? thrown.message : String(thrown);
}

/** What stands behind each path. */
const PATHS: Readonly<Record<string, (source: HealthSource) => Answer | Promise<Answer>>> = {
  "/healthz": (source) => (source.alive() ? plain(OK, "ok") : plain(UNAVAILABLE, "not alive")),
  "/readyz": (source) => {
    const parts = source.parts();
    const ready = Object.values(parts).every((part) => part.ready);
    return json(ready ? OK : UNAVAILABLE, { ready, parts });
  },
  "/metrics": async (source) => ({ status: OK, ...(await source.metrics()) }),
  "/topology": async (source) => {
    try {
      return json(OK, await source.topology());
    } catch (thrown) {
      return json(UNAVAILABLE, { error: reason(thrown) });
    }
  },
  "/events": () => plain(UPGRADE_REQUIRED, "events come over a WebSocket"),
};

const KNOWN = Object.keys(PATHS).join(", ");

async function answerOf(request: IncomingMessage, source: HealthSource): Promise<Answer> {
  const [path = ""] = (request.url ?? "").split("?", 1);
  const answer = Object.hasOwn(PATHS, path) ? PATHS[path] : undefined;
  if (answer === undefined) return plain(NOT_FOUND, `there is no ${path}; there are ${KNOWN}`);
  if (request.method !== "GET" && request.method !== "HEAD")
    return plain(NOT_ALLOWED, "GET and HEAD are what it takes");
  try {
    return await answer(source);
  } catch (thrown) {
    return plain(FAILED, reason(thrown));
  }
}

async function serve(
  request: IncomingMessage,
  response: ServerResponse,
  source: HealthSource,
): Promise<void> {
  const { status, contentType, text } = await answerOf(request, source);
  response.writeHead(status, {
    "content-type": contentType,
    "cache-control": "no-store",
    ...(status === UPGRADE_REQUIRED ? { upgrade: "websocket" } : {}),
    ...(status === NOT_ALLOWED ? { allow: "GET, HEAD" } : {}),
  });
  response.end(request.method === "HEAD" ? undefined : text);
}

/** Lets in who may watch: no page of a stranger, and not more than there is room for. */
function watchingServer(
  http: Server,
  streams: EventStreams,
  options: HealthOptions,
): WebSocketServer {
  const { allowsOrigin = () => false, mostClients = MOST_CLIENTS } = options;
  return new WebSocketServer({
    server: http,
    path: "/events",
    perMessageDeflate: false,
    maxPayload: MOST_HEARD_OCTETS,
    verifyClient: ({ req }, done) => {
      const { origin } = req.headers;
      // A browser names the page; programs do not.
      if (origin !== undefined && !allowsOrigin(origin)) done(false, 403, "origin not allowed");
      else if (streams.count >= mostClients)
        done(false, UNAVAILABLE, `${mostClients} clients watch`);
      else done(true);
    },
  });
}

/**
 * Serves `/healthz`, `/readyz`, `/metrics`, `/topology`, and `/events` over WebSocket.
 * @throws the system's error when the endpoint cannot be had
 */
export async function openHealth(options: HealthOptions): Promise<HealthEndpoint> {
  const { source, host = "127.0.0.1", mostEvents = MOST_EVENTS, wallMs = Date.now } = options;
  const http = createServer({ requestTimeout: REQUEST_TIMEOUT_MS }, (request, response) => {
    void serve(request, response, source);
  });
  const streams = new EventStreams({ source, mostEvents, wallMs });
  const sockets = watchingServer(http, streams, options);
  sockets.on("connection", (socket) => streams.add(socket));
  await new Promise<void>((resolve, reject) => {
    sockets.once("error", reject);
    http.listen(options.port, host, () => {
      sockets.off("error", reject);
      sockets.on("error", () => undefined);
      resolve();
    });
  });
  const address = http.address();
  const port = typeof address === "object" && address !== null ? address.port : options.port;
  let closing: Promise<void> | undefined;
  const close = (): Promise<void> => {
    closing ??= new Promise<void>((resolve) => {
      streams.close();
      sockets.close();
      http.close(() => resolve());
      http.closeAllConnections();
    });
    return closing;
  };
  const name = host.includes(":") ? `[${host}]` : host;
  return { url: `http://${name}:${port}`, close, [Symbol.asyncDispose]: close };
}
