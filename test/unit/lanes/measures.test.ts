import test, { type ExecutionContext } from "ava";
import fc from "fast-check";
import type { Labels, Metrics } from "../../../orb/base/index.ts";
import { PrometheusMetrics } from "../../../services/node/index.ts";
import { LaneMeasures } from "../../../services/lane-thread/index.ts";
import { ThreadMeasures } from "../../../services/lanes/index.ts";
import { Laned, laneSpec, obedient } from "./laned.ts";
import { tell } from "./servants.ts";

const BOUNDS = [0.1, 1, 10];

/** Counters and histograms of prom-client as people read them, without the lines that explain. */
async function lines(metrics: PrometheusMetrics, pattern: RegExp): Promise<readonly string[]> {
  return (await metrics.scrape()).split("\n").filter((line) => pattern.test(line));
}

test("what is measured in a thread is, in sum, what the program's metrics get: whenever it is taken", async (t) => {
  const measurement = fc.record({
    kind: fc.constantFrom("counter", "gauge", "histogram"),
    label: fc.constantFrom("a", "b"),
    value: fc.integer({ min: 0, max: 20 }),
    isTaken: fc.boolean(),
  });
  await fc.assert(
    fc.asyncProperty(fc.array(measurement), async (measurements) => {
      const [direct, far] = [new PrometheusMetrics(), new PrometheusMetrics()];
      const measures = new LaneMeasures(() => undefined);
      const sink = new ThreadMeasures(far, "alarms");
      const measure = (metrics: Metrics, labels: (each: Labels) => Labels): typeof apply => {
        const names = ["of", "lane"];
        const counter = metrics.counter("c_total", "c", names);
        const gauge = metrics.gauge("g", "g", names);
        const histogram = metrics.histogram("h", "h", names, BOUNDS);
        const apply = (kind: string, label: string, value: number): void => {
          const own = labels({ of: label });
          if (kind === "counter") counter.add(value, own);
          else if (kind === "gauge") gauge.add(value - 10, own);
          else histogram.observe(value, own);
        };
        return apply;
      };
      const here = measure(direct, (labels) => ({ ...labels, lane: "alarms" }));
      const there = measure(measures, (labels) => labels);
      for (const { kind, label, value, isTaken } of measurements) {
        here(kind, label, value);
        there(kind, label, value);
        if (isTaken) sink.take({ measured: measures.take() });
      }
      sink.take({ measured: measures.take() });
      const sorted = async (metrics: PrometheusMetrics): Promise<readonly string[]> =>
        (await lines(metrics, /^[cgh]/)).map((line) => normal(line)).toSorted();
      t.deepEqual(await sorted(far), await sorted(direct));
    }),
    { numRuns: 50 },
  );
});

/** The lines, sorted, are there: a machine that is busy may keep a lane from one scrape. */
async function there(
  t: ExecutionContext,
  metrics: PrometheusMetrics,
  pattern: RegExp,
  expected: readonly string[],
): Promise<void> {
  let found: readonly string[] = [];
  for (let scrape = 0; scrape < 20 && found.join() !== expected.join(); scrape++)
    found = (await lines(metrics, pattern)).toSorted();
  t.deepEqual(found, expected);
}

/** With its labels in the order of the alphabet. */
function normal(line: string): string {
  return line.replace(
    /\{(.*)\}/,
    (_, labels: string) => `{${labels.split(",").toSorted().join(",")}}`,
  );
}

test("series are bounded: what comes beyond is not measured, and the rest goes on", (t) => {
  const measures = new LaneMeasures(() => undefined);
  const counter = measures.counter("c_total", "c", ["of"]);
  for (let each = 0; each < 10_000; each++) counter.add(1, { of: String(each) });
  counter.add(1, { of: "0" });
  const [metric] = measures.take();
  t.is(metric?.series.length, 4_096);
  t.is(metric?.series[0]?.value, 2);
  t.deepEqual(measures.take(), [], "taken once");
});

test("what a thread has open is taken back when it dies; what it counted stays", async (t) => {
  const metrics = new PrometheusMetrics();
  const sink = new ThreadMeasures(metrics, "alarms");
  const measures = new LaneMeasures(() => undefined);
  measures.gauge("open", "o", ["lane"]).add(3);
  measures.counter("made_total", "m", ["lane"]).add(5);
  sink.take({ measured: measures.take() });
  sink.died();
  t.deepEqual(await lines(metrics, /^(open|made)/), [
    'open{lane="alarms"} 0',
    'made_total{lane="alarms"} 5',
  ]);
});

test("metrics that cannot be merged into observe as often", (t) => {
  const seen: number[] = [];
  const plain: Metrics = {
    counter: () => ({ add: () => undefined }),
    gauge: () => ({ add: () => undefined }),
    histogram: () => ({ observe: (value) => void seen.push(value) }),
  };
  const measures = new LaneMeasures(() => undefined);
  const histogram = measures.histogram("h", "h", [], BOUNDS);
  for (const value of [0.01, 0.02, 5, 100]) histogram.observe(value);
  new ThreadMeasures(plain, "alarms").take({ measured: measures.take() });
  t.deepEqual(seen, [0.05, 0.05, 5.5, 10]);
});

test.serial(
  "what lanes measure is in the program's metrics when they are scraped, with the lane's name",
  async (t) => {
    const metrics = new PrometheusMetrics();
    const specs = [laneSpec("low"), laneSpec("high", { priority: 20_000 })];
    await using laned = await Laned.start(specs, {}, { metrics });
    await laned.adapter("p");
    await laned.activate("p", "a", obedient);
    const low = await laned.at(0, "p", "a");
    const high = await laned.at(1, "p", "a");
    for (let call = 0; call < 3; call++) await tell(low, "hello");
    await tell(high, "hello");
    await there(t, metrics, /^orbweaver_server_requests_total/, [
      'orbweaver_server_requests_total{operation="tell",outcome="NO_EXCEPTION",lane="high"} 1',
      'orbweaver_server_requests_total{operation="tell",outcome="NO_EXCEPTION",lane="low"} 3',
    ]);
    await there(t, metrics, /^orbweaver_server_request_seconds_count/, [
      'orbweaver_server_request_seconds_count{operation="tell",lane="high"} 1',
      'orbweaver_server_request_seconds_count{operation="tell",lane="low"} 3',
    ]);
    await there(t, metrics, /^orbweaver_connections\{/, [
      'orbweaver_connections{side="server",lane="high"} 1',
      'orbweaver_connections{side="server",lane="low"} 1',
    ]);
    await tell(low, "burn 300");
    const [share = ""] = await lines(
      metrics,
      /^orbweaver_lane_utilization\{thread="0",lane="low"\}/,
    );
    t.true(Number(share.split(" ")[1]) > 0, share);
  },
);

test.serial(
  "a lane that stands still does not keep a scrape, and what it measured comes later",
  async (t) => {
    const metrics = new PrometheusMetrics();
    const specs = [laneSpec("stuck"), laneSpec("quick", { priority: 20_000 })];
    await using laned = await Laned.start(specs, {}, { metrics });
    await laned.adapter("p");
    const begun = new Int32Array(new SharedArrayBuffer(4));
    await laned.activate("p", "a", (lane) => ({ ...obedient(lane), args: [lane, begun] }));
    await tell(await laned.at(1, "p", "a"), "hello");
    const burning = tell(await laned.at(0, "p", "a"), "burn 3000");
    let hasBurnt = false;
    void burning.then(() => (hasBurnt = true));
    while (Atomics.load(begun, 0) < 2) await new Promise((resolve) => setImmediate(resolve));
    const scraped = await lines(metrics, /^orbweaver_server_requests_total/);
    t.false(hasBurnt);
    t.deepEqual(scraped, [
      'orbweaver_server_requests_total{operation="tell",outcome="NO_EXCEPTION",lane="quick"} 1',
    ]);
    await burning;
    await there(t, metrics, /^orbweaver_server_requests_total.*stuck/, [
      'orbweaver_server_requests_total{operation="tell",outcome="NO_EXCEPTION",lane="stuck"} 1',
    ]);
  },
);

test.serial("without metrics of the program, lanes measure nothing, and say nothing", async (t) => {
  await using laned = await Laned.start([laneSpec("one")]);
  await laned.adapter("p");
  await laned.activate("p", "a", obedient);
  t.is(await tell(await laned.at(0, "p", "a"), "hello"), "hello");
  t.deepEqual(
    laned.log.all.filter((line) => /measure/.test(line)),
    [],
  );
});
