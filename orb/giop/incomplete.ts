import { CdrInput, type CdrInputOptions } from "../cdr/index.ts";
import { SystemException } from "../exception/index.ts";
import { GiopFault } from "./fault.ts";
import { Gather } from "./gather.ts";
import { type GiopHeader, HEADER_OCTETS, readUlong } from "./header.ts";
import type { GiopMessage } from "./message.ts";
import { readServiceContexts } from "./service-context.ts";

/** In 1.2 a fragment repeats the request id behind its header (CORBA 3.3 Part 2, 9.4.9). */
const FRAGMENT_HEADER_OCTETS = 16;
const PIECE_MULTIPLE = 8;
/** What a piece of a 1.1 message costs beside its octets; counted so that tiny ones do not add up. */
const SEGMENT_COST = 128;
/** Cancelled messages of which late fragments are still expected. */
const MAX_CANCELLED = 64;

export interface FragmentLimits {
  /** Octets of a message, of all its pieces together. */
  readonly maxMessageOctets: number;
  /** Messages of which pieces are missing, on one connection. */
  readonly maxIncompleteMessages: number;
  /** Octets held for all of them. */
  readonly maxIncompleteOctets: number;
}

interface Incomplete {
  readonly first: GiopHeader;
  readonly gather: Gather;
}

interface Incomplete11 {
  readonly first: GiopHeader;
  readonly segments: Uint8Array[];
  octets: number;
}

/** Joins the pieces of fragmented messages of one direction of a connection. */
export class Fragments {
  readonly #limits: FragmentLimits;
  readonly #options: CdrInputOptions;
  /** GIOP 1.2, by request id. */
  readonly #incomplete = new Map<number, Incomplete>();
  /** GIOP 1.1: fragments carry no id, so there can be one at a time. */
  #incomplete11: Incomplete11 | undefined;
  /** The sender may not have known of a cancellation: its fragments are dropped until the last one. */
  readonly #cancelled = new Set<number>();
  #cancelled11 = false;
  #octets = 0;

  constructor(limits: FragmentLimits, options: CdrInputOptions) {
    this.#limits = limits;
    this.#options = options;
  }

  /** Messages of which pieces are missing. */
  get count(): number {
    return this.#incomplete.size + (this.#incomplete11 === undefined ? 0 : 1);
  }

  /** Octets held for them. */
  get octets(): number {
    return this.#octets;
  }

  /** Takes the first piece of a message, header included. */
  start(header: GiopHeader, octets: Uint8Array): void {
    if (this.count >= this.#limits.maxIncompleteMessages) {
      throw new GiopFault(
        "badFragment",
        `more than ${this.#limits.maxIncompleteMessages} messages on the connection lack fragments`,
      );
    }
    this.#hold(octets.length + (header.minor === 1 ? SEGMENT_COST : 0));
    if (header.minor === 1) this.#start11(header, octets);
    else this.#start12(header, octets);
  }

  #start11(header: GiopHeader, octets: Uint8Array): void {
    if (this.#incomplete11 !== undefined) {
      throw new GiopFault(
        "badFragment",
        `a fragmented ${header.type} of GIOP 1.1 begins before the ${this.#incomplete11.first.type} is complete`,
      );
    }
    this.#cancelled11 = false;
    this.#incomplete11 = {
      first: header,
      segments: [own(octets)],
      octets: octets.length + SEGMENT_COST,
    };
  }

  #start12(header: GiopHeader, octets: Uint8Array): void {
    const id = requestIdOf(header, octets);
    requireMultiple(header, `${header.type} ${id}`);
    if (this.#incomplete.has(id)) {
      throw new GiopFault(
        "badFragment",
        `${header.type} ${id} begins before the fragments of an earlier message ${id} are complete`,
      );
    }
    this.#cancelled.delete(id);
    const gather = new Gather();
    gather.append(octets);
    this.#incomplete.set(id, { first: header, gather });
  }

  /** Takes a Fragment message; the whole message when it was the last one. */
  add(header: GiopHeader, octets: Uint8Array): GiopMessage | undefined {
    return header.minor === 1 ? this.#add11(header, octets) : this.#add12(header, octets);
  }

  #add11(header: GiopHeader, octets: Uint8Array): GiopMessage | undefined {
    const incomplete = this.#incomplete11;
    if (incomplete === undefined) {
      if (!this.#cancelled11) {
        throw new GiopFault("badFragment", "a GIOP 1.1 fragment follows no fragmented message");
      }
      this.#cancelled11 = header.moreFragments;
      return undefined;
    }
    requireSame(incomplete.first, header, incomplete.first.type);
    // A fragment without data adds nothing: it is not kept.
    if (octets.length > HEADER_OCTETS) {
      const cost = octets.length + SEGMENT_COST;
      this.#requireSize(incomplete.first, incomplete.octets + cost);
      this.#hold(cost);
      incomplete.octets += cost;
      incomplete.segments.push(own(octets));
    }
    if (header.moreFragments) return undefined;
    this.#incomplete11 = undefined;
    this.#octets -= incomplete.octets;
    const { littleEndian } = incomplete.first;
    return whole(
      incomplete.first,
      CdrInput.overSegments(incomplete.segments, HEADER_OCTETS, HEADER_OCTETS, {
        ...this.#options,
        littleEndian,
        giopMinor: 1,
      }),
    );
  }

  #add12(header: GiopHeader, octets: Uint8Array): GiopMessage | undefined {
    const id = requestIdOf(header, octets);
    const incomplete = this.#incomplete.get(id);
    if (incomplete === undefined) {
      if (!this.#cancelled.has(id)) {
        throw new GiopFault(
          "badFragment",
          `a fragment of message ${id}, of which none is incomplete`,
        );
      }
      if (!header.moreFragments) this.#cancelled.delete(id);
      return undefined;
    }
    const { first, gather } = incomplete;
    requireSame(first, header, `${first.type} ${id}`);
    if (header.moreFragments) requireMultiple(header, `a fragment of ${first.type} ${id}`);
    const data = octets.subarray(FRAGMENT_HEADER_OCTETS);
    this.#requireSize(first, gather.octets + data.length);
    this.#hold(data.length);
    gather.append(data);
    if (header.moreFragments) return undefined;
    this.#incomplete.delete(id);
    this.#octets -= gather.octets;
    const { littleEndian } = first;
    // Every piece but the last is a multiple of 8, so alignment goes on across the joints.
    return whole(
      first,
      new CdrInput(gather.take(), {
        ...this.#options,
        littleEndian,
        giopMinor: 2,
        position: HEADER_OCTETS,
      }),
    );
  }

  /** A CancelRequest came: what there is of the request is dropped (CORBA 3.3 Part 2, 9.4.9). */
  cancel(requestId: number): void {
    const incomplete = this.#incomplete.get(requestId);
    if (incomplete !== undefined && incomplete.first.type !== "Reply") {
      this.#incomplete.delete(requestId);
      this.#octets -= incomplete.gather.octets;
      this.#remember(requestId);
    }
    if (this.#incomplete11 !== undefined && this.#requestId11(this.#incomplete11) === requestId) {
      this.#octets -= this.#incomplete11.octets;
      this.#incomplete11 = undefined;
      this.#cancelled11 = true;
    }
  }

  #remember(requestId: number): void {
    if (this.#cancelled.size >= MAX_CANCELLED) {
      for (const oldest of this.#cancelled) {
        this.#cancelled.delete(oldest);
        break;
      }
    }
    this.#cancelled.add(requestId);
  }

  /** The id of an incomplete 1.1 request; undefined while it has not arrived. */
  #requestId11({ first, segments }: Incomplete11): number | undefined {
    if (first.type !== "Request") return undefined;
    const { littleEndian } = first;
    const options = { littleEndian, giopMinor: 1 } as const;
    const input = CdrInput.overSegments(segments, HEADER_OCTETS, HEADER_OCTETS, options);
    try {
      readServiceContexts(input);
      return input.ulong();
    } catch (thrown) {
      if (thrown instanceof SystemException) return undefined;
      throw thrown;
    }
  }

  #requireSize(first: GiopHeader, octets: number): void {
    if (octets <= this.#limits.maxMessageOctets) return;
    throw new GiopFault(
      "tooLarge",
      `the fragments of a ${first.type} come to ${octets} octets; the limit for a message is ${this.#limits.maxMessageOctets}`,
    );
  }

  #hold(octets: number): void {
    this.#octets += octets;
    if (this.#octets <= this.#limits.maxIncompleteOctets) return;
    throw new GiopFault(
      "tooLarge",
      `incomplete messages of the connection come to ${this.#octets} octets; the limit is ${this.#limits.maxIncompleteOctets}`,
    );
  }
}

function whole({ type, minor, littleEndian }: GiopHeader, input: CdrInput): GiopMessage {
  if (type === "Fragment") throw new TypeError("a fragment begins no message");
  return { type, minor, littleEndian, input };
}

/** A piece to keep: copied unless it is most of the memory it would keep alive. */
function own(octets: Uint8Array): Uint8Array {
  return octets.length * 2 >= octets.buffer.byteLength ? octets : new Uint8Array(octets);
}

/** Every 1.2 message that can be fragmented begins with the request id. */
function requestIdOf(header: GiopHeader, octets: Uint8Array): number {
  if (octets.length >= FRAGMENT_HEADER_OCTETS) {
    return readUlong(octets, HEADER_OCTETS, header.littleEndian);
  }
  throw new GiopFault(
    "badSize",
    `a ${header.type} in fragments has ${octets.length} octets; its request id takes it to at least ${FRAGMENT_HEADER_OCTETS}`,
  );
}

function requireMultiple(header: GiopHeader, what: string): void {
  if (header.octets % PIECE_MULTIPLE === 0) return;
  throw new GiopFault(
    "badFragment",
    `${what} has ${header.octets} octets; every piece but the last must have a multiple of ${PIECE_MULTIPLE}`,
  );
}

function requireSame(first: GiopHeader, header: GiopHeader, what: string): void {
  if (first.minor === header.minor && first.littleEndian === header.littleEndian) return;
  const name = (of: GiopHeader): string =>
    `GIOP 1.${of.minor} ${of.littleEndian ? "little" : "big"} endian`;
  throw new GiopFault(
    "badFragment",
    `a fragment of ${what} is ${name(header)}; its first piece was ${name(first)}`,
  );
}
