import { atTurnEnd } from "../base/index.ts";
import type { Channel } from "../transport/index.ts";

/** Messages above this size are sent from their own buffer; smaller ones are copied together. */
const COPY_LIMIT_OCTETS = 16_384;
const FIRST_SLAB_OCTETS = 1_024;
const LARGEST_SLAB_OCTETS = 65_536;

/**
 * Joins the messages of one turn of the event loop into one write.
 * A write per message would cost a system call each; waiting longer than the turn would cost latency.
 * Where the channel does so itself, messages go straight to it.
 */
export class Outbox {
  readonly #channel: Channel;
  readonly #isJoined: boolean;
  #slab: Buffer = Buffer.alloc(0);
  #start = 0;
  #end = 0;
  #isScheduled = false;
  readonly #flush = (): void => this.flush();

  constructor(channel: Channel) {
    this.#channel = channel;
    this.#isJoined = (channel.joinedOctets ?? 0) >= COPY_LIMIT_OCTETS;
  }

  /** Octets not yet taken by the system. */
  get queuedOctets(): number {
    return this.#end - this.#start + this.#channel.queuedOctets;
  }

  /**
   * Queues one message.
   * @param free for octets that were not copied: called at most once, when they may be changed again
   * @returns whether the octets were copied; if not they are given away and must not be changed
   */
  add(message: Uint8Array, free?: () => void): boolean {
    if (message.length > COPY_LIMIT_OCTETS) {
      this.flush();
      this.#channel.send(message, free);
      return false;
    }
    if (this.#isJoined) {
      this.#channel.send(message);
      return true;
    }
    if (this.#end + message.length > this.#slab.length) this.#renew(message.length);
    this.#slab.set(message, this.#end);
    this.#end += message.length;
    if (!this.#isScheduled) {
      this.#isScheduled = true;
      atTurnEnd(this.#flush);
    }
    return true;
  }

  /** Hands everything to the channel now. */
  flush(): void {
    this.#isScheduled = false;
    if (this.#start === this.#end) return;
    const octets = this.#slab.subarray(this.#start, this.#end);
    this.#start = this.#end;
    this.#channel.send(octets);
  }

  // What was handed to the channel may still be read by it, so a slab is never written twice.
  #renew(needed: number): void {
    const wasBusy = this.#end > this.#start;
    if (wasBusy) {
      const scheduled = this.#isScheduled;
      this.flush();
      this.#isScheduled = scheduled;
    }
    const doubled = Math.max(FIRST_SLAB_OCTETS, this.#slab.length * 2);
    this.#slab = Buffer.allocUnsafeSlow(Math.max(needed, Math.min(doubled, LARGEST_SLAB_OCTETS)));
    this.#start = 0;
    this.#end = 0;
  }
}
