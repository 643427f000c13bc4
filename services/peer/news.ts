import type { HealthEvent } from "../health/index.ts";
import type { Metrics } from "../../orb/index.ts";
import type { OverlayEvent } from "../overlay/index.ts";

/** What happens in a peer, told to those that watch. */
export class News {
  readonly #heard: Set<(event: HealthEvent) => void> = new Set();

  /** @returns ends it */
  watch(heard: (event: HealthEvent) => void): () => void {
    const own = (event: HealthEvent): void => heard(event);
    this.#heard.add(own);
    return () => void this.#heard.delete(own);
  }

  tell(about: string, what: Readonly<Record<string, unknown>>): void {
    for (const heard of this.#heard) heard({ about, what });
  }

  /** An event of the overlay: where this peer stands is about cells, who comes and goes about membership. */
  tellOverlay(event: OverlayEvent): void {
    this.tell(event.kind === "standing" ? "cells" : "membership", { ...event });
  }
}

/** Counters of lanes whose growth is an event, and what it is called. */
const LANE_COUNTERS: Readonly<Record<string, string>> = {
  orbweaver_lane_restarts_total: "restarted",
  orbweaver_lane_refusals_total: "refused",
};

/** The same metrics, which also tell of lanes that were made again or refused requests. */
export function tellingMetrics(metrics: Metrics, news: News): Metrics {
  return {
    gauge: (name, help, labelNames) => metrics.gauge(name, help, labelNames),
    histogram: (name, help, labelNames, bounds) =>
      metrics.histogram(name, help, labelNames, bounds),
    counter: (name, help, labelNames) => {
      const counter = metrics.counter(name, help, labelNames);
      const kind = LANE_COUNTERS[name];
      if (kind === undefined) return counter;
      return {
        add: (by, labels = {}) => {
          counter.add(by, labels);
          news.tell("lanes", { kind, count: by, ...labels });
        },
      };
    },
  };
}
