// Serves a Player under the plain key "player": `node player-server.js ENDPOINT CONFIG`, the ORB's as JSON. Prints
// the port, then waits to be killed or for its standard input to end.
import { once } from "node:events";
import { loadNative } from "../../../native/index.ts";
import { ORB_init, type OrbConfig } from "../../../orb/index.ts";
import { Player } from "../servants/references.ts";

const [, , endpoint = "", config = "{}"] = process.argv;
await using orb = await ORB_init(["-ORBListenEndpoints", endpoint], {
  native: loadNative(),
  config: { orb: JSON.parse(config) as OrbConfig },
});
orb.bindPlainKey("player", await orb.rootPOA.activate(new Player()));
orb.rootPOA.the_POAManager.activate();
process.stdout.write(`port ${orb.endpoints[0]?.port}\n`);
process.stdin.resume();
await once(process.stdin, "end");
