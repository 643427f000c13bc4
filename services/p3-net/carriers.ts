import type { PeerRef } from "../overlay/index.ts";

/** A channel between peers for the messages of another machine. */
export interface Carrier {
  /**
   * Sends without waiting. To this peer itself, too.
   * @returns false for what is dropped at once: too much waits already, or the peer cannot be reached at the moment
   */
  send(to: PeerRef, message: Uint8Array): boolean;
  /** Called with each message of the channel that comes. @returns ends it */
  onReceive(heard: (from: PeerRef, message: Uint8Array) => void): () => void;
}

type Heard = (from: PeerRef, message: Uint8Array) => void;

/** The channels of a peer, by name. */
export class Carriers {
  readonly #self: PeerRef;
  readonly #send: (to: PeerRef, channel: string, message: Uint8Array) => boolean;
  readonly #heard: Map<string, Set<Heard>> = new Map();

  constructor(self: PeerRef, send: (to: PeerRef, channel: string, message: Uint8Array) => boolean) {
    this.#self = self;
    this.#send = send;
  }

  carrier(channel: string): Carrier {
    const heard = this.#heard.get(channel) ?? new Set();
    this.#heard.set(channel, heard);
    return {
      send: (to, message) => {
        if (to.id !== this.#self.id) return this.#send(to, channel, message);
        const copy = message.slice();
        queueMicrotask(() => this.receive(this.#self, channel, copy));
        return true;
      },
      onReceive: (each) => {
        const own: Heard = (from, message) => each(from, message);
        heard.add(own);
        return () => void heard.delete(own);
      },
    };
  }

  /** @returns whether there is such a channel */
  receive(from: PeerRef, channel: string, message: Uint8Array): boolean {
    const heard = this.#heard.get(channel);
    if (heard === undefined) return false;
    for (const each of heard) each(from, message);
    return true;
  }
}
