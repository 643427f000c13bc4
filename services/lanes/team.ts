import { MessageChannel } from "node:worker_threads";
import { type Clock, Deadline, type Logger } from "../../orb/base/index.ts";
import { newRingMemory } from "../lane-thread/index.ts";
import type { LaneThread } from "./thread.ts";
import type { WorkerLane } from "./worker-lane.ts";

/** Octets on the way from one thread to another; what is longer goes by message. */
const RING_OCTETS = 262_144;
/** Milliseconds that joining two threads may take. */
const LINK_TIMEOUT_MS = 10_000;

/** The lanes of one pool: joins each of their threads to all others. */
export class LaneTeam {
  readonly #clock: Clock;
  readonly #log: Logger;
  /** Filled by its owner. */
  lanes: readonly WorkerLane[] = [];

  constructor(clock: Clock, log: Logger) {
    this.#clock = clock;
    this.#log = log;
  }

  /** A thread serves: it and the others that do may hand requests to each other from now on. */
  async joined(thread: LaneThread): Promise<void> {
    for (const other of this.#others(thread)) {
      try {
        await this.#link(thread, other);
      } catch (error) {
        // One of them died: it is joined again when it is back.
        this.#log.debug(`${thread.title} is not joined to ${other.title}`, { error });
      }
    }
  }

  /** A thread died: what it was handed fails. */
  left(thread: LaneThread): void {
    for (const other of this.#others(thread)) {
      other.unlink(thread.seat, this.#deadline()).catch((error: unknown) => {
        this.#log.debug(`${other.title} was not told of the end of ${thread.title}`, { error });
      });
    }
  }

  async #link(a: LaneThread, b: LaneThread): Promise<void> {
    const forth = newRingMemory(RING_OCTETS);
    const back = newRingMemory(RING_OCTETS);
    const { port1, port2 } = new MessageChannel();
    const deadline = this.#deadline();
    await a.link({ seat: b.seat, inbound: back, outbound: forth, port: port1 }, deadline);
    await b.link({ seat: a.seat, inbound: forth, outbound: back, port: port2 }, deadline);
  }

  #others(thread: LaneThread): readonly LaneThread[] {
    return this.lanes
      .flatMap((lane) => lane.threads)
      .filter((other) => other !== thread && other.isServing);
  }

  #deadline(): Deadline {
    return Deadline.after(this.#clock, LINK_TIMEOUT_MS);
  }
}
