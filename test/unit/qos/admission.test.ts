import test, { type ExecutionContext } from "ava";
import fc from "fast-check";
import {
  admitLane,
  admitRuntime,
  changeLane,
  changeRuntime,
  freeDeadline,
  freeMemory,
  freePercent,
  freeRealtime,
  type Holdings,
  poolOf,
  type Qos,
  releaseLane,
  releaseRuntime,
  runtimeWithin,
  shareOf,
  type Verdict,
} from "../../../services/admission/index.ts";
import { EMPTY, fifo, HOST, lane, runtime } from "./demands.ts";

const [, RUNTIMES] = HOST.partitions;
if (RUNTIMES === undefined) throw new TypeError("the host of the tests has two partitions");

function admitted(t: ExecutionContext, verdict: Verdict): Holdings {
  if (verdict.kind === "admitted") return verdict.holdings;
  t.deepEqual<unknown, unknown>(verdict, { kind: "admitted" });
  throw new TypeError("not admitted");
}

function lacking(t: ExecutionContext, verdict: Verdict): readonly Qos.Shortage[] {
  t.is(verdict.kind, "refused");
  return verdict.kind === "refused" ? verdict.lacking : [];
}

test("the paper's figure 3: two runtimes of half the time, each halved between overlay and services", (t) => {
  let held = EMPTY;
  for (const name of ["A", "B"]) {
    const budget = { runtime_us: 450_000, period_us: 1_000_000 };
    held = admitted(t, admitRuntime(held, runtime(name, { cpu_percent: 50, realtime: budget })));
    const part = { runtime_us: 22_000, period_us: 100_000 };
    held = admitted(
      t,
      admitLane(held, name, fifo("p2p", 30, part, { cpu_percent: 50, where: "PART_OVERLAY" })),
    );
    held = admitted(
      t,
      admitLane(
        held,
        name,
        fifo("service1", 40, { runtime_us: 11_500, period_us: 100_000 }, { cpu_percent: 25 }),
      ),
    );
    held = admitted(
      t,
      admitLane(
        held,
        name,
        fifo("service2", 41, { runtime_us: 11_500, period_us: 100_000 }, { cpu_percent: 25 }),
      ),
    );
  }
  const full = lacking(t, admitRuntime(held, runtime("C", { cpu_percent: 1 })));
  t.deepEqual(
    full.map(({ resource, asked, free, unit }) => ({ resource, asked, free, unit })),
    [{ resource: "cpu percent", asked: 1, free: 0, unit: "%" }],
  );
  t.is(full[0]?.reason, "0 % of partition runtimes's processor time is free, 1 % was asked for");
  const more = lacking(
    t,
    admitLane(held, "A", fifo("service3", 42, { runtime_us: 11_000, period_us: 100_000 })),
  );
  t.deepEqual(
    more.map(({ resource, unit }) => `${resource} ${unit}`),
    ["FIFO and RR ppm"],
  );
});

test("cores of one's own leave one to those who share", (t) => {
  let held = admitted(t, admitRuntime(EMPTY, runtime("a")));
  held = admitted(t, admitLane(held, "a", lane("shares")));
  const three = lacking(t, admitLane(held, "a", lane("greedy", { own_cores: 3 })));
  t.like(three[0], { resource: "cores", asked: 3, free: 2 });
  held = admitted(t, admitLane(held, "a", lane("greedy", { own_cores: 2 })));
  const a = held.runtimes.get("a");
  t.deepEqual(a?.lanes.get("greedy")?.cores, [1, 2]);
  t.deepEqual(a && poolOf(held, a), [3]);
  t.like(lacking(t, admitRuntime(held, runtime("b", { own_cores: 1 })))[0], {
    resource: "cores",
    free: 0,
  });
  held = releaseLane(held, "a", "greedy");
  held = admitted(t, admitRuntime(held, runtime("b", { own_cores: 2 })));
  t.deepEqual(held.runtimes.get("b")?.cores, [1, 2]);
});

test("DEADLINE is admitted by 95 % less the fair server, over all cores and on those that are shared", (t) => {
  const edf = (ms: bigint): Partial<Qos.LaneDemand> => ({
    sched: "SCHED_DEADLINE",
    edf: { runtime_ns: ms * 1_000_000n, deadline_ns: 10_000_000n, period_ns: 10_000_000n },
  });
  let held = admitted(t, admitRuntime(EMPTY, runtime("a", { own_cores: 1 })));
  held = admitted(t, admitLane(held, "a", lane("one", edf(6n))));
  const over = lacking(t, admitLane(held, "a", lane("two", edf(6n))));
  t.is(over[0]?.resource, "DEADLINE");
  t.like(over[0], { asked: 600_000, free: 300_000, unit: "ppm" });
  held = admitted(t, admitLane(held, "a", lane("two", edf(2n))));
  t.deepEqual(freeDeadline(held), shareOf(28, 10), "of four cores 3.6, less 0.6 and 0.2");
});

test("a lane whose deadline cannot be kept is refused, and so is one that would break another's", (t) => {
  const one: Partial<Qos.RuntimeDemand> = {
    own_cores: 1,
    realtime: { runtime_us: 900_000, period_us: 1_000_000 },
  };
  let held = admitted(t, admitRuntime(EMPTY, runtime("a", one)));
  const alarm = fifo(
    "alarm",
    40,
    { runtime_us: 200_000, period_us: 1_000_000 },
    {
      does: { period_us: 4_000, execution_us: 300, deadline_us: 1_000 },
    },
  );
  held = admitted(t, admitLane(held, "a", alarm));
  const heavy = (priority: number): Qos.LaneDemand =>
    fifo(
      "heavy",
      priority,
      { runtime_us: 400_000, period_us: 1_000_000 },
      {
        does: { period_us: 10_000, execution_us: 3_000, deadline_us: 10_000 },
      },
    );
  const broken = lacking(t, admitLane(held, "a", heavy(41)));
  t.deepEqual(
    broken.map(({ resource, asked, free, unit }) => ({ resource, asked, free, unit })),
    [{ resource: "response time of a/alarm", asked: 3_300, free: 1_000, unit: "µs" }],
  );
  held = admitted(t, admitLane(held, "a", heavy(39)));
  t.is(held.runtimes.get("a")?.lanes.size, 2);
});

test("a budget that would stop the lane before its work is done is refused with what it needs", (t) => {
  const realtime = { runtime_us: 500_000, period_us: 1_000_000 };
  const held = admitted(t, admitRuntime(EMPTY, runtime("a", { realtime })));
  const alarm = fifo(
    "alarm",
    40,
    { runtime_us: 75_000, period_us: 1_000_000 },
    {
      does: { period_us: 4_000, execution_us: 300, deadline_us: 1_000 },
    },
  );
  t.like(lacking(t, admitLane(held, "a", alarm))[0], {
    resource: "real-time budget",
    asked: 75_300,
    free: 75_000,
  });
  admitted(
    t,
    admitLane(held, "a", { ...alarm, realtime: { runtime_us: 75_300, period_us: 1_000_000 } }),
  );
});

test("memory and disks: promised octets add up, and a machine without the controllers says so", (t) => {
  let held = admitted(
    t,
    admitRuntime(EMPTY, runtime("a", { memory_octets: 5_000_000_000n, io_weight: 500 })),
  );
  t.like(lacking(t, admitRuntime(held, runtime("b", { memory_octets: 3_000_000_001n })))[0], {
    resource: "memory",
    asked: 3_000_000_001,
    free: 3_000_000_000,
    unit: "octets",
  });
  held = admitted(t, admitRuntime(held, runtime("b", { memory_octets: 3_000_000_000n })));
  t.is(freeMemory(held, RUNTIMES), 0);
  const bare = { ...EMPTY, host: { ...HOST, canLimitMemory: false, canWeighDisks: false } };
  const none = lacking(t, admitRuntime(bare, runtime("a", { memory_octets: 1n, io_weight: 1 })));
  t.deepEqual(
    none.map(({ resource, free }) => `${resource} ${free}`),
    ["memory 0", "io weight 0"],
  );
  t.regex(none[0]?.reason ?? "", /no memory controller/);
});

test("demands that contradict themselves are told so", (t) => {
  const held = admitted(t, admitRuntime(EMPTY, runtime("a")));
  const bad: readonly (readonly [Verdict, RegExp])[] = [
    [admitRuntime(EMPTY, runtime("a/b")), /the name "a\/b" is to be letters/],
    [
      admitRuntime(EMPTY, runtime("a", { partition: "system" })),
      /no partition "system" takes runtimes; allowed: runtimes/,
    ],
    [admitRuntime(EMPTY, runtime("a", { cpu_percent: 101 })), /allowed: 0 to 100/],
    [admitRuntime(held, runtime("a")), /there is a runtime a on this host/],
    [admitLane(held, "b", lane("x")), /there is no runtime b/],
    [admitLane(held, "a", lane("x", { sched: "SCHED_FIFO", priority: 40 })), /needs a budget/],
    [admitLane(held, "a", fifo("x", 100, { runtime_us: 1, period_us: 1_000 })), /allowed: 1 to 99/],
    [
      admitLane(held, "a", fifo("x", 1, { runtime_us: 2_000, period_us: 1_000 })),
      /allowed: 1 to the period, 1000/,
    ],
    [admitLane(held, "a", lane("x", { priority: 3 })), /not for SCHED_OTHER/],
    [admitLane(held, "a", lane("x", { sched: "SCHED_DEADLINE" })), /1024 ns ≤ runtime/],
    [
      admitLane(held, "a", lane("x", { does: { period_us: 1, execution_us: 1, deadline_us: 1 } })),
      /says nothing for SCHED_OTHER/,
    ],
  ];
  for (const [verdict, reason] of bad) {
    t.is(verdict.kind, "bad");
    t.regex(verdict.kind === "bad" ? verdict.reason : "", reason);
  }
});

test("a change is all or nothing, and keeps the lanes", (t) => {
  const half = { runtime_us: 450_000, period_us: 1_000_000 };
  let held = admitted(t, admitRuntime(EMPTY, runtime("a", { realtime: half, own_cores: 2 })));
  held = admitted(
    t,
    admitLane(
      held,
      "a",
      fifo("x", 40, { runtime_us: 40_000, period_us: 100_000 }, { own_cores: 1 }),
    ),
  );
  const less = { runtime_us: 300_000, period_us: 1_000_000 };
  const short = lacking(
    t,
    changeRuntime(held, "a", runtime("a", { realtime: less, own_cores: 2 })),
  );
  t.is(short[0]?.resource, "FIFO and RR");
  const more = { runtime_us: 800_000, period_us: 1_000_000 };
  const before = held.runtimes.get("a")?.cores;
  held = admitted(t, changeRuntime(held, "a", runtime("a", { realtime: more, own_cores: 2 })));
  t.deepEqual(held.runtimes.get("a")?.cores, before);
  t.is(held.runtimes.get("a")?.lanes.get("x")?.cores.length, 1);
  held = admitted(
    t,
    changeLane(held, "a", "x", fifo("x", 41, { runtime_us: 80_000, period_us: 100_000 })),
  );
  t.deepEqual(held.runtimes.get("a")?.lanes.get("x")?.cores, []);
  const moved = changeRuntime(held, "a", runtime("a", { process_id: 1 }));
  t.is(moved.kind, "bad");
});

/** Demands of all kinds, sensible and not. */
const budget = fc
  .record({
    percent: fc.integer({ min: 0, max: 60 }),
    period_us: fc.constantFrom(1_000, 10_000, 33_333, 1_000_000),
  })
  .map(({ percent, period_us }) => {
    const runtime_us = Math.floor((percent * period_us) / 100);
    return runtime_us === 0 ? { runtime_us, period_us: 0 } : { runtime_us, period_us };
  });
const runtimeDemand = fc.record({
  name: fc.constantFrom("a", "b", "c", "d"),
  cpu_percent: fc.integer({ min: 0, max: 70 }),
  realtime: budget,
  own_cores: fc.integer({ min: 0, max: 3 }),
  memory_octets: fc.bigInt({ min: 0n, max: 6_000_000_000n }),
});
const laneDemand = fc.record({
  name: fc.constantFrom("x", "y", "z"),
  sched: fc.constantFrom("SCHED_OTHER", "SCHED_FIFO", "SCHED_DEADLINE"),
  cpu_percent: fc.integer({ min: 0, max: 70 }),
  realtime: budget,
  own_cores: fc.integer({ min: 0, max: 2 }),
  edfMs: fc.integer({ min: 1, max: 9 }),
  execution_us: fc.integer({ min: 0, max: 3_000 }),
  priority: fc.integer({ min: 1, max: 99 }),
});
type Step =
  | {
      readonly kind: "join" | "change";
      readonly of: typeof runtimeDemand extends fc.Arbitrary<infer T> ? T : never;
    }
  | {
      readonly kind: "reserve" | "alter";
      readonly runtime: string;
      readonly of: typeof laneDemand extends fc.Arbitrary<infer T> ? T : never;
    }
  | { readonly kind: "release"; readonly runtime: string; readonly lane: string }
  | { readonly kind: "leave"; readonly runtime: string };
const name = fc.constantFrom("a", "b", "c", "d");
const steps: fc.Arbitrary<readonly Step[]> = fc.array(
  fc.oneof(
    fc.record({ kind: fc.constantFrom("join" as const, "change" as const), of: runtimeDemand }),
    fc.record({
      kind: fc.constantFrom("reserve" as const, "alter" as const),
      runtime: name,
      of: laneDemand,
    }),
    fc.record({
      kind: fc.constant("release" as const),
      runtime: name,
      lane: fc.constantFrom("x", "y", "z"),
    }),
    fc.record({ kind: fc.constant("leave" as const), runtime: name }),
  ),
  { minLength: 5, maxLength: 40, size: "max" },
);

function laneOf(of: (Step & { kind: "reserve" | "alter" })["of"]): Qos.LaneDemand {
  const { sched, realtime, execution_us, edfMs, ...rest } = of;
  if (sched === "SCHED_OTHER") return lane(rest.name, { ...rest, sched, priority: 0 });
  if (sched === "SCHED_FIFO") {
    const does = { period_us: 10_000, execution_us, deadline_us: 5_000 };
    return lane(rest.name, { ...rest, sched, realtime, ...(execution_us === 0 ? {} : { does }) });
  }
  const edf = {
    runtime_ns: BigInt(edfMs) * 1_000_000n,
    deadline_ns: 10_000_000n,
    period_ns: 10_000_000n,
  };
  return lane(rest.name, { ...rest, sched, priority: 0, edf });
}

function take(held: Holdings, step: Step): Verdict {
  switch (step.kind) {
    case "join":
      return admitRuntime(held, runtime(step.of.name, step.of));
    case "change":
      return changeRuntime(held, step.of.name, runtime(step.of.name, step.of));
    case "reserve":
      return admitLane(held, step.runtime, laneOf(step.of));
    case "alter":
      return changeLane(held, step.runtime, step.of.name, laneOf(step.of));
    case "release":
      return { kind: "admitted", holdings: releaseLane(held, step.runtime, step.lane) };
    case "leave":
      return { kind: "admitted", holdings: releaseRuntime(held, step.runtime) };
  }
}

/** Everything that may never be exceeded, each counted from the demands anew. */
function assertWithin(t: ExecutionContext, held: Holdings): void {
  if (RUNTIMES === undefined) return;
  const all = [...held.runtimes.values()];
  const exact = (time: Qos.CpuTime): number =>
    time.period_us === 0 ? 0 : time.runtime_us / time.period_us;
  const total = (of: readonly number[]): number => of.reduce((sum, each) => sum + each, 0);
  t.true(total(all.map(({ demand }) => demand.cpu_percent)) <= 100);
  t.true(total(all.map(({ demand }) => exact(demand.realtime))) <= 0.9 + 1e-9);
  t.true(total(all.map(({ demand }) => Number(demand.memory_octets))) <= 8_000_000_000);
  const own = all.flatMap(({ cores, lanes }) => [
    ...cores,
    ...(cores.length > 0 ? [] : [...lanes.values()].flatMap((each) => each.cores)),
  ]);
  t.is(new Set(own).size, own.length, "no core is given twice");
  for (const core of own) t.true(RUNTIMES.cores.includes(core));
  let edf = 0;
  for (const each of all) {
    const lanes = [...each.lanes.values()];
    t.is(each.cores.length, each.demand.own_cores);
    t.true(total(lanes.map(({ demand }) => demand.cpu_percent)) <= 100);
    t.true(
      total(lanes.map(({ demand }) => exact(demand.realtime))) <=
        exact(each.demand.realtime) + 1e-12,
    );
    const laneCores = lanes.flatMap(({ cores }) => cores);
    t.is(new Set(laneCores).size, laneCores.length);
    if (each.cores.length > 0) for (const core of laneCores) t.true(each.cores.includes(core));
    const shares = lanes.some(({ cores }) => cores.length === 0);
    if (shares) t.true(poolOf(held, each).length > 0, "those who share have a core");
    edf += total(
      lanes.map(({ demand }) => Number(demand.edf.runtime_ns) / Number(demand.edf.period_ns || 1n)),
    );
  }
  t.true(edf <= 4 * 0.9 + 1e-9);
}

test("never over-admitted, whatever is asked in whatever order", (t) => {
  let seen = { admitted: 0, refused: 0, bad: 0 };
  fc.assert(
    fc.property(steps, (list) => {
      let held = EMPTY;
      for (const step of list) {
        const verdict = take(held, step);
        seen = { ...seen, [verdict.kind]: seen[verdict.kind] + 1 };
        if (verdict.kind === "admitted") held = verdict.holdings;
        assertWithin(t, held);
      }
      for (const each of held.runtimes.keys()) held = releaseRuntime(held, each);
      t.deepEqual(held, EMPTY);
    }),
    { numRuns: 200 },
  );
  t.true(seen.admitted > 100 && seen.refused > 30, JSON.stringify(seen));
});

test("giving back frees exactly what was taken", (t) => {
  const free = (held: Holdings): readonly unknown[] => [
    freePercent(held, RUNTIMES),
    freeRealtime(held, RUNTIMES),
    freeMemory(held, RUNTIMES),
    freeDeadline(held),
    new Set(
      [...held.runtimes.values()].map((each) => `${each.demand.name} ${poolOf(held, each).join()}`),
    ),
  ];
  fc.assert(
    fc.property(steps, laneDemand, name, (list, demand, whose) => {
      let held = EMPTY;
      for (const step of list) {
        const verdict = take(held, step);
        if (verdict.kind === "admitted") held = verdict.holdings;
      }
      const verdict = admitLane(held, whose, laneOf(demand));
      if (verdict.kind !== "admitted") return;
      t.deepEqual(free(releaseLane(verdict.holdings, whose, demand.name)), free(held));
    }),
    { numRuns: 200 },
  );
});

test("what a refusal says is free is admitted when it is asked for", (t) => {
  fc.assert(
    fc.property(fc.array(runtimeDemand, { maxLength: 4 }), (others) => {
      let held = EMPTY;
      for (const other of others) {
        const verdict = admitRuntime(
          held,
          runtime(other.name, { cpu_percent: other.cpu_percent, realtime: other.realtime }),
        );
        if (verdict.kind === "admitted") held = verdict.holdings;
      }
      const [short] = lacking(
        t,
        admitRuntime(held, runtime("greedy", { cpu_percent: 100, memory_octets: 9_000_000_000n })),
      ).filter(({ resource }) => resource === "cpu percent");
      if (short !== undefined)
        admitted(t, admitRuntime(held, runtime("greedy", { cpu_percent: short.free })));
      for (const period_us of [1_000, 33_333, 1_000_000]) {
        const runtime_us = runtimeWithin(freeRealtime(held, RUNTIMES), period_us);
        const most = runtime_us === 0 ? { runtime_us: 0, period_us: 0 } : { runtime_us, period_us };
        admitted(t, admitRuntime(held, runtime("exact", { realtime: most })));
        const over = runtime("over", { realtime: { runtime_us: runtime_us + 1, period_us } });
        t.is(lacking(t, admitRuntime(held, over))[0]?.resource, "FIFO and RR");
      }
    }),
    { numRuns: 100 },
  );
});

test("shares are exact, and the kernel, which rounds them down, never counts more", (t) => {
  const kernel = (runtime: number, period: number): number =>
    Math.floor((runtime * 2 ** 20) / period);
  const time = fc.integer({ min: 1, max: 4_000_000 });
  fc.assert(
    fc.property(fc.array(fc.tuple(time, time), { minLength: 1, maxLength: 8 }), (times) => {
      let held = EMPTY;
      let counted = 0;
      times.forEach(([a, b], n) => {
        const realtime = { runtime_us: Math.min(a, b), period_us: Math.max(a, b, 100) };
        const verdict = admitRuntime(held, runtime(`r${n}`, { realtime }));
        if (verdict.kind !== "admitted") return;
        held = verdict.holdings;
        counted += kernel(realtime.runtime_us, realtime.period_us);
      });
      t.true(counted <= kernel(900_000, 1_000_000));
    }),
  );
});
