// A replica of an Interop::Player under the plain key "player", a child process of the test that moves it or a recovery
// manager's. Forwards its clients when they are to leave, for they know no messages.
//
//   --leak OCTETS   kept of each call (0)
//   --limit OCTETS  at which it dies
//   --quiet MS      without a call after which its clients have left (0)
//
// Each call returns its number, and MARK times the process id modulo 2,000.
import { parseArgs } from "node:util";
import { FailOverServer, portable } from "../../../interceptors/index.ts";
import { ORB_init } from "../../../orb/index.ts";
import type { Gauge } from "../../../services/predictor/index.ts";
import { serveRecovery } from "../../../services/recovery/index.ts";
import * as Interop from "../gen/Interop.ts";

const { values } = parseArgs({
  options: { leak: { type: "string" }, limit: { type: "string" }, quiet: { type: "string" } },
});
const leak = Number(values.leak ?? 0);
const limit = Number(values.limit ?? 1);
const quietMs = Number(values.quiet ?? 0);
const MARK = 1_000_000;
const MOST_MARKS = 2_000;

class Leaking extends Interop.PlayerSkeleton {
  readonly #kept: Uint8Array[] = [];
  #count = 0;

  override bounce(): number {
    this.#count++;
    if (leak > 0) this.#kept.push(new Uint8Array(leak).fill(1));
    if (leak > 0 && this.#kept.length * leak >= limit) process.kill(process.pid, "SIGKILL");
    return this.#count + (process.pid % MOST_MARKS) * MARK;
  }
}

const failOver = new FailOverServer({ schemes: ["forward"] });
const orb = await ORB_init([], {
  config: { orb: { listen: ["iiop://127.0.0.1:0"] } },
  initializers: portable([failOver]),
});
const player = new Leaking();
orb.rootPOA.activate_object(player);
orb.bindPlainKey("player", player._this());
orb.rootPOA.the_POAManager.activate();
const buffers: Gauge = { name: "buffers", limit, read: () => process.memoryUsage().arrayBuffers };
serveRecovery({ orb, failOver, gauges: leak > 0 ? [buffers] : [], everyMs: 25, quietMs });
