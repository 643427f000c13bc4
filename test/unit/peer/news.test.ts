import test from "ava";
import { noMetrics } from "../../../orb/base/index.ts";
import type { HealthEvent } from "../../../services/health/index.ts";
import { News, tellingMetrics } from "../../../services/peer/index.ts";

function heardOf(news: News): HealthEvent[] {
  const heard: HealthEvent[] = [];
  news.watch((event) => heard.push(event));
  return heard;
}

test("lanes that are made again or refuse requests are events, and are counted as ever", (t) => {
  const news = new News();
  const heard = heardOf(news);
  const counted: unknown[] = [];
  const metrics = tellingMetrics(
    {
      ...noMetrics,
      counter: (name) => ({ add: (by, labels) => void counted.push([name, by, labels]) }),
    },
    news,
  );
  const add = (name: string, by: number, labels: Readonly<Record<string, string>>): void =>
    metrics.counter(name, "", Object.keys(labels)).add(by, labels);
  add("orbweaver_lane_refusals_total", 3, { lane: "alarms" });
  add("orbweaver_lane_restarts_total", 1, { lane: "alarms" });
  add("orbweaver_lane_handovers_total", 9, { from: "a", to: "b" });
  t.deepEqual(heard, [
    { about: "lanes", what: { kind: "refused", count: 3, lane: "alarms" } },
    { about: "lanes", what: { kind: "restarted", count: 1, lane: "alarms" } },
  ]);
  t.is(counted.length, 3);
});

test("where a peer stands is about cells, who comes and goes about membership", (t) => {
  const news = new News();
  const heard = heardOf(news);
  const self = { id: "a", address: "127.0.0.1:1,2,3" };
  news.tellOverlay({ kind: "standing", standing: { at: "member", cell: "1", coordinator: self } });
  news.tellOverlay({ kind: "gone", peer: self, why: "left" });
  t.deepEqual(
    heard.map(({ about, what }) => [about, what["kind"]]),
    [
      ["cells", "standing"],
      ["membership", "gone"],
    ],
  );
});
