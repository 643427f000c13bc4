import { createServer, type ServerResponse } from "node:http";
import { Counter, Gauge, Registry } from "prom-client";
import type { Metrics } from "../../orb/index.ts";
import { BucketHistogram } from "./bucket-histogram.ts";

/** Metrics in a registry of prom-client, which may be the program's own. ORBs of one process add up. */
export class PrometheusMetrics implements Metrics {
  readonly registry: Registry;
  readonly #before: (() => Promise<void>)[] = [];

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
    const known: unknown = this.registry.getSingleMetric(name);
    if (known instanceof BucketHistogram) return known;
    const histogram = new BucketHistogram(name, help, labelNames, bounds);
    this.registry.registerMetric(histogram.metric);
    return histogram;
  }

  /** Has `look` called ahead of each scrape, which waits for it: for what is measured elsewhere. */
  beforeScrape(look: () => Promise<void>): void {
    this.#before.push(look);
  }

  /** All metrics as Prometheus reads them. */
  async scrape(): Promise<string> {
    await Promise.all(this.#before.map((look) => look()));
    return await this.registry.metrics();
  }
}

/** Metrics that are served. */
export interface MetricsEndpoint extends AsyncDisposable {
  /** For `scrape_configs` of Prometheus: `http://HOST:PORT/metrics`. */
  readonly url: string;
  close(): Promise<void>;
}

async function answer(metrics: PrometheusMetrics, response: ServerResponse): Promise<void> {
  try {
    const text = await metrics.scrape();
    response.writeHead(200, { "content-type": metrics.registry.contentType }).end(text);
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
  metrics: PrometheusMetrics,
  at: { readonly port: number; readonly host?: string },
): Promise<MetricsEndpoint> {
  const { host = "127.0.0.1" } = at;
  const server = createServer((request, response) => {
    if (request.method === "GET" && request.url === "/metrics") void answer(metrics, response);
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
