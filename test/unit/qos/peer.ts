import { QosClient, qosFaultText } from "../../../services/qos/index.ts";
import { laneDemand, runtimeDemand } from "../../../services/admission/index.ts";

/**
 * A peer of its own process: `peer.js SOCKET NAME RUNTIME_US MEMORY_OCTETS OCTETS_TO_TAKE`. Says what it got, then
 * waits to be killed; a line on its standard input makes it take memory.
 */
const [socket = "", name = "peer", budget = "0", memory = "0", greed = "0"] = process.argv.slice(2);
/** Octets taken at once. */
const CHUNK = 10_000_000;
const realtime = { runtime_us: Number(budget), period_us: Number(budget) === 0 ? 0 : 1_000_000 };
const log = (message: string): void => void process.stderr.write(`${message}\n`);
const logger = { debug: () => undefined, info: log, warn: log, error: log };
try {
  const client = await QosClient.open({
    socket,
    logger,
    runtime: runtimeDemand({
      name,
      realtime,
      cpu_percent: 50,
      memory_octets: BigInt(memory),
    }),
  });
  const lane = await client?.reserve(
    Number(budget) === 0
      ? laneDemand({ name: "lane", cpu_percent: 90 })
      : laneDemand({ name: "lane", sched: "SCHED_FIFO", priority: 20, realtime, cpu_percent: 50 }),
  );
  await lane?.place([process.pid]);
  const settled = await client?.settle();
  process.stdout.write(`${JSON.stringify({ pid: process.pid, path: lane?.path, settled })}\n`);
} catch (thrown) {
  process.stdout.write(`${JSON.stringify({ fault: qosFaultText(thrown) })}\n`);
  process.exitCode = 1;
}
const taken: Buffer[] = [];
process.stdin.on("data", () => {
  for (let left = Number(greed); left > 0; left -= CHUNK) taken.push(Buffer.alloc(CHUNK, 1));
});
// Until it is killed, or its standard input ends.
process.stdin.resume();
