import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { ExecutionContext } from "ava";
import {
  AskedTargets,
  type LostCall,
  portable,
  Redirection,
  TargetTable,
} from "../../../interceptors/index.ts";
import { type ObjectReference, type ORB, ORB_init } from "../../../orb/index.ts";
import { ForwardingAgent } from "../../../services/forwarding/index.ts";
import {
  FailoverLocator,
  type ReplicationManager,
  startManager,
} from "../../../services/manager/index.ts";
import { type ResourceMonitor, startMonitor } from "../../../services/monitor/index.ts";
import { TestProcess } from "../process.ts";

const PROGRAM = fileURLToPath(new URL("replica-program.js", import.meta.url));
const LOOPBACK = ["-ORBListenEndpoints", "iiop://127.0.0.1:0"] as const;

/** One replica in a process of its own. */
export interface ReplicaProcess {
  readonly name: string;
  readonly ior: string;
  readonly process: TestProcess;
}

/** A client whose calls are redirected. */
export interface RedirectedClient {
  readonly orb: ORB;
  readonly redirection: Redirection;
  readonly targets: TargetTable;
  readonly agent: ForwardingAgent | undefined;
  to(ior: string): Promise<ObjectReference>;
}

export interface ClientOptions {
  readonly strategy: "static" | "reactive" | "proactive";
  readonly mayRepeat?: (call: LostCall) => boolean;
}

/** A manager and monitors in this process, replicas as processes, and clients, over TCP and UNIX-domain sockets. */
export class FlareScene {
  readonly manager: ReplicationManager;
  readonly address: string;
  readonly #t: ExecutionContext;
  readonly #folder: string;
  readonly #monitors: Map<string, ResourceMonitor> = new Map();

  private constructor(t: ExecutionContext, orb: ORB, manager: ReplicationManager, folder: string) {
    this.#t = t;
    this.manager = manager;
    this.#folder = folder;
    const [first] = orb.publishedAddresses;
    this.address = `corbaloc::127.0.0.1:${first?.port}/ReplicationManager`;
  }

  static async open(t: ExecutionContext): Promise<FlareScene> {
    const folder = await mkdtemp(join(tmpdir(), "orbweaver-flare-"));
    t.teardown(() => rm(folder, { recursive: true, force: true }));
    const locator = new FailoverLocator();
    const orb = await ORB_init([...LOOPBACK], { initializers: portable([locator]) });
    t.teardown(() => orb.destroy());
    const manager = await startManager({ orb, locator });
    t.teardown(() => manager.close());
    return new FlareScene(t, orb, manager, folder);
  }

  /** A processor with as much to do as is said; a monitor of its own watches it. */
  async processor(name: string, utilization: () => number = () => 0): Promise<ResourceMonitor> {
    const orb = await ORB_init([...LOOPBACK]);
    this.#t.teardown(() => orb.destroy());
    const monitor = await startMonitor({
      orb,
      processor: name,
      socket: join(this.#folder, `${name}.sock`),
      source: utilization,
      sampleMs: 50,
      reportMs: 100,
    });
    this.#t.teardown(() => monitor.close());
    await monitor.root.subscribe(this.manager.root);
    this.#monitors.set(name, monitor);
    return monitor;
  }

  async replica(
    object: string,
    name: string,
    processor: string,
    load = 0.1,
  ): Promise<ReplicaProcess> {
    const socket = this.#monitors.get(processor)?.socket ?? "";
    const child = new TestProcess(process.execPath, [
      PROGRAM,
      name,
      processor,
      object,
      `${load}`,
      this.address,
      socket,
    ]);
    this.#t.teardown(() => child[Symbol.asyncDispose]());
    const [, ior = ""] = await child.match(/^(IOR:[0-9a-f]+)\nready$/m);
    return { name, ior, process: child };
  }

  async client({ strategy, mayRepeat }: ClientOptions): Promise<RedirectedClient> {
    const table = new TargetTable();
    const redirection = new Redirection({
      targets: strategy === "reactive" ? new AskedTargets() : table,
      ...(mayRepeat === undefined ? {} : { mayRepeat }),
    });
    const orb = await ORB_init([...LOOPBACK, "-ORBInitRef", `ReplicationManager=${this.address}`], {
      initializers: portable([redirection]),
    });
    this.#t.teardown(() => orb.destroy());
    const agent =
      strategy === "proactive" ? await ForwardingAgent.open({ orb, targets: table }) : undefined;
    this.#t.teardown(() => agent?.close());
    const to = async (ior: string): Promise<ObjectReference> => {
      const reference = await orb.string_to_object(ior);
      if (reference === null) throw new TypeError("nil");
      return reference;
    };
    return { orb, redirection, targets: table, agent, to };
  }

  /** Waits until the manager's status is so. */
  async until(
    isSo: (status: ReturnType<ReplicationManager["servant"]["report"]>) => boolean,
  ): Promise<void> {
    for (let i = 0; i < 2_000; i++) {
      if (isSo(this.manager.servant.report())) return;
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
    throw new Error(
      `the manager did not come to know it: ${JSON.stringify(this.manager.servant.report(), (_, v: unknown) => (typeof v === "bigint" ? Number(v) : v))}`,
    );
  }
}
