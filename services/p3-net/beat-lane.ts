import { MessageChannel, type MessagePort, receiveMessageOnPort } from "node:worker_threads";
import { Deferred } from "../../orb/base/index.ts";
import type { Clock, Logger, Timer } from "../../orb/index.ts";
import type { PeerRef } from "../overlay/index.ts";
import type { HeartbeatThread } from "./heartbeat-thread.ts";
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
/** A thread that dies is made again: after this, and so often in a minute. */
const RESTART_MS = 50;
const MOST_RESTARTS = 5;
const RESTARTS_WITHIN_MS = 60_000;

/** Who hears what comes from the thread of the heartbeats. */
export interface BeatEars {
  heard(beat: HeardBeat): void;
  /** The process of a neighbour is gone. */
  gone(peer: PeerRef): void;
}

export interface BeatLaneOptions {
  readonly birth: LaneBirth;
  readonly thread: HeartbeatThread;
  readonly ears: BeatEars;
  readonly clock: Clock;
  readonly log: Logger;
}

/** A peer's part of the thread of the heartbeats, seen from the main thread. */
export class BeatLane implements AsyncDisposable {
  readonly #options: BeatLaneOptions;
  readonly #ended = new Deferred<void>();
  readonly #restarts: number[] = [];
  #exit: (() => Promise<void>) | undefined;
  #port: MessagePort | undefined;
  #opened = new Deferred<number>();
  #self: PeerRef | undefined;
  #listenPort: number;
  #beats: AddressedBeat[] = [];
  #isClosing = false;
  #timer: Timer | undefined;

  private constructor(options: BeatLaneOptions) {
    this.#options = options;
    this.#listenPort = options.birth.listenPort;
  }

  /** @throws Error when its endpoint cannot be had, or it does not start in time */
  static async start(options: BeatLaneOptions): Promise<{ lane: BeatLane; port: number }> {
    const lane = new BeatLane(options);
    try {
      return { lane, port: await lane.#spawn() };
    } catch (error) {
      await lane.#terminate();
      throw error;
    }
  }

  /** Who this peer is; to be told before its first beat. */
  introduce(ref: PeerRef): void {
    this.#self = ref;
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
    const port = this.#port;
    if (port === undefined) return;
    for (
      let received = receiveMessageOnPort(port);
      received !== undefined;
      received = receiveMessageOnPort(port)
    )
      this.#take(received.message as FromLane);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#isClosing = true;
    if (this.#port === undefined) this.#ended.resolve();
    this.#post({ kind: "close" });
    const timer = this.#options.clock.timer(CLOSE_TIMEOUT_MS, () => this.#ended.resolve());
    await this.#ended.promise;
    timer.cancel();
    await this.#terminate();
  }

  /** @returns the port it listens at, the same each time */
  async #spawn(): Promise<number> {
    const { birth, clock, thread } = this.#options;
    const { port1, port2 } = new MessageChannel();
    const start: LaneStart = { ...birth, listenPort: this.#listenPort, port: port2 };
    const opened = new Deferred<number>();
    this.#opened = opened;
    this.#port = port1;
    this.#exit = thread.enter(start, (why) => this.#died(why));
    port1.on("message", (message: FromLane) => this.#take(message));
    const timer = clock.timer(START_TIMEOUT_MS, () =>
      opened.reject(
        new Error(`the thread of the heartbeats was not ready within ${START_TIMEOUT_MS} ms`),
      ),
    );
    try {
      this.#listenPort = await opened.promise;
      if (this.#self !== undefined) this.introduce(this.#self);
      return this.#listenPort;
    } finally {
      timer.cancel();
    }
  }

  async #terminate(): Promise<void> {
    this.#isClosing = true;
    this.#timer?.cancel();
    await this.#exit?.();
    this.#port?.close();
  }

  #post(message: ToLane): void {
    this.#port?.postMessage(message);
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

  #died(why: unknown): void {
    this.#exit = undefined;
    this.#opened.reject(why instanceof Error ? why : new Error(String(why)));
    if (this.#isClosing) {
      this.#ended.resolve();
      return;
    }
    const { clock, log } = this.#options;
    this.#port?.close();
    this.#port = undefined;
    const nowMs = clock.nowMs();
    while ((this.#restarts[0] ?? nowMs) < nowMs - RESTARTS_WITHIN_MS) this.#restarts.shift();
    if (this.#restarts.length >= MOST_RESTARTS) {
      const text =
        "the thread of the heartbeats dies again and again: neighbours give this peer up";
      log.error(text, { why });
      return;
    }
    this.#restarts.push(nowMs);
    log.warn("the thread of the heartbeats died, and is made again", { why });
    this.#timer = clock.timer(RESTART_MS, () => void this.#again());
  }

  async #again(): Promise<void> {
    try {
      await this.#spawn();
    } catch (why) {
      const exit = this.#exit;
      // It died, which brings the next attempt.
      if (exit === undefined) return;
      await exit();
      this.#died(why);
    }
  }
}
