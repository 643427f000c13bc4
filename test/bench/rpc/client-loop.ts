import { writeFile } from "node:fs/promises";
import { performance } from "node:perf_hooks";
import { createInterface } from "node:readline";
import { Samples } from "../samples.ts";

/** What a client process of the bench can do: make echo calls until an instant. */
export interface Load {
  /**
   * Calls until `performance.now()` reaches `untilMs`, then waits for the replies still due.
   * @param record takes the time of each call, in milliseconds
   */
  readonly run: (untilMs: number, record: (tookMs: number) => void) => Promise<void>;
  readonly close: () => Promise<void>;
}

/** The arguments that every client process gets: address, connections, outstanding calls, octets. */
export function clientArguments(args: readonly string[]): {
  readonly address: string;
  readonly connections: number;
  readonly outstanding: number;
  readonly octets: number;
} {
  const [address, ...numbers] = args;
  const [connections, outstanding, octets] = numbers.map(Number);
  if (address === undefined || !connections || !outstanding || octets === undefined)
    throw new TypeError("arguments: ADDRESS CONNECTIONS OUTSTANDING OCTETS");
  return { address, connections, outstanding, octets };
}

/** Octets to send that no run-length trick of a transport could shorten. */
export function payload(octets: number): Buffer {
  return Buffer.from(Uint8Array.from({ length: octets }, (_, at) => (at * 167 + 13) & 0xff));
}

/** Obeys the `run` lines on standard input until it ends (see `Contender`). */
export async function obey(load: Load): Promise<void> {
  const samples = new Samples();
  for await (const line of createInterface({ input: process.stdin })) {
    const [word, forMs, file] = line.split(" ");
    if (word !== "run" || file === undefined) throw new TypeError(`not understood: ${line}`);
    samples.clear();
    const startMs = performance.now();
    await load.run(startMs + Number(forMs), (tookMs) => samples.add(tookMs * 1_000));
    const elapsedUs = (performance.now() - startMs) * 1_000;
    const { buffer, byteOffset, byteLength } = samples.view();
    await writeFile(file, new Uint8Array(buffer, byteOffset, byteLength));
    process.stdout.write(`done ${elapsedUs}\n`);
  }
  await load.close();
}
