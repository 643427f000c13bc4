// Three replicas of a server that leaks, a recovery manager, and a client that calls them and notices nothing.
//
//   node dist/examples/recovery/start.js [--seconds N] [--each MILLISECONDS]
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { FailOverClient, portable } from "orbweaver/interceptors";
import { ORB_init } from "orbweaver/orb";
import { ProcessLauncher, RecoveryManager } from "orbweaver/services/recovery";
import * as Plant from "./gen/Plant.ts";

const { values } = parseArgs({
  options: { seconds: { type: "string" }, each: { type: "string" } },
});
const seconds = Number(values.seconds ?? 20);
const eachMs = Number(values.each ?? 10);
const say = (line: string): void => void process.stdout.write(`${line}\n`);

const module = fileURLToPath(new URL("./server.js", import.meta.url));
await using manager = new RecoveryManager({
  launcher: new ProcessLauncher({ module }),
  degree: 3,
  onEvent: (event) => {
    const { kind } = event;
    if (kind === "level") say(`${event.replica}: ${kind} ${event.level}`);
    else if ("replica" in event) say(`${event.replica}: ${kind}`);
    else say(kind);
  },
});
await manager.start();

const failOver = new FailOverClient();
await using orb = await ORB_init([], {
  config: { orb: { listen: [] } },
  connectionWatch: failOver,
  initializers: portable([failOver]),
});
const [first] = manager.addresses;
const meter = Plant.Meter.uncheckedNarrow(
  await orb.string_to_object(`corbaloc::${first?.host}:${first?.port_number}/meter`),
);
if (meter === null) throw new TypeError("no replica was started");

const endMs = performance.now() + seconds * 1_000;
const servers = new Set<number>();
let [calls, exceptions] = [0, 0];
while (performance.now() < endMs) {
  try {
    servers.add((await meter.read()).server);
  } catch (error) {
    exceptions++;
    say(`a call ended in ${String(error)}`);
  }
  calls++;
  await sleep(eachMs);
}
say(`${calls} calls to ${servers.size} servers, ${exceptions} exceptions`);
