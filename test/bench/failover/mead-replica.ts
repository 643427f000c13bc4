// A replica of the reflector, three times over: without anything, with fail-over messages, and with forwards.
//
//   node dist/test/bench/failover/mead-replica.js net|reactor
//
// Prints "ready PLAIN MESSAGE FORWARD", its ports; each call of echo gives its process id. Reads lines, and answers "done":
//   know WHICH PORT…     the clients of one ORB know of others, and stay
//   move N WHICH PORT…   in its N-th call from now: they are to leave for others
//   die N                in its N-th call from now: as a fault does, before it is answered
//   settle               from now on V8 optimises nothing more: its threads would take the core from those that are measured
// Ends with its input.
import { createInterface } from "node:readline";
import { setFlagsFromString } from "node:v8";
import { FailOverServer, portable, type ReplicaAddress } from "orbweaver/interceptors";
import { type ORB, ORB_init } from "orbweaver/orb";
import { ReflectorSkeleton } from "../gen/Bench.js";
import { transportOf } from "../transport.ts";

const WHO = new Uint8Array(Uint32Array.of(process.pid).buffer);
/** What happens to it, and how many calls it has until then. */
let fault: { callsLeft: number; readonly happens: () => unknown } = {
  callsLeft: 0,
  happens: () => undefined,
};

class Replica extends ReflectorSkeleton {
  echo(): Uint8Array {
    if (fault.callsLeft > 0 && --fault.callsLeft === 0) fault.happens();
    return WHO;
  }

  echo_string(s: string): string {
    return s;
  }

  quit(): void {
    process.exitCode = 0;
  }
}

async function serve(initializers?: ReturnType<typeof portable>): Promise<ORB> {
  const orb = await ORB_init([], {
    config: { orb: { listen: ["iiop://127.0.0.1:0"] } },
    transport: transportOf(process.argv[2]),
    ...(initializers === undefined ? {} : { initializers }),
  });
  orb.bindPlainKey("echo", orb.rootPOA.id_to_reference(orb.rootPOA.activate_object(new Replica())));
  orb.rootPOA.the_POAManager.activate();
  return orb;
}

const schemes: Readonly<Record<string, FailOverServer>> = {
  message: new FailOverServer({ schemes: ["message"] }),
  forward: new FailOverServer({ schemes: ["forward"] }),
};
const orbs = [
  await serve(),
  await serve(portable([schemes["message"] as FailOverServer])),
  await serve(portable([schemes["forward"] as FailOverServer])),
];
process.stdout.write(`ready ${orbs.map(({ endpoints }) => endpoints[0]?.port).join(" ")}\n`);

const addresses = (ports: readonly string[]): readonly ReplicaAddress[] =>
  ports.map((port) => ({ host: "127.0.0.1", port_number: Number(port) }));

for await (const line of createInterface({ input: process.stdin })) {
  const [word, first = "", ...rest] = line.split(" ");
  const callsLeft = Number(first);
  if (word === "settle") setFlagsFromString("--no-opt");
  if (word === "know") schemes[first]?.know(addresses(rest));
  if (word === "die") fault = { callsLeft, happens: () => process.kill(process.pid, "SIGKILL") };
  if (word === "move") {
    const [which = "", ...ports] = rest;
    const [scheme, others] = [schemes[which], addresses(ports)];
    fault = { callsLeft, happens: () => scheme?.move(others) };
  }
  process.stdout.write("done\n");
}
for (const orb of orbs) await orb.destroy();
