import { NativeError } from "../error.ts";
import { type Engine, STAGED_OCTETS } from "./engine.ts";
import type { Credentials, Receiver, ChannelOptions } from "./port.ts";
import { Slot } from "./slot.ts";

const NO_ROOM: Uint8Array = new Uint8Array(0);

/** A connected socket of the reactor; a `Channel` of the ORB. */
export class ReactorChannel extends Slot {
  readonly peer: string;
  /** Of a UNIX-domain socket's other side. */
  readonly credentials?: Credentials;
  readonly joinedOctets: number = STAGED_OCTETS;
  readonly #engine: Engine;
  readonly #slot: number;
  #receiver: Receiver | undefined;
  /** "ended": what is sent now is ignored. "destroyed": the system's word that it is closed is on its way. */
  #step: "open" | "ended" | "destroyed" | "closed" = "open";
  /** Nothing is read before there is a receiver. */
  #isPaused = true;
  /** What a batch brought after the pause. */
  readonly #held: Uint8Array[] = [];
  #room: Uint8Array = NO_ROOM;
  /** Of the arrays that the system has not taken yet, in their order. */
  readonly #frees: ((() => void) | undefined)[] = [];
  #end: { readonly cause: Error | undefined } | undefined;

  constructor(engine: Engine, slot: number, peer: string, isLocal: boolean) {
    super();
    this.#engine = engine;
    this.#slot = slot;
    this.peer = peer;
    if (isLocal) {
      const ids = new Int32Array(3);
      engine.raw.credentials(slot, ids);
      const [pid = 0, uid = 0, gid = 0] = ids;
      // Ids are unsigned.
      this.credentials = { pid, uid: uid >>> 0, gid: gid >>> 0 };
    }
    engine.put(slot, this);
  }

  get queuedOctets(): number {
    return this.#isLive ? (this.#engine.queued[this.#slot] ?? 0) : 0;
  }

  get #isLive(): boolean {
    return this.#step === "open" || this.#step === "ended";
  }

  start(receiver: Receiver): void {
    this.#receiver = receiver;
    this.resume();
  }

  send(octets: Uint8Array, free?: () => void): void {
    if (this.#step !== "open") return;
    if (octets.length <= STAGED_OCTETS) {
      this.#engine.stage(this.#slot, octets);
      free?.();
    } else if (this.#engine.raw.send(this.#slot, octets)) free?.();
    else this.#frees.push(free);
  }

  flush(): void {
    this.#engine.raw.flush();
  }

  configure(options: ChannelOptions): readonly (keyof ChannelOptions)[] {
    if (this.credentials !== undefined) return [];
    const descriptor = this.#isLive ? this.#engine.raw.descriptor(this.#slot) : -1;
    const names = Object.keys(options) as (keyof ChannelOptions)[];
    return names.filter((name) => {
      const value = options[name];
      if (value === undefined) return false;
      try {
        this.#engine.setOption(descriptor, name, Number(value));
        return false;
      } catch {
        return true;
      }
    });
  }

  pause(): void {
    if (this.#isPaused) return;
    this.#isPaused = true;
    if (this.#isLive) this.#engine.raw.read(this.#slot, false);
  }

  resume(): void {
    if (!this.#isPaused) return;
    this.#isPaused = false;
    if (this.#held.length > 0 || this.#end !== undefined) queueMicrotask(() => this.#release());
    else if (this.#isLive) this.#engine.raw.read(this.#slot, true);
  }

  end(): void {
    if (this.#step !== "open") return;
    this.#step = "ended";
    this.#engine.raw.end(this.#slot);
  }

  reset(): void {
    if (!this.#isLive) return;
    this.#step = "ended";
    this.#engine.raw.reset(this.#slot);
  }

  destroy(): void {
    if (this.#step === "destroyed" || this.#step === "closed") {
      this.#held.length = 0;
      return;
    }
    this.#step = "destroyed";
    this.#held.length = 0;
    this.#engine.raw.destroy(this.#slot);
  }

  ref(): void {
    if (this.#isLive) this.#engine.raw.keep(this.#slot, true);
  }

  unref(): void {
    if (this.#isLive) this.#engine.raw.keep(this.#slot, false);
  }

  override data(chunk: Uint8Array): void {
    if (this.#isPaused) {
      if (this.#step !== "destroyed") this.#held.push(chunk);
    } else if (this.#step !== "destroyed") this.#receiver?.data(chunk);
  }

  override piece(chunk: Uint8Array): void {
    this.data(chunk);
    this.#offerRoom();
  }

  override filled(octets: number, isMore: boolean): void {
    const chunk = this.#room.subarray(0, octets);
    this.#room = NO_ROOM;
    this.data(chunk);
    if (isMore) this.#offerRoom();
  }

  #offerRoom(): void {
    if (this.#isPaused || !this.#isLive) return;
    const room = this.#receiver?.room?.();
    if (room === undefined || room.length === 0) return;
    this.#room = room;
    this.#engine.raw.room(this.#slot, room);
  }

  override freed(count: number): void {
    for (const free of this.#frees.splice(0, count)) free?.();
  }

  override drained(): void {
    if (this.#step !== "destroyed") this.#receiver?.drained();
  }

  override closed(errno: number, failedWriting: boolean): void {
    const isDestroyed = this.#step === "destroyed";
    const syscall = failedWriting ? "write" : "read";
    this.#step = "closed";
    this.freed(this.#frees.length);
    this.#end = {
      cause: errno === 0 || isDestroyed ? undefined : new NativeError(syscall, errno, this.peer),
    };
    if (isDestroyed || errno !== 0) {
      // There is nothing to wait for: what was held back is lost, as are octets on their way.
      this.#held.length = 0;
      this.#isPaused = false;
    }
    this.#release();
  }

  /** Hands on what was held back, and what came then. */
  #release(): void {
    while (!this.#isPaused) {
      const chunk = this.#held.shift();
      if (chunk === undefined) break;
      this.#receiver?.data(chunk);
    }
    if (this.#isPaused) return;
    if (this.#isLive) this.#engine.raw.read(this.#slot, true);
    if (this.#end === undefined || this.#receiver === undefined) return;
    const { cause } = this.#end;
    this.#end = undefined;
    this.#receiver.closed(cause);
  }
}
