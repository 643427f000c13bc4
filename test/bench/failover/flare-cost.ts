import { fileURLToPath } from "node:url";
import { portable, Redirection, TargetTable } from "../../../interceptors/index.ts";
import { MemoryTransport, type ObjectReference, ORB_init } from "../../../orb/index.ts";
import { Sample, sample } from "../../support/sample.ts";
import { type Block, blockOf, type Row, rowOf } from "../block.ts";
import { Program } from "../program.ts";
import { percentile } from "../samples.ts";
import type { TransportName } from "../transport.ts";
import { startServer, Testbed } from "./flare-testbed.ts";

/** Microseconds a call that the interceptor may cost. */
const WANTED_US = 2;
const PAPER_US = 8;
const PAPER_MB = 10.2;
const BLOCKS = 25;
const CLIENT = fileURLToPath(new URL("flare-client.js", import.meta.url));
const READY_MS = 30_000;
const MB = 1_048_576;

type Call = () => Promise<unknown>;

/** Blocks take turns, so that whatever else the machine does falls on both. @returns mean microseconds of each block */
async function turns(
  calls: number,
  plain: Call,
  redirected: Call,
): Promise<readonly (readonly [number, number])[]> {
  const each = Math.max(1, Math.floor(calls / BLOCKS));
  const block = async (call: Call): Promise<number> => {
    const begun = performance.now();
    for (let i = 0; i < each; i++) await call();
    return ((performance.now() - begun) * 1_000) / each;
  };
  await block(plain);
  await block(redirected);
  const means: (readonly [number, number])[] = [];
  for (let i = 0; i < BLOCKS; i++) means.push([await block(plain), await block(redirected)]);
  return means;
}

function tell(
  name: string,
  calls: number,
  means: readonly (readonly [number, number])[],
  print: (line: string) => void,
): Row[] {
  const of = (at: 0 | 1): Block =>
    blockOf(
      Float64Array.from(means, (pair) => pair[at]),
      1,
    );
  const costs = Float64Array.from(means, ([plain, with_]) => with_ - plain).toSorted();
  const baseline = { name: `flare ${name}, no interceptor`, blocks: [of(0)] };
  const rows = [
    rowOf(baseline.name, baseline.blocks, "p50"),
    rowOf(`flare ${name}, redirection`, [of(1)], "p50", baseline),
  ];
  const [plain, redirected] = rows.map(({ p50 }) => p50.toFixed(1));
  print(
    `${name.padEnd(9)} ${calls} calls: ${plain} µs without, ${redirected} µs with it: ` +
      `${percentile(costs, 0.5).toFixed(2)} µs a call [at most ${WANTED_US}]; the paper: ${PAPER_US} µs`,
  );
  return rows;
}

/** What the redirecting interceptor costs a call while nothing fails: over memory, and over TCP to another process. */
export async function interceptorCost(
  transport: TransportName,
  calls: number,
  print: (line: string) => void,
): Promise<Row[]> {
  print(`\ninterceptor, nothing fails; median over ${BLOCKS} blocks that take turns`);
  return [...(await overMemory(calls, print)), ...(await overTcp(transport, calls, print))];
}

async function overMemory(calls: number, print: (line: string) => void): Promise<Row[]> {
  const transport = new MemoryTransport();
  const table = new TargetTable();
  const server = await ORB_init([], { transport });
  const plain = await ORB_init([], { transport });
  const redirected = await ORB_init([], {
    transport,
    initializers: portable([new Redirection({ targets: table })]),
  });
  server.rootPOA.the_POAManager.activate();
  class Quiet extends Sample {
    override echo(text: string): string {
      return text;
    }
  }
  const ior = server.object_to_string(await server.rootPOA.activate(new Quiet()));
  const [near, far] = [await plain.string_to_object(ior), await redirected.string_to_object(ior)];
  if (near === null || far === null) throw new TypeError("nil");
  table.set("A", { targets: [far] });
  const means = await turns(
    calls,
    () => sample.echo(near, "x"),
    () => sample.echo(far, "x"),
  );
  for (const orb of [plain, redirected, server]) await orb.destroy();
  return tell("memory", calls, means, print);
}

async function overTcp(
  transport: TransportName,
  calls: number,
  print: (line: string) => void,
): Promise<Row[]> {
  await using bed = await Testbed.open(transport);
  await bed.processor("n1");
  const objects = [{ id: "A", load: 0.1, burnMs: 0 }];
  await using server = await bed.server({ process: "a1", processor: "n1", objects });
  await using plain = await bed.client("none");
  await using redirected = await bed.client("proactive");
  const { A: ior = "" } = server.iors;
  const [near, far]: readonly ObjectReference[] = [await plain.to(ior), await redirected.to(ior)];
  if (near === undefined || far === undefined) throw new TypeError("nil");
  const means = await turns(
    calls,
    () => sample.echo(near, "x"),
    () => sample.echo(far, "x"),
  );
  return tell("TCP", calls, means, print);
}

/** Resident memory of a server and a client, without FLARe and with it. */
export async function memory(
  transport: TransportName,
  print: (line: string) => void,
): Promise<Row[]> {
  await using bed = await Testbed.open(transport);
  await bed.processor("n1");
  const objects = [{ id: "A", load: 0.1, burnMs: 0 }];
  const plan = { process: "a1", processor: "n1", objects };
  await using managed = await bed.server(plan);
  await using bare = await startServer({
    ...plan,
    transport,
    nice: 0,
    warmUpCalls: 0,
    manager: "",
    socket: "",
  });
  const { A: ior = "" } = managed.iors;
  const client = async (manager: string): Promise<number> => {
    const command = [process.execPath, "--expose-gc", CLIENT, ior, transport, manager] as const;
    await using program = new Program(command);
    return Number(await program.hear("rss", READY_MS));
  };
  const [without, with_] = [await client(""), await client(bed.address)];
  const mb = (octets: number): string => (octets / MB).toFixed(1);
  print("\nresident memory, a single object and a client that calls it");
  print(
    `server ${mb(bare.rss)} MB, with registration and life line ${mb(managed.rss)} MB: ${mb(managed.rss - bare.rss)} MB; the paper: ${PAPER_MB} MB`,
  );
  print(
    `client ${mb(without)} MB, with agent and interceptor ${mb(with_)} MB: ${mb(with_ - without)} MB; the paper: ${PAPER_MB} MB`,
  );
  const row = (name: string, octets: number): Row => ({
    ...rowOf(name, [blockOf(Float64Array.of(octets / MB), 1)], "p50"),
    unit: "MB",
  });
  return [
    row("flare server, bare", bare.rss),
    row("flare server", managed.rss),
    row("flare client, bare", without),
    row("flare client", with_),
  ];
}
