import { subscribe, unsubscribe } from "node:diagnostics_channel";
import {
  type ClientRequestTrace,
  type ConnectionTrace,
  type Counter,
  type Gauge,
  type Metrics,
  type ServerRequestTrace,
  TRACE,
} from "../base/index.ts";
import type { Observe } from "./observed-transport.ts";

/** Seconds. */
const BOUNDS: readonly number[] = [
  0.000_1, 0.000_25, 0.000_5, 0.001, 0.002_5, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5,
  10, 30,
];
/** ORBs in the threads of lanes are told apart by it; others leave it out. */
const LANE = "lane";
/** Names of operations come from clients: beyond so many they are one. */
const MAX_OPERATIONS = 256;

/** Names that may be labels. */
class OperationNames {
  readonly #known = new Set<string>();

  of(operation: string): string {
    if (this.#known.has(operation)) return operation;
    if (this.#known.size >= MAX_OPERATIONS) return "other";
    this.#known.add(operation);
    return operation;
  }
}

/** What one ORB measures: requests on both sides, connections, octets. */
export class OrbMetrics {
  readonly observe: Observe;
  /** Requests that wait for a POA manager. */
  readonly held: Gauge;
  readonly #listeners: readonly (readonly [name: string | symbol, listen: (m: unknown) => void])[];

  /** @param origin of the traces that are this ORB's */
  constructor(metrics: Metrics, origin: object) {
    this.#listeners = [
      ...this.#clientListeners(metrics, origin),
      ...this.#serverListeners(metrics, origin),
      ...this.#connectionListeners(metrics, origin),
    ];
    for (const [name, listen] of this.#listeners) subscribe(name, listen);
    this.observe = octetsObserver(metrics);
    this.held = fromZero(
      metrics.gauge("orbweaver_held_requests", "Requests held by POA managers", [LANE]),
    );
  }

  close(): void {
    for (const [name, listen] of this.#listeners) unsubscribe(name, listen);
  }

  #clientListeners(metrics: Metrics, origin: object): [string | symbol, (m: unknown) => void][] {
    const count = metrics.counter("orbweaver_client_requests_total", "Calls that ended", [
      "operation",
      "outcome",
      LANE,
    ]);
    const seconds = metrics.histogram(
      "orbweaver_client_request_seconds",
      "Seconds from the call to its result",
      ["operation", LANE],
      BOUNDS,
    );
    const open = fromZero(
      metrics.gauge("orbweaver_client_requests_in_progress", "Calls without a result", [LANE]),
    );
    const names = new OperationNames();
    const started = new WeakSet<object>();
    return [
      [
        TRACE.clientStart.name,
        (message) => {
          const trace = message as ClientRequestTrace;
          if (trace.origin !== origin) return;
          started.add(trace);
          open.add(1);
        },
      ],
      [
        TRACE.clientEnd.name,
        (message) => {
          const trace = message as ClientRequestTrace;
          if (!started.has(trace)) return;
          const operation = names.of(trace.operation);
          open.add(-1);
          count.add(1, { operation, outcome: trace.outcome ?? "" });
          seconds.observe((trace.elapsedMs ?? 0) / 1_000, { operation });
        },
      ],
    ];
  }

  #serverListeners(metrics: Metrics, origin: object): [string | symbol, (m: unknown) => void][] {
    const count = metrics.counter(
      "orbweaver_server_requests_total",
      "Requests that were answered",
      ["operation", "outcome", LANE],
    );
    const seconds = metrics.histogram(
      "orbweaver_server_request_seconds",
      "Seconds from the request to its answer, or its end",
      ["operation", LANE],
      BOUNDS,
    );
    const open = fromZero(
      metrics.gauge("orbweaver_server_requests_in_progress", "Requests in work", [LANE]),
    );
    const oneways = metrics.counter("orbweaver_server_oneways_total", "Requests without answer", [
      "operation",
      "outcome",
      LANE,
    ]);
    const names = new OperationNames();
    const started = new WeakSet<object>();
    return [
      [
        TRACE.serverStart.name,
        (message) => {
          const trace = message as ServerRequestTrace;
          if (trace.origin !== origin) return;
          started.add(trace);
          open.add(1);
        },
      ],
      [
        TRACE.serverEnd.name,
        (message) => {
          const trace = message as ServerRequestTrace;
          if (!started.has(trace)) return;
          const operation = names.of(trace.operation);
          open.add(-1);
          (trace.isAnswered ? count : oneways).add(1, { operation, outcome: trace.outcome ?? "" });
          seconds.observe((trace.elapsedMs ?? 0) / 1_000, { operation });
        },
      ],
    ];
  }

  #connectionListeners(
    metrics: Metrics,
    origin: object,
  ): [string | symbol, (m: unknown) => void][] {
    const opened = metrics.counter("orbweaver_connections_total", "Connections made", [
      "side",
      LANE,
    ]);
    const open = metrics.gauge("orbweaver_connections", "Connections open", ["side", LANE]);
    const refused = fromZero(
      metrics.counter("orbweaver_connections_refused_total", "Connections beyond the limit", [
        LANE,
      ]),
    );
    const change = (by: 1 | -1) => (message: unknown) => {
      const { side, ...trace } = message as ConnectionTrace;
      if (trace.origin !== origin) return;
      if (by === 1) opened.add(1, { side });
      open.add(by, { side });
    };
    return [
      [TRACE.connectionOpen.name, change(1)],
      [TRACE.connectionClose.name, change(-1)],
      [
        TRACE.connectionRefuse.name,
        (message) => {
          if ((message as ConnectionTrace).origin === origin) refused.add(1);
        },
      ],
    ];
  }
}

/** There from the first, for who looks before anything has happened. */
function fromZero<T extends Counter | Gauge>(metric: T): T {
  metric.add(0);
  return metric;
}

function octetsObserver(metrics: Metrics): Observe {
  const octets = metrics.counter("orbweaver_octets_total", "Octets on connections", [
    "direction",
    LANE,
  ]);
  const queue = fromZero(
    metrics.gauge("orbweaver_send_queue_octets", "Octets that wait to be sent", [LANE]),
  );
  return () => {
    let queued = 0;
    const setQueued = (now: number): void => {
      if (now !== queued) queue.add(now - queued);
      queued = now;
    };
    return {
      sent: ({ length }) => octets.add(length, { direction: "sent" }),
      received: ({ length }) => octets.add(length, { direction: "received" }),
      queued: setQueued,
      closed: () => setQueued(0),
    };
  };
}
