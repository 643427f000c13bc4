import { createInterface } from "node:readline";
import { ORB_init, type DispatchGate } from "../../../orb/index.ts";
import { loadNative, nativeFault } from "../../../native/index.ts";
import {
  GROUP_DEFAULTS,
  type GroupSettings,
  type MemberTimes,
} from "../../../services/group/index.ts";
import { openTcpCarrier, openGroupHost, rehearse } from "../../../services/group-net/index.ts";
import { type Group, PlainState } from "../../../services/replication/index.ts";
import { Counter } from "../lanes/counter.ts";
import { coreGroup } from "../lanes/reservation.ts";

/** What a replica is told: its one argument, as JSON. */
export interface ReplicaPlan {
  readonly site: string;
  /** SCHED_FIFO, of the thread that does everything. */
  readonly priority: number;
  /** Group of the reserved core, where there is one. */
  readonly cores?: string;
  readonly settings: Partial<GroupSettings>;
  readonly times: Partial<MemberTimes>;
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
const OBJECT_ID = Buffer.from("counter");

/** Resolves when all of so many are in the group. */
function complete(group: Group, count: number): Promise<void> {
  const isComplete = (): boolean => group.view?.members.length === count;
  if (isComplete()) return Promise.resolve();
  return new Promise((resolve, reject) => {
    const timer = setTimeout(
      () => reject(new Error(`not ${count} replicas within ${JOIN_TIMEOUT_MS} ms`)),
      JOIN_TIMEOUT_MS,
    );
    const end = group.watch(() => {
      if (!isComplete()) return;
      clearTimeout(timer);
      end();
      resolve();
    });
  });
}

/**
 * A counter in a process whose main thread serves it. Its input says once how: `alone`, or `with WITNESS ADDRESS…`, the
 * hosts of the group, of which the first founds it; a host that is told nothing may be the witness, `-` is none. Ends
 * with its input.
 */
async function main({ site, priority, cores, settings, times }: ReplicaPlan): Promise<void> {
  const addon = loadNative();
  if (addon === undefined) throw new TypeError(nativeFault());
  if (cores !== undefined) coreGroup(cores).addProcess(process.pid);
  const { scheduler } = addon;
  scheduler.setTimerSlackNs(1);
  scheduler.setScheduling(scheduler.threadId(), { policy: "fifo", priority });
  rehearse({ settings: { ...GROUP_DEFAULTS, ...settings }, rounds: REHEARSALS });
  const carrier = await openTcpCarrier({ host: HOST, transport: addon.createReactor() });
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
  for await (const line of createInterface({ input: process.stdin })) {
    const [how, witness = "-", ...addresses] = line.split(" ");
    if (how === "alone") {
      process.stdout.write(`ready ${JSON.stringify(await serve(undefined))}\n`);
      continue;
    }
    const group = host.join({
      group: "counters",
      entry: { by: "list", addresses },
      state: new PlainState(new Map([["counter", counter]])),
      settings,
      times,
      ...(witness === "-" ? {} : { witness }),
    });
    const place = await serve(group.gate);
    await group.ready(AbortSignal.timeout(JOIN_TIMEOUT_MS));
    await complete(group, addresses.length);
    process.stdout.write(`ready ${JSON.stringify(place)}\n`);
  }
}

await main(JSON.parse(process.argv[2] ?? "{}") as ReplicaPlan);
