/** `src/reactor.c`. A number below zero is an errno, negated. */
export interface RawReactor {
  /**
   * Begins this thread's reactor, which calls `batch` with the number of events after each look at its sockets.
   * @param control see {@link CONTROL}
   * @param events four words each, see {@link EVENT}
   * @param out octets staged to be sent; @param staged slot and octets of each piece of them
   * @param queued octets not yet taken by the system, for each slot
   */
  open(
    batch: (count: number) => void,
    control: Int32Array,
    events: Int32Array,
    out: Uint8Array,
    staged: Int32Array,
    queued: Float64Array,
  ): number;
  /** Where to read to from now on. */
  slab(slab: Uint8Array): void;
  spin(ns: number): void;
  /** @param port below 0: `host` is the path of a socket file; @returns a slot */
  connect(
    host: string,
    port: number,
    keepAliveMs: number,
    userTimeoutMs: number,
    wholeOctets: number,
  ): number;
  /** As `connect`. */
  listen(
    host: string,
    port: number,
    keepAliveMs: number,
    userTimeoutMs: number,
    wholeOctets: number,
    ipv6Only: boolean,
    reusePort: boolean,
    resetOnCrash: boolean,
  ): number;
  port(slot: number): number;
  peer(slot: number): string;
  /** @returns -EBADF of one that is closed */
  descriptor(slot: number): number;
  /** @param ids takes pid, uid and gid */
  credentials(slot: number, ids: Int32Array): number;
  read(slot: number, isReading: boolean): void;
  keep(slot: number, isKept: boolean): void;
  /** @returns whether the octets are no longer read */
  send(slot: number, octets: Uint8Array): boolean;
  flush(): void;
  /** Where the rest of a large message goes; empty: anywhere. */
  room(slot: number, room: Uint8Array): void;
  end(slot: number): void;
  reset(slot: number): void;
  destroy(slot: number): void;
}

/** Indexes of the control words. */
export const CONTROL = { staged: 0, stagedOctets: 1, needsSlab: 2 } as const;

/** First word of an event; behind it the slot and two words more. */
export const EVENT = {
  /** Offset and octets in the slab: whole messages, or what is no GIOP; none when a part of a message came. */
  data: 0,
  /** The same, and the rest of the last message is on its way. */
  piece: 1,
  /** Octets put into the room; 1 when the message goes on. */
  room: 2,
  /** Slot of the new channel. */
  accepted: 3,
  connected: 4,
  /** How many arrays given to `send` are no longer read. */
  freed: 5,
  drained: 6,
  /** Errno, or 0; 1 when a write failed. */
  closed: 7,
} as const;

export const EVENT_WORDS = 4;
