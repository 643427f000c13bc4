import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import {
  AskedTargets,
  type ORBInitializer,
  portable,
  Redirection,
  TargetTable,
} from "../../../interceptors/index.ts";
import { type ControlGroup, ControlGroups } from "../../../native/index.ts";
import { type ObjectReference, type ORB, ORB_init } from "../../../orb/index.ts";
import { ForwardingAgent } from "../../../services/forwarding/index.ts";
import {
  FailoverLocator,
  type ReplicationManager,
  startManager,
} from "../../../services/manager/index.ts";
import {
  groupUtilization,
  type ResourceMonitor,
  startMonitor,
  type UtilizationSource,
} from "../../../services/monitor/index.ts";
import { outlived, Program } from "../program.ts";
import { type TransportName, transportOf } from "../transport.ts";
import type { ServerPlan } from "./flare-server.ts";

const SERVER = fileURLToPath(new URL("flare-server.js", import.meta.url));
const LOOPBACK = ["-ORBListenEndpoints", "iiop://127.0.0.1:0"] as const;
const READY_MS = 30_000;
const GROUPS = "orbweaver-bench-flare";
/** The kernel's least sensible period: a call of some ten milliseconds spans several. */
const PERIOD_US = 10_000;

export const STRATEGIES = ["static", "reactive", "proactive"] as const;
export type Strategy = (typeof STRATEGIES)[number];

/** A processor of the experiment. */
export interface BenchProcessor {
  readonly name: string;
  readonly group: ControlGroup | undefined;
  readonly monitor: ResourceMonitor;
  readonly look: UtilizationSource;
}

/** Servers in a process of their own. */
export interface BenchServer extends AsyncDisposable {
  readonly pid: number;
  readonly rss: number;
  readonly iors: Readonly<Record<string, string>>;
}

/** A client whose calls are redirected. */
export interface BenchClient extends AsyncDisposable {
  readonly orb: ORB;
  /** When a call was told last that its server has failed. */
  readonly failedMs: () => number;
  readonly table: TargetTable;
  to(ior: string): Promise<ObjectReference>;
}

/** A manager, and processors that are control groups with a budget, or only names. */
export class Testbed implements AsyncDisposable {
  readonly address: string;
  /** Of all processes. */
  readonly transport: TransportName;
  readonly manager: ReplicationManager;
  readonly #stack: Closers = new Closers();
  readonly #folder: string;
  readonly processors: Map<string, BenchProcessor> = new Map();

  private constructor(
    transport: TransportName,
    orb: ORB,
    manager: ReplicationManager,
    folder: string,
  ) {
    this.transport = transport;
    this.manager = manager;
    this.#folder = folder;
    this.address = `corbaloc::127.0.0.1:${orb.publishedAddresses[0]?.port}/ReplicationManager`;
  }

  static async open(transport: TransportName): Promise<Testbed> {
    const folder = await mkdtemp(join(tmpdir(), "orbweaver-flare-"));
    const locator = new FailoverLocator();
    const orb = await ORB_init([...LOOPBACK], {
      transport: transportOf(transport),
      initializers: portable([locator]),
    });
    const manager = await startManager({ orb, locator });
    const bed = new Testbed(transport, orb, manager, folder);
    bed.#stack.add(() => rm(folder, { recursive: true, force: true }));
    bed.#stack.add(() => orb.destroy());
    bed.#stack.add(() => manager.close());
    return bed;
  }

  /** @param cores of the machine that it has: 0.3 of one; undefined: no budget, and never busy */
  async processor(name: string, cores?: number): Promise<BenchProcessor> {
    const group = cores === undefined ? undefined : this.#group(name, cores);
    const path = `${GROUPS}/${name}`;
    const orb = await ORB_init([...LOOPBACK], { transport: transportOf(this.transport) });
    this.#stack.add(() => orb.destroy());
    const monitor = await startMonitor({
      orb,
      processor: name,
      socket: join(this.#folder, `${name}.sock`),
      source: group === undefined ? () => 0 : groupUtilization(path),
    });
    this.#stack.add(() => monitor.close());
    await monitor.root.subscribe(this.manager.root);
    const look = group === undefined ? () => 0 : groupUtilization(path);
    const processor = { name, group, monitor, look };
    this.processors.set(name, processor);
    return processor;
  }

  async server(
    plan: Omit<ServerPlan, "transport" | "manager" | "socket" | "nice" | "warmUpCalls">,
    { nice = 0, warmUpCalls = 0 }: Partial<Pick<ServerPlan, "nice" | "warmUpCalls">> = {},
  ): Promise<BenchServer> {
    const processor = this.processors.get(plan.processor);
    const all: ServerPlan = {
      ...plan,
      transport: this.transport,
      nice,
      warmUpCalls,
      manager: this.address,
      socket: processor?.monitor.socket ?? "",
    };
    const server = await startServer(all);
    processor?.group?.addProcess(server.pid);
    return server;
  }

  /** @param mayRepeat servers have no state, as in the paper */
  async client(strategy: Strategy | "none", mayRepeat = true): Promise<BenchClient> {
    const table = new TargetTable();
    const targets = strategy === "reactive" ? new AskedTargets() : table;
    const redirection = new Redirection({ targets, mayRepeat: () => mayRepeat });
    let failedMs = 0;
    const watch: ORBInitializer = {
      pre_init: (info) =>
        info.add_client_request_interceptor({
          name: "watch",
          // Added last, so told first.
          receive_exception: () => {
            failedMs = performance.now();
          },
        }),
    };
    const orb = await ORB_init([...LOOPBACK, "-ORBInitRef", `ReplicationManager=${this.address}`], {
      transport: transportOf(this.transport),
      ...(strategy === "none" ? {} : { initializers: portable([redirection, watch]) }),
    });
    const agent =
      strategy === "proactive"
        ? await ForwardingAgent.open({ orb, targets: table, ready: ["A"] })
        : undefined;
    return {
      orb,
      table,
      failedMs: () => failedMs,
      to: async (ior) => {
        const reference = await orb.string_to_object(ior);
        if (reference === null) throw new TypeError("nil");
        return reference;
      },
      [Symbol.asyncDispose]: async () => {
        await agent?.close();
        await orb.destroy();
      },
    };
  }

  #group(name: string, cores: number): ControlGroup {
    const groups = ControlGroups.find();
    const plan = { controllers: ["cpu", "cpuacct"], holds: "processes" } as const;
    const above = groups.make(GROUPS, plan);
    if (this.processors.size === 0) this.#stack.add(() => above.remove());
    const group = groups.make(`${GROUPS}/${name}`, plan);
    group.set({ cpuMost: { runtimeUs: Math.round(PERIOD_US * cores), periodUs: PERIOD_US } });
    this.#stack.add(() => group.remove());
    return group;
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.#stack.close();
  }
}

/** Closes in the reverse order; Node 20 has no AsyncDisposableStack. */
class Closers {
  readonly #closers: (() => Promise<unknown>)[] = [];

  add(close: () => Promise<unknown>): void {
    this.#closers.push(close);
  }

  async close(): Promise<void> {
    for (const close of this.#closers.splice(0).toReversed()) await close();
  }
}

export async function startServer(plan: ServerPlan): Promise<BenchServer> {
  const command = [process.execPath, "--expose-gc", SERVER, JSON.stringify(plan)] as const;
  const program = new Program(outlived(command));
  try {
    const said = JSON.parse(await program.hear("ready", READY_MS)) as Omit<
      BenchServer,
      typeof Symbol.asyncDispose
    >;
    return { ...said, [Symbol.asyncDispose]: () => program[Symbol.asyncDispose]() };
  } catch (error) {
    await program[Symbol.asyncDispose]();
    throw error;
  }
}

/** Whether processors can be emulated here; else why not. */
export async function whyNoBudgets(): Promise<string | undefined> {
  try {
    const groups = ControlGroups.find();
    const plan = { controllers: ["cpu", "cpuacct"], holds: "processes" } as const;
    const trial = groups.make(GROUPS, plan);
    const isEnough = trial.can("cpuMost") && trial.use() !== undefined;
    await trial.remove();
    return isEnough
      ? undefined
      : "the kernel keeps no budgets of processor time for control groups";
  } catch (thrown) {
    return thrown instanceof Error ? thrown.message : String(thrown);
  }
}
