import { sample } from "../../support/sample.ts";
import { type Block, blockOf, type Row, rowOf } from "../block.ts";
import { median, percentile } from "../samples.ts";
import type { TransportName } from "../transport.ts";
import { STRATEGIES, type Strategy, Testbed } from "./flare-testbed.ts";

/** Milliseconds beyond a normal call that are wanted, on average. */
const WANTED_MS: Readonly<Partial<Record<Strategy, number>>> = { proactive: 2, reactive: 5 };
/** The paper's, of its figure 4a and its text. */
const PAPER_MS: Readonly<Record<Strategy, string>> = {
  static: "10.2 to 10.3 ms with the detection",
  proactive: "as static",
  reactive: "more, by a call to the manager",
};
const WARM_UP_CALLS = 300;
/** Connections idle for so long have heard of their server's death. */
const REST_MS = 60;

/** How the first server ends. */
type End = "in a call" | "between calls";

/** One life of a client: calls, a fault, calls again. */
interface Life {
  readonly callsUs: Float64Array;
  /** The call that met the fault. */
  readonly faultUs: number;
  /** From when it was told that the server has failed. */
  readonly failoverUs: number;
}

async function life(bed: Testbed, strategy: Strategy, end: End, calls: number): Promise<Life> {
  const object = { id: "A", load: 0.1, burnMs: 0 };
  const plan = (n: number): Parameters<Testbed["server"]>[0] => ({
    process: `a${n}`,
    processor: `n${n}`,
    objects: [object],
  });
  const warm = { warmUpCalls: WARM_UP_CALLS };
  await using first = await bed.server(plan(1), warm);
  await using second = await bed.server(plan(2), warm);
  await using third = await bed.server(plan(3), warm);
  await using client = await bed.client(strategy);
  const iors = [first, third, second].map(({ iors: { A = "" } }) => A);
  const places = await Promise.all(iors.map((ior) => client.to(ior)));
  if (strategy === "static") client.table.set("A", { targets: places });
  const [reference] = places;
  if (reference === undefined) throw new TypeError("no server");
  for (let i = 0; i < WARM_UP_CALLS; i++) await sample.echo(reference, "x");
  const callsUs = new Float64Array(calls);
  let faultUs = 0;
  let failoverUs = 0;
  for (let i = 0; i < calls; i++) {
    const isFault = i === Math.floor(calls / 2);
    if (isFault && end === "between calls") {
      process.kill(first.pid, "SIGKILL");
      await new Promise((resolve) => setTimeout(resolve, REST_MS));
    }
    const begun = performance.now();
    await sample.echo(reference, isFault && end === "in a call" ? "crash a1" : "x");
    const us = (performance.now() - begun) * 1_000;
    if (isFault) {
      faultUs = us;
      failoverUs = Math.min(us, (performance.now() - client.failedMs()) * 1_000);
    }
    callsUs[i] = us;
  }
  for (const n of [1, 2, 3]) await bed.manager.root.withdraw_replica("A", `a${n}`);
  return { callsUs, faultUs, failoverUs };
}

/**
 * Fail-over delay: a server is killed, in the middle of a call or between two, and the client goes on. First as the
 * paper has it, once in 10,000 calls; then again and again.
 */
export async function delays(
  transport: TransportName,
  { calls, faults }: { readonly calls: number; readonly faults: number },
  print: (line: string) => void,
): Promise<Row[]> {
  const rows: Row[] = [];
  await using bed = await Testbed.open(transport);
  for (const n of [1, 2, 3]) await bed.processor(`n${n}`);
  for (const end of ["between calls", "in a call"] as const) {
    print(
      `\nfail-over, the server ends ${end}: ${faults + 1} faults, one of them in ${calls} calls`,
    );
    for (const strategy of STRATEGIES)
      rows.push(await delay(bed, strategy, end, calls, faults, print));
  }
  return rows;
}

async function delay(
  bed: Testbed,
  strategy: Strategy,
  end: End,
  calls: number,
  faults: number,
  print: (line: string) => void,
): Promise<Row> {
  const whole = await life(bed, strategy, end, calls);
  const lives = [whole];
  for (let i = 0; i < faults; i++) lives.push(await life(bed, strategy, end, 100));
  const normalUs = percentile(whole.callsUs.toSorted(), 0.5);
  // A call that dies with its server waits for that to end, too: that is not the client's.
  const beyondUs = lives.map(
    ({ faultUs, failoverUs }) => (end === "in a call" ? failoverUs : faultUs) - normalUs,
  );
  const detectedUs = lives.map(({ faultUs, failoverUs }) => faultUs - failoverUs);
  const ms = (us: number): string => (us / 1_000).toFixed(2);
  const mean = (all: readonly number[]): number =>
    all.reduce((sum, us) => sum + us, 0) / all.length;
  const wanted = WANTED_MS[strategy];
  const detected =
    end === "in a call" ? `, behind ${ms(mean(detectedUs))} ms until the server has ended` : "";
  print(
    `${strategy.padEnd(10)} a call ${normalUs.toFixed(0)} µs; fail-over beyond that ${ms(mean(beyondUs))} ms on average ` +
      `${wanted === undefined ? "" : `[at most ${wanted}] `}(p50 ${ms(median(beyondUs))}, most ${ms(Math.max(...beyondUs))})${detected}; the paper: ${PAPER_MS[strategy]}`,
  );
  const block: Block = blockOf(Float64Array.from(beyondUs), 1);
  return rowOf(`flare ${strategy}, ${end}, beyond a call`, [block], "p50");
}
