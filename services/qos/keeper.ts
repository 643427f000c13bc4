import { type ControlGroup, ControlGroupError, type ControlGroups } from "../../native/index.ts";
import type { Logger } from "../../orb/index.ts";
import {
  admitLane,
  admitRuntime,
  changeLane,
  changeRuntime,
  type HeldLane,
  type HeldRuntime,
  type Holdings,
  type Host,
  poolOf,
  Qos,
  releaseLane,
  releaseRuntime,
  type Verdict,
} from "../admission/index.ts";
import type { AwakePartitions } from "./awake-partitions.ts";
import { type Confined, moveAll } from "./confinement.ts";
import { GroupTree } from "./group-tree.ts";
import {
  housekeepingPath,
  lanePath,
  type Layout,
  partitionPath,
  planOf,
  runtimePath,
} from "./plan.ts";
import type { Processes, ThreadOwner } from "./processes.ts";

/** Threads that one call may name. */
const MOST_THREADS = 4_096;
/** Processes between one of a runtime's and the runtime's own. */
const MOST_LEVELS = 16;
/** Changes that may wait for the one under way. */
const MOST_WAITING = 1_000;
/** Milliseconds after which groups that could not be removed are tried again. */
const TRY_AGAIN_MS = 1_000;

/** Who asks: one connection, and whoever opened it where the system tells. */
export interface Owner {
  readonly id: string;
  readonly credentials: { readonly pid: number; readonly uid: number } | undefined;
  /** The connection has ended: what it still asks for comes too late. */
  isGone: boolean;
}

/** A runtime that exists from the daemon's start on. */
export interface StaticRuntime {
  readonly demand: Qos.RuntimeDemand;
  readonly lanes: readonly Qos.LaneDemand[];
}

export interface KeeperOptions {
  readonly groups: ControlGroups;
  readonly host: Host;
  readonly layout: Layout;
  readonly processes: Processes;
  /** Users whose connections are answered, by number. */
  readonly users: readonly number[];
  readonly statics: readonly StaticRuntime[];
  /** Follows what is held. */
  readonly awake: AwakePartitions;
  readonly log: Logger;
  /** Told of each runtime that was taken away because its connection ended. */
  readonly onTaken: (runtime: string) => void;
}

/** What the system refused, as the daemon tells it; anything else as it is. */
export function systemRefused(thrown: unknown): unknown {
  if (!(thrown instanceof ControlGroupError)) return thrown;
  const { code, file, message } = thrown;
  return new Qos.SystemRefused({ code, file, reason: message }, { cause: thrown });
}

function notAllowed(reason: string): never {
  throw new Qos.NotAllowed({ reason });
}

function holdingsOf(verdict: Verdict): Holdings {
  switch (verdict.kind) {
    case "admitted":
      return verdict.holdings;
    case "bad":
      throw new Qos.BadDemand({ reason: verdict.reason });
    case "refused": {
      const { lacking } = verdict;
      throw new Qos.Refused({ reason: lacking.map(({ reason }) => reason).join("; "), lacking });
    }
  }
}

/**
 * Keeps what was given to whom, and the groups that see to it, in step: a demand is admitted by arithmetic,
 * then the groups are made, and only when the kernel took them it is given. One change at a time.
 */
export class Keeper {
  readonly #options: KeeperOptions;
  readonly #tree: GroupTree;
  /** Whose each runtime is; a static one may be nobody's. */
  readonly #claims: Map<string, Owner> = new Map();
  #holdings: Holdings;
  #last: Promise<unknown> = Promise.resolve();
  #waiting = 0;
  #retry: NodeJS.Timeout | undefined;
  #isClosed = false;

  constructor(options: KeeperOptions) {
    this.#options = options;
    this.#tree = new GroupTree(options.groups);
    this.#holdings = { host: options.host, runtimes: new Map() };
  }

  get holdings(): Holdings {
    return this.#holdings;
  }

  get layout(): Layout {
    return this.#options.layout;
  }

  get groups(): ControlGroups {
    return this.#options.groups;
  }

  /** The cores that are kept awake. */
  get awakeCores(): readonly number[] {
    return this.#options.awake.cores;
  }

  get tree(): GroupTree {
    return this.#tree;
  }

  ownerOf(runtime: string): Owner | undefined {
    return this.#claims.get(runtime);
  }

  isStatic(runtime: string): boolean {
    return this.#options.statics.some(({ demand }) => demand.name === runtime);
  }

  /**
   * Makes the partitions and the static runtimes.
   * @throws Qos.Refused when the static runtimes ask for more than there is; Qos.SystemRefused
   */
  start(): Promise<void> {
    return this.#inTurn(async () => {
      let holdings = this.#holdings;
      for (const { demand, lanes } of this.#options.statics) {
        holdings = holdingsOf(admitRuntime(holdings, demand));
        for (const lane of lanes) holdings = holdingsOf(admitLane(holdings, demand.name, lane));
      }
      try {
        await this.#commit(holdings);
      } catch (thrown) {
        // Partitions that could be made stay nobody's.
        await this.#tree.clear();
        throw thrown;
      }
    });
  }

  /** Removes all groups; the processes stay as they are. */
  async close(): Promise<void> {
    this.#isClosed = true;
    clearTimeout(this.#retry);
    await this.#inTurn(async () => {
      this.#holdings = { ...this.#holdings, runtimes: new Map() };
      this.#claims.clear();
      await this.#tree.clear();
    });
  }

  /** Gives a process its runtime. @throws Qos.Refused, BadDemand, NotAllowed, SystemRefused */
  join(owner: Owner, demand: Qos.RuntimeDemand): Promise<string> {
    return this.#asked(owner, async () => {
      this.#checkProcess(owner, demand.process_id);
      const held = this.#holdings.runtimes.get(demand.name);
      const isFree =
        held !== undefined && this.isStatic(demand.name) && !this.#claims.has(demand.name);
      if (isFree) this.#holdings = this.#withProcess(held, demand.process_id);
      else await this.#commit(holdingsOf(admitRuntime(this.#holdings, demand)));
      const runtime = this.runtime(demand.name);
      try {
        this.#takeProcess(runtime);
      } catch (thrown) {
        await this.#giveUp(demand.name);
        throw thrown;
      }
      this.#claims.set(demand.name, owner);
      return demand.name;
    });
  }

  /** @throws Qos.Refused, BadDemand, NotAllowed, SystemRefused */
  changeRuntime(owner: Owner, name: string, demand: Qos.RuntimeDemand): Promise<void> {
    return this.#asked(owner, async () => {
      this.#checkOwner(owner, name);
      await this.#commit(holdingsOf(changeRuntime(this.#holdings, name, demand)));
    });
  }

  leave(owner: Owner, name: string): Promise<void> {
    return this.#asked(owner, async () => {
      this.#checkOwner(owner, name);
      await this.#giveUp(name);
    });
  }

  /** A leaf for a lane; one of the configuration is taken as it is. @throws as `join` */
  reserve(owner: Owner, runtime: string, demand: Qos.LaneDemand): Promise<void> {
    return this.#asked(owner, async () => {
      this.#checkOwner(owner, runtime);
      if (this.#isStaticLane(runtime, demand.name)) return;
      await this.#commit(holdingsOf(admitLane(this.#holdings, runtime, demand)));
    });
  }

  changeLane(owner: Owner, runtime: string, lane: string, demand: Qos.LaneDemand): Promise<void> {
    return this.#asked(owner, async () => {
      this.#checkOwner(owner, runtime);
      await this.#commit(holdingsOf(changeLane(this.#holdings, runtime, lane, demand)));
    });
  }

  /** Gives a lane back; one of the configuration only loses its threads. */
  release(owner: Owner, runtime: string, lane: string): Promise<void> {
    return this.#asked(owner, async () => {
      this.#checkOwner(owner, runtime);
      if (!this.#isStaticLane(runtime, lane))
        await this.#commit(releaseLane(this.#holdings, runtime, lane));
    });
  }

  /** @throws Qos.NotAllowed for threads of another process; SystemRefused */
  place(owner: Owner, runtime: string, lane: string, threads: Qos.ThreadIds): Promise<void> {
    return this.#asked(owner, async () => {
      this.#checkOwner(owner, runtime);
      const held = this.runtime(runtime);
      for (const thread of bounded(threads)) this.#checkThread(held, thread);
      const group = this.#laneGroup(held, lane);
      for (const thread of threads) group.addThread(thread);
    });
  }

  /** Moves what is in no lane to the housekeeping leaf. @returns how many threads */
  settle(owner: Owner, name: string): Promise<number> {
    return this.#asked(owner, async () => {
      this.#checkOwner(owner, name);
      const runtime = this.runtime(name);
      const inLanes = new Set(
        [...runtime.lanes.values()].flatMap(({ demand }) =>
          this.#laneGroup(runtime, demand.name).threads(),
        ),
      );
      const group = this.#groupAt(housekeepingPath(this.#holdings, this.layout, runtime));
      const { processes } = this.#options;
      const others = processes
        .threadsOf(runtime.demand.process_id)
        .filter((thread) => !inLanes.has(thread));
      return others.filter((thread) => addUnlessEnded(group, thread)).length;
    });
  }

  /** Moves threads of the caller's user to the system's cores. */
  expel(owner: Owner, threads: Qos.ThreadIds): Promise<void> {
    return this.#asked(owner, async () => {
      const { host, groups, processes } = this.#options;
      const system = host.partitions.find(({ use }) => use === "system");
      if (system === undefined)
        throw new Qos.NotAllowed({ reason: "this host has no partition of the system to move to" });
      const group = this.#groupAt(partitionPath(this.layout, system.name));
      for (const thread of bounded(threads)) {
        const whose = processes.ownerOf(thread);
        if (whose === undefined) notAllowed(`there is no thread ${thread}`);
        this.#checkUser(owner, whose.userId, `thread ${thread}`);
        if (groups.versionOf("cpuset") === 2) group.addProcess(whose.processId);
        else group.addThread(thread);
      }
    });
  }

  /** Moves everything that is in no group of cores to those of the system. @param off the cores it is to be off */
  confine(off: readonly number[]): Promise<Confined> {
    return this.#inTurn(() => {
      const { host, groups, processes } = this.#options;
      const system = host.partitions.find(({ use }) => use === "system");
      if (system === undefined) return Promise.resolve({ moved: 0, bound: 0, stayed: [] });
      const to = this.#groupAt(partitionPath(this.layout, system.name));
      const { version } = this.layout;
      return Promise.resolve(moveAll(groups.base(["cpuset"]), to, { version, processes, off }));
    });
  }

  /** The connection has ended: everything it was given is free again. */
  async ownerGone(owner: Owner): Promise<void> {
    owner.isGone = true;
    await this.#sweep();
  }

  async #sweep(): Promise<void> {
    try {
      await this.#inTurn(() => this.#forgetGone());
    } catch (thrown) {
      if (this.#isClosed) return;
      this.#options.log.error("groups of a process that has ended are in use still", { thrown });
      clearTimeout(this.#retry);
      this.#retry = setTimeout(() => void this.#sweep(), TRY_AGAIN_MS).unref();
    }
  }

  /** Runs after all changes under way: sees no half of one. */
  look<T>(owner: Owner, work: () => T): Promise<T> {
    return this.#asked(owner, () => Promise.resolve(work()));
  }

  lane(
    runtime: string,
    name: string,
  ): { runtime: HeldRuntime; lane: HeldLane; group: ControlGroup } {
    const held = this.runtime(runtime);
    const lane = held.lanes.get(name);
    if (lane === undefined)
      throw new Qos.BadDemand({ reason: `there is no lane ${runtime}/${name}` });
    return { runtime: held, lane, group: this.#laneGroup(held, name) };
  }

  /** The cores a lane runs on. */
  coresOf(runtime: HeldRuntime, lane: HeldLane): readonly number[] {
    return lane.cores.length > 0 ? lane.cores : poolOf(this.#holdings, runtime);
  }

  async #forgetGone(): Promise<void> {
    const names = [...this.#claims].filter(([, owner]) => owner.isGone).map(([name]) => name);
    for (const name of names) {
      await this.#giveUp(name);
      this.#options.onTaken(name);
    }
  }

  /** Takes a runtime away; one of the configuration is made anew, for the next to claim. */
  async #giveUp(name: string): Promise<void> {
    const demanded = this.#options.statics.find(({ demand }) => demand.name === name);
    const without = releaseRuntime(this.#holdings, name);
    await this.#commit(without);
    this.#claims.delete(name);
    if (demanded === undefined) return;
    let holdings = holdingsOf(admitRuntime(without, demanded.demand));
    for (const lane of demanded.lanes) holdings = holdingsOf(admitLane(holdings, name, lane));
    await this.#commit(holdings);
  }

  async #commit(next: Holdings): Promise<void> {
    try {
      await this.#tree.apply(planOf(next, this.layout));
    } catch (thrown) {
      throw systemRefused(thrown);
    }
    this.#holdings = next;
  }

  /** Memory and disks are the process's; in version 2 its threads can be placed nowhere else. */
  #takeProcess(runtime: HeldRuntime): void {
    const { groups } = this.#options;
    const path = runtimePath(this.layout, runtime);
    const isV2 = groups.versionOf("cpu") === 2 || groups.versionOf("cpuset") === 2;
    const controllers = isV2
      ? (["cpu", "cpuset", "memory", "io"] as const)
      : (["memory", "io"] as const);
    groups.existing(path, controllers)?.addProcess(runtime.demand.process_id);
  }

  #withProcess(runtime: HeldRuntime, process_id: number): Holdings {
    const { name } = runtime.demand;
    const runtimes = new Map(this.#holdings.runtimes);
    runtimes.set(name, { ...runtime, demand: { ...runtime.demand, process_id } });
    return { ...this.#holdings, runtimes };
  }

  /** @throws Qos.BadDemand when there is none of that name */
  runtime(name: string): HeldRuntime {
    const runtime = this.#holdings.runtimes.get(name);
    if (runtime === undefined) throw new Qos.BadDemand({ reason: `there is no runtime ${name}` });
    return runtime;
  }

  #isStaticLane(runtime: string, lane: string): boolean {
    const known = this.#options.statics.find(({ demand }) => demand.name === runtime);
    return known?.lanes.some(({ name }) => name === lane) === true;
  }

  #laneGroup(runtime: HeldRuntime, name: string): ControlGroup {
    const lane = runtime.lanes.get(name);
    if (lane === undefined)
      throw new Qos.BadDemand({ reason: `there is no lane ${runtime.demand.name}/${name}` });
    return this.#groupAt(lanePath(this.layout, runtime, lane));
  }

  #groupAt(path: string): ControlGroup {
    const group = this.#tree.group(path);
    if (group === undefined) throw new TypeError(`the group ${path} was planned and not made`);
    return group;
  }

  #checkOwner(owner: Owner, runtime: string): void {
    if (this.#claims.get(runtime) !== owner)
      notAllowed(`runtime ${runtime} belongs to another connection`);
  }

  #checkUser(owner: Owner, userId: number, what: string): void {
    const { users } = this.#options;
    const caller = owner.credentials?.uid;
    if (caller === 0 || userId === caller) return;
    if (caller === undefined && users.includes(userId)) return;
    const allowed = caller === undefined ? users.join(", ") : `${caller}`;
    notAllowed(`${what} is of user ${userId}; allowed: ${allowed}`);
  }

  /** A runtime is for the process at the other end, as far as the system tells which that is. */
  #checkProcess(owner: Owner, processId: number): void {
    const { credentials } = owner;
    if (credentials !== undefined && credentials.pid !== processId)
      notAllowed(`process ${processId} is not the one that connected, ${credentials.pid}`);
    const whose = this.#options.processes.ownerOf(processId);
    if (whose === undefined || whose.processId !== processId)
      notAllowed(`there is no process ${processId}`);
    this.#checkUser(owner, whose.userId, `process ${processId}`);
  }

  /** Threads of the runtime's process, and of processes that it started. */
  #checkThread({ demand }: HeldRuntime, thread: number): void {
    const { processes } = this.#options;
    const first = processes.ownerOf(thread);
    if (first === undefined) notAllowed(`there is no thread ${thread}`);
    const allowed = processes.ownerOf(demand.process_id)?.userId;
    let whose: ThreadOwner | undefined = first;
    for (let level = 0; level < MOST_LEVELS && whose !== undefined; level++) {
      if (whose.processId === demand.process_id) return;
      // A program that became another user's is not the runtime's any more.
      if (whose.userId !== allowed) break;
      whose = processes.ownerOf(whose.parentId);
    }
    notAllowed(
      `thread ${thread} is of process ${first.processId}; the runtime is for process ${demand.process_id} and those it started`,
    );
  }

  #asked<T>(owner: Owner, work: () => Promise<T>): Promise<T> {
    const { users } = this.#options;
    return this.#inTurn(async () => {
      if (owner.isGone) notAllowed("the connection has ended");
      const { credentials } = owner;
      if (credentials !== undefined && credentials.uid !== 0 && !users.includes(credentials.uid))
        notAllowed(
          `process ${credentials.pid} is of user ${credentials.uid}; this daemon answers users ${users.join(", ")}`,
        );
      try {
        return await work();
      } catch (thrown) {
        throw systemRefused(thrown);
      }
    });
  }

  #inTurn<T>(work: () => Promise<T>): Promise<T> {
    if (this.#waiting >= MOST_WAITING)
      throw new Qos.BadDemand({ reason: `${MOST_WAITING} requests are waiting already` });
    this.#waiting++;
    const result = this.#last.then(work).finally(() => {
      this.#options.awake.follow(this.#holdings, (name) => this.#claims.has(name));
    });
    this.#last = result
      .catch(() => undefined)
      .finally(() => {
        this.#waiting--;
      });
    return result;
  }
}

function bounded(threads: Qos.ThreadIds): Qos.ThreadIds {
  if (threads.length <= MOST_THREADS) return threads;
  throw new Qos.BadDemand({
    reason: `${threads.length} threads in one call; allowed: ${MOST_THREADS}`,
  });
}

/** @returns false for a thread that has ended meanwhile */
function addUnlessEnded(group: ControlGroup, thread: number): boolean {
  try {
    group.addThread(thread);
    return true;
  } catch (thrown) {
    if (thrown instanceof ControlGroupError && thrown.code === "ESRCH") return false;
    throw thrown;
  }
}
