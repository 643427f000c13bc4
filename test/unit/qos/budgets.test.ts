import { readdirSync, readFileSync } from "node:fs";
import test, { type ExecutionContext } from "ava";
import fc from "fast-check";
import { Qos } from "../../../services/admission/index.ts";
import {
  laneDemand,
  type LaneReservation,
  QosClient,
  runtimeDemand,
} from "../../../services/qos/index.ts";
import { isReal, Lines, startDaemon } from "./real.ts";

const real = isReal ? test.serial : test.skip;
const CPU = "/sys/fs/cgroup/cpu";

/** What the kernel has, by group. */
type Budgets = Readonly<Record<string, Qos.CpuTime>>;

function budgetsIn(path: string): Budgets {
  const read = (name: string): number => Number(readFileSync(`${CPU}/${path}/${name}`, "utf8"));
  const own = { runtime_us: read("cpu.rt_runtime_us"), period_us: read("cpu.rt_period_us") };
  const beneath = readdirSync(`${CPU}/${path}`, { withFileTypes: true })
    .filter((each) => each.isDirectory())
    .map(({ name }) => budgetsIn(`${path}/${name}`));
  return Object.assign({ [path]: own }, ...beneath) as Budgets;
}

/** A change that may be asked for: of one of two runtimes, or one of three lanes in it. */
interface Change {
  readonly runtime: number;
  readonly lane: number;
  readonly what: "join" | "leave" | "changeRuntime" | "reserve" | "changeLane" | "release";
  readonly realtime: Qos.CpuTime;
}

/** Up to the partition's 10 %, in periods that go into each other and that do not. */
const budget: fc.Arbitrary<Qos.CpuTime> = fc
  .record({
    period_us: fc.constantFrom(2_000, 10_000, 33_333, 100_000, 777_777, 1_000_000),
    thousandths: fc.integer({ min: 1, max: 60 }),
  })
  .map(({ period_us, thousandths }) => ({
    period_us,
    runtime_us: Math.max(1, Math.floor((period_us * thousandths) / 1_000)),
  }));

const change: fc.Arbitrary<Change> = fc.record({
  runtime: fc.nat(1),
  lane: fc.nat(2),
  what: fc.constantFrom(
    "join",
    "leave",
    "changeRuntime",
    "reserve",
    "reserve",
    "changeLane",
    "changeLane",
    "release",
  ),
  realtime: budget,
});

/** Two programs that ask for this and that. */
class Programs {
  readonly #socket: string;
  readonly #clients: Map<number, QosClient> = new Map();
  readonly #lanes: Map<string, LaneReservation> = new Map();

  constructor(socket: string) {
    this.#socket = socket;
  }

  /** @returns the path of what has that budget now; undefined where there is nothing to change */
  async try({ runtime, lane, what, realtime }: Change): Promise<string | undefined> {
    const key = `${runtime}/${lane}`;
    const client = this.#clients.get(runtime);
    const held = this.#lanes.get(key);
    const runtimeOf = (): Qos.RuntimeDemand => runtimeDemand({ name: `r${runtime}`, realtime });
    const laneOf = (): Qos.LaneDemand =>
      laneDemand({ name: `l${lane}`, sched: "SCHED_FIFO", priority: 10 + lane, realtime });
    switch (what) {
      case "join":
        if (client !== undefined) return undefined;
        await this.#join(runtime, runtimeOf());
        return `runtimes/r${runtime}`;
      case "leave":
        await client?.close();
        this.#clients.delete(runtime);
        for (const each of [0, 1, 2]) this.#lanes.delete(`${runtime}/${each}`);
        return undefined;
      case "changeRuntime":
        if (client === undefined) return undefined;
        await client.change(runtimeOf());
        return `runtimes/r${runtime}`;
      case "reserve":
        if (client === undefined || held !== undefined) return undefined;
        this.#lanes.set(key, await client.reserve(laneOf()));
        return `runtimes/r${runtime}/services/l${lane}`;
      case "changeLane":
        if (held === undefined) return undefined;
        await held.change(laneOf());
        return `runtimes/r${runtime}/services/l${lane}`;
      case "release":
        await held?.release();
        this.#lanes.delete(key);
        return undefined;
    }
  }

  async #join(number: number, runtime: Qos.RuntimeDemand): Promise<void> {
    const { logger } = new Lines();
    const opened = await QosClient.open({ socket: this.#socket, logger, runtime });
    if (opened === undefined) throw new TypeError(`no daemon at ${this.#socket}`);
    this.#clients.set(number, opened);
  }

  async close(): Promise<void> {
    for (const client of this.#clients.values()) await client.close();
    this.#clients.clear();
  }
}

/** @returns whether it was admitted; what the arithmetic admits the kernel may not refuse */
async function isAdmitted(
  t: ExecutionContext,
  programs: Programs,
  each: Change,
  group: string,
): Promise<boolean> {
  const before = budgetsIn(group);
  try {
    const path = await programs.try(each);
    const after = budgetsIn(group);
    if (path === undefined) return false;
    const now = after[`${group}/${path}`] ?? { runtime_us: 0, period_us: 1 };
    // Lanes have it as asked for, what has others beneath it as a share of 2^20 µs, rounded down.
    if (path.includes("/services/")) t.deepEqual(now, each.realtime);
    else
      t.is(
        now.runtime_us,
        Math.floor((each.realtime.runtime_us * 2 ** 20) / each.realtime.period_us),
      );
    return true;
  } catch (thrown) {
    if (!(thrown instanceof Qos.Refused)) throw thrown;
    t.deepEqual(budgetsIn(group), before, "what was refused changed nothing");
    return false;
  }
}

real(
  "whatever is admitted at run time the kernel takes, and what is refused changes nothing",
  async (t) => {
    const { config } = await startDaemon(t);
    let admitted = 0;
    await fc.assert(
      fc.asyncProperty(fc.array(change, { minLength: 30, maxLength: 60 }), async (changes) => {
        const programs = new Programs(config.socket);
        try {
          for (const each of changes)
            if (await isAdmitted(t, programs, each, config.group)) admitted++;
        } finally {
          await programs.close();
        }
      }),
      { numRuns: 12, endOnFailure: true },
    );
    t.log(`${admitted} changes were admitted`);
    t.true(admitted > 20);
  },
);
