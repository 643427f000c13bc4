import { deserialize, serialize } from "node:v8";
import type { MessagePort } from "node:worker_threads";
import { type Clock, Deadline, type Timer } from "../../orb/base/index.ts";
import {
  type Arrival,
  COMM_FAILURE,
  Completion,
  MINOR,
  type Outcome,
  TIMEOUT,
  TRANSIENT,
} from "../../orb/index.ts";
import { errorOf, type Fault, faultOf } from "./fault.ts";
import { RingReader, RingWriter } from "./ring.ts";

/** Which thread of which lane. */
export interface Seat {
  /** Place of the lane in its pool. */
  readonly lane: number;
  /** Position of the thread in its lane. */
  readonly thread: number;
}

/** What leads to another thread: a ring each way, and a port that wakes. */
export interface PeerLine {
  readonly seat: Seat;
  readonly inbound: SharedArrayBuffer;
  readonly outbound: SharedArrayBuffer;
  readonly port: MessagePort;
}

/** What goes through the rings. */
type Frame =
  | {
      readonly id: number;
      readonly arrival: Arrival;
      /** Milliseconds it may take: clocks of threads differ. */
      readonly leftMs: number;
    }
  | { readonly id: number; readonly outcome: Outcome }
  | { readonly id: number; readonly fault: Fault };

interface Owed {
  readonly resolve: (outcome: Outcome) => void;
  readonly reject: (error: Error) => void;
  readonly timer: Timer;
}

/** Requests handed to one thread and not yet answered. */
const MOST_OUTSTANDING = 10_000;

/** Executes what another thread hands over. */
export type Execute = (arrival: Arrival, deadline: Deadline) => Outcome | Promise<Outcome>;

/** Another thread of the pool: takes requests, and hands over its own. */
export class Peer {
  readonly seat: Seat;
  readonly #port: MessagePort;
  readonly #reader: RingReader;
  readonly #writer: RingWriter;
  readonly #clock: Clock;
  readonly #execute: Execute;
  readonly #owed = new Map<number, Owed>();
  #handed = 0;

  constructor(line: PeerLine, clock: Clock, execute: Execute) {
    this.seat = line.seat;
    this.#port = line.port;
    this.#reader = new RingReader(line.inbound);
    this.#writer = new RingWriter(line.outbound);
    this.#clock = clock;
    this.#execute = execute;
    // A bare message means "look at the ring"; octets are a frame that is longer than it.
    this.#port.on("message", (message: unknown) => {
      if (message instanceof Uint8Array) this.#take(message);
      this.#drain();
    });
    this.#drain();
  }

  /** Requests handed over and not yet answered. */
  get outstanding(): number {
    return this.#owed.size;
  }

  /** Hands a request over. @throws TRANSIENT when the way is full; TIMEOUT; COMM_FAILURE when the thread dies; what it raises */
  handOver(arrival: Arrival, deadline: Deadline): Promise<Outcome> {
    const id = ++this.#handed;
    const leftMs = deadline.remainingMs(this.#clock);
    const isSent = this.#owed.size < MOST_OUTSTANDING && this.#send({ id, arrival, leftMs }, false);
    if (!isSent) {
      const text = `the way to the lane that ${arrival.operation} is for is full: ${this.#owed.size} requests are on it`;
      throw new TRANSIENT(text, MINOR.requestDiscarded, Completion.no);
    }
    return new Promise((resolve, reject) => {
      const timer = this.#clock.timer(leftMs, () => this.#late(id, arrival.operation, leftMs));
      this.#owed.set(id, { resolve, reject, timer });
    });
  }

  /** The thread is gone. */
  close(): void {
    this.#port.close();
    const text = "the lane that the request was handed to died";
    for (const { reject, timer } of this.#owed.values()) {
      timer.cancel();
      reject(new COMM_FAILURE(text, MINOR.none, Completion.maybe));
    }
    this.#owed.clear();
  }

  #late(id: number, operation: string, afterMs: number): void {
    const owed = this.#owed.get(id);
    this.#owed.delete(id);
    const text = `${operation}: the lane it was handed to gave no outcome within ${Math.round(afterMs)} ms`;
    owed?.reject(new TIMEOUT(text, MINOR.none, Completion.maybe));
  }

  /** @param always by the port where the ring has no room: answers must arrive, and are as many as requests */
  #send(frame: Frame, always: boolean): boolean {
    const octets = serialize(frame);
    const isLong = octets.length > this.#writer.longest / 2;
    if (!isLong && this.#writer.write(octets)) {
      if (this.#writer.hasToWake()) this.#port.postMessage(null);
      return true;
    }
    if (!isLong && !always) return false;
    const own = new Uint8Array(octets);
    this.#port.postMessage(own, [own.buffer]);
    return true;
  }

  #drain(): void {
    do {
      for (let frame = this.#reader.read(); frame !== undefined; frame = this.#reader.read())
        this.#take(frame);
    } while (!this.#reader.sleep());
  }

  #take(octets: Uint8Array): void {
    const frame = deserialize(octets) as Frame;
    if ("arrival" in frame) {
      void this.#serve(frame.id, plain(frame.arrival), frame.leftMs);
      return;
    }
    const owed = this.#owed.get(frame.id);
    if (owed === undefined) return;
    this.#owed.delete(frame.id);
    owed.timer.cancel();
    if ("fault" in frame) owed.reject(errorOf(frame.fault));
    else owed.resolve(frame.outcome);
  }

  async #serve(id: number, arrival: Arrival, leftMs: number): Promise<void> {
    let answer: Frame;
    try {
      answer = { id, outcome: await this.#execute(arrival, Deadline.after(this.#clock, leftMs)) };
    } catch (error) {
      answer = { id, fault: faultOf(error) };
    }
    this.#send(answer, true);
  }
}

/** Octets as arrays of their own: what is read back are views of one buffer. */
function plain(arrival: Arrival): Arrival {
  return {
    ...arrival,
    objectId: new Uint8Array(arrival.objectId),
    body: new Uint8Array(arrival.body),
  };
}
