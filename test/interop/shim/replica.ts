// One of several servers of the same object, an Interop::Player, under the plain key "player":
//
//   node dist/test/interop/shim/replica.js NAME PORT
//
// Prints "ready PORT". Reads lines: `tell MOVES PORT…` tells each connection with its next reply where the object is, too;
// `count` prints "counted N", the calls executed. Each call returns its number, and NAME * 1,000,000. Ends with its input.
import { createInterface } from "node:readline";
import { FailOverServer, portable } from "../../../interceptors/index.ts";
import { ORB_init } from "../../../orb/index.ts";
import { iiopProfilesOf, iorFromString } from "../../../orb/ior/index.ts";
import * as Interop from "../gen/Interop.ts";

const [name = "1", port = "0"] = process.argv.slice(2);
const MARK = 1_000_000;

class Counted extends Interop.PlayerSkeleton {
  count = 0;

  override bounce(): number {
    return ++this.count + Number(name) * MARK;
  }
}

const server = new FailOverServer();
await using orb = await ORB_init([], {
  config: { orb: { listen: [`iiop://127.0.0.1:${port}`] } },
  initializers: portable([server]),
});
const player = new Counted();
orb.rootPOA.activate_object(player);
orb.bindPlainKey("player", player._this());
orb.rootPOA.the_POAManager.activate();
const [profile] = iiopProfilesOf(iorFromString(orb.object_to_string(player._this())));
process.stdout.write(`ready ${profile?.port ?? 0}\n`);

for await (const line of createInterface({ input: process.stdin })) {
  const [word, moves, ...ports] = line.split(" ");
  if (word === "count") process.stdout.write(`counted ${player.count}\n`);
  if (word !== "tell") continue;
  const replicas = ports.map((each) => ({ host: "127.0.0.1", port_number: Number(each) }));
  if (moves === "true") server.move(replicas);
  else server.know(replicas);
  process.stdout.write(`telling ${line}\n`);
}
