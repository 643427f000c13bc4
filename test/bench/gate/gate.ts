import {
  type Arrival,
  type Deadline,
  DirectGate,
  type DispatchGate,
  MemoryTransport,
  ORB_init,
  type Outcome,
  type Upcall,
} from "../../../orb/index.ts";
import { Sample, sample } from "../../support/sample.ts";
import { type Block, blockOf, rowOf } from "../block.ts";
import type { Row } from "../block.ts";
import type { BenchOptions } from "../options.ts";
import { tableLine } from "../table.ts";

/** Hands each arrival on: what a gate costs that does nothing. */
class PassingGate implements DispatchGate {
  #upcall: Upcall = () => ({ kind: "none" });

  attach(upcall: Upcall): void {
    this.#upcall = upcall;
  }

  admit(arrival: Arrival, deadline: Deadline): Outcome | Promise<Outcome> {
    return this.#upcall(arrival, deadline);
  }
}

const CONTENDERS: readonly (readonly [name: string, gate: DispatchGate | undefined])[] = [
  ["no gate", undefined],
  ["direct gate", new DirectGate()],
  ["passing gate", new PassingGate()],
];
const CALLS_A_SAMPLE = 50;
/** The direct gate may cost this much a call. */
const TARGET_NS = 100;

/**
 * Calls over the memory transport, in one thread: with no gate, with the direct one, and with one that hands
 * arrivals on. A sample is the mean of some calls; blocks take turns.
 */
export async function gate(options: BenchOptions, print: (line: string) => void): Promise<Row[]> {
  const transport = new MemoryTransport();
  await using server = await ORB_init([], { transport });
  await using client = await ORB_init([], { transport });
  server.rootPOA.the_POAManager.activate();
  const loads = await Promise.all(
    CONTENDERS.map(async ([name, contender], i) => {
      const policies = contender === undefined ? {} : { gate: contender };
      const poa = await server.rootPOA.createPoa(`poa${i}`, policies);
      const servant = new Sample();
      const near = await poa.activate(servant);
      const far = await client.string_to_object(server.object_to_string(near));
      if (far === null) throw new TypeError("nil");
      const call = async (): Promise<void> => {
        await sample.echo(far, "64 octets");
        servant.calls.length = 0;
      };
      return { name, call, blocks: [] as Block[] };
    }),
  );
  for (const { call } of loads) await block(call, options.pace.warmUpMs);
  for (let round = 0; round < options.pace.blocks * 3; round++)
    for (const load of loads) load.blocks.push(await block(load.call, options.pace.blockMs / 3));
  const [first] = loads;
  print(tableLine());
  const rows = loads.map((load) =>
    rowOf(load.name, load.blocks, "p50", load === first ? undefined : first),
  );
  for (const row of rows) print(tableLine(row.name, row));
  const [none = 0, direct = 0] = rows.map((row) => row.p50);
  const ns = Math.round((direct - none) * 1_000);
  print(`the direct gate costs ${ns} ns a call; allowed: ${TARGET_NS}`);
  return rows;
}

async function block(call: () => Promise<void>, ms: number): Promise<Block> {
  const samples: number[] = [];
  const begun = performance.now();
  let now = begun;
  while (now - begun < ms) {
    for (let i = 0; i < CALLS_A_SAMPLE; i++) await call();
    const ended = performance.now();
    samples.push(((ended - now) * 1_000) / CALLS_A_SAMPLE);
    now = ended;
  }
  return blockOf(Float64Array.from(samples), (now - begun) * 1_000);
}
