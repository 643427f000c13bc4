// A process to be killed: `node killed.js true|false` serves with `orb.resetOnCrash` as told, in its main thread and in
// a lane, and prints the ports of both. It ends in good order when its standard input does.
import { once } from "node:events";
import { ORB_init } from "../../../orb/index.ts";
import { wire } from "../../../services/node/index.ts";
import { laneSpec, within } from "./laned.ts";

const resetOnCrash = process.argv[2] === "true";
const lane = laneSpec("one");
const wired = wire({
  orb: { listen: ["iiop://127.0.0.1:0"], resetOnCrash },
  lanes: { one: { scheduling: "other", warmUpCalls: 0 } },
});
const [started] = await wired.lanes.start([lane], within());
const orb = await ORB_init([], wired);
orb.rootPOA.the_POAManager.activate();
const ports = [orb.endpoints[0]?.port, started?.endpoint.port];
process.stdout.write(`ports ${JSON.stringify(ports)}\n`);
process.stdin.resume();
await once(process.stdin, "end");
await started?.close(within(5_000));
await orb.destroy();
