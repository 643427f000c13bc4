// Serves Interop::Root under the key "interop"; prints "ready IOR". To "state" it prints "state JSON".
import { createInterface } from "node:readline";
import { ORB_init } from "../../../orb/index.ts";
import { Root } from "../../interop/servants/root.ts";
import { registerValues } from "../../interop/servants/sample-values.ts";
import { stateAtRest } from "./state.ts";

await using orb = await ORB_init(["-ORBListenEndpoints", "iiop://127.0.0.1:0"]);
registerValues(orb);
const root = new Root(orb);
orb.rootPOA.activate_object(root);
const reference = root._this();
await root.prepare();
orb.bindPlainKey("interop", reference);
orb.rootPOA.the_POAManager.activate();
process.stdout.write(`ready ${orb.object_to_string(reference)}\n`);
for await (const line of createInterface({ input: process.stdin })) {
  if (line === "state") process.stdout.write(`state ${JSON.stringify(await stateAtRest())}\n`);
}
