import test from "ava";
import { WebSocket } from "ws";
import {
  EventQueue,
  type HealthEndpoint,
  type HealthEvent,
  openHealth,
  type PartState,
} from "../../../services/health/index.ts";

interface World {
  readonly endpoint: HealthEndpoint;
  readonly parts: Record<string, PartState>;
  readonly tell: (event: HealthEvent) => void;
  readonly watchers: () => number;
}

async function world(options: { readonly mostClients?: number } = {}): Promise<World> {
  const heard = new Set<(event: HealthEvent) => void>();
  const parts: Record<string, PartState> = { orb: { ready: true, state: "up" } };
  const endpoint = await openHealth({
    port: 0,
    wallMs: () => 0,
    allowsOrigin: (origin) => origin === "http://console.example",
    ...options,
    source: {
      alive: () => true,
      parts: () => parts,
      metrics: () => Promise.resolve({ contentType: "text/plain", text: "one 1\n" }),
      topology: () =>
        parts["overlay"] === undefined
          ? Promise.reject(new Error("no overlay"))
          : Promise.resolve({ cell: [] }),
      watch: (each) => {
        heard.add(each);
        return () => heard.delete(each);
      },
    },
  });
  return {
    endpoint,
    parts,
    tell: (event) => {
      for (const each of heard) each(event);
    },
    watchers: () => heard.size,
  };
}

function open(
  endpoint: HealthEndpoint,
  origin?: string,
): Promise<{ readonly socket: WebSocket; readonly next: () => Promise<unknown> }> {
  const socket = new WebSocket(
    `${endpoint.url.replace("http", "ws")}/events`,
    origin === undefined ? {} : { origin },
  );
  const lines: string[] = [];
  let wake: () => void = () => undefined;
  socket.on("message", (data: Buffer) => {
    lines.push(data.toString());
    wake();
  });
  const next = async (): Promise<unknown> => {
    while (lines.length === 0) await new Promise<void>((resolve) => (wake = resolve));
    return JSON.parse(lines.shift() ?? "");
  };
  return new Promise((resolve, reject) => {
    socket.once("open", () => resolve({ socket, next }));
    socket.once("error", reject);
  });
}

test("paths say what they are for, and nothing else is there", async (t) => {
  const { endpoint, parts } = await world();
  const get = async (path: string, method = "GET"): Promise<readonly [number, string]> => {
    const response = await fetch(endpoint.url + path, { method });
    return [response.status, await response.text()];
  };
  t.deepEqual(await get("/healthz"), [200, "ok\n"]);
  t.deepEqual(await get("/metrics"), [200, "one 1\n"]);
  t.is((await get("/readyz"))[0], 200);
  parts["overlay"] = { ready: false, state: "joining" };
  const [status, text] = await get("/readyz?verbose");
  t.is(status, 503);
  t.deepEqual(JSON.parse(text), {
    ready: false,
    parts: { orb: { ready: true, state: "up" }, overlay: { ready: false, state: "joining" } },
  });
  t.deepEqual(await get("/topology"), [200, '{\n  "cell": []\n}\n']);
  delete parts["overlay"];
  t.deepEqual(await get("/topology"), [503, '{\n  "error": "no overlay"\n}\n']);
  t.is((await get("/healthz", "POST"))[0], 405);
  t.deepEqual(await get("/healthz", "HEAD"), [200, ""]);
  t.is((await get("/events"))[0], 426);
  t.regex((await get("/constructor"))[1], /there are \/healthz, /);
  await endpoint.close();
});

test("events come as they happen, the state of the parts first", async (t) => {
  const { endpoint, tell, watchers } = await world();
  const { next } = await open(endpoint);
  t.deepEqual(await next(), {
    at: "1970-01-01T00:00:00.000Z",
    about: "state",
    what: { kind: "parts", parts: { orb: { ready: true, state: "up" } } },
  });
  tell({ about: "cells", what: { kind: "standing", cell: "1" } });
  t.like(await next(), { about: "cells", what: { cell: "1" } });
  await endpoint.close();
  t.is(watchers(), 0);
});

test("pages of strangers and clients beyond the bound are not let in", async (t) => {
  const { endpoint } = await world({ mostClients: 1 });
  await t.throwsAsync(open(endpoint, "http://evil.example"), { message: /403/ });
  const { socket } = await open(endpoint, "http://console.example");
  await t.throwsAsync(open(endpoint), { message: /503/ });
  const closed = new Promise((resolve) => socket.once("close", resolve));
  await endpoint.close();
  await closed;
});

test("an endpoint that is taken is the system's error", async (t) => {
  const { endpoint } = await world();
  const port = Number(new URL(endpoint.url).port);
  const source = {
    alive: () => true,
    parts: () => ({}),
    metrics: () => Promise.resolve({ contentType: "", text: "" }),
    topology: () => Promise.resolve({}),
    watch: () => () => undefined,
  };
  await t.throwsAsync(openHealth({ source, port }), { code: "EADDRINUSE" });
  await endpoint.close();
});

test("a client that does not read loses the oldest, and is told how many", (t) => {
  const sent: string[] = [];
  let done: () => void = () => undefined;
  const queue = new EventQueue(
    {
      send: (line, left) => {
        sent.push(line);
        done = left;
      },
    },
    3,
  );
  for (const line of ["a", "b", "c", "d", "e", "f"]) queue.add(line);
  t.deepEqual(sent, ["a"]);
  t.is(queue.length, 3);
  for (let n = 0; n < 4; n++) done();
  t.deepEqual(sent, ["a", '{"about":"state","what":{"kind":"lost","count":2}}', "d", "e", "f"]);
  done();
  queue.add("g");
  t.is(sent.at(-1), "g");
});
