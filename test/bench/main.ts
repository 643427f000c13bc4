import { writeFile } from "node:fs/promises";
import type { Row } from "./block.ts";
import { describeMachine } from "./machine.ts";
import { parseOptions, USAGE } from "./options.ts";
import type { BenchOptions } from "./options.ts";
import { connections } from "./connections/connections.ts";
import { dii } from "./dii/dii.ts";
import { failover } from "./failover/index.ts";
import { fuzz } from "./fuzz/fuzz.ts";
import { gate } from "./gate/gate.ts";
import { hooks } from "./hooks/hooks.ts";
import { idlc } from "./idlc/idlc.ts";
import { inheritance } from "./inheritance/inheritance.ts";
import { lanes } from "./lanes/lanes.ts";
import { reactorLeak } from "./reactor/leak.ts";
import { overlay } from "./overlay/overlay.ts";
import { replication } from "./replication/replication.ts";
import { rpc } from "./rpc/rpc.ts";
import { sla } from "./sla/sla.ts";
import { soak } from "./soak/soak.ts";

type Bench = (options: BenchOptions, print: (line: string) => void) => Promise<Row[]>;

/** Every bench by name, with what it measures. */
const BENCHES: Readonly<Record<string, readonly [bench: Bench, about: string]>> = {
  connections: [
    connections,
    "1,000 busy connections among 10,000 idle ones, and one beyond the limit",
  ],
  dii: [dii, "dynamic calls and dynamic servants beside stubs and skeletons"],
  failover: [
    failover,
    "the papers' experiments on failing over, beside what they found: --only mead, --only flare",
  ],
  fuzz: [fuzz, "changed messages at a live server, which must stay well"],
  gate: [gate, "what the dispatch gate of a POA costs a call, over memory"],
  hooks: [hooks, "what interceptors cost a call, none registered and empty ones, over memory"],
  idlc: [idlc, "the IDL compiler: time and peak memory beside omniidl; generated codecs"],
  inheritance: [
    inheritance,
    "what a high thread waits for a mutex that a low one holds while a middle one burns",
  ],
  "reactor-leak": [
    reactorLeak,
    "a million requests through the native reactor: nothing may grow, nor kept octets change",
  ],
  lanes: [
    lanes,
    "the paper's experiment: latency over SCHED_FIFO load, with and without a reserved core; three bands at once",
  ],
  overlay: [
    overlay,
    "P3 as 18 processes, or thousands of peers on virtual time (--sim): joining, failing, finding",
  ],
  replication: [
    replication,
    "calls of a replicated servant beside one that is not, each style and degree",
  ],
  sla: [
    sla,
    "the service level: 200 alarms/s and 250 calls/s at a replicated station, a crash a minute",
  ],
  soak: [soak, "calls of every type by ORBs that come and go: nothing may grow"],
  rpc: [rpc, "remote calls: echo of 64 B, 4 KiB and 1 MiB, one at a time and many at once"],
};

async function main(args: readonly string[]): Promise<void> {
  const print = (line: string): void => void process.stdout.write(`${line}\n`);
  const options = parseOptions(args);
  if (options === "help") {
    const names = Object.entries(BENCHES).map(([name, [, about]]) => `  ${name}  ${about}`);
    print(`${USAGE}\n\nbenches:\n${names.join("\n")}`);
    return;
  }
  const [bench] = BENCHES[options.bench] ?? [];
  if (bench === undefined)
    throw new TypeError(
      `no bench "${options.bench}"; there is: ${Object.keys(BENCHES).join(", ")}`,
    );
  const machine = describeMachine();
  const { cpu, cores, system, node, load } = machine;
  print(`${options.bench} on ${cores} × ${cpu}, ${system}, Node ${node}, load ${load}`);
  const rows = await bench(options, print);
  if (options.json !== undefined)
    await writeFile(
      options.json,
      `${JSON.stringify({ bench: options.bench, machine, rows }, roundedTo3, 2)}\n`,
    );
}

/** Thousandths: what lies behind them is noise of the clock. */
function roundedTo3(_key: string, value: unknown): unknown {
  return typeof value === "number" ? Math.round(value * 1_000) / 1_000 : value;
}

main(process.argv.slice(2)).catch((error: unknown) => {
  process.stderr.write(`bench: ${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 1;
});
