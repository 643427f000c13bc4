// A client for the memory figures: IOR TRANSPORT [MANAGER]. It calls, collects, and prints its resident memory.
import { portable, Redirection, TargetTable } from "../../../interceptors/index.ts";
import { ORB_init } from "../../../orb/index.ts";
import { sample } from "../../support/sample.ts";
import { transportOf } from "../transport.ts";

const [ior = "", name, manager = ""] = process.argv.slice(2);
const CALLS = 1_000;
const args = ["-ORBListenEndpoints", "iiop://127.0.0.1:0"];
const transport = transportOf(name);
const targets = new TargetTable();
const orb = await ORB_init(
  manager === "" ? args : [...args, "-ORBInitRef", `ReplicationManager=${manager}`],
  manager === ""
    ? { transport }
    : { transport, initializers: portable([new Redirection({ targets })]) },
);
if (manager !== "") {
  const { ForwardingAgent } = await import("../../../services/forwarding/index.ts");
  await ForwardingAgent.open({ orb, targets });
}
const reference = await orb.string_to_object(ior);
if (reference === null) throw new TypeError("nil");
for (let i = 0; i < CALLS; i++) await sample.echo(reference, "x");
globalThis.gc?.();
process.stdout.write(`rss ${process.memoryUsage().rss}\n`);
process.stdin.on("end", () => process.exit()).resume();
