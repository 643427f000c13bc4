import { setTimeout as wait } from "node:timers/promises";
import type { PeerId, Standing } from "../../../services/overlay/index.ts";
import type { P3Settings } from "../../../services/p3/index.ts";
import { PAPER_LEVELS, PAPER_PEERS } from "../overlay/index.ts";
import { PeerProcess, type PeerProcessOptions } from "./peer-process.ts";
import { machineMs } from "./words.ts";

const HOST = "127.0.0.1";
const SEEDS = 3;
const PORTS_PER_PEER = 3;
/** Below those that the system gives out itself. */
const FIRST_PORT = 12_000;
const PORT_RANGE = 18_000;
const LOOK_MS = 5;
const ASK_AGAIN_MS = 20;

export interface PeerTreeOptions {
  readonly peers?: number;
  readonly settings?: Partial<P3Settings>;
  /** A whole number: which ports the seeds listen on. */
  readonly seed: number;
}

/** Processes that are the tree of the Stheno paper: 4 peers in the root cell, 3 in each of 2 cells, 2 in each of 4. */
export class PeerTree implements AsyncDisposable {
  readonly #options: PeerTreeOptions;
  readonly #seeds: readonly string[];
  readonly #peers: Map<string, PeerProcess> = new Map();
  /** Stopped, or about to be killed: nothing is expected of them. */
  readonly #still: Set<PeerProcess> = new Set();
  #started = 0;

  private constructor(options: PeerTreeOptions) {
    this.#options = options;
    this.#seeds = Array.from({ length: SEEDS }, (_, i) => `${HOST}:${this.#portOf(i)}`);
  }

  /** Starts all at once; they join as soon as they are open. */
  static async start(options: PeerTreeOptions): Promise<PeerTree> {
    const tree = new PeerTree(options);
    const started = Array.from({ length: options.peers ?? PAPER_PEERS }, () => tree.add());
    await Promise.all(started);
    return tree;
  }

  /** Those that run. */
  get peers(): readonly PeerProcess[] {
    return [...this.#peers.values()].filter((peer) => !this.#still.has(peer));
  }

  /** One more process, which joins; with a service of its name. The first ones are the seeds. */
  async add(): Promise<PeerProcess> {
    const number = this.#started++;
    return await this.#start(number, `peer${number}`);
  }

  /** A process in place of one that is gone; a seed's at its ports. */
  async replace({ name }: PeerProcess): Promise<PeerProcess> {
    return await this.#start(Number(/\d+/.exec(name)?.[0]), `${name}+`);
  }

  /** Ends the process as by `kill -9`. @returns the instant before */
  async kill(peer: PeerProcess): Promise<number> {
    this.#peers.delete(peer.name);
    const atMs = machineMs();
    peer.kill("SIGKILL");
    await peer.ended();
    return atMs;
  }

  /** Stops the process. @returns the instant before, and what lets it go on */
  stop(peer: PeerProcess): { readonly atMs: number; readonly goOn: () => void } {
    this.#still.add(peer);
    const atMs = machineMs();
    peer.kill("SIGSTOP");
    return {
      atMs,
      goOn: () => {
        this.#still.delete(peer);
        peer.kill("SIGCONT");
      },
    };
  }

  /** Coordinators and their cells. */
  coordinators(): readonly { readonly peer: PeerProcess; readonly cell: string }[] {
    return this.peers.flatMap((peer) =>
      peer.standing.at === "coordinator" ? [{ peer, cell: peer.standing.cell }] : [],
    );
  }

  cellOf(cell: string): readonly PeerProcess[] {
    return this.peers.filter(({ standing }) => "cell" in standing && standing.cell === cell);
  }

  /** What is not as it should be at rest: one tree, of all that run. */
  faults(): readonly string[] {
    const live = new Map<PeerId, PeerProcess>(this.peers.map((peer) => [peer.ref.id, peer]));
    const coordinators = this.coordinators();
    const roots = coordinators.filter(({ peer }) => upOf(peer.standing) === "root");
    const cells = new Set(coordinators.map(({ cell }) => cell));
    return [
      ...(roots.length === 1 ? [] : [`${roots.length} roots`]),
      ...(cells.size === coordinators.length ? [] : ["a cell has two coordinators"]),
      ...[...live.values()].flatMap((peer) => {
        const { standing, name } = peer;
        if (standing.at === "coordinator")
          return standing.up === "root" || standing.up === "linked"
            ? []
            : [`${name} of ${standing.cell} is ${standing.up}`];
        if (standing.at !== "member") return [`${name} is ${standing.at}`];
        const over = live.get(standing.coordinator.id)?.standing;
        return over?.at === "coordinator" && over.cell === standing.cell
          ? []
          : [
              `${name} of ${standing.cell} follows ${standing.coordinator.id}, who does not lead it`,
            ];
      }),
    ];
  }

  /**
   * Waits until nothing is wrong.
   * @returns the instant of the last change that was needed
   * @throws Error with what is still wrong after `mostMs`
   */
  async untilWhole(mostMs: number): Promise<number> {
    const endMs = machineMs() + mostMs;
    for (let faults = this.faults(); faults.length > 0; faults = this.faults()) {
      if (machineMs() > endMs)
        throw new Error(`not one tree in ${mostMs} ms: ${faults.join("; ")}`);
      await wait(LOOK_MS);
    }
    return Math.max(...this.peers.map(({ stoodAtMs }) => stoodAtMs));
  }

  /**
   * Asks for the service of every peer that runs, again and again where the answer is that there is none: news of a
   * change are on their way up for a moment.
   * @returns services that are not found for `patienceMs`, and how many were not at the first time
   */
  async lookRound(
    asker: PeerProcess,
    patienceMs: number,
  ): Promise<{ readonly missed: readonly string[]; readonly late: number }> {
    const missed: string[] = [];
    let late = 0;
    for (const { name } of this.peers) {
      const endMs = machineMs() + patienceMs;
      for (let tries = 1; ; tries++) {
        const { answer } = await asker.ask({ of: "service", name });
        if (answer.kind === "found") {
          if (tries > 1) late++;
          break;
        }
        if (machineMs() > endMs) {
          missed.push(`${name}: ${answer.kind}`);
          break;
        }
        await wait(ASK_AGAIN_MS);
      }
    }
    return { missed, late };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all([...this.#peers.values()].map((peer) => peer[Symbol.asyncDispose]()));
  }

  async #start(number: number, name: string): Promise<PeerProcess> {
    const first = this.#portOf(number);
    const isSeed = number < SEEDS;
    const options: PeerProcessOptions = {
      name,
      host: HOST,
      seeds: this.#seeds,
      services: [name],
      joins: true,
      settings: { levels: PAPER_LEVELS, mayFound: isSeed, ...this.#options.settings },
      ...(isSeed
        ? { ports: { membership: first, discovery: first + 1, faultTolerance: first + 2 } }
        : {}),
    };
    const peer = await PeerProcess.start(options);
    this.#peers.set(name, peer);
    return peer;
  }

  #portOf(number: number): number {
    const { seed } = this.#options;
    return FIRST_PORT + (((seed * SEEDS + number) * PORTS_PER_PEER) % PORT_RANGE);
  }
}

function upOf(standing: Standing): string {
  return standing.at === "coordinator" ? standing.up : "";
}
