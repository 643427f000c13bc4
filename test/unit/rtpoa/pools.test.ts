import test from "ava";
import {
  BAD_INV_ORDER,
  BAD_PARAM,
  DATA_CONVERSION,
  INITIALIZE,
  InvalidThreadpool,
  type Labels,
  type LaneHost,
  type Metrics,
  MINOR,
  NO_RESOURCES,
  ORB_init,
  type OrbConfig,
  MemoryTransport,
  TRANSIENT,
} from "../../../orb/index.ts";
import { sample } from "../../support/sample.ts";
import { lanePool, lanesOf, pair, PrioritySample } from "./support.ts";

test("RTORB, RTCurrent and PriorityMappingManager are initial references, and orb.rt", async (t) => {
  const { server } = await pair(t);
  const rt = await server.resolve_initial_references("RTORB");
  t.is(rt, server.rt);
  t.is(await server.resolve_initial_references("RTCurrent"), rt.current);
  t.is(await server.resolve_initial_references("PriorityMappingManager"), rt.priorityMappings);
});

test("pools: what cannot be is BAD_PARAM, a priority that is not mapped DATA_CONVERSION, an unknown id InvalidThreadpool", async (t) => {
  const { server } = await pair(t);
  const { rt } = server;
  const one = { lane_priority: 1, static_threads: 1, dynamic_threads: 0 };
  const lanes = (...of: (typeof one)[]): Promise<number> =>
    rt.create_threadpool_with_lanes(0, of, false, false, 0, 0);
  await t.throwsAsync(lanes(), { instanceOf: BAD_PARAM });
  await t.throwsAsync(lanes({ ...one, static_threads: 0 }), {
    instanceOf: BAD_PARAM,
    message: /static_threads/,
  });
  await t.throwsAsync(lanes({ ...one, dynamic_threads: -1 }), { instanceOf: BAD_PARAM });
  await t.throwsAsync(lanes({ ...one, lane_priority: 32_768 }), { instanceOf: BAD_PARAM });
  await t.throwsAsync(lanes(one, one), {
    instanceOf: BAD_PARAM,
    message: /two lanes of priority 1/,
  });
  await t.throwsAsync(rt.create_threadpool(-1, 1, 0, 1, false, 0, 0), { instanceOf: BAD_PARAM });
  await t.throwsAsync(rt.create_threadpool(0, 1, 0, 1, false, 0, 0, { maxConcurrent: 0 }), {
    instanceOf: BAD_PARAM,
  });
  await t.throwsAsync(lanePool(server, [1, 2], { listen: ["iiop://127.0.0.1:0"] }), {
    instanceOf: BAD_PARAM,
  });
  rt.priorityMappings.mapping = { to_native: () => undefined, to_CORBA: () => undefined };
  const error = await t.throwsAsync(lanes(one), { instanceOf: DATA_CONVERSION });
  t.is(error?.minor, MINOR.priorityMappingFailed);
  await t.throwsAsync(rt.destroy_threadpool(99), { instanceOf: InvalidThreadpool });
  t.throws(() => rt.threadpoolState(99), { instanceOf: InvalidThreadpool });
});

test("-ORBRTpriorityrange: which priorities lanes may have; INITIALIZE minor OMG 1 for what is no range", async (t) => {
  const start = (...args: readonly string[]): ReturnType<typeof ORB_init> =>
    ORB_init(args, { transport: new MemoryTransport() });
  await using orb = await start("-ORBRTpriorityrange", "100,200");
  await t.notThrowsAsync(lanePool(orb, [100, 200]));
  await t.throwsAsync(lanePool(orb, [99]), {
    instanceOf: BAD_PARAM,
    message: /-ORBRTpriorityrange allows 100 to 200/,
  });
  for (const wrong of ["200,100", "-1,5", "0,32768"]) {
    const error = await t.throwsAsync(start("-ORBRTpriorityrange", wrong), {
      instanceOf: INITIALIZE,
    });
    t.is(error?.minor, MINOR.priorityRangeTooNarrow);
  }
  await t.throwsAsync(start("-ORBRTpriorityrange", "low,high"), { instanceOf: BAD_PARAM });
  const config = { orb: { rtMapping: "direct", rtPriorityRange: [1, 49] } } as const;
  const unmapped = await t.throwsAsync(ORB_init([], { config, transport: new MemoryTransport() }), {
    instanceOf: DATA_CONVERSION,
  });
  t.is(unmapped?.minor, MINOR.priorityMappingFailed);
});

test("lanes of threads are told what their priority is to the kernel, by the ORB's own mapping", async (t) => {
  const told: number[] = [];
  const lanes: LaneHost = {
    start: (specs) => {
      told.push(...specs.map(({ nativePriority }) => nativePriority));
      return Promise.reject(new NO_RESOURCES("no threads here"));
    },
  };
  const nativeOf = async (config: OrbConfig, ...priorities: number[]): Promise<number[]> => {
    await using orb = await ORB_init([], { config: { orb: { listen: [], ...config } }, lanes });
    const wanted = priorities.map((lane_priority) => ({
      lane_priority,
      static_threads: 1,
      dynamic_threads: 0,
    }));
    const started = orb.rt.create_threadpool_with_lanes(0, wanted, false, true, 0, 0);
    await t.throwsAsync(started, { instanceOf: NO_RESOURCES });
    return told.splice(0);
  };
  t.deepEqual(await nativeOf({}, 0, 16_384, 32_767), [1, 24, 48]);
  t.deepEqual(await nativeOf({ rtNativeRange: [10, 20] }, 0, 32_767), [10, 20]);
  t.deepEqual(await nativeOf({ rtMapping: "direct" }, 5, 48), [5, 48]);
});

test("without buffering, what finds no thread is TRANSIENT minor OMG 1; with it, what is over its bounds", async (t) => {
  const { server, far } = await pair(t);
  const { rt } = server;
  const servant = new PrioritySample(server);
  const pools = [
    await rt.create_threadpool(0, 1, 0, 100, false, 0, 0, { maxConcurrent: 1 }),
    await rt.create_threadpool(0, 1, 0, 100, true, 1, 0, { maxConcurrent: 1 }),
    await rt.create_threadpool(0, 1, 0, 100, true, 0, 10, { maxConcurrent: 1 }),
  ];
  for (const [waiting, threadpool] of pools.entries()) {
    const poa = await server.rootPOA.createPoa(`p${threadpool}`, {
      threadpool,
      idUniqueness: "MULTIPLE_ID",
    });
    const reference = await far(await poa.activate(servant));
    const busy = sample.park(reference);
    await servant.called(servant.calls.length + 1);
    const calls = waiting === 0 ? [] : [sample.echo(reference, "x")];
    const refused = await t.throwsAsync(sample.echo(reference, "one too many"), {
      instanceOf: TRANSIENT,
    });
    t.is(refused?.minor, MINOR.requestDiscarded);
    t.is(refused?.completed, "COMPLETED_NO");
    t.deepEqual(rt.threadpoolState(threadpool).lanes, [
      { priority: 100, endpoint: undefined, counts: { running: 1, waiting: calls.length } },
    ]);
    servant.parked.splice(0).forEach((end) => end());
    await Promise.all([busy, ...calls]);
  }
});

test("dynamic threads, and upcalls that await, make room for more", async (t) => {
  const { server, far } = await pair(t);
  for (const [threads, maxConcurrent] of [
    [3, 1],
    [1, 3],
  ] as const) {
    const servant = new PrioritySample(server);
    const threadpool = await server.rt.create_threadpool(0, 1, threads - 1, 100, false, 0, 0, {
      maxConcurrent,
    });
    const poa = await server.rootPOA.createPoa(`p${threadpool}`, { threadpool });
    const reference = await far(await poa.activate(servant));
    const busy = [1, 2, 3].map(() => sample.park(reference));
    await servant.called(3);
    await t.throwsAsync(sample.echo(reference, "x"), { instanceOf: TRANSIENT });
    t.deepEqual(servant.seen, [100, 100, 100], "the pool's own priority");
    servant.parked.forEach((end) => end());
    await Promise.all(busy);
  }
});

test("a request whose client goes while it waits leaves its place to others", async (t) => {
  const { server, far } = await pair(t);
  const servant = new PrioritySample(server);
  const threadpool = await server.rt.create_threadpool(0, 1, 0, 100, true, 1, 0, {
    maxConcurrent: 1,
  });
  const poa = await server.rootPOA.createPoa("p", { threadpool });
  const reference = await far(await poa.activate(servant));
  const busy = sample.park(reference);
  await servant.called(1);
  const abort = new AbortController();
  const given = sample.echo(reference, "given up", { signal: abort.signal });
  // Behind it on the same connection, and so refused when it has arrived.
  await t.throwsAsync(sample.echo(reference, "refused"), { instanceOf: TRANSIENT });
  abort.abort();
  await t.throwsAsync(given);
  const later = sample.echo(reference, "later");
  await t.throwsAsync(sample.echo(reference, "refused again"), { instanceOf: TRANSIENT });
  servant.parked.forEach((end) => end());
  t.is(await later, "later");
  await busy;
  t.false(servant.calls.includes("echo given up"));
});

test("a pool that POAs use is not destroyed; its endpoints close with it", async (t) => {
  const { server, far } = await pair(t);
  const { rt, rootPOA } = server;
  const threadpool = await lanePool(server, [1, 2]);
  const poa = await rootPOA.createPoa("used", {
    threadpool,
    priorityModel: { model: "SERVER_DECLARED", priority: 2 },
  });
  const reference = await far(await poa.activate(new PrioritySample(server)));
  t.is(await sample.echo(reference, "x"), "x");
  await t.throwsAsync(rt.destroy_threadpool(threadpool), {
    instanceOf: BAD_INV_ORDER,
    message: /POA used:/,
  });
  await poa.destroy(false, true);
  await rt.destroy_threadpool(threadpool);
  await t.throwsAsync(rt.destroy_threadpool(threadpool), { instanceOf: InvalidThreadpool });
  await t.throwsAsync(sample.echo(reference, "x"), { instanceOf: TRANSIENT });
});

test("lanes listen where they are told; one that cannot be had leaves none open", async (t) => {
  const { server } = await pair(t);
  const listen = ["iiop://127.0.0.1:7001", "iiop://127.0.0.1:7002"];
  const id = await lanePool(server, [1, 2], { listen });
  t.deepEqual(
    server.rt.threadpoolState(id).lanes.map((lane) => [lane.priority, lane.endpoint?.port]),
    [
      [1, 7001],
      [2, 7002],
    ],
  );
  await t.throwsAsync(
    lanePool(server, [1, 2], { listen: ["iiop://127.0.0.1:7003", "iiop://127.0.0.1:7002"] }),
    {
      instanceOf: INITIALIZE,
    },
  );
  await t.notThrowsAsync(lanePool(server, [1], { listen: ["iiop://127.0.0.1:7003"] }));
});

test("borrowing: a lane out of threads uses one of a lower lane, at its own priority", async (t) => {
  const { server, far } = await pair(t);
  const threadpool = await server.rt.create_threadpool_with_lanes(
    0,
    lanesOf([5_000, 15_000]),
    true,
    false,
    0,
    0,
    {
      maxConcurrent: 1,
    },
  );
  const servant = new PrioritySample(server);
  const high = await server.rootPOA.createPoa("high", {
    threadpool,
    idAssignment: "USER_ID",
    idUniqueness: "MULTIPLE_ID",
    priorityModel: { model: "SERVER_DECLARED", priority: 15_000 },
  });
  const reference = await far(await high.activate("high", servant));
  high.activate_object_with_id_and_priority(Buffer.from("low"), servant, 5_000);
  const low = await far(high.create_reference_with_id(Buffer.from("low"), "IDL:Sample:1.0"));
  const busy = [sample.park(reference), sample.park(reference)];
  await servant.called(2);
  t.deepEqual(servant.seen, [15_000, 15_000]);
  await t.throwsAsync(sample.echo(reference, "x"), { instanceOf: TRANSIENT });
  await t.throwsAsync(sample.echo(low, "x"), { instanceOf: TRANSIENT }, "its thread is lent");
  servant.parked.splice(0, 1).forEach((end) => end());
  await busy[0];
  await t.throwsAsync(sample.echo(low, "x"), { instanceOf: TRANSIENT }, "never from a higher lane");
  servant.parked.forEach((end) => end());
  await busy[1];
  t.is(await sample.echo(low, "x"), "x");
});

/** Sums by name and labels. */
class Sums implements Metrics {
  readonly all = new Map<string, number>();

  #sum(name: string): { add(by: number, labels?: Labels): void } {
    return {
      add: (by, labels = {}) => {
        const key = [name, ...Object.values(labels)].join(" ");
        this.all.set(key, (this.all.get(key) ?? 0) + by);
      },
    };
  }

  counter(name: string): ReturnType<Metrics["counter"]> {
    return this.#sum(name);
  }

  gauge(name: string): ReturnType<Metrics["gauge"]> {
    return this.#sum(name);
  }

  histogram(): ReturnType<Metrics["histogram"]> {
    return { observe: () => undefined };
  }
}

test("metrics: requests that wait, that found no room, and that came to another lane's endpoint", async (t) => {
  const metrics = new Sums();
  const { server, far } = await pair(t, { metrics });
  const threadpool = await lanePool(server, [1, 2], {
    name: "alarms",
    maxConcurrent: 1,
    buffer: [1, 0],
  });
  const servant = new PrioritySample(server);
  const poa = await server.rootPOA.createPoa("p", {
    threadpool,
    priorityModel: { model: "CLIENT_PROPAGATED", priority: 2 },
  });
  const reference = await far(await poa.activate(servant));
  const [busy, waits] = [sample.park(reference), sample.echo(reference, "waits")];
  await t.throwsAsync(sample.echo(reference, "refused"), { instanceOf: TRANSIENT });
  const of = (name: string): number | undefined => metrics.all.get(`orbweaver_lane_${name}`);
  t.is(of("waiting_requests alarms, lane 1"), 1);
  t.is(of("refusals_total alarms, lane 1"), 1);
  t.is(of("handovers_total alarms, lane 0 alarms, lane 1"), 3);
  await servant.called(1);
  servant.parked.forEach((end) => end());
  await Promise.all([busy, waits]);
  t.is(of("waiting_requests alarms, lane 1"), 0);
});
