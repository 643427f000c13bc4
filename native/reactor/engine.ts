import { executionAsyncResource } from "node:async_hooks";
import { NativeError } from "../error.ts";
import type { SetOption } from "./port.ts";
import { CONTROL, EVENT, EVENT_WORDS, type RawReactor } from "./raw.ts";
import type { Slot } from "./slot.ts";

/** Sockets of one thread. */
const MOST_SLOTS = 65_536;
const MOST_EVENTS = 1_024;
const MOST_STAGED = 4_096;
const OUT_OCTETS = 262_144;
/** Octets up to which what is sent is copied, to be written together with the rest of the turn. */
export const STAGED_OCTETS = 16_384;
/**
 * Reads go behind each other into one piece of memory until it is full; then a new one is taken, and the
 * garbage collector frees the old one when nobody holds a chunk of it. So no chunk is ever written again.
 */
const SLAB_OCTETS = 65_536;
/** Left of a slab when it is given up: a read into less would be cut short too often. */
const REST_OCTETS = 8_192;

/** The reactor of one thread: hands the events of a batch to the slots, and collects what they send. */
export class Engine {
  readonly raw: RawReactor;
  readonly setOption: SetOption;
  /** Octets that the system did not take, by slot; those staged for the end of this turn are not among them. */
  readonly queued: Float64Array = new Float64Array(MOST_SLOTS);
  readonly #control = new Int32Array(4);
  readonly #events = new Int32Array(MOST_EVENTS * EVENT_WORDS);
  readonly #out = Buffer.allocUnsafeSlow(OUT_OCTETS);
  readonly #staged = new Int32Array(MOST_STAGED * 2);
  readonly #slots: (Slot | undefined)[] = [];
  #slab: ArrayBufferLike = new ArrayBuffer(0);
  #spinUs = 0;

  /** @throws NativeError when the system gives no epoll set */
  constructor(raw: RawReactor, setOption: SetOption) {
    this.raw = raw;
    this.setOption = setOption;
    const result = raw.open(
      (count) => this.#batch(count),
      this.#control,
      this.#events,
      this.#out,
      this.#staged,
      this.queued,
    );
    if (result < 0) throw new NativeError("epoll_create1", -result, "no reactor");
    this.#renewSlab();
    // Who ends the process behind a send still has it sent, as with a socket that is written at once.
    process.on("exit", () => raw.flush());
  }

  /** The longest spin that was asked for is in force. */
  spin(us: number): void {
    if (us <= this.#spinUs) return;
    this.#spinUs = us;
    this.raw.spin(us * 1_000);
  }

  put(slot: number, what: Slot): void {
    this.#slots[slot] = what;
  }

  /** Queues a copy of at most STAGED_OCTETS octets; written when JavaScript has had its turn. */
  stage(slot: number, octets: Uint8Array): void {
    const control = this.#control;
    let at = control[CONTROL.stagedOctets] ?? 0;
    let index = control[CONTROL.staged] ?? 0;
    if (at + octets.length > OUT_OCTETS || index === MOST_STAGED) {
      this.raw.flush();
      at = 0;
      index = 0;
    }
    this.#out.set(octets, at);
    this.#staged[index * 2] = slot;
    this.#staged[index * 2 + 1] = octets.length;
    control[CONTROL.staged] = index + 1;
    control[CONTROL.stagedOctets] = at + octets.length;
  }

  #renewSlab(): void {
    const slab = Buffer.allocUnsafeSlow(SLAB_OCTETS);
    this.#slab = slab.buffer;
    this.raw.slab(slab);
  }

  #batch(count: number): void {
    forgetContext();
    const events = this.#events;
    let used = 0;
    for (let at = 0; at < count * EVENT_WORDS; at += EVENT_WORDS) {
      const kind = events[at] ?? 0;
      if (kind <= EVENT.piece) used = Math.max(used, (events[at + 2] ?? 0) + (events[at + 3] ?? 0));
      // One receiver's fault is not the others': it is an uncaught exception, and they have their turn.
      try {
        this.#tell(kind, events[at + 1] ?? 0, events[at + 2] ?? 0, events[at + 3] ?? 0);
      } catch (error) {
        process.nextTick(() => {
          throw error;
        });
      }
    }
    if (used > SLAB_OCTETS - REST_OCTETS || this.#control[CONTROL.needsSlab] !== 0)
      this.#renewSlab();
  }

  #tell(kind: number, slot: number, first: number, second: number): void {
    const what = this.#slots[slot];
    if (what === undefined) return;
    switch (kind) {
      case EVENT.data:
        return what.data(new Uint8Array(this.#slab, first, second));
      case EVENT.piece:
        return what.piece(new Uint8Array(this.#slab, first, second));
      case EVENT.room:
        return what.filled(first, second !== 0);
      case EVENT.accepted:
        return what.accepted(first);
      case EVENT.connected:
        return what.connected();
      case EVENT.freed:
        return what.freed(first);
      case EVENT.drained:
        return what.drained();
      case EVENT.closed:
        this.#slots[slot] = undefined;
        return what.closed(first, second !== 0);
    }
  }
}

/** What a batch brings has nothing to do with who happened to open the reactor, nor with the batch before. */
function forgetContext(): void {
  const resource = executionAsyncResource();
  for (const key of Object.getOwnPropertySymbols(resource)) Reflect.deleteProperty(resource, key);
}
