import {
  MessageChannel,
  type MessagePort,
  receiveMessageOnPort,
  Worker,
} from "node:worker_threads";
import { Deadline, Deferred } from "../../orb/base/index.ts";
import type { Clock, Logger } from "../../orb/index.ts";
import type { PeerRef } from "../overlay/index.ts";
import type {
  AddressedBeat,
  FromLane,
  HeardBeat,
  LaneBirth,
  LaneStart,
  ToLane,
} from "./lane-messages.ts";

/** Milliseconds for the thread to be there, and to be gone. */
const START_TIMEOUT_MS = 30_000;
const CLOSE_TIMEOUT_MS = 2_000;
/** It keeps a few links, and what is on its way. */
const LIMITS = { maxYoungGenerationSizeMb: 2, maxOldGenerationSizeMb: 64, stackSizeMb: 1 } as const;

/** Who hears what comes from the thread of the heartbeats. */
export interface BeatEars {
  heard(beat: HeardBeat): void;
  /** The process of a neighbour is gone. */
  gone(peer: PeerRef): void;
}

export interface BeatLaneOptions {
  readonly birth: LaneBirth;
  readonly ears: BeatEars;
  readonly clock: Clock;
  readonly log: Logger;
}

/** The thread of the heartbeats, seen from the main thread. */
export class BeatLane implements AsyncDisposable {
  readonly #options: BeatLaneOptions;
  readonly #worker: Worker;
  readonly #port: MessagePort;
  readonly #opened = new Deferred<number>();
  readonly #ended = new Deferred<void>();
  #beats: AddressedBeat[] = [];
  #isClosing = false;

  private constructor(options: BeatLaneOptions) {
    this.#options = options;
    const { port1, port2 } = new MessageChannel();
    this.#port = port1;
    const start: LaneStart = { ...options.birth, port: port2 };
    this.#worker = new Worker(new URL("./beat-main.js", import.meta.url), {
      name: "p3 heartbeats",
      workerData: start,
      transferList: [port2],
      resourceLimits: LIMITS,
    });
    this.#worker.on("error", (error) => this.#died(error));
    this.#worker.on("exit", () => this.#died(new Error("the thread of the heartbeats has ended")));
    this.#port.on("message", (message: FromLane) => this.#take(message));
  }

  /** @throws Error when its endpoint cannot be had, or it does not start in time */
  static async start(options: BeatLaneOptions): Promise<{ lane: BeatLane; port: number }> {
    const lane = new BeatLane(options);
    const timer = options.clock.timer(START_TIMEOUT_MS, () =>
      lane.#opened.reject(
        new Error(`the thread of the heartbeats was not ready within ${START_TIMEOUT_MS} ms`),
      ),
    );
    try {
      return { lane, port: await lane.#opened.promise };
    } catch (error) {
      await lane.#terminate();
      throw error;
    } finally {
      timer.cancel();
    }
  }

  /** Who this peer is; to be told before its first beat. */
  introduce(ref: PeerRef): void {
    this.#post({ kind: "self", ref });
  }

  /** Adds a beat to those that `flush` sends. */
  add(beat: AddressedBeat): void {
    this.#beats.push(beat);
  }

  /** Sends the beats, and with them, or without any, that this thread runs. */
  flush(): void {
    this.#post({ kind: "beats", beats: this.#beats });
    this.#beats = [];
  }

  /** Sends those that were added since, if any. */
  flushAdded(): void {
    if (this.#beats.length > 0) this.flush();
  }

  /**
   * Hears everything that came. To be called before silences are judged: what came while this thread stood still was
   * not silent.
   */
  drain(): void {
    for (
      let received = receiveMessageOnPort(this.#port);
      received !== undefined;
      received = receiveMessageOnPort(this.#port)
    )
      this.#take(received.message as FromLane);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#isClosing = true;
    this.#post({ kind: "close" });
    const { clock } = this.#options;
    const deadline = Deadline.after(clock, CLOSE_TIMEOUT_MS);
    const timer = clock.timer(deadline.remainingMs(clock), () => this.#ended.resolve());
    await this.#ended.promise;
    timer.cancel();
    await this.#terminate();
  }

  async #terminate(): Promise<void> {
    this.#isClosing = true;
    await this.#worker.terminate();
    this.#port.close();
  }

  #post(message: ToLane): void {
    this.#port.postMessage(message);
  }

  #take(message: FromLane): void {
    const { ears, log } = this.#options;
    switch (message.kind) {
      case "open":
        return this.#opened.resolve(message.port);
      case "failed":
        return this.#opened.reject(new Error(message.why));
      case "heard":
        return ears.heard(message);
      case "gone":
        return ears.gone(message.peer);
      case "log":
        return log[message.level](message.message, message.fields);
      case "closed":
        return this.#ended.resolve();
    }
  }

  #died(error: Error): void {
    this.#opened.reject(error);
    this.#ended.resolve();
    if (!this.#isClosing)
      this.#options.log.error(
        "no heartbeats are sent any more: neighbours will give this peer up",
        {
          error,
        },
      );
  }
}
