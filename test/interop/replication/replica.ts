// A replica of a counting Player: `node replica.js ENDPOINT HOST_PORT POLICY [FOLDER]`, the policy as JSON, the folder for what
// a durable one stores. Prints "host ADDRESS", then obeys:
//   join ADDRESS...       is one of those that begin the group; "ready IOR" when it is in
//   come ADDRESS...       joins the group that is there
//   move ADDRESS          hands the primary's place to the member there; "moved"
//   retire                leaves without a client noticing, and ends its ORB; "retired N", N requests sent elsewhere
// Says "stands AT PRIMARY" with each change. Ends with its standard input.
import { createInterface } from "node:readline";
import { loadNative } from "../../../native/index.ts";
import { type ORB, ORB_init, type ReplicationOptions } from "../../../orb/index.ts";
import { openTcpCarrier, openGroupHost } from "../../../services/group-net/index.ts";
import { LmdbGroupStores } from "../../../services/group-store/index.ts";
import {
  type Door,
  type Entry,
  movePrimary,
  replicator,
  retire,
} from "../../../services/replication/index.ts";
import * as Interop from "../gen/Interop.ts";

/** Milliseconds an order may take on a busy machine. */
const ORDER_MS = 20_000;
/** A busy machine is late: silence counts from about a second on, the end of a process at once. */
const TIMES = {
  heartbeatMs: 50,
  detector: { threshold: 8, expectedMs: 100, leastDeviationMs: 150 },
  patienceMs: 1_000,
  resendMs: 200,
};

/**
 * Answers how often it was told each number since the last 0; told −1, how much it was told; told −2, how many numbers; told
 * −3 − n, how often n.
 */
class Counter extends Interop.PlayerSkeleton {
  counts: number[] = [];

  override bounce(_other: Interop.Player | null, depth: number): number {
    if (depth === -1) return this.counts.reduce((sum, count) => sum + count, 0);
    if (depth === -2) return this.counts.filter((count) => count > 0).length;
    if (depth < 0) return this.counts[-3 - depth] ?? 0;
    if (depth === 0) this.counts.length = 0;
    const count = (this.counts[depth] ?? 0) + 1;
    // What was lost of a row of calls leaves no hole: plain state has none.
    for (let i = this.counts.length; i < depth; i++) this.counts.push(0);
    this.counts[depth] = count;
    return count;
  }
}

const say = (line: string): void => void process.stdout.write(`${line}\n`);

async function start(
  endpoint: string,
  policy: ReplicationOptions,
  host: ReturnType<typeof openGroupHost>,
  entry: Entry,
  stores: LmdbGroupStores | undefined,
): Promise<{ readonly orb: ORB; readonly door: Door }> {
  const doors: Door[] = [];
  const joined = (door: Door): void => void doors.push(door);
  const orb = await ORB_init(["-ORBListenEndpoints", endpoint], {
    native: loadNative(),
    config: { orb: { resetOnCrash: true } },
    replicator: replicator({
      host,
      entry,
      joined,
      details: { times: TIMES },
      ...(stores === undefined ? {} : { store: (group: string) => stores.member(group) }),
    }),
  });
  const poa = await orb.rootPOA.createPoa("players", { replication: policy });
  const id = Buffer.from("counter");
  poa.activate_object_with_id(id, new Counter());
  poa.the_POAManager.activate();
  const [door] = doors;
  if (door === undefined) throw new TypeError("no group was joined");
  const { group } = door;
  group.watch(({ kind }) => {
    if (kind === "standing") say(`stands ${group.standing.at} ${group.view?.view.primary ?? ""}`);
  });
  await door.ready(AbortSignal.timeout(ORDER_MS));
  say(`ready ${orb.object_to_string(poa.id_to_reference(id))}`);
  return { orb, door };
}

const [, , endpoint = "", hostPort = "0", policy = "{}", folder] = process.argv;
const carrier = await openTcpCarrier({ host: "127.0.0.1", port: Number(hostPort) });
const stores = folder === undefined ? undefined : await LmdbGroupStores.open(folder);
const host = openGroupHost({ carrier, site: endpoint });
say(`host ${host.address}`);
let running: Awaited<ReturnType<typeof start>> | undefined;
for await (const line of createInterface({ input: process.stdin })) {
  const [order = "", ...addresses] = line.split(" ");
  const options = JSON.parse(policy) as ReplicationOptions;
  if (order === "join" || order === "come") {
    const by = order === "join" ? "list" : "contacts";
    running = await start(endpoint, options, host, { by, addresses }, stores);
  } else if (running !== undefined && order === "move") {
    const { group } = running.door;
    const to = group.view?.members.find(({ id }) => id.endsWith(`@${addresses[0]}`))?.id ?? "";
    await movePrimary(group, to, AbortSignal.timeout(ORDER_MS));
    say("moved");
  } else if (running !== undefined && order === "retire") {
    await retire(running.door, AbortSignal.timeout(ORDER_MS));
    await running.orb.destroy();
    say(`retired ${running.door.sentCount}`);
  }
}
await host.close();
await stores?.[Symbol.asyncDispose]();
await running?.orb.destroy();
