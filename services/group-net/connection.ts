import type { Channel } from "../../orb/index.ts";
import { Groups } from "../group-wire/index.ts";
import { FrameFault, FrameReader, FrameWriter } from "./frames.ts";

/** What the greeting begins with, and nothing of GIOP does. */
const MAGIC = Buffer.from("OGRP");
const ADDRESS_AT = MAGIC.length + 1;
/** An address is a host and a port. */
const LONGEST_GREETING_OCTETS = 512;
/** An operation carries a request: as large as those that the ORB takes from clients. */
const LARGEST_LETTER_OCTETS = 128 << 20;
/** Octets that wait for one host: parts of a state, and operations. */
const MOST_QUEUED_OCTETS = 32 << 20;

export interface ConnectionOptions {
  readonly channel: Channel;
  /** Where others reach this host. */
  readonly own: string;
  /** The other side has said where it is reached. @returns why it is not believed */
  greeted(connection: HostConnection, address: string): string | undefined;
  heard(from: string, letter: Uint8Array): void;
  /** The other side does not keep to the protocol: the connection is closed. */
  refused(connection: HostConnection, reason: string): void;
  closed(connection: HostConnection): void;
}

/**
 * A connection between two hosts of groups, for letters both ways. Each side begins with a frame that says which version
 * of the protocol it speaks and where it is reached; each frame after it is a letter (docs/replication.md, "Between processes").
 */
export class HostConnection {
  readonly #options: ConnectionOptions;
  readonly #writer: FrameWriter;
  readonly #reader: FrameReader;
  #address: string | undefined;
  #isUsed = true;
  #isEnding = false;

  constructor(options: ConnectionOptions) {
    this.#options = options;
    const { channel } = options;
    this.#writer = new FrameWriter((octets) => {
      channel.send(octets);
      // What was acknowledged leaves before the work that follows it: the primary's client waits for it.
      channel.flush?.();
    });
    this.#reader = new FrameReader(LONGEST_GREETING_OCTETS, (frame, isOwn) =>
      this.#take(frame, isOwn),
    );
    channel.start({
      data: (chunk) => this.#read(chunk),
      drained: () => undefined,
      closed: () => options.closed(this),
    });
    this.#writer.write(greetingOf(options.own));
  }

  /** Where the other side is reached; undefined before it has said so. */
  get address(): string | undefined {
    return this.#address;
  }

  /** IP address and port that the other side has in this connection. */
  get peer(): string {
    return this.#options.channel.peer;
  }

  /** This side is closing it. */
  get isEnding(): boolean {
    return this.#isEnding;
  }

  /** @param letter may be changed as soon as this has returned @returns false where too much waits: it is dropped */
  send(letter: Uint8Array): boolean {
    if (this.#isEnding) return false;
    if (this.#writer.heldOctets + this.#options.channel.queuedOctets > MOST_QUEUED_OCTETS)
      return false;
    this.#isUsed = true;
    this.#writer.write(letter);
    return true;
  }

  /** Whether something went through since this was asked last. */
  wasUsed(): boolean {
    const wasUsed = this.#isUsed;
    this.#isUsed = false;
    return wasUsed;
  }

  /** Sends now what this turn has said. */
  flush(): void {
    this.#writer.flush();
  }

  /** Sends what waits, and closes. */
  end(): void {
    if (this.#isEnding) return;
    this.#isEnding = true;
    this.#writer.flush();
    this.#options.channel.end();
  }

  /** Closes at once. */
  destroy(): void {
    this.#isEnding = true;
    this.#options.channel.destroy();
  }

  #read(chunk: Uint8Array): void {
    if (this.#isEnding) return;
    this.#isUsed = true;
    try {
      this.#reader.read(chunk);
    } catch (error) {
      if (!(error instanceof FrameFault)) throw error;
      this.#refuse(error.message);
    }
  }

  #take(frame: Uint8Array, isOwn: boolean): void {
    if (this.#isEnding) return;
    if (this.#address === undefined) return this.#greet(frame);
    // What a letter carries is kept for long, and would keep all that came with it.
    this.#options.heard(this.#address, isOwn ? frame : Buffer.from(frame));
  }

  #greet(frame: Uint8Array): void {
    const version = frame[MAGIC.length];
    if (!MAGIC.equals(frame.subarray(0, MAGIC.length)) || version === undefined)
      return this.#refuse("no host of groups");
    if (version !== Groups.GROUP_VERSION)
      return this.#refuse(`version ${version} of the protocol; spoken: ${Groups.GROUP_VERSION}`);
    const address = Buffer.from(frame.subarray(ADDRESS_AT)).toString();
    const fault = this.#options.greeted(this, address);
    if (fault !== undefined) return this.#refuse(fault);
    this.#address = address;
    this.#reader.mostOctets = LARGEST_LETTER_OCTETS;
  }

  #refuse(reason: string): void {
    this.#options.refused(this, reason);
    this.destroy();
  }
}

function greetingOf(own: string): Uint8Array {
  return Buffer.concat([MAGIC, Buffer.from([Groups.GROUP_VERSION]), Buffer.from(own)]);
}
