// A server that leaks memory with every call, and dies of it: one replica of several, started by start.ts.
//
//   --leak OCTETS    kept of each call (65,536)
//   --limit OCTETS   at which the process dies (33,554,432)
import { parseArgs } from "node:util";
import { FailOverServer, portable } from "orbweaver/interceptors";
import { ORB_init } from "orbweaver/orb";
import type { Gauge } from "orbweaver/services/predictor";
import { serveRecovery } from "orbweaver/services/recovery";
import * as Plant from "./gen/Plant.ts";

const { values } = parseArgs({
  options: { leak: { type: "string" }, limit: { type: "string" } },
});
const leakOctets = Number(values.leak ?? 65_536);
const limit = Number(values.limit ?? 33_554_432);

class Meter extends Plant.MeterSkeleton {
  readonly #kept: Uint8Array[] = [];

  read(): Plant.Reading {
    this.#kept.push(new Uint8Array(leakOctets).fill(1));
    // As the kernel does when there is no memory left.
    if (this.#kept.length * leakOctets >= limit) process.kill(process.pid, "SIGKILL");
    return { server: process.pid, number: this.#kept.length };
  }
}

const failOver = new FailOverServer();
const orb = await ORB_init([], {
  config: { orb: { listen: ["iiop://127.0.0.1:0"] } },
  initializers: portable([failOver]),
});
orb.bindPlainKey("meter", orb.rootPOA.id_to_reference(orb.rootPOA.activate_object(new Meter())));
orb.rootPOA.the_POAManager.activate();

const buffers: Gauge = { name: "buffers", limit, read: () => process.memoryUsage().arrayBuffers };
serveRecovery({ orb, failOver, gauges: [buffers], everyMs: 25 });
