// A server with a limit: `node server.js MAX_CONNECTIONS`. Answers each line of its input with "counts ACCEPTED RSS_KIB".
import { createInterface } from "node:readline";
import { ORB_init } from "orbweaver/orb";
import { ReflectorSkeleton } from "../gen/Bench.js";

class Reflector extends ReflectorSkeleton {
  echo(data: Uint8Array): Uint8Array {
    return data;
  }

  echo_string(s: string): string {
    return s;
  }

  quit(): void {
    return undefined;
  }
}

const maxConnections = Number(process.argv[2]);
const orb = await ORB_init([], { config: { orb: { maxConnections } } });
const id = orb.rootPOA.activate_object(new Reflector());
orb.rootPOA.the_POAManager.activate();
process.stdout.write(`ready ${orb.object_to_string(orb.rootPOA.id_to_reference(id))}\n`);
const lines = createInterface({ input: process.stdin });
lines.on("line", () => {
  const rssKiB = Math.round(process.memoryUsage.rss() / 1_024);
  process.stdout.write(`counts ${orb._connectionCounts.accepted} ${rssKiB}\n`);
});
lines.on("close", () => process.exit(0));
