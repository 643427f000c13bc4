import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { blockOf } from "./block.ts";
import type { Block } from "./block.ts";
import type { Contender, Workload } from "./contender.ts";
import { Program } from "./program.ts";

/** Blocks a warm-up takes at most, however slow the calls. */
const MOST_WARM_UP_BLOCKS = 10;
/** Milliseconds a process may take to start, or to finish a block beyond the block's own time. */
const PATIENCE_MS = 30_000;

export interface Pace {
  readonly blocks: number;
  readonly blockMs: number;
  /** Length of one block of the warm-up. */
  readonly warmUpMs: number;
  /** Calls the warm-up makes at least: only after some thousands is a program's code compiled for its load. */
  readonly warmUpCalls: number;
}

interface Server {
  readonly contender: Contender;
  readonly program: Program;
  readonly address: string;
}

/** Contenders with their servers running; ends them when disposed. */
export class Field implements AsyncDisposable {
  readonly #servers: readonly Server[];
  readonly #directory: string;
  readonly #core: number | undefined;

  private constructor(servers: readonly Server[], directory: string, core: number | undefined) {
    this.#servers = servers;
    this.#directory = directory;
    this.#core = core;
  }

  /** @param core where every server and client is pinned; undefined: wherever the system likes */
  static async open(contenders: readonly Contender[], core?: number): Promise<Field> {
    const directory = await mkdtemp(join(tmpdir(), "orbweaver-bench-"));
    const servers: Server[] = [];
    try {
      for (const contender of contenders) {
        const program = new Program(contender.server(), core);
        const server = { contender, program, address: "" };
        servers.push(server);
        server.address = await program.hear("ready", PATIENCE_MS);
      }
    } catch (error) {
      await new Field(servers, directory, core)[Symbol.asyncDispose]();
      throw error;
    }
    return new Field(servers, directory, core);
  }

  /**
   * Runs one load: every contender warms up, then the blocks take turns (A B C A B C …), so that
   * whatever else the machine does falls on all of them alike.
   * @returns the blocks of each contender by its name, one per round
   */
  async run(workload: Workload, pace: Pace): Promise<ReadonlyMap<string, readonly Block[]>> {
    const results = new Map<string, Block[]>();
    const clients: { name: string; program: Program }[] = [];
    try {
      for (const { contender, address } of this.#servers) {
        const program = new Program(contender.client(address, workload), this.#core);
        clients.push({ name: contender.name, program });
        await this.#warmUp(program, pace);
      }
      for (let round = 0; round < pace.blocks; round++)
        for (const { name, program } of clients) {
          const block = await this.#block(program, pace.blockMs);
          results.set(name, [...(results.get(name) ?? []), block]);
        }
    } finally {
      for (const { program } of clients) await program[Symbol.asyncDispose]();
    }
    return results;
  }

  async #warmUp(client: Program, { warmUpMs, warmUpCalls }: Pace): Promise<void> {
    let calls = 0;
    for (let n = 0; n < MOST_WARM_UP_BLOCKS && calls < warmUpCalls; n++)
      calls += (await this.#block(client, warmUpMs)).sortedUs.length;
  }

  async #block(client: Program, forMs: number): Promise<Block> {
    const file = join(this.#directory, "samples");
    client.say(`run ${forMs} ${file}`);
    const elapsedUs = Number(await client.hear("done", forMs + PATIENCE_MS));
    const octets = await readFile(file);
    const samples = new Float64Array(
      octets.buffer.slice(octets.byteOffset, octets.byteOffset + octets.byteLength),
    );
    return blockOf(samples, elapsedUs);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const { program } of this.#servers) await program[Symbol.asyncDispose]();
    await rm(this.#directory, { recursive: true, force: true });
  }
}
