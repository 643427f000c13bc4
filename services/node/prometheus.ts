import { createServer, type ServerResponse } from "node:http";
import { Counter, Gauge, Histogram, Registry } from "prom-client";
import type { Metrics } from "../../orb/index.ts";

/** Metrics in a registry of prom-client, which may be the program's own. ORBs of one process add up. */
export class PrometheusMetrics implements Metrics {
  readonly registry: Registry;

  constructor(registry: Registry = new Registry()) {
    this.registry = registry;
  }

  counter(
    name: string,
    help: string,
    labelNames: readonly string[],
  ): ReturnType<Metrics["counter"]> {
    const known = this.registry.getSingleMetric(name) as Counter | undefined;
    const counter =
      known ?? new Counter({ name, help, labelNames: [...labelNames], registers: [this.registry] });
    return { add: (by, labels = {}) => counter.inc(labels, by) };
  }

  gauge(name: string, help: string, labelNames: readonly string[]): ReturnType<Metrics["gauge"]> {
    const known = this.registry.getSingleMetric(name) as Gauge | undefined;
    const gauge =
      known ?? new Gauge({ name, help, labelNames: [...labelNames], registers: [this.registry] });
    return { add: (by, labels = {}) => gauge.inc(labels, by) };
  }

  histogram(
    name: string,
    help: string,
    labelNames: readonly string[],
    bounds: readonly number[],
  ): ReturnType<Metrics["histogram"]> {
    const known = this.registry.getSingleMetric(name) as Histogram | undefined;
    const histogram =
      known ??
      new Histogram({
        name,
        help,
        labelNames: [...labelNames],
        buckets: [...bounds],
        registers: [this.registry],
      });
    return { observe: (value, labels = {}) => histogram.observe(labels, value) };
  }
}

/** Metrics that are served. */
export interface MetricsEndpoint extends AsyncDisposable {
  /** For `scrape_configs` of Prometheus: `http://HOST:PORT/metrics`. */
  readonly url: string;
  close(): Promise<void>;
}

async function answer(registry: Registry, response: ServerResponse): Promise<void> {
  try {
    const text = await registry.metrics();
    response.writeHead(200, { "content-type": registry.contentType }).end(text);
  } catch (error) {
    response.writeHead(500).end(error instanceof Error ? error.message : String(error));
  }
}

/**
 * Serves metrics over HTTP at `/metrics`; everything else is 404.
 * @param at port 0 takes a free one; the host is 127.0.0.1 when left out
 * @throws the system's error when the endpoint cannot be had
 */
export async function serveMetrics(
  { registry }: PrometheusMetrics,
  at: { readonly port: number; readonly host?: string },
): Promise<MetricsEndpoint> {
  const { host = "127.0.0.1" } = at;
  const server = createServer((request, response) => {
    if (request.method === "GET" && request.url === "/metrics") void answer(registry, response);
    else response.writeHead(404).end("metrics are at /metrics\n");
  });
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen(at.port, host, resolve);
  });
  const address = server.address();
  const port = typeof address === "object" && address !== null ? address.port : at.port;
  const close = async (): Promise<void> => {
    await new Promise<void>((resolve) => {
      server.close(() => resolve());
      server.closeAllConnections();
    });
  };
  const name = host.includes(":") ? `[${host}]` : host;
  return { url: `http://${name}:${port}/metrics`, close, [Symbol.asyncDispose]: close };
}
