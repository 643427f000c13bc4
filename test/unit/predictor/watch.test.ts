// Looking at a process's resources from time to time.
import { open } from "node:fs/promises";
import test from "ava";
import { TestClock } from "../../../orb/base/index.ts";
import {
  descriptorGauge,
  eventLoopGauge,
  type Forecast,
  type Gauge,
  handleGauge,
  heapGauge,
  ResourceWatch,
  rssGauge,
} from "../../../services/predictor/index.ts";

const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

test("it looks as often as it is told, tells of levels, and ends when it is closed", async (t) => {
  const clock = new TestClock(0);
  let value = 0;
  let closed = 0;
  const gauge: Gauge = { name: "custom", limit: 100, read: () => value, close: () => closed++ };
  const told: Forecast[] = [];
  const watch = new ResourceWatch({
    gauges: [gauge],
    everyMs: 100,
    clock,
    onForecast: (forecast) => void told.push(forecast),
  });
  for (value of [10, 65, 85]) {
    clock.advanceMs(100);
    await turn();
  }
  t.deepEqual(
    told.map(({ resource, level }) => `${resource} ${level}`),
    ["custom first", "custom second"],
  );
  t.deepEqual([...watch.levels], [["custom", "second"]]);
  watch.close();
  watch.close();
  value = 100;
  clock.advanceMs(1_000);
  await turn();
  t.is(told.length, 2);
  t.is(closed, 1);
});

test("a gauge that fails or never answers holds up none of the others, and is told of", async (t) => {
  const clock = new TestClock(0);
  const logged: unknown[] = [];
  const told: string[] = [];
  const watch = new ResourceWatch({
    gauges: [
      { name: "broken", limit: 1, read: () => Promise.reject(new TypeError("no file")) },
      { name: "late", limit: 1, read: () => new Promise(() => undefined) },
      { name: "custom", limit: 100, read: () => 90 },
    ],
    readTimeoutMs: 50,
    clock,
    logger: { warn: (_text, fields) => void logged.push(fields?.["resource"]) },
    onForecast: ({ resource }) => {
      told.push(resource);
      throw new TypeError("a bad listener");
    },
  });
  const looked = watch.look();
  await turn();
  t.deepEqual(told, ["custom"]);
  clock.advanceMs(51);
  await looked;
  t.deepEqual(
    logged.map(String).toSorted((a, b) => a.localeCompare(b)),
    ["broken", "custom", "late"],
  );
  watch.close();
});

test("gauges of this process measure it", async (t) => {
  const heap = heapGauge();
  t.true((await heap.read()) > 1_000_000 && (await heap.read()) < heap.limit);
  const rss = await rssGauge();
  t.true((await rss.read()) > 1_000_000 && rss.limit > 1_000_000);
  t.true((await handleGauge(1_000).read()) >= 0);
  const eventLoop = eventLoopGauge(100);
  t.true((await eventLoop.read()) >= 0);
  eventLoop.close?.();
});

test("descriptors are counted where the system lists them, and the limit is asked for where it does not", async (t) => {
  if (process.platform !== "linux") {
    await t.throwsAsync(descriptorGauge(), { instanceOf: RangeError });
    return;
  }
  const gauge = await descriptorGauge();
  const before = await gauge.read();
  const files = await Promise.all([1, 2, 3].map(() => open("/dev/null")));
  t.true((await gauge.read()) >= before + files.length - 1);
  await Promise.all(files.map((file) => file.close()));
  t.true(gauge.limit >= before);
});
