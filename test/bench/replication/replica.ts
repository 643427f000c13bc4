// One replica of an echo with a counter for its state: `node replica.js POLICY ENDPOINT_FOR_LETTERS...`. Prints the address of its
// host of groups, is told those of all, and prints its reference when the group is complete.
import { once } from "node:events";
import { createInterface } from "node:readline";
import { ORB_init, type ReplicationOptions } from "orbweaver/orb";
import { openTcpCarrier, openGroupHost } from "orbweaver/services/group-net";
import { replicator } from "orbweaver/services/replication";
import { ReflectorSkeleton } from "../gen/Bench.js";

const READY_MS = 30_000;

class Reflector extends ReflectorSkeleton {
  calls = 0;

  echo(data: Uint8Array): Uint8Array {
    this.calls++;
    return data;
  }

  echo_string(s: string): string {
    this.calls++;
    return s;
  }

  quit(): void {
    this.calls++;
  }
}

const policy = JSON.parse(process.argv[2] ?? "{}") as ReplicationOptions;
const host = openGroupHost({
  carrier: await openTcpCarrier({ host: "127.0.0.1" }),
  site: "bench",
});
process.stdout.write(`host ${host.address}\n`);
const input = createInterface({ input: process.stdin });
const [line] = (await once(input, "line")) as [string];
const groups = replicator({ host, entry: { by: "list", addresses: line.split(" ") } });
const orb = await ORB_init([], { replicator: groups });
const poa = await orb.rootPOA.createPoa("bench", { replication: policy });
const id = Buffer.from("reflector");
poa.activate_object_with_id(id, new Reflector());
poa.the_POAManager.activate();
await groups.ready("bench", AbortSignal.timeout(READY_MS));
process.stdout.write(`ready ${orb.object_to_string(poa.id_to_reference(id))}\n`);
await once(input, "close");
await host.close();
await orb.destroy();
