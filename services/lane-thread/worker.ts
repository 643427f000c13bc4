import { type Logger, systemClock } from "../../orb/base/index.ts";
import {
  BAD_INV_ORDER,
  type CreatePoaOptions,
  importExport,
  type LaneAdapter,
  type LaneEndpoint,
  type LaneManager,
  makeTransform,
  type ModuleExport,
  type ModuleServant,
  type ORB,
  ORB_init,
  type PriorityMutexes,
  type Scheduler,
  type Transport,
} from "../../orb/index.ts";
import { type ORBInitializer, portable } from "../../interceptors/index.ts";
import { newCounts } from "./counts.ts";
import { LaneDesk, type Team } from "./desk.ts";
import { LaneGate } from "./gate.ts";
import type { Post } from "./link.ts";
import { laneLogger } from "./log.ts";
import { type Execute, Peer, type PeerLine, type Seat } from "./peer.ts";
import { LaneTeller } from "./teller.ts";
import { LaneAdapters } from "./adapters.ts";
import type {
  LaneBirth,
  LaneControl,
  Opened,
  Opening,
  Placement,
  PlacementWish,
} from "./control.ts";
import { placeThread } from "./placement.ts";
import { Rehearsal } from "./rehearsal.ts";

/** What the machine gives to a lane's thread. */
export interface LaneMachine {
  /** Undefined without the addon. */
  readonly scheduler: Scheduler | undefined;
  readonly mutexes: PriorityMutexes | undefined;
  /** Why there is no scheduler. */
  readonly without: string;
  /** Undefined: `node:net`. */
  newTransport(birth: LaneBirth): Transport | undefined;
}

/** One thread of a lane: an ORB that answers to the same keys as the main thread's, on the lane's endpoint. */
export class LaneWorker implements LaneControl {
  readonly #birth: LaneBirth;
  readonly #machine: LaneMachine;
  readonly #log: Logger;
  readonly #ended: () => void;
  readonly #teller: LaneTeller;
  #orb: ORB | undefined;
  #desk: LaneDesk | undefined;
  #adapters: LaneAdapters | undefined;
  #rehearsal: Rehearsal | undefined;

  /** @param ended called when all is closed, and the thread may end */
  constructor(birth: LaneBirth, machine: LaneMachine, post: Post, ended: () => void) {
    this.#birth = birth;
    this.#machine = machine;
    this.#log = laneLogger(post);
    this.#teller = new LaneTeller(post, birth);
    this.#ended = ended;
  }

  name(threadName: string): number | undefined {
    const { scheduler } = this.#machine;
    scheduler?.setThreadName(threadName);
    return scheduler?.threadId();
  }

  place(wish: PlacementWish): Placement {
    return placeThread(this.#machine.scheduler, this.#machine.without, wish);
  }

  join(team: Team): void {
    this.#desk = new LaneDesk(team, this.#teller);
    this.#teller.laneNames = team.names;
  }

  link(line: PeerLine): void {
    const desk = this.#desk;
    if (desk === undefined) throw new BAD_INV_ORDER(`${this.#birth.lane} belongs to no pool yet`);
    const execute: Execute = (arrival, deadline) => desk.execute(arrival, deadline);
    desk.link(new Peer(line, systemClock, execute));
    this.#teller.grown();
  }

  unlink(seat: Seat): void {
    this.#desk?.unlink(seat);
  }

  async open(opening: Opening): Promise<Opened> {
    const { listen, publish, sharesPort } = opening;
    const { initializers, instance, orb: config, mutexMemory } = this.#birth;
    const { scheduler, mutexes } = this.#machine;
    const { measures: metrics } = this.#teller;
    const engine = this.#machine.newTransport(this.#birth);
    const transport = sharesPort ? sharing(engine) : engine;
    await this.#rehearse(opening, engine);
    const found = await Promise.all(initializers.map(initializerOf));
    const orb = await ORB_init(this.#birth.arguments, {
      instance,
      logger: this.#log,
      config: { orb: { ...config, listen, publish } },
      ...(metrics === undefined ? {} : { metrics }),
      ...(transport === undefined ? {} : { transport }),
      ...(mutexMemory === undefined ? {} : { mutexMemory }),
      native: {
        ...(scheduler === undefined ? {} : { scheduler }),
        ...(mutexes === undefined ? {} : { mutexes }),
      },
      ...(found.length === 0 ? {} : { initializers: portable(found) }),
    });
    this.#orb = orb;
    // Asked for, so that what servants call on is told their priority; behind an await it is the lane's.
    const { current } = orb.rt;
    const ofLane = this.#desk?.priority;
    if (ofLane === undefined) current._enable();
    else current._runAt(ofLane);
    this.#adapters = new LaneAdapters(orb, this.#desk);
    orb.rootPOA.the_POAManager.activate();
    await this.#keepWarm(opening);
    return {
      listening: endpointOf(orb.endpoints),
      published: endpointOf(orb.publishedAddresses),
    };
  }

  async #rehearse(
    { warmUpCalls, rehearsalsPerSecond }: Opening,
    transport: Transport | undefined,
  ): Promise<void> {
    if (warmUpCalls === 0 && rehearsalsPerSecond === 0) return;
    const rehearsal = await Rehearsal.warmUp(transport, this.#rehearsedAdapter(), warmUpCalls);
    if (rehearsalsPerSecond === 0) await rehearsal.close();
    else this.#rehearsal = rehearsal;
  }

  async #keepWarm({ rehearsalsPerSecond }: Opening): Promise<void> {
    await this.#rehearsal?.keepWarm(rehearsalsPerSecond, {
      clock: systemClock,
      taken: () => this.#desk?.taken ?? 0,
      failed: (error) => {
        const { lane } = this.#birth;
        const text = `lane "${lane}" calls itself no more, and the first call after a pause takes longer`;
        this.#log.warn(text, { error });
      },
    });
  }

  /** The way of a lane's requests, with a desk that nobody else sits at. */
  #rehearsedAdapter(): CreatePoaOptions {
    const team: Team = {
      seat: { lane: 0, thread: 0 },
      hasLanes: true,
      priorities: [0],
      names: [],
      counts: newCounts(1),
      maxConcurrent: 1,
      maxBufferedRequests: 0,
      maxBufferedOctets: 0,
      mayGrow: false,
      mayBorrow: false,
    };
    const desk = new LaneDesk(team, this.#teller);
    return { lane: { priority: 0, pool: [] }, gate: new LaneGate(desk, ["rehearsed"], () => 0) };
  }

  async createAdapter(adapter: LaneAdapter): Promise<void> {
    await this.#opened().create(adapter);
  }

  async destroyAdapter(path: readonly string[]): Promise<void> {
    await this.#opened().destroy(path);
  }

  async activate(
    path: readonly string[],
    objectId: Uint8Array,
    servant: ModuleServant,
  ): Promise<string> {
    return await this.#opened().activate(path, objectId, servant);
  }

  deactivate(path: readonly string[], objectId: Uint8Array): void {
    this.#opened().deactivate(path, objectId);
  }

  assign(path: readonly string[], objectId: Uint8Array, priority: number | undefined): void {
    this.#opened().assign(path, objectId, priority);
  }

  async manage(manager: LaneManager): Promise<void> {
    await this.#opened().managers.manage(manager);
  }

  async completion(managerId: string): Promise<void> {
    await this.#opened().managers.completion(managerId);
  }

  measure(): void {
    this.#teller.tell();
  }

  async transform(by: ModuleServant | undefined): Promise<void> {
    const made = by === undefined ? undefined : await makeTransform(by);
    const rt = this.#orb?.rt;
    if (rt === undefined) return;
    rt.priorityTransform = made;
    // It wants to know for which object a call is made, behind an await, too.
    if (made !== undefined) rt.current._enable();
  }

  async close(timeoutMs: number): Promise<void> {
    const startMs = systemClock.nowMs();
    await this.#rehearsal?.close();
    await this.#orb?.shutdown(timeoutMs);
    await this.#orb?.destroy();
    this.#desk?.close();
    this.#teller.close();
    this.#log.debug("the lane's thread is closed", {
      tookMs: Math.round(systemClock.nowMs() - startMs),
    });
    this.#ended();
  }

  #opened(): LaneAdapters {
    if (this.#adapters !== undefined) return this.#adapters;
    throw new BAD_INV_ORDER(`lane "${this.#birth.lane}" is not open yet`);
  }
}

/** The transport, listening where other threads listen, too. */
function sharing(transport: Transport | undefined): Transport | undefined {
  if (transport === undefined) return undefined;
  return {
    connect: (to, signal) => transport.connect(to, signal),
    listen: (at, accept) => transport.listen({ ...at, reusePort: true }, accept),
  };
}

function endpointOf(
  endpoints: readonly { readonly host: string; readonly port: number }[],
): LaneEndpoint | undefined {
  const [first] = endpoints;
  return first === undefined ? undefined : { host: first.host, port: first.port };
}

async function initializerOf(of: ModuleExport): Promise<ORBInitializer> {
  const found = await importExport(of);
  if (typeof found === "function") return (await (found as () => unknown)()) as ORBInitializer;
  return found as ORBInitializer;
}
