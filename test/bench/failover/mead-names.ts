// A naming service over TRANSPORT, its argument. Prints "ready PORT"; whatever it reads, it answers "done", and V8 optimises nothing more. Ends with its input.
import { createInterface } from "node:readline";
import { setFlagsFromString } from "node:v8";
import { ORB_init } from "orbweaver/orb";
import { startNaming } from "orbweaver/services/naming";
import { transportOf } from "../transport.ts";

const orb = await ORB_init([], {
  config: { orb: { listen: ["iiop://127.0.0.1:0"] } },
  transport: transportOf(process.argv[2]),
});
await startNaming({ orb });
process.stdout.write(`ready ${orb.endpoints[0]?.port}\n`);
for await (const _line of createInterface({ input: process.stdin })) {
  setFlagsFromString("--no-opt");
  process.stdout.write("done\n");
}
await orb.destroy();
