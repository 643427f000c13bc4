import test from "ava";
import { portable } from "../../../interceptors/index.ts";
import type { Metrics } from "../../../orb/base/index.ts";
import { BAD_PARAM, type ObjectReference, ORB_init, TRANSIENT } from "../../../orb/index.ts";
import { Laned, laneSpec, obedient } from "./laned.ts";
import { tell } from "./servants.ts";

const LOW = 1_000;
const HIGH = 20_000;
const PROPAGATED = {
  idAssignment: "USER_ID",
  priorityModel: { model: "CLIENT_PROPAGATED", priority: LOW },
} as const;

/** A client that propagates one priority and knows nothing of lanes. */
async function propagating(
  laned: Laned,
  reference: ObjectReference,
  priority: number,
): Promise<{ readonly target: ObjectReference } & AsyncDisposable> {
  const data = new Uint8Array([1, 0, priority & 0xff, priority >>> 8]);
  const interceptor = {
    name: "priority",
    send_request: (ri: { add_request_service_context(context: unknown, replace: boolean): void }) =>
      ri.add_request_service_context({ context_id: 10, context_data: data }, true),
  };
  const client = await ORB_init([], {
    config: { orb: { listen: [] } },
    initializers: portable([
      { pre_init: (info) => info.add_client_request_interceptor(interceptor as never) },
    ]),
  });
  const target = await client.string_to_object(laned.client.object_to_string(reference));
  if (target === null) throw new TypeError("the reference is nil");
  return { target, [Symbol.asyncDispose]: () => client.destroy() };
}

/** Metrics that can be waited for. */
class Counts implements Metrics {
  readonly sums = new Map<string, number>();
  readonly #waiting: (() => void)[] = [];

  counter(name: string): { add(by: number, labels?: Readonly<Record<string, string>>): void } {
    return {
      add: (by, labels = {}) => {
        const key = [name, ...Object.values(labels)].join(" ");
        this.sums.set(key, (this.sums.get(key) ?? 0) + by);
        for (const look of this.#waiting) look();
      },
    };
  }

  gauge(): { add(): void } {
    return { add: () => undefined };
  }

  histogram(): { observe(): void } {
    return { observe: () => undefined };
  }

  reached(key: string, sum: number): Promise<void> {
    return new Promise((resolve) => {
      const look = (): void => {
        if ((this.sums.get(key) ?? 0) >= sum) resolve();
      };
      this.#waiting.push(look);
      look();
    });
  }
}

test.serial(
  "a request at the wrong lane is handed to the lane of its priority, and counted",
  async (t) => {
    const metrics = new Counts();
    const specs = [laneSpec("low", { priority: LOW }), laneSpec("high", { priority: HIGH })];
    await using laned = await Laned.start(specs, {}, { metrics });
    await laned.adapter("p", PROPAGATED);
    await laned.activate("p", "a", obedient);
    const atLow = await laned.at(0, "p", "a");
    await using high = await propagating(laned, atLow, HIGH);
    await using low = await propagating(laned, atLow, LOW);
    t.regex(await tell(high.target, "who"), /^high in/);
    t.regex(await tell(low.target, "who"), /^low in/);
    t.regex(await tell(atLow, "who"), /^low in/, "without a priority it is served where it came");
    const error = await t.throwsAsync(tell(high.target, "throw"), { instanceOf: BAD_PARAM });
    t.is(error?.minor, 0x4f57_0007);
    const long = "x".repeat(1_000_000);
    t.is(await tell(high.target, long), long, "longer than the ring");
    await metrics.reached("orbweaver_lane_handovers_total low high", 3);
    t.is(metrics.sums.get("orbweaver_lane_handovers_total low high"), 3);
  },
);

test.serial("many at once are handed over, and each gets its own answer", async (t) => {
  const specs = [laneSpec("low", { priority: LOW }), laneSpec("high", { priority: HIGH })];
  await using laned = await Laned.start(specs);
  await laned.adapter("p", PROPAGATED);
  await laned.activate("p", "a", obedient);
  await using high = await propagating(laned, await laned.at(0, "p", "a"), HIGH);
  const texts = Array.from({ length: 200 }, (_, i) => `${i} ${"y".repeat(i)}`);
  t.deepEqual(await Promise.all(texts.map((text) => tell(high.target, text))), texts);
});

test.serial(
  "a lane that dies with a request handed to it fails that alone, and is joined again",
  async (t) => {
    const specs = [laneSpec("low", { priority: LOW }), laneSpec("high", { priority: HIGH })];
    await using laned = await Laned.start(specs);
    await laned.adapter("p", PROPAGATED);
    await laned.activate("p", "a", obedient);
    await using high = await propagating(laned, await laned.at(0, "p", "a"), HIGH);
    // The client is told that it may have been executed.
    const error = await t.throwsAsync(tell(high.target, "exit"), { name: "COMM_FAILURE" });
    t.is((error as unknown as { completed: string }).completed, "COMPLETED_MAYBE");
    await laned.log.line(/high.* serves again/);
    t.regex(await tell(high.target, "who"), /^high in/, "joined again");
  },
);

test.serial(
  "a lane of two threads serves two requests that keep their thread at the same time",
  async (t) => {
    await using laned = await Laned.start([laneSpec("wide", { staticThreads: 2 })]);
    await laned.adapter("p");
    // Each call ends when both have begun.
    const begun = new Int32Array(new SharedArrayBuffer(4));
    await laned.activate("p", "a", () => ({ ...obedient("wide"), args: ["wide", begun] }));
    const object = await laned.at(0, "p", "a");
    const both = await Promise.all([tell(object, "meet 2"), tell(object, "meet 2")]);
    t.deepEqual(both, ["met", "met"]);
    const names = new Set([await tell(object, "who"), await tell(object, "who")]);
    t.is(names.size, 1, "an idle lane gives its requests to the thread that does not listen");
  },
);

test.serial(
  "dynamic threads are made when all are busy, up to their bound, with adapters and servants",
  async (t) => {
    await using laned = await Laned.start([laneSpec("growing", { dynamicThreads: 1 })]);
    await laned.adapter("p");
    const begun = new Int32Array(new SharedArrayBuffer(4));
    await laned.activate("p", "a", () => ({ ...obedient("growing"), args: ["growing", begun] }));
    const object = await laned.at(0, "p", "a");
    await Promise.all([tell(object, "wait 50"), tell(object, "wait 50")]);
    await laned.log.line(/lane "growing" has a thread more/);
    Atomics.store(begun, 0, 0);
    t.deepEqual(await Promise.all([tell(object, "meet 2"), tell(object, "meet 2")]), [
      "met",
      "met",
    ]);
    await Promise.all([tell(object, "wait 50"), tell(object, "wait 50"), tell(object, "wait 50")]);
    t.is(laned.log.count(/has a thread more/), 1);
  },
);

test.serial("more than a lane may have in work and may keep is TRANSIENT", async (t) => {
  const spec = laneSpec("narrow", {
    maxConcurrent: 1,
    maxBufferedRequests: 1,
    maxBufferedOctets: 1_000,
  });
  await using laned = await Laned.start([spec]);
  await laned.adapter("p");
  await laned.activate("p", "a", obedient);
  const object = await laned.at(0, "p", "a");
  const calls = await Promise.allSettled(
    ["wait 300", "kept", "refused"].map((command) => tell(object, command)),
  );
  t.deepEqual(
    calls.map((call) =>
      call.status === "fulfilled" ? call.value : call.reason instanceof TRANSIENT,
    ),
    ["waited", "kept", true],
  );
  const full = calls[2]?.status === "rejected" ? String(calls[2].reason) : "";
  t.regex(full, /TRANSIENT/);
});

test.serial("a lane that may borrows an idle thread of one of lower priority", async (t) => {
  const only = { maxConcurrent: 1, mayBorrow: true } as const;
  const specs = [
    laneSpec("lowest", { priority: 1, maxConcurrent: 1 }),
    laneSpec("low", { priority: LOW, maxConcurrent: 1 }),
    laneSpec("high", { priority: HIGH, ...only }),
  ];
  await using laned = await Laned.start(specs);
  await laned.adapter("p");
  const begun = new Int32Array(new SharedArrayBuffer(4));
  await laned.activate("p", "a", (lane) => ({ ...obedient(lane), args: [lane, begun] }));
  const object = await laned.at(2, "p", "a");
  const busy = tell(object, "wait 1000");
  while (Atomics.load(begun, 0) === 0) await new Promise((resolve) => setImmediate(resolve));
  t.regex(await tell(object, "who"), /^low in/, "the nearest lower lane");
  t.is(await busy, "waited");
  t.regex(await tell(object, "who"), /^high in/);
});
