// A naming service. Prints "ready PORT"; ends with its input.
import { ORB_init } from "orbweaver/orb";
import { startNaming } from "orbweaver/services/naming";

const orb = await ORB_init([], { config: { orb: { listen: ["iiop://127.0.0.1:0"] } } });
await startNaming({ orb });
process.stdout.write(`ready ${orb.endpoints[0]?.port}\n`);
process.stdin.resume().on("end", () => void orb.destroy());
