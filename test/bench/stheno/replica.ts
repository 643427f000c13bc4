import { createInterface } from "node:readline";
import { setFlagsFromString } from "node:v8";
import { ORB_init, type DispatchGate } from "../../../orb/index.ts";
import {
  loadNative,
  type NativeAddon,
  nativeFault,
  type NativeScheduler,
} from "../../../native/index.ts";
import {
  GROUP_DEFAULTS,
  type GroupSettings,
  majority,
  type MemberTimes,
} from "../../../services/group/index.ts";
import { openTcpCarrier, openGroupHost, rehearse } from "../../../services/group-net/index.ts";
import { type Group, PlainState } from "../../../services/replication/index.ts";
import { Counter } from "../lanes/counter.ts";
import { coreGroup } from "../lanes/reservation.ts";
import { complete } from "./complete.ts";
import { heardBy } from "./heard-by.ts";
import { PauseCollector } from "./pauses.ts";
import { practise } from "./practice.ts";

/** What a replica is told: its one argument, as JSON. */
export interface ReplicaPlan {
  readonly site: string;
  readonly settings: Partial<GroupSettings>;
  readonly times: Partial<MemberTimes>;
}

/** Where it goes on, once it is warm: said as `place` with this as JSON. */
export interface ReplicaPlacement {
  /** SCHED_FIFO, of the thread that does everything. */
  readonly priority: number;
  /** Group of the reserved core, where there is one. */
  readonly cores?: string;
}

/** Where its object is. */
export interface Place {
  readonly host: string;
  readonly port: number;
  /** In hexadecimal; the same at all replicas. */
  readonly key: string;
}

const HOST = "127.0.0.1";
const JOIN_TIMEOUT_MS = 30_000;
const REHEARSALS = 40;
const PRACTICES = 10;
/** Again, once all that the beginning has left is collected: with what was made then go the shapes of objects, by which
 * code that is compiled knows them. */
const REHEARSALS_AGAIN = 3;
const PRACTICES_AGAIN = 3;
const OBJECT_ID = Buffer.from("counter");

/**
 * The main thread goes where it is to serve; on a reserved core it is there alone. What V8 does beside it, above all
 * compile, stays on the other cores, and there is not kept from it by the load: the main thread may wait for it.
 */
function settle({ scheduler }: NativeAddon, { priority, cores }: ReplicaPlacement): void {
  const main = scheduler.threadId();
  if (cores !== undefined) {
    for (const { id } of scheduler.threads())
      if (id !== main) scheduler.setScheduling(id, { policy: "fifo", priority: priority + 1 });
    coreGroup(cores).addThread(main);
  }
  scheduler.setTimerSlackNs(1);
  // What is warm is compiled. One more function now, and the main thread waits for a lock that a helper has, which the
  // kernel keeps from its core when real-time threads have used up their share of it.
  setFlagsFromString("--no-opt");
}

/** Priorities below the services' that members of a group have. */
interface Rank {
  /** While somebody may wait. */
  readonly below: number;
  /** While its servants follow. */
  readonly asideBelow: number;
}

/** The only one there is, and all before they are members. */
const FIRST: Rank = { below: 0, asideBelow: 1 };
/** While it tidies up; all others go before. */
const LOWEST_BELOW = 10;

/**
 * The primary goes first, then the others in the order in which they would succeed it: a majority of them has acknowledged
 * an operation, or agreed to a new view when the primary is lost, before its servants follow or the rest begins.
 */
function rankOf(group: Group | undefined): Rank {
  const members = group?.view?.members ?? [];
  const at = members.findIndex(({ id }) => id === group?.self);
  if (at < 0) return FIRST;
  const needed = majority(members.length);
  return at <= needed
    ? { below: at, asideBelow: needed + 1 }
    : { below: at + 1, asideBelow: members.length + 1 };
}

/** The primary hears from each of the others that it has an operation; they hear of it once. */
function messagesPerRequest({ view, self }: Group): number {
  const members = view?.members ?? [];
  return members.length > 1 && members[0]?.id === self ? members.length - 1 : 1;
}

/**
 * The main thread's priorities. On a reserved core nobody but this service waits for them: who has an answer for the
 * client to give goes before those who follow. Elsewhere there is the load.
 */
class Ranks {
  readonly #scheduler: NativeScheduler;
  #placement: ReplicaPlacement | undefined;
  readonly #threadId: number;
  #rank: Rank = FIRST;
  /** As it is; 0: not placed. */
  #lowered = 0;

  constructor(scheduler: NativeScheduler) {
    this.#scheduler = scheduler;
    this.#threadId = scheduler.threadId();
  }

  place(placement: ReplicaPlacement): void {
    this.#placement = placement;
    this.#set(this.#rank.below);
  }

  stand(rank: Rank): void {
    this.#rank = rank;
    this.#set(rank.below);
  }

  /** Has servants follow. */
  aside(work: () => void): void {
    this.#yielding(this.#rank.asideBelow, work);
  }

  /** Does what nobody waits for; the primary's is over first, without whom there is no next call. */
  lowest(work: () => void): void {
    this.#yielding(LOWEST_BELOW + this.#rank.below, work);
  }

  #yielding(below: number, act: () => void): void {
    this.#set(below);
    try {
      act();
    } finally {
      this.#set(this.#rank.below);
    }
  }

  #set(below: number): void {
    const { priority = 0, cores } = this.#placement ?? {};
    const lowered = cores === undefined ? priority : priority - below;
    if (lowered === this.#lowered) return;
    this.#lowered = lowered;
    this.#scheduler.setScheduling(this.#threadId, { policy: "fifo", priority: lowered });
  }
}

/**
 * A counter in a process whose main thread serves it. Its input says once how: `alone`, or `with WITNESS ADDRESS…`, the
 * hosts of the group, of which the first founds it; a host that is told nothing may be the witness, `-` is none. Then
 * `collect`, for no garbage to be left of its beginning, and `place` with a {@link ReplicaPlacement}, when it is warm: it
 * answers how far it stands behind the primary. Ends with its input.
 */
async function main({ site, settings, times }: ReplicaPlan): Promise<void> {
  const addon = loadNative();
  if (addon === undefined) throw new TypeError(nativeFault());
  const prepare = async (rehearsals: number, practices: number): Promise<void> => {
    rehearse({ settings: { ...GROUP_DEFAULTS, ...settings }, rounds: rehearsals });
    await practise(addon.createReactor(), settings, practices);
  };
  await prepare(REHEARSALS, PRACTICES);
  const ranks = new Ranks(addon.scheduler);
  const pauses = new PauseCollector((collect) => ranks.lowest(collect));
  const sockets = await openTcpCarrier({ host: HOST, transport: addon.createReactor() });
  const carrier = heardBy(sockets, () => pauses.note());
  await using host = openGroupHost({ carrier, site });
  await using orb = await ORB_init([], {
    config: { orb: { listen: [`iiop://${HOST}:0`] } },
    transport: addon.createReactor({ resetOnCrash: true }),
  });
  const counter = new Counter();
  const serve = async (gate: DispatchGate | undefined): Promise<Place> => {
    const poa = await orb.rootPOA.createPoa("counters", {
      lifespan: "PERSISTENT",
      idAssignment: "USER_ID",
      ...(gate === undefined ? {} : { gate }),
    });
    poa.activate_object_with_id(OBJECT_ID, counter);
    poa.the_POAManager.activate();
    const [target] = poa.id_to_reference(OBJECT_ID)._core.ownTargets;
    const port = Number(target?.place.split(":").at(-1));
    return { host: HOST, port, key: Buffer.from(target?.objectKey ?? []).toString("hex") };
  };
  process.stdout.write(`host ${host.address}\n`);
  let group: Group | undefined;
  let count = 1;
  for await (const line of createInterface({ input: process.stdin })) {
    const [how, witness = "-", ...addresses] = line.split(" ");
    if (how === "collect") {
      pauses.collectAll();
      await prepare(REHEARSALS_AGAIN, PRACTICES_AGAIN);
      process.stdout.write("collected\n");
      continue;
    }
    if (how === "place") {
      // On a busy machine somebody may have been left out meanwhile, and come back.
      if (group !== undefined) await complete(group, count, AbortSignal.timeout(JOIN_TIMEOUT_MS));
      const placement = JSON.parse(line.slice("place ".length)) as ReplicaPlacement;
      settle(addon, placement);
      ranks.place(placement);
      pauses.begin();
      process.stdout.write(`placed ${rankOf(group).below}\n`);
      continue;
    }
    if (how === "alone") {
      process.stdout.write(`ready ${JSON.stringify(await serve(undefined))}\n`);
      continue;
    }
    count = addresses.length;
    const joined = host.join({
      group: "counters",
      entry: { by: "list", addresses },
      state: new PlainState(new Map([["counter", counter]])),
      settings,
      times,
      aside: (work) => ranks.aside(work),
      ...(witness === "-" ? {} : { witness }),
    });
    group = joined;
    joined.watch(({ kind }) => {
      if (kind !== "view") return;
      ranks.stand(rankOf(joined));
      pauses.expect(messagesPerRequest(joined));
    });
    const place = await serve(joined.gate);
    await joined.ready(AbortSignal.timeout(JOIN_TIMEOUT_MS));
    await complete(joined, count, AbortSignal.timeout(JOIN_TIMEOUT_MS));
    process.stdout.write(`ready ${JSON.stringify(place)}\n`);
  }
}

await main(JSON.parse(process.argv[2] ?? "{}") as ReplicaPlan);
