import { Deadline, systemClock } from "../../../orb/base/index.ts";
import {
  type Lane,
  type LaneSpec,
  type Logger,
  type ModuleServant,
  type ObjectReference,
  type ORB,
  ORB_init,
  string_to_ObjectId,
} from "../../../orb/index.ts";
import { wire, type WireOptions } from "../../../services/node/index.ts";
import type { LaneConfig, WorkerLane } from "../../../services/lanes/index.ts";

export const SERVANTS: string = new URL("./servants.js", import.meta.url).href;

export function within(ms: number = 40_000): Deadline {
  return Deadline.after(systemClock, ms);
}

export function laneSpec(name: string, more: Partial<LaneSpec> = {}): LaneSpec {
  return {
    name,
    priority: 1_000,
    nativePriority: 2,
    staticThreads: 1,
    dynamicThreads: 0,
    stackOctets: 0,
    maxBufferedRequests: 0,
    maxBufferedOctets: 0,
    ...more,
  };
}

export const obedient = (name: string): ModuleServant => ({
  module: SERVANTS,
  export: "Obedient",
  args: [name],
});

/** Log lines by level. */
export class Lines implements Logger {
  readonly all: string[] = [];
  readonly #waiting: (() => void)[] = [];

  #add(level: string, message: string): void {
    const line = `${level} ${message}`;
    this.all.push(line);
    for (const look of this.#waiting) look();
  }

  debug(message: string): void {
    this.#add("debug", message);
  }

  info(message: string): void {
    this.#add("info", message);
  }

  warn(message: string): void {
    this.#add("warn", message);
  }

  error(message: string): void {
    this.#add("error", message);
  }

  /** The first line, come or to come, that matches; the `n`th, counted from 1. */
  line(pattern: RegExp, n: number = 1): Promise<string> {
    return new Promise((resolve) => {
      const look = (): void => {
        const found = this.all.filter((line) => pattern.test(line))[n - 1];
        if (found !== undefined) resolve(found);
      };
      this.#waiting.push(look);
      look();
    });
  }

  count(pattern: RegExp): number {
    return this.all.filter((line) => pattern.test(line)).length;
  }
}

/** Ordinary scheduling, for tests that are about something else. */
const ORDINARY: LaneConfig = { scheduling: "other", warmUpCalls: 0 };

/** An ORB in the main thread with lanes beside it, and a client of its own. */
export class Laned implements AsyncDisposable {
  readonly orb: ORB;
  readonly client: ORB;
  readonly lanes: readonly WorkerLane[];
  readonly log: Lines;

  private constructor(orb: ORB, client: ORB, lanes: readonly WorkerLane[], log: Lines) {
    this.orb = orb;
    this.client = client;
    this.lanes = lanes;
    this.log = log;
  }

  static async start(
    specs: readonly LaneSpec[],
    configured: Readonly<Record<string, LaneConfig>> = {},
    options: WireOptions = {},
  ): Promise<Laned> {
    const log = new Lines();
    const lanes = Object.fromEntries(
      specs.map(({ name }) => [name, { ...ORDINARY, ...configured[name] }] as const),
    );
    const wired = wire({ lanes }, { logger: log, ...options });
    const started = await wired.lanes.start(specs, within());
    const orb = await ORB_init([], wired);
    const client = await ORB_init([], { config: { orb: { listen: [] } } });
    return new Laned(orb, client, started, log);
  }

  lane(index: number): Lane {
    const lane = this.lanes[index];
    if (lane === undefined) throw new RangeError(`there is no lane ${index}`);
    return lane;
  }

  /** Makes an adapter in all lanes and in the main thread. */
  async adapter(name: string, policies: Readonly<Record<string, unknown>> = {}): Promise<void> {
    const all = { idAssignment: "USER_ID", ...policies };
    await this.orb.rootPOA.createPoa(name, all as never);
    const pool = this.lanes.map(({ spec: { priority }, endpoint }) => ({ priority, endpoint }));
    const inLane = ({ spec: { priority } }: Lane): Readonly<Record<string, unknown>> =>
      "priorityModel" in policies ? { ...all, lane: { priority, pool } } : all;
    await Promise.all(
      this.lanes.map((lane) =>
        lane.createAdapter({ path: [name], policies: inLane(lane) }, within()),
      ),
    );
  }

  async activate(
    name: string,
    id: string,
    servant: (lane: string) => ModuleServant,
  ): Promise<void> {
    await Promise.all(
      this.lanes.map((lane) =>
        lane.activate([name], string_to_ObjectId(id), servant(lane.spec.name), within()),
      ),
    );
  }

  /** The object in one lane, by the key that the main thread's ORB gives it. */
  async at(lane: number, adapter: string, id: string): Promise<ObjectReference> {
    const poa = this.orb.rootPOA.find_POA(adapter);
    const reference = poa.create_reference_with_id(string_to_ObjectId(id), "IDL:test/Told:1.0");
    const [target] = reference._core.ownTargets;
    const { host, port } = this.lane(lane).endpoint;
    const key = [...(target?.objectKey ?? [])]
      .map((octet) => `%${octet.toString(16).padStart(2, "0")}`)
      .join("");
    const found = await this.client.string_to_object(`corbaloc:iiop:1.2@${host}:${port}/${key}`);
    if (found === null) throw new TypeError("the reference is nil");
    return found;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all(this.lanes.map((lane) => lane.close(within(5_000))));
    await this.client.destroy();
    await this.orb.destroy();
  }
}
