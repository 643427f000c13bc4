import { CdrInput, type CdrInputOptions } from "../cdr/index.ts";
import { GiopFault } from "./fault.ts";
import { Gather } from "./gather.ts";
import { type GiopHeader, HEADER_OCTETS, readHeader, readUlong } from "./header.ts";
import { Fragments } from "./incomplete.ts";
import type { GiopMessage } from "./message.ts";

/** Octets a message may have, all fragments together, when nothing else is configured. */
export const MAX_MESSAGE_OCTETS: number = 64 * 1024 * 1024;
const MAX_INCOMPLETE_MESSAGES = 64;

export interface AssemblerOptions {
  readonly maxMessageOctets?: number;
  /** Messages of which fragments are missing, at once on one connection. */
  readonly maxIncompleteMessages?: number;
  /** Octets held for all those messages; as many as one message may have when left out. */
  readonly maxIncompleteOctets?: number;
  /** What inputs start with; byte order, version and position come from the message. */
  readonly cdr?: CdrInputOptions;
}

/**
 * Turns the chunks of one direction of a connection into whole messages. Chunks are handed over: a
 * message that lies in one chunk is a view of it, so the chunk's memory must not be used again.
 */
export class Assembler {
  readonly #maxMessageOctets: number;
  /** Of the input of the message at hand; inputs do not keep it. */
  readonly #options: { -readonly [K in keyof CdrInputOptions]: CdrInputOptions[K] };
  readonly #fragments: Fragments;
  /** The message of which the end has not arrived yet; empty between messages. */
  #gather = new Gather();
  /** Its header, once all 12 octets are here. */
  #header: GiopHeader | undefined;
  #fault: GiopFault | undefined;

  constructor(options: AssemblerOptions = {}) {
    const maxMessageOctets = options.maxMessageOctets ?? MAX_MESSAGE_OCTETS;
    this.#maxMessageOctets = maxMessageOctets;
    this.#options = { ...options.cdr, position: HEADER_OCTETS };
    this.#fragments = new Fragments(
      {
        maxMessageOctets,
        maxIncompleteMessages: options.maxIncompleteMessages ?? MAX_INCOMPLETE_MESSAGES,
        maxIncompleteOctets: options.maxIncompleteOctets ?? maxMessageOctets,
      },
      options.cdr ?? {},
    );
  }

  /** Octets held of messages that are not whole: the one being received and those in fragments. */
  get pendingOctets(): number {
    return this.#gather.octets + this.#fragments.octets;
  }

  /** True when octets of a message, or fragments of one, are still to come. */
  get pending(): boolean {
    return this.#gather.octets > 0 || this.#fragments.count > 0;
  }

  /**
   * Where the next octets of the stream may be put before they are given to `consume`, as they then
   * need not be copied; undefined when no large message is on its way. Valid until the next `consume`.
   */
  room(): Uint8Array | undefined {
    return this.#gather.room();
  }

  /**
   * Takes the next octets of the stream and hands out each message that they complete, in order.
   * When `onMessage` throws, the rest of the chunk is lost and the stream with it.
   * @throws GiopFault when the peer breaks the protocol; every later call throws it again. Messages
   *   before the fault have been handed out.
   */
  consume(chunk: Uint8Array, onMessage: (message: GiopMessage) => void): void {
    if (this.#fault !== undefined) throw this.#fault;
    try {
      this.#consume(chunk, onMessage);
    } catch (thrown) {
      if (thrown instanceof GiopFault) this.#fault = thrown;
      throw thrown;
    }
  }

  #consume(chunk: Uint8Array, onMessage: (message: GiopMessage) => void): void {
    let at = this.#gather.octets > 0 ? this.#continue(chunk, onMessage) : 0;
    while (chunk.length - at >= HEADER_OCTETS) {
      const header = readHeader(chunk, at, this.#maxMessageOctets);
      const end = at + header.octets;
      if (end > chunk.length) {
        this.#header = header;
        this.#gather.expect(header.octets);
        break;
      }
      const octets = at === 0 && end === chunk.length ? chunk : chunk.subarray(at, end);
      at = end;
      this.#receive(header, octets, onMessage);
    }
    if (at < chunk.length) this.#gather.append(at === 0 ? chunk : chunk.subarray(at));
  }

  /** Goes on with the message begun in an earlier chunk; the index behind what belongs to it. */
  #continue(chunk: Uint8Array, onMessage: (message: GiopMessage) => void): number {
    let at = 0;
    let header = this.#header;
    if (header === undefined) {
      at = Math.min(chunk.length, HEADER_OCTETS - this.#gather.octets);
      this.#gather.append(chunk.subarray(0, at));
      if (this.#gather.octets < HEADER_OCTETS) return at;
      header = readHeader(this.#gather.peek(HEADER_OCTETS), 0, this.#maxMessageOctets);
      this.#header = header;
      this.#gather.expect(header.octets);
    }
    const end = Math.min(chunk.length, at + header.octets - this.#gather.octets);
    if (end > at) this.#gather.append(chunk.subarray(at, end));
    if (this.#gather.octets === header.octets) {
      this.#header = undefined;
      this.#receive(header, this.#gather.take(), onMessage);
    }
    return end;
  }

  #receive(
    header: GiopHeader,
    octets: Uint8Array,
    onMessage: (message: GiopMessage) => void,
  ): void {
    const { type, minor, littleEndian } = header;
    if (type === "Fragment") {
      const message = this.#fragments.add(header, octets);
      if (message !== undefined) onMessage(message);
      return;
    }
    if (header.moreFragments) {
      this.#fragments.start(header, octets);
      return;
    }
    if (type === "CancelRequest") this.#fragments.cancel(cancelledId(header, octets));
    const options = this.#options;
    options.littleEndian = littleEndian;
    options.giopMinor = minor;
    onMessage({ type, minor, littleEndian, input: new CdrInput(octets, options) });
  }
}

function cancelledId(header: GiopHeader, octets: Uint8Array): number {
  if (octets.length >= HEADER_OCTETS + 4) {
    return readUlong(octets, HEADER_OCTETS, header.littleEndian);
  }
  throw new GiopFault(
    "badSize",
    `a CancelRequest has ${octets.length - HEADER_OCTETS} octets after its header; the request id takes 4`,
  );
}
